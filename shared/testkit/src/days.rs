//! Days that pass: what time brings, and the functions behind the queues.

use serde_json::{Value, json};

use crate::{World, invoke};

impl World {
    /// A round of the clock, and all that comes of it.
    pub async fn minute(&self) {
        self.whole.run_schedules().await.expect("the clock goes round");
        self.settle().await;
    }

    /// What a round of the clock hands over to a queue such as `loyalty`, before anybody works on it.
    pub async fn handed_over(&self, queue: &str) -> Vec<Value> {
        self.whole.run_schedules().await.expect("the clock goes round");
        self.messages(queue)
    }

    /// What a function behind a queue reports as failed of these bodies, by their places.
    pub async fn work(&self, function: &str, bodies: &[String]) -> Vec<usize> {
        let record =
            |(place, body): (usize, &String)| json!({ "messageId": place.to_string(), "body": body });
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let function = self.whole.function(function).expect("the template has the function");
        let report = invoke(function, &json!({ "Records": records })).await;
        let failures = report["batchItemFailures"].as_array().expect("a report of a batch").iter();
        let place = |failure: &Value| failure["itemIdentifier"].as_str()?.parse().ok();
        failures.map(|failure| place(failure).expect("the id of a record")).collect()
    }

    /// The subjects of what an address got, the oldest first. Settles before it looks.
    pub async fn subjects(&self, address: &str) -> Vec<String> {
        self.mail_to(address).await.into_iter().map(|(subject, _)| subject).collect()
    }
}
