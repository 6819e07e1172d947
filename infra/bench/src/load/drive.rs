//! Driving one operation over a fixed number of connections.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use serde::Deserialize;
use wire::Fault;

use super::ask::Connection;
use super::cloud::Cloud;
use super::operations::{Operation, Scene};
use crate::arguments::Arguments;
use crate::figures::{Durations, count};

/// What came of it.
#[derive(Debug, Default)]
pub struct Driven {
    /// How long each request took.
    pub durations: Durations,
    /// How long all took.
    pub took: Duration,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, usize>,
    /// Processor time of the local cloud.
    pub cpu: Duration,
    /// The most memory the local cloud ever had, so far.
    pub peak: u64,
    /// What a request used of the table, in the middle.
    pub usage: Option<Usage>,
}

/// What a request used of the table, as its log line says.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Usage {
    /// Calls.
    pub calls: f64,
    /// Read units.
    #[serde(rename = "read_units")]
    pub reads: f64,
    /// Write units.
    #[serde(rename = "write_units")]
    pub writes: f64,
}

impl Driven {
    /// The statuses, each with how often it was answered.
    pub fn answers(&self) -> String {
        let answers = self.statuses.iter().map(|(status, count)| format!("{status}: {count}"));
        answers.collect::<Vec<_>>().join(", ")
    }

    fn add(&mut self, other: Self) {
        self.durations.extend(other.durations);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }
}

/// Sends requests of an operation, each connection one after the other, until enough were sent or time is up.
pub async fn drive(
    cloud: &Cloud,
    scene: &Scene,
    operation: &Operation,
    arguments: &Arguments,
) -> Result<Driven, Fault> {
    let connections: Vec<_> = (0..arguments.connections).map(|_| Connection::new(&cloud.url)).collect();
    for (asker, connection) in connections.iter().enumerate() {
        connection.send((operation.ask)(scene, asker, asker)).await?;
    }
    cloud.rest().await?;
    let (cpu, started, sent) = (cloud.process.cpu()?, Instant::now(), AtomicUsize::new(0));
    let end = started + arguments.time;
    let workers = connections.iter().enumerate().map(async |(asker, connection)| {
        let mut driven = Driven::default();
        loop {
            let number = sent.fetch_add(1, Ordering::Relaxed);
            if number >= arguments.requests || Instant::now() >= end {
                return Ok::<_, Fault>(driven);
            }
            let begun = Instant::now();
            let (status, _) = connection.send((operation.ask)(scene, asker, number)).await?;
            driven.durations.note(begun.elapsed());
            *driven.statuses.entry(status).or_default() += 1;
        }
    });
    let mut all = Driven::default();
    for driven in try_join_all(workers).await? {
        all.add(driven);
    }
    all.took = started.elapsed();
    all.cpu = cloud.process.cpu()?.saturating_sub(cpu);
    all.peak = cloud.process.peak()?;
    // The lines are read by another thread.
    tokio::time::sleep(Duration::from_millis(100)).await;
    all.usage = mean(&cloud.requests());
    Ok(all)
}

fn mean(lines: &[String]) -> Option<Usage> {
    let usages: Vec<Usage> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let count = count(usages.len());
    let mean = |pick: fn(&Usage) -> f64| usages.iter().map(pick).sum::<f64>() / count;
    let all = Usage { calls: mean(|u| u.calls), reads: mean(|u| u.reads), writes: mean(|u| u.writes) };
    (!usages.is_empty()).then_some(all)
}
