//! What the platform delivers to functions: changes, messages, schedules, events of the mail service and of payments.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;
use uuid::Uuid;
use wire::Fault;

use crate::Whole;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// There was nothing to deliver.
    Nothing,
    /// All of it was taken, so many.
    Taken(usize),
    /// Some of it has to be delivered again.
    Failed,
}

impl Whole {
    /// Runs a function with an event, for as long as the template lets it.
    pub async fn invoke(&self, binary: &str, event: &Value) -> Result<String, Fault> {
        let function =
            self.function(binary).ok_or_else(|| Fault::bug(format!("there is no {binary}")))?.clone();
        let limit =
            self.template.function(binary).map_or(Duration::from_secs(20), |function| function.timeout);
        let (event, end) = (event.to_string(), self.clock.now() + limit);
        // A task of its own, so that a panic ends the invocation and not the cloud.
        let mut run = tokio::spawn(async move {
            function.invoke_until(&event, end).await.map_err(|error| error.to_string())
        });
        let Ok(done) = timeout(limit, &mut run).await else {
            run.abort();
            return Err(Fault::bug(format!("{binary} timed out")));
        };
        done.map_err(Fault::bug)?.map_err(Fault::bug)
    }

    /// Hands the next changes of the table to the functions on its stream.
    ///
    /// After a failure the changes from the failed one on come again. One that fails for good stops the stream
    /// locally, where production would set it aside: here somebody is watching.
    pub async fn deliver_changes(&self) -> Result<Delivery, Fault> {
        let changes = &self.cloud.table.changes;
        let streams = self
            .template
            .functions()
            .iter()
            .filter_map(|function| Some((function, function.streams.first()?)));
        let streams: Vec<_> = streams.collect();
        let batch = streams.iter().map(|(_, stream)| stream.batch).min().unwrap_or(100);
        let next =
            changes.after(changes.consumed(), usize::try_from(batch).unwrap_or(100)).map_err(Fault::bug)?;
        let Some(last) = next.last() else { return Ok(Delivery::Nothing) };
        let records: Vec<&Value> = next.iter().map(|change| &change.record).collect();
        let mut taken = last.position;
        for (function, _) in streams {
            let answer = self.invoke(&function.binary, &json!({ "Records": records })).await?;
            let failed = failures(&answer);
            let first = next.iter().find(|change| {
                change.record["dynamodb"]["SequenceNumber"]
                    .as_str()
                    .is_some_and(|number| failed.contains(number))
            });
            if let Some(first) = first {
                taken = taken.min(first.position - 1);
            }
        }
        changes.consume(taken).map_err(Fault::bug)?;
        Ok(if taken == last.position { Delivery::Taken(next.len()) } else { Delivery::Failed })
    }

    /// Hands the next messages of every queue to the function behind it.
    pub async fn deliver_messages(&self) -> Result<Delivery, Fault> {
        let mut delivery = Delivery::Nothing;
        for function in self.template.functions() {
            for source in &function.queues {
                let Some(queue) = self.template.queue(&source.queue) else { continue };
                let queue = queue.name.resolve(|_| String::new());
                let batch = usize::try_from(source.batch).unwrap_or(10);
                let records = self.cloud.queues.receive(&queue, batch).map_err(Fault::bug)?;
                if records.is_empty() {
                    continue;
                }
                let answer = self.invoke(&function.binary, &json!({ "Records": records })).await?;
                let failed = failures(&answer);
                let taken: Vec<&str> = records
                    .iter()
                    .filter(|record| !record["messageId"].as_str().is_some_and(|id| failed.contains(id)))
                    .filter_map(|record| record["receiptHandle"].as_str())
                    .collect();
                let all = taken.len() == records.len();
                self.cloud.queues.delete(&queue, taken).map_err(Fault::bug)?;
                delivery = match delivery {
                    _ if !all => Delivery::Failed,
                    Delivery::Taken(before) => Delivery::Taken(before + records.len()),
                    Delivery::Failed => Delivery::Failed,
                    Delivery::Nothing => Delivery::Taken(records.len()),
                };
            }
        }
        Ok(delivery)
    }

    /// Delivers until nothing is left, or until something fails and has to wait.
    pub async fn drain(&self) -> Result<(), Fault> {
        loop {
            let changes = self.deliver_changes().await?;
            let messages = self.deliver_messages().await?;
            let payments = self.deliver_payments().await?;
            if ![changes, messages, payments].iter().any(|delivery| matches!(delivery, Delivery::Taken(_))) {
                return Ok(());
            }
        }
    }

    /// Runs what is scheduled, once.
    pub async fn run_schedules(&self) -> Result<(), Fault> {
        for function in self.template.functions() {
            for schedule in &function.schedules {
                let event = json!({
                    "version": "0",
                    "id": Uuid::new_v4().to_string(),
                    "detail-type": "Scheduled Event",
                    "source": "aws.scheduler",
                    "time": self.clock.now().to_string(),
                    "resources": [schedule.name],
                    "detail": {},
                });
                self.invoke(&function.binary, &event).await?;
            }
        }
        Ok(())
    }

    /// Hands an event of the mail service to the functions whose rules it matches.
    pub async fn deliver_event(&self, event: &Value) -> Result<(), Fault> {
        for function in self.template.functions() {
            if function.rules.iter().any(|rule| rule.matches(event)) {
                self.invoke(&function.binary, event).await?;
            }
        }
        Ok(())
    }
}

fn failures(answer: &str) -> HashSet<String> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    failures.filter_map(|failure| Some(failure["itemIdentifier"].as_str()?.to_owned())).collect()
}

/// Delivers for as long as the process runs: at once where something can wake us, else by the clock.
pub fn start(whole: &Arc<Whole>) {
    let (changes, messages) = (whole.clone(), whole.clone());
    let mut written = whole.cloud.table.changes.written();
    tokio::spawn(async move {
        loop {
            let pause = patience("changes", changes.deliver_changes().await);
            let _ = timeout(pause, written.changed()).await;
        }
    });
    let mut arrived = whole.cloud.queues.arrived();
    tokio::spawn(async move {
        loop {
            let pause = patience("messages", messages.deliver_messages().await);
            let _ = timeout(pause, arrived.changed()).await;
        }
    });
    let payments = whole.clone();
    let mut happened = whole.cloud.stripe.happened();
    tokio::spawn(async move {
        loop {
            let pause = patience("events of payments", payments.deliver_payments().await);
            let _ = timeout(pause, happened.changed()).await;
        }
    });
    let scheduled = whole.clone();
    tokio::spawn(async move {
        let mut minute = tokio::time::interval(Duration::from_mins(1));
        loop {
            minute.tick().await;
            if let Err(fault) = scheduled.run_schedules().await {
                tracing::error!(target: "deliver", %fault, "a schedule failed");
            }
            let sweeping = scheduled.clone();
            let swept = tokio::task::spawn_blocking(move || sweeping.cloud.table.sweep()).await;
            if let Ok(Err(error)) = swept {
                tracing::error!(target: "deliver", %error, "expired items were not removed");
            }
        }
    });
    let mailed = whole.clone();
    let mut events = whole.cloud.mail.events();
    tokio::spawn(async move {
        loop {
            let delivered = match events.recv().await {
                Ok(event) => mailed.deliver_event(&event).await,
                Err(RecvError::Lagged(missed)) => Err(Fault::busy(format!("{missed} came too fast"))),
                Err(RecvError::Closed) => return,
            };
            if let Err(fault) = delivered {
                tracing::error!(target: "deliver", %fault, "an event of the mail service was lost");
            }
        }
    });
}

/// How long to wait for the next, unless something wakes us.
fn patience(what: &str, delivery: Result<Delivery, Fault>) -> Duration {
    match delivery {
        Ok(Delivery::Taken(_)) => Duration::ZERO,
        Ok(Delivery::Nothing) => Duration::from_secs(1),
        Ok(Delivery::Failed) => Duration::from_secs(2),
        Err(fault) => {
            tracing::error!(target: "deliver", %fault, "{what} were not delivered");
            Duration::from_secs(2)
        }
    }
}
