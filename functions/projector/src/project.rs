//! Doing what records ask for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use outbox::Queues;
use serde_json::Value;
use table::Table;
use wire::{Clock, Fault};

use crate::batch::{each, records, report};
use crate::change::Change;

#[derive(Clone)]
pub(crate) struct Projector {
    pub(crate) table: Table,
    pub(crate) queues: Queues,
    pub(crate) clock: Clock,
}

/// How long a batch that met something busy is held back.
const PAUSE: Duration = Duration::from_secs(1);

/// What one stage could not do: the record's place in the batch, and why.
type Failures = Vec<(usize, Fault)>;

impl Projector {
    /// Does a batch, every record of it, and reports the first that failed.
    ///
    /// The stream hands out the rest of the batch anew from there, and gives it up as a whole in the end. So the
    /// neighbours of a record that can never succeed are done now, and being done again harms nothing.
    pub(crate) async fn project(&self, event: Value) -> Result<Value, Fault> {
        let started = Instant::now();
        let (numbers, records): (Vec<String>, Vec<Value>) = records(event)?.into_iter().unzip();
        let (mut changes, mut failures) = (Vec::new(), Failures::new());
        let read = each(records.into_iter().map(async |record| Change::read(record)).collect()).await;
        for (place, change) in read.into_iter().enumerate() {
            match change {
                Ok(change) => changes.push((place, change)),
                Err(fault) => failures.push((place, fault)),
            }
        }
        let (unindexed, unsent) = tokio::join!(self.index(&numbers, &changes), self.relay(&changes));
        failures.extend(unindexed.into_iter().chain(unsent));
        for (place, fault) in &failures {
            let record = &numbers[*place];
            tracing::error!(target: "projector", record, fault = %fault, busy = fault.is_busy(), "record failed");
        }
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(target: "projector", records = numbers.len(), failures = failures.len(), ms, "batch");
        let first = failures.iter().min_by_key(|(place, _)| *place);
        if first.is_some_and(|(_, fault)| fault.is_busy()) {
            // The batch comes again at once, and whatever is busy needs a moment.
            tokio::time::sleep(PAUSE).await;
        }
        let first = first.map(|(place, _)| *place);
        Ok(report(first.map(|place| numbers[place].as_str())))
    }

    /// Brings the search rows up to the records.
    async fn index(&self, numbers: &[String], changes: &[(usize, Change)]) -> Failures {
        let now = self.clock.now();
        let (mut places, mut works) = (Vec::new(), Vec::new());
        for (place, Change { old, new, .. }) in changes.iter().filter(|(_, change)| change.old != change.new)
        {
            places.push(*place);
            works.push(self.table.index_words(old.as_ref(), new.as_ref(), &numbers[*place], now));
        }
        let outcomes = each(works).await;
        places
            .into_iter()
            .zip(outcomes)
            .filter_map(|(place, outcome)| Some((place, outcome.err()?)))
            .collect()
    }

    /// Sends the messages of all records, each to its queue.
    async fn relay(&self, changes: &[(usize, Change)]) -> Failures {
        let mut mail: BTreeMap<&str, (Vec<usize>, Vec<String>)> = BTreeMap::new();
        for (place, change) in changes {
            for message in &change.told {
                let body = serde_json::to_string(message).expect("a message is made of plain values");
                let (places, bodies) = mail.entry(&message.to).or_default();
                places.push(*place);
                bodies.push(body);
            }
        }
        let mut failures = Failures::new();
        for (to, (places, bodies)) in mail {
            let outcomes = self.queues.send(to, &bodies).await;
            failures.extend(
                places.into_iter().zip(outcomes).filter_map(|(place, sent)| Some((place, sent.err()?))),
            );
        }
        failures
    }
}
