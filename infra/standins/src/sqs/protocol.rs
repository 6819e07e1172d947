//! The JSON protocol of SQS.

use std::collections::HashSet;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout};

use super::message::{Sending, md5};
use super::{QueueSpec, Queues, attributes, shelf};
use crate::answer::{self, Refusal};
use crate::front::Call;
use crate::store::lock;

type Answer = Result<Value, Refusal>;

impl Queues {
    pub(crate) async fn answer(&self, call: Call<'_>) -> Response {
        let request: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let answer = self.operate(call.operation, &request, call.principal).await;
        // The SDK tells errors apart by the code that they had in the older query protocol.
        let older_code = answer.as_ref().err().map(older_code);
        let mut response = answer::json("application/x-amz-json-1.0", "com.amazonaws.sqs#", answer);
        if let Some(older_code) = older_code {
            response.headers_mut().insert("x-amzn-query-error", older_code);
        }
        response
    }

    async fn operate(&self, operation: &str, request: &Value, sender: &str) -> Answer {
        match operation {
            "GetQueueUrl" => {
                let name = request["QueueName"].as_str().unwrap_or_default();
                return Ok(json!({ "QueueUrl": self.url(&self.existing(name)?.name) }));
            }
            "ListQueues" => {
                let prefix = request["QueueNamePrefix"].as_str().unwrap_or_default();
                let names = self.0.specs.keys().filter(|name| name.starts_with(prefix));
                return Ok(json!({ "QueueUrls": names.map(|name| self.url(name)).collect::<Vec<_>>() }));
            }
            _ => {}
        }
        let url = request["QueueUrl"].as_str().unwrap_or_default();
        // The host of a queue's URL is not looked at, so that a URL outlives a change of port.
        let spec = self.existing(url.rsplit('/').next().unwrap_or_default())?;
        match operation {
            "SendMessage" => self.send_message(spec, request, sender),
            "SendMessageBatch" => batch(request, |entry| self.send_message(spec, entry, sender)),
            "ReceiveMessage" => self.receive_message(spec, request).await,
            "DeleteMessage" => self.delete_message(spec, request),
            "DeleteMessageBatch" => batch(request, |entry| self.delete_message(spec, entry)),
            "ChangeMessageVisibility" => self.change_visibility(spec, request),
            "ChangeMessageVisibilityBatch" => batch(request, |entry| self.change_visibility(spec, entry)),
            "GetQueueAttributes" => self.queue_attributes(spec, request),
            "PurgeQueue" => {
                shelf::purge(&lock(&self.0.messages), &spec.name)?;
                Ok(json!({}))
            }
            _ => Err(Refusal::new("UnsupportedOperation", format!("{operation} is not offered locally."))),
        }
    }

    fn existing(&self, queue: &str) -> Result<&QueueSpec, Refusal> {
        let unknown = || Refusal::new("QueueDoesNotExist", "The specified queue does not exist.");
        self.0.specs.get(queue).ok_or_else(unknown)
    }

    fn send_message(&self, spec: &QueueSpec, request: &Value, sender: &str) -> Answer {
        let sending = Sending {
            body: request["MessageBody"].as_str().unwrap_or_default().to_owned(),
            attributes: request["MessageAttributes"].as_object().cloned().unwrap_or_default(),
            trace: request["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"]
                .as_str()
                .map(str::to_owned),
            sender: sender.to_owned(),
            delay: seconds(request, "DelaySeconds", LONGEST_DELAY)?.unwrap_or_default(),
        };
        if sending.body.is_empty() {
            return Err(Refusal::new(
                "MissingParameter",
                "The request must contain the parameter MessageBody.",
            ));
        }
        if sending.body.len() > LARGEST_MESSAGE {
            let limit = format!(
                "One or more parameters are invalid. Message must be shorter than {LARGEST_MESSAGE} bytes."
            );
            return Err(Refusal::new("InvalidParameterValue", limit));
        }
        let id = shelf::put(&lock(&self.0.messages), &spec.name, &sending, self.0.clock.now())?;
        self.announce();
        let mut answer = json!({ "MessageId": id, "MD5OfMessageBody": md5(&sending.body) });
        if let Some(digest) = attributes::digest(&sending.attributes) {
            answer["MD5OfMessageAttributes"] = digest.into();
        }
        Ok(answer)
    }

    async fn receive_message(&self, spec: &QueueSpec, request: &Value) -> Answer {
        let max = number(request, "MaxNumberOfMessages", 1..=10)?.unwrap_or(1);
        let max = usize::try_from(max).expect("checked to be at most 10");
        let visibility =
            seconds(request, "VisibilityTimeout", LONGEST_VISIBILITY)?.unwrap_or(spec.visibility);
        let deadline =
            Instant::now() + seconds(request, "WaitTimeSeconds", LONGEST_WAIT)?.unwrap_or_default();
        let system =
            [names(request, "AttributeNames"), names(request, "MessageSystemAttributeNames")].concat();
        let named = names(request, "MessageAttributeNames");
        let mut arrived = self.arrived();
        loop {
            let messages = self.take(spec, max, visibility)?;
            let left = deadline.saturating_duration_since(Instant::now());
            if !messages.is_empty() || left.is_zero() {
                let messages: Vec<_> =
                    messages.iter().map(|message| message.answer(&system, &named)).collect();
                return Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) });
            }
            // Messages also turn up by the passing of time, of which nobody tells: hence the short turns.
            let _ = timeout(left.min(TURN), arrived.changed()).await;
        }
    }

    fn delete_message(&self, spec: &QueueSpec, request: &Value) -> Answer {
        shelf::delete(&lock(&self.0.messages), &spec.name, receipt(request)?)?;
        Ok(json!({}))
    }

    fn change_visibility(&self, spec: &QueueSpec, request: &Value) -> Answer {
        let visibility = seconds(request, "VisibilityTimeout", LONGEST_VISIBILITY)?.ok_or_else(|| {
            Refusal::new("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
        })?;
        let now = self.0.clock.now();
        if !shelf::hide(&lock(&self.0.messages), &spec.name, receipt(request)?, visibility, now)? {
            return Err(Refusal::new("MessageNotInflight", "The message referred to isn't in flight."));
        }
        if visibility.is_zero() {
            self.announce();
        }
        Ok(json!({}))
    }

    fn queue_attributes(&self, spec: &QueueSpec, request: &Value) -> Answer {
        let depth = shelf::depth(&lock(&self.0.messages), &spec.name, self.0.clock.now())?;
        let mut attributes = Map::new();
        let mut tell = |name: &str, value: String| attributes.insert(name.to_owned(), value.into());
        tell("QueueArn", self.arn(&spec.name));
        tell("VisibilityTimeout", spec.visibility.as_secs().to_string());
        tell("ApproximateNumberOfMessages", depth.waiting.to_string());
        tell("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string());
        tell("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string());
        if let Some((dead, max_receives)) = &spec.dead_letter {
            let policy = json!({ "deadLetterTargetArn": self.arn(dead), "maxReceiveCount": max_receives });
            tell("RedrivePolicy", policy.to_string());
        }
        let wanted = names(request, "AttributeNames");
        attributes.retain(|name, _| wanted.iter().any(|wanted| wanted == "All" || wanted == name));
        Ok(json!({ "Attributes": attributes }))
    }
}

const LARGEST_MESSAGE: usize = 1024 * 1024;
const LONGEST_DELAY: i64 = 900;
const LONGEST_WAIT: i64 = 20;
const LONGEST_VISIBILITY: i64 = 43_200;
const TURN: Duration = Duration::from_millis(100);

fn older_code(refusal: &Refusal) -> HeaderValue {
    HeaderValue::from_static(match refusal.code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue;Sender",
        "EmptyBatchRequest" => "AWS.SimpleQueueService.EmptyBatchRequest;Sender",
        "TooManyEntriesInBatchRequest" => "AWS.SimpleQueueService.TooManyEntriesInBatchRequest;Sender",
        "BatchEntryIdsNotDistinct" => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct;Sender",
        "MessageNotInflight" => "AWS.SimpleQueueService.MessageNotInflight;Sender",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation;Sender",
        "ReceiptHandleIsInvalid" => "ReceiptHandleIsInvalid;Sender",
        "MissingParameter" => "MissingParameter;Sender",
        "InvalidParameterValue" => "InvalidParameterValue;Sender",
        _ => "InternalFailure;Receiver",
    })
}

/// Does one thing per entry; what fails is told per entry.
fn batch(request: &Value, mut each: impl FnMut(&Value) -> Answer) -> Answer {
    let entries = request["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: HashSet<_> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    if entries.is_empty() {
        return Err(Refusal::new("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if entries.len() > 10 {
        return Err(Refusal::new(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more than 10 entries.",
        ));
    }
    if ids.len() < entries.len() {
        return Err(Refusal::new("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id."));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match each(entry) {
            Ok(mut answer) => {
                answer["Id"] = entry["Id"].clone();
                successful.push(answer);
            }
            Err(refusal) => failed.push(json!({
                "Id": entry["Id"],
                "Code": refusal.code,
                "Message": refusal.message,
                "SenderFault": refusal.status.is_client_error(),
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn receipt(request: &Value) -> Result<&str, Refusal> {
    let missing = || Refusal::new("ReceiptHandleIsInvalid", "The specified receipt handle isn't valid.");
    request["ReceiptHandle"].as_str().ok_or_else(missing)
}

fn names(request: &Value, member: &str) -> Vec<String> {
    let names = request[member].as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn seconds(request: &Value, member: &str, most: i64) -> Result<Option<Duration>, Refusal> {
    Ok(number(request, member, 0..=most)?.map(Duration::from_secs))
}

fn number(
    request: &Value,
    member: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<u64>, Refusal> {
    let Some(value) = request[member].as_i64() else { return Ok(None) };
    if !range.contains(&value) {
        let why = format!("Value {value} for parameter {member} is invalid. Reason: must be in {range:?}.");
        return Err(Refusal::new("InvalidParameterValue", why));
    }
    Ok(value.try_into().ok())
}
