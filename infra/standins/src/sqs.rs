//! SQS: queues in a file, with visibility, delay and dead letters by the cloud's clock.

mod attributes;
mod message;
mod protocol;
mod shelf;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::watch;
use wire::Clock;

use crate::store::{self, lock};
use crate::{ACCOUNT, Error};
use message::{Message, Sending};

/// A queue to be.
#[derive(Clone, Debug)]
pub struct QueueSpec {
    /// Its name, the last part of its URL.
    pub name: String,
    /// How long a received message stays hidden from others.
    pub visibility: Duration,
    /// The queue that takes what was received too often, and how often that is.
    pub dead_letter: Option<(String, u32)>,
}

/// How many messages a queue holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depth {
    /// The queue's name.
    pub queue: String,
    /// Ready to be received.
    pub waiting: u64,
    /// Received and hidden for now.
    pub in_flight: u64,
    /// Sent with a delay that is not over.
    pub delayed: u64,
}

/// All queues of a cloud.
#[derive(Clone)]
pub struct Queues(Arc<Inner>);

struct Inner {
    specs: BTreeMap<String, QueueSpec>,
    messages: Mutex<Connection>,
    arrived: watch::Sender<()>,
    clock: Clock,
    region: String,
    url: String,
}

impl Queues {
    pub(crate) fn open(
        data: &Path,
        specs: Vec<QueueSpec>,
        clock: Clock,
        region: &str,
        url: &str,
    ) -> Result<Queues, Error> {
        let messages = store::open(&data.join("queues.db"), shelf::TABLES)?;
        let specs: BTreeMap<_, _> = specs.into_iter().map(|spec| (spec.name.clone(), spec)).collect();
        let dead_letters = specs.values().filter_map(|spec| spec.dead_letter.as_ref());
        if let Some((missing, _)) = dead_letters.into_iter().find(|(name, _)| !specs.contains_key(name)) {
            return Err(Error::new(format!("the dead-letter queue {missing:?} is not among the queues")));
        }
        Ok(Queues(Arc::new(Inner {
            specs,
            messages: Mutex::new(messages),
            arrived: watch::Sender::new(()),
            clock,
            region: region.to_owned(),
            url: url.to_owned(),
        })))
    }

    /// The URL of a queue: `<cloud>/000000000000/<name>`.
    pub fn url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.0.url)
    }

    /// The ARN of a queue.
    pub fn arn(&self, queue: &str) -> String {
        format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", self.0.region)
    }

    /// Puts a message into a queue, as if it had been sent there.
    pub fn send(&self, queue: &str, body: &str) -> Result<(), Error> {
        self.known(queue)?;
        let sending = Sending { body: body.to_owned(), ..Sending::default() };
        shelf::put(&lock(&self.0.messages), queue, &sending, self.0.clock.now())?;
        self.announce();
        Ok(())
    }

    /// Receives up to `max` messages as the records of a Lambda event; they stay hidden until deleted or due
    /// again.
    pub fn receive(&self, queue: &str, max: usize) -> Result<Vec<Value>, Error> {
        let spec = self.known(queue)?;
        let messages = self.take(spec, max, spec.visibility)?;
        Ok(messages.iter().map(|message| message.record(&self.arn(queue), &self.0.region)).collect())
    }

    /// Deletes received messages by their receipts.
    pub fn delete<'a>(&self, queue: &str, receipts: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        self.known(queue)?;
        let messages = lock(&self.0.messages);
        for receipt in receipts {
            shelf::delete(&messages, queue, receipt)?;
        }
        Ok(())
    }

    /// How full every queue is, by name.
    pub fn depths(&self) -> Result<Vec<Depth>, Error> {
        let messages = lock(&self.0.messages);
        let now = self.0.clock.now();
        Ok(self.0.specs.keys().map(|queue| shelf::depth(&messages, queue, now)).collect::<Result<_, _>>()?)
    }

    /// Wakes its holder when messages arrived in some queue; time alone, by delay or visibility, wakes
    /// nobody.
    pub fn arrived(&self) -> watch::Receiver<()> {
        self.0.arrived.subscribe()
    }

    fn known(&self, queue: &str) -> Result<&QueueSpec, Error> {
        self.0.specs.get(queue).ok_or_else(|| Error::new(format!("there is no queue {queue:?}")))
    }

    fn take(&self, spec: &QueueSpec, max: usize, visibility: Duration) -> rusqlite::Result<Vec<Message>> {
        let now = self.0.clock.now();
        let mut messages = lock(&self.0.messages);
        let source = self.arn(&spec.name);
        if shelf::bury(&messages, spec, &source, now)? > 0 {
            self.announce();
        }
        shelf::take(&mut messages, &spec.name, max, visibility, now)
    }

    fn announce(&self) {
        self.0.arrived.send_replace(());
    }
}
