//! What was written and sent, taken before the platform delivers it: for tests that deliver it themselves.

use platform::Function;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::World;

/// More than any test writes or sends.
const ALL: usize = 100_000;

impl World {
    /// The records of the table's stream since they were last taken or delivered.
    pub fn changes(&self) -> Vec<Value> {
        let changes = &self.whole.cloud.table.changes;
        let news = changes.after(changes.consumed(), ALL).expect("the changes read");
        if let Some(last) = news.last() {
            changes.consume(last.position).expect("the place is kept");
        }
        news.into_iter().map(|change| change.record).collect()
    }

    /// The records of a queue such as `mail`, which is empty afterwards.
    pub fn messages(&self, queue: &str) -> Vec<Value> {
        let (queue, queues) = (local::queue(queue), &self.whole.cloud.queues);
        let records = queues.receive(&queue, ALL).expect("there is such a queue");
        let receipts = records.iter().filter_map(|record| record["receiptHandle"].as_str());
        queues.delete(&queue, receipts).expect("there is such a queue");
        records
    }

    /// The bodies of a queue's messages; the queue is empty afterwards.
    pub fn bodies<T: DeserializeOwned>(&self, queue: &str) -> Vec<T> {
        let read = |record: &Value| {
            let body = record["body"].as_str().expect("a record has a body");
            serde_json::from_str(body).expect("the body is what was asked for")
        };
        self.messages(queue).iter().map(read).collect()
    }

    /// How many messages a queue holds, those that were handed out and not taken included.
    pub fn depth(&self, queue: &str) -> u64 {
        let depths = self.whole.cloud.queues.depths().expect("the queues answer");
        let depth =
            depths.iter().find(|depth| depth.queue == local::queue(queue)).expect("there is such a queue");
        depth.waiting + depth.in_flight + depth.delayed
    }

    /// Puts a message into a queue such as `mail`.
    pub fn send(&self, queue: &str, body: &str) {
        self.whole.cloud.queues.send(&local::queue(queue), body).expect("there is such a queue");
    }

    /// The URL of a queue such as `mail`, whether it exists or not.
    pub fn queue_url(&self, queue: &str) -> String {
        self.whole.cloud.queues.url(&local::queue(queue))
    }
}

/// Hands a function an event, which it must answer.
pub async fn invoke(function: &Function, event: &Value) -> Value {
    let answer = function.invoke(&event.to_string()).await.expect("the function answers");
    serde_json::from_str(&answer).expect("the answer is JSON")
}
