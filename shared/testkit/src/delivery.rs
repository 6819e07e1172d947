//! The ways in which records reach a function: the platform promises each at least once, and no order.

use std::collections::HashSet;
use std::time::Duration;

use fastrand::Rng;
use platform::Function;
use serde_json::{Value, json};

use crate::World;

/// As many records as a batch has: few, so that even a short day has several.
const BATCH: usize = 10;

/// How often a record is handed out before the driver calls it poison.
const PATIENCE: usize = 10;

/// How long records that failed are held back: longer than any lease.
const HELD_BACK: Duration = Duration::from_mins(3);

/// A way in which records reach a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Each once, in order.
    Once,
    /// Each batch, and the same batch again.
    Twice,
    /// The last first.
    Backwards,
    /// In an order drawn from a seed.
    Shuffled(u64),
    /// In batches of odd sizes drawn from a seed, each begun with neighbours that came before.
    Torn(u64),
    /// Some of them, and after a crash in the middle all from the first on.
    HalfThenAgain(u64),
}

impl Delivery {
    /// Every way, with what is drawn drawn from `seed`.
    pub fn all(seed: u64) -> [Self; 6] {
        [
            Self::Once,
            Self::Twice,
            Self::Backwards,
            Self::Shuffled(seed),
            Self::Torn(seed),
            Self::HalfThenAgain(seed),
        ]
    }

    /// The records as they are handed out while nothing fails.
    fn batches(self, records: &[Value]) -> Vec<Vec<Value>> {
        let cut = |records: &[Value]| records.chunks(BATCH).map(<[Value]>::to_vec).collect();
        match self {
            Self::Once => cut(records),
            Self::Twice => records.chunks(BATCH).flat_map(|batch| [batch.to_vec(), batch.to_vec()]).collect(),
            Self::Backwards => cut(&records.iter().rev().cloned().collect::<Vec<_>>()),
            Self::Shuffled(seed) => {
                let mut mixed = records.to_vec();
                Rng::with_seed(seed).shuffle(&mut mixed);
                cut(&mixed)
            }
            Self::Torn(seed) => torn(records, &mut Rng::with_seed(seed)),
            Self::HalfThenAgain(seed) => {
                let (quarter, mut chance) = (records.len() / 4, Rng::with_seed(seed));
                let crash = chance.usize(quarter..=records.len() - quarter);
                torn(&records[..crash], &mut chance).into_iter().chain(cut(records)).collect()
            }
        }
    }
}

fn torn(records: &[Value], chance: &mut Rng) -> Vec<Vec<Value>> {
    let (mut batches, mut at) = (Vec::new(), 0);
    while at < records.len() {
        let repeated = chance.usize(0..=at.min(BATCH / 2));
        let end = (at + chance.usize(1..=BATCH - repeated)).min(records.len());
        batches.push(records[at - repeated..end].to_vec());
        at = end;
    }
    batches
}

impl World {
    /// Hands records of the stream or of a queue to a function in this way, until it has taken them all, and says
    /// how many had to come again.
    ///
    /// What it reports as failed comes again as it would: of a stream all from the first failure on, of a queue
    /// the failed alone; and a batch that it does not answer for as a whole. Time is moved on before that.
    pub async fn deliver(&self, way: Delivery, function: &Function, records: &[Value]) -> usize {
        let mut again = 0;
        for mut batch in way.batches(records) {
            for _ in 0..PATIENCE {
                let answer = function.invoke(&json!({ "Records": batch }).to_string()).await;
                batch = answer.map_or(batch.clone(), |answer| failed(batch, &answer));
                if batch.is_empty() {
                    break;
                }
                again += batch.len();
                self.clock.advance(HELD_BACK);
            }
            assert!(batch.is_empty(), "refused time and again, {way:?}: {batch:?}");
        }
        again
    }
}

/// The records of a batch that come again after this answer.
fn failed(batch: Vec<Value>, answer: &str) -> Vec<Value> {
    let answer: Value = serde_json::from_str(answer).expect("the answer is JSON");
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    let failures: HashSet<&str> = failures.filter_map(|failure| failure["itemIdentifier"].as_str()).collect();
    let failed = |record: &Value| failures.contains(id(record));
    if batch.first().is_some_and(is_change) {
        batch.into_iter().skip_while(|record| !failed(record)).collect()
    } else {
        batch.into_iter().filter(failed).collect()
    }
}

fn is_change(record: &Value) -> bool {
    record["eventSource"] == "aws:dynamodb"
}

/// What an answer calls a record by.
fn id(record: &Value) -> &str {
    let id = if is_change(record) { &record["dynamodb"]["SequenceNumber"] } else { &record["messageId"] };
    id.as_str().expect("a record has an identity")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn changes(count: usize) -> Vec<Value> {
        let change = |n: usize| {
            let number = json!({ "SequenceNumber": n.to_string() });
            json!({ "eventSource": "aws:dynamodb", "dynamodb": number })
        };
        (0..count).map(change).collect()
    }

    fn messages(count: usize) -> Vec<Value> {
        (0..count).map(|n| json!({ "eventSource": "aws:sqs", "messageId": n.to_string() })).collect()
    }

    #[test]
    fn whatever_the_way_each_comes_in_batches_that_fit() {
        for count in [0, 1, 2, 7, 64] {
            let records = messages(count);
            for way in (0..50).flat_map(Delivery::all) {
                let batches = way.batches(&records);
                assert!(batches.iter().all(|batch| (1..=BATCH).contains(&batch.len())), "{way:?}");
                let came: BTreeSet<&str> = batches.iter().flatten().map(id).collect();
                assert_eq!(came, records.iter().map(id).collect(), "{way:?} of {count}");
            }
        }
    }

    #[test]
    fn every_way_is_its_own() {
        let records = messages(64);
        let order = |way: Delivery| -> Vec<String> {
            way.batches(&records).iter().flatten().map(|record| id(record).to_owned()).collect()
        };
        let orders: BTreeSet<Vec<String>> =
            Delivery::all(1).into_iter().chain(Delivery::all(2)).map(order).collect();
        assert_eq!(orders.len(), 3 + 2 * 3, "three ways know no seed, three follow theirs");
        let torn = order(Delivery::Torn(1));
        assert!(torn.len() > 64 && torn != order(Delivery::Once));
    }

    #[test]
    fn a_stream_repeats_the_rest_and_a_queue_what_failed() {
        let answer = |failures: &[&str]| {
            let failures: Vec<Value> = failures.iter().map(|id| json!({ "itemIdentifier": id })).collect();
            json!({ "batchItemFailures": failures }).to_string()
        };
        let ids =
            |records: Vec<Value>| records.iter().map(|record| id(record).to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(failed(changes(5), &answer(&["2"]))), ["2", "3", "4"]);
        assert_eq!(ids(failed(messages(5), &answer(&["3", "1"]))), ["1", "3"]);
        for records in [changes(5), messages(5)] {
            assert!(failed(records, &answer(&[])).is_empty());
        }
    }
}
