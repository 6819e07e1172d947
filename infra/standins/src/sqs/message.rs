//! A message, and its two forms on the wire.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::attributes;

/// What a sender hands over.
#[derive(Default)]
pub(super) struct Sending {
    pub(super) body: String,
    /// Message attributes in the form of the SQS API, `{}` when there are none.
    pub(super) attributes: Map<String, Value>,
    pub(super) trace: Option<String>,
    pub(super) sender: String,
    pub(super) delay: Duration,
}

/// A message that was received.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) receipt: String,
    pub(super) body: String,
    pub(super) attributes: Map<String, Value>,
    pub(super) trace: Option<String>,
    pub(super) sender: String,
    pub(super) sent_micros: i64,
    pub(super) first_received_micros: i64,
    pub(super) receives: u32,
    pub(super) dead_letter_source: Option<String>,
}

impl Message {
    /// The record of a Lambda event.
    pub(super) fn record(&self, queue_arn: &str, region: &str) -> Value {
        let mut record = json!({
            "messageId": self.id,
            "receiptHandle": self.receipt,
            "body": self.body,
            "attributes": self.system_attributes(),
            "messageAttributes": attributes::for_lambda(&self.attributes),
            "md5OfBody": md5(&self.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": region,
        });
        if let Some(digest) = attributes::digest(&self.attributes) {
            record["md5OfMessageAttributes"] = digest.into();
        }
        record
    }

    /// The message in an answer of `ReceiveMessage`, with the attributes that were asked for.
    pub(super) fn answer(&self, system: &[String], named: &[String]) -> Value {
        let wanted = |name: &str, asked: &[String]| {
            asked.iter().any(|asked| match asked.strip_suffix(".*") {
                Some(prefix) => name.starts_with(prefix),
                None => asked == "All" || asked == name,
            })
        };
        let mut answer = json!({
            "MessageId": self.id,
            "ReceiptHandle": self.receipt,
            "Body": self.body,
            "MD5OfBody": md5(&self.body),
        });
        let mut system_attributes = self.system_attributes();
        system_attributes.retain(|name, _| wanted(name, system));
        if !system_attributes.is_empty() {
            answer["Attributes"] = Value::Object(system_attributes);
        }
        let mut attributes = self.attributes.clone();
        attributes.retain(|name, _| wanted(name, named));
        if let Some(digest) = attributes::digest(&attributes) {
            answer["MD5OfMessageAttributes"] = digest.into();
            answer["MessageAttributes"] = Value::Object(attributes);
        }
        answer
    }

    fn system_attributes(&self) -> Map<String, Value> {
        let millis = |micros: i64| Value::String((micros / 1000).to_string());
        let mut attributes = Map::new();
        attributes.insert("ApproximateReceiveCount".into(), self.receives.to_string().into());
        attributes.insert("SentTimestamp".into(), millis(self.sent_micros));
        attributes.insert("SenderId".into(), self.sender.clone().into());
        attributes.insert("ApproximateFirstReceiveTimestamp".into(), millis(self.first_received_micros));
        for (name, value) in
            [("AWSTraceHeader", &self.trace), ("DeadLetterQueueSourceArn", &self.dead_letter_source)]
        {
            if let Some(value) = value {
                attributes.insert(name.into(), value.clone().into());
            }
        }
        attributes
    }
}

/// The digest of a body.
pub(super) fn md5(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}
