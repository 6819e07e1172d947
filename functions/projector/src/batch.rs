//! A batch of records: work on each by itself, and the report on the whole.

use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::iter;
use serde_json::{Value, json};
use wire::Fault;

/// How many records are worked on at once.
const AT_ONCE: usize = 4;

/// The records of an event with their sequence numbers. An event that does not name them fails as a whole.
pub(crate) fn records(event: Value) -> Result<Vec<(String, Value)>, Fault> {
    let Value::Object(mut event) = event else { return Err(Fault::bug("the event is no object")) };
    let Some(Value::Array(records)) = event.remove("Records") else {
        return Err(Fault::bug("the event has no records"));
    };
    let numbered = records.into_iter().map(|record| {
        let number = record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        Ok((number.ok_or_else(|| Fault::bug("a record without a sequence number"))?, record))
    });
    numbered.collect()
}

/// Finishes each of these works, a few at a time. Whatever goes wrong with one, a panic too, stays with that one.
pub(crate) async fn each<R, F>(works: Vec<F>) -> Vec<Result<R, Fault>>
where
    F: Future<Output = Result<R, Fault>>,
{
    let guarded: Vec<_> = works.into_iter().map(platform::guarded).collect();
    iter(guarded).buffered(AT_ONCE).collect().await
}

/// The answer to the stream: from the first record that failed on, all come again.
pub(crate) fn report<'a>(first_failure: impl Into<Option<&'a str>>) -> Value {
    let failures = first_failure.into().map(|number| json!({ "itemIdentifier": number }));
    json!({ "batchItemFailures": failures.into_iter().collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_stays_with_its_own_record() {
        let work = async |number| {
            tokio::task::yield_now().await;
            assert!(number != 7, "seven");
            if number == 3 { Err(Fault::busy("three")) } else { Ok(number) }
        };
        let outcomes = each((0..20).map(work).collect()).await;
        for (number, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Ok(answer) => assert_eq!(*answer, number),
                Err(fault) => assert_eq!(fault.is_busy(), number == 3, "{fault:?}"),
            }
        }
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 2);
        assert!(outcomes[7].as_ref().unwrap_err().to_string().contains("seven"));
    }

    #[test]
    fn the_report_names_the_first_failure_only() {
        assert_eq!(report(None).to_string(), r#"{"batchItemFailures":[]}"#);
        assert_eq!(report("100").to_string(), r#"{"batchItemFailures":[{"itemIdentifier":"100"}]}"#);
    }

    #[test]
    fn events_without_numbered_records_fail_as_a_whole() {
        assert_eq!(records(json!({ "Records": [] })).unwrap().len(), 0);
        for event in [json!([]), json!({}), json!({ "Records": [{ "dynamodb": {} }] })] {
            assert!(records(event).is_err());
        }
    }
}
