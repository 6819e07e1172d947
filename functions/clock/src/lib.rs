//! Once a minute, hands what is due to the queue of its context. Decides nothing and writes nothing.

use outbox::{Queues, listed};
use platform::{Function, Host, log};
use serde_json::{Value, json};
use table::{Due, Table};
use wire::{Clock, Fault, Stamp};

/// As many rows of each of a context's four partitions as one run takes: 500 in all. The next minute takes the next.
const OF_EACH_PARTITION: usize = 125;

#[derive(Clone)]
struct Round {
    table: Table,
    queues: Queues,
    clock: Clock,
}

/// The function as it is deployed.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let queues = listed(host.env.get("MERCATO_WORK_QUEUES").unwrap_or_default())?;
    let queues = Queues::new(&host.sdk("SQS")?, queues);
    let round = Round { table: host.connected_table().await?, queues, clock: host.clock };
    Ok(Function::events(move |_| {
        let round = round.clone();
        async move { round.go().await }
    }))
}

impl Round {
    /// Goes to every context. One that fails keeps no other waiting, but fails the run in the end.
    async fn go(&self) -> Result<Value, Fault> {
        let now = self.clock.now();
        let (mut contexts, mut enqueued, mut failure) = (0, 0, None);
        for context in self.queues.names() {
            contexts += 1;
            match platform::guarded(self.visit(context, now)).await {
                Ok(Visit { taken, refused }) => {
                    enqueued += taken;
                    failure = failure.or(refused);
                }
                Err(fault) => {
                    log::fault(&fault);
                    failure = failure.or(Some(fault));
                }
            }
        }
        if contexts == 0 {
            tracing::info!(target: "clock", "no context has a work queue: nothing to do");
        } else {
            tracing::info!(target: "clock", contexts, enqueued, "round");
        }
        failure.map_or(Ok(json!({ "enqueued": enqueued })), Err)
    }

    async fn visit(&self, context: &str, now: Stamp) -> Result<Visit, Fault> {
        let due = self.table.due(context, now, OF_EACH_PARTITION).await?;
        let bodies: Vec<String> = due.iter().map(body).collect();
        let mut visit = Visit::default();
        for sent in self.queues.send(context, &bodies).await {
            match sent {
                Ok(()) => visit.taken += 1,
                Err(fault) => visit.refused = visit.refused.or(Some(fault)),
            }
        }
        Ok(visit)
    }
}

/// What a context's queue took, and why it did not take all.
#[derive(Default)]
struct Visit {
    taken: usize,
    refused: Option<Fault>,
}

/// The message that a context reads.
fn body(due: &Due) -> String {
    json!({ "due": due }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_row_and_nothing_else() {
        let due = Due {
            what: "close".to_owned(),
            pk: "MARKET#LOT#1".to_owned(),
            sk: "LOT".to_owned(),
            at: Stamp::from_seconds(9),
        };
        assert_eq!(
            body(&due),
            r#"{"due":{"what":"close","pk":"MARKET#LOT#1","sk":"LOT","at":"1970-01-01T00:00:09.000000Z"}}"#
        );
    }
}
