//! Sending to the queues, ten messages at a time.

use std::collections::BTreeMap;
use std::ops::Range;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::SdkConfig;
use wire::Fault;

/// As many messages as one call takes.
const MOST: usize = 10;

/// As many bytes as one call takes, less some room.
const LARGEST: usize = 1_000_000;

/// The queues that messages go to, by name: `mail`, or a context.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    urls: BTreeMap<String, String>,
}

impl Queues {
    /// The queues of these names and URLs.
    pub fn new(config: &SdkConfig, urls: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { client: Client::new(config), urls: urls.into_iter().collect() }
    }

    /// The names of the queues.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.urls.keys().map(String::as_str)
    }

    /// Sends each of these bodies to the queue `to` and says, in their order, what became of each.
    ///
    /// A message whose answer was lost may arrive twice: receivers know it by what it says.
    pub async fn send(&self, to: &str, bodies: &[String]) -> Vec<Result<(), Fault>> {
        let Some(url) = self.urls.get(to) else {
            return bodies.iter().map(|_| Err(Fault::bug(format!("there is no queue for {to:?}")))).collect();
        };
        let sizes: Vec<usize> = bodies.iter().map(String::len).collect();
        let mut sent = Vec::with_capacity(bodies.len());
        for batch in batches(&sizes) {
            sent.extend(self.send_batch(url, &bodies[batch]).await);
        }
        sent
    }

    async fn send_batch(&self, url: &str, bodies: &[String]) -> Vec<Result<(), Fault>> {
        let entries = bodies.iter().enumerate().map(|(at, body)| {
            let entry = Entry::builder().id(at.to_string()).message_body(body);
            entry.build().expect("every required part is given")
        });
        let call = self.client.send_message_batch().queue_url(url).set_entries(Some(entries.collect()));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return bodies.iter().map(|_| Err(failed(&error))).collect(),
        };
        let mut sent: Vec<Result<(), Fault>> = bodies.iter().map(|_| Ok(())).collect();
        for failure in answer.failed {
            if let Some(slot) = failure.id.parse().ok().and_then(|at: usize| sent.get_mut(at)) {
                let text = format!("the queue did not take a message: {}", failure.code);
                *slot = Err(if failure.sender_fault { Fault::bug(text) } else { Fault::busy(text) });
            }
        }
        sent
    }
}

/// Reads a list such as `loyalty=https://...,prepaid=https://...`.
pub fn listed(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| match entry.split_once('=') {
            Some((name, url)) if !name.is_empty() && !url.is_empty() => Ok((name.to_owned(), url.to_owned())),
            _ => Err(Fault::bug(format!("a list of queues reads like context=url, not {entry:?}"))),
        })
        .collect()
}

/// Cuts a row of messages into what single calls take.
fn batches(sizes: &[usize]) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, size) in sizes.iter().enumerate() {
        if at > start && (at - start == MOST || bytes + size > LARGEST) {
            batches.push(start..at);
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    if start < sizes.len() {
        batches.push(start..sizes.len());
    }
    batches
}

fn failed(error: &SdkError<SendMessageBatchError>) -> Fault {
    let text = format!("a queue cannot be reached: {}", DisplayErrorContext(error));
    let refused = error.raw_response().is_some_and(|answer| answer.status().is_client_error());
    if refused && !is_throttling(error) { Fault::bug(text) } else { Fault::busy(text) }
}

fn is_throttling(error: &SdkError<SendMessageBatchError>) -> bool {
    matches!(error.as_service_error(), Some(SendMessageBatchError::RequestThrottled(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_takes_ten_messages_and_a_megabyte() {
        assert!(batches(&[]).is_empty());
        assert_eq!(batches(&[1; 10]).len(), 1);
        assert_eq!(batches(&[1; 23]), [0..10, 10..20, 20..23]);
        assert_eq!(batches(&[400_000; 5]), [0..2, 2..4, 4..5]);
        assert_eq!(batches(&[2_000_000, 1]), [0..1, 1..2], "what is too large fails alone");
    }

    #[test]
    fn lists_of_queues_are_read_or_refused() {
        assert!(listed("").unwrap().is_empty());
        let read = listed("loyalty=https://q/1?a=b, prepaid=https://q/2,").unwrap();
        let pair = |name: &str, url: &str| (name.to_owned(), url.to_owned());
        assert_eq!(read, [pair("loyalty", "https://q/1?a=b"), pair("prepaid", "https://q/2")]);
        assert!(listed("loyalty").is_err() && listed("=https://q").is_err());
    }
}
