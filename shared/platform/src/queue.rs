//! What a queue hands to a function: its messages, and the report on those that must come again.

use std::future::Future;

use serde_json::{Value, json};
use wire::Fault;

use crate::{guarded, log};

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The queue's own number of the message, by which a failure is reported.
    pub receipt: String,
    /// The message.
    pub body: String,
}

impl Record {
    /// The messages of an event; `None` if it is not one of a queue.
    pub fn all(event: &Value) -> Option<Result<Vec<Self>, Fault>> {
        Some(event["Records"].as_array()?.iter().map(Self::read).collect())
    }

    fn read(record: &Value) -> Result<Self, Fault> {
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        match (text("messageId"), text("body")) {
            (Some(receipt), Some(body)) => Ok(Self { receipt, body }),
            _ => Err(Fault::bug("a record of the queue does not read")),
        }
    }
}

/// The answer to a queue: these messages come again, the others are done.
pub fn report<'a>(failed: impl IntoIterator<Item = &'a Record>) -> Value {
    let failures = failed.into_iter().map(|record| json!({ "itemIdentifier": record.receipt }));
    json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
}

/// Does what each message asks for, one after the other. Whatever goes wrong with one, a panic too, stays with that one.
pub(crate) async fn work<F>(event: &Value, handle: impl Fn(String) -> F) -> Result<Value, Fault>
where
    F: Future<Output = Result<(), Fault>>,
{
    let records = Record::all(event).ok_or_else(|| Fault::bug("the event has no records"))??;
    let mut failed = Vec::new();
    for record in &records {
        if let Err(fault) = guarded(handle(record.body.clone())).await {
            log::fault(&fault);
            failed.push(record);
        }
    }
    tracing::info!(target: "queue", messages = records.len(), failures = failed.len(), "batch");
    Ok(report(failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(bodies: &[&str]) -> Value {
        let records = bodies.iter().map(|body| json!({ "messageId": format!("id of {body}"), "body": body }));
        json!({ "Records": records.collect::<Vec<_>>() })
    }

    #[tokio::test]
    async fn exactly_those_that_failed_come_again() {
        let handle = async |body: String| {
            assert!(body != "panic", "at the disco");
            if body.starts_with("bad") { Err(Fault::bug("bad")) } else { Ok(()) }
        };
        let answer = work(&event(&["good", "bad", "panic", "fine", "bad too"]), handle).await.unwrap();
        let failed = ["id of bad", "id of panic", "id of bad too"].map(|id| json!({ "itemIdentifier": id }));
        assert_eq!(answer, json!({ "batchItemFailures": failed }));
    }

    #[tokio::test]
    async fn what_is_no_event_of_a_queue_fails_as_a_whole() {
        let handle = async |_: String| Ok(());
        for event in [json!({}), json!([]), json!({ "Records": [{ "body": "x" }] })] {
            assert!(work(&event, handle).await.is_err(), "{event}");
        }
        assert_eq!(work(&event(&[]), handle).await.unwrap(), json!({ "batchItemFailures": [] }));
    }
}
