//! The limit lines: the table through the same SDK, with nothing in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use table::{Denied, Key, Row, Tx};
use wire::Fault;

use super::cloud::Cloud;
use super::drive::Driven;
use super::fill::observer;
use crate::arguments::Arguments;

/// A row of half a kilobyte.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plain {
    number: usize,
    text: String,
}

impl Row for Plain {
    const KIND: &'static str = "plain";

    fn key(&self) -> Key {
        Key::new(format!("BENCH#{}", self.number), "PLAIN")
    }
}

/// One write after the other and one read after the other, on each of as many connections as requests have.
pub async fn run(cloud: &Cloud, arguments: &Arguments) -> Result<[(&'static str, Driven); 2], Fault> {
    let table = observer(&cloud.services, "mercato-local")?;
    let write = async |number: usize| {
        let row = Plain { number, text: "x".repeat(450) };
        let written = table.commit(Tx::new().insert(&row, ())).await;
        written.map_err(|denied: Denied<()>| Fault::bug(format!("a write was denied: {denied:?}")))
    };
    let written = repeat(cloud, arguments, write).await?;
    let read = async |number: usize| {
        table.get::<Plain>(&Key::new(format!("BENCH#{number}"), "PLAIN")).await.map(drop)
    };
    let read = repeat(cloud, arguments, read).await?;
    Ok([("table alone: write", written), ("table alone: read", read)])
}

async fn repeat(
    cloud: &Cloud,
    arguments: &Arguments,
    work: impl AsyncFn(usize) -> Result<(), Fault>,
) -> Result<Driven, Fault> {
    cloud.rest().await?;
    let (cpu, started, begun) = (cloud.process.cpu()?, Instant::now(), AtomicUsize::new(0));
    let end = started + arguments.time;
    let workers = (0..arguments.connections).map(async |_| {
        let mut driven = Driven::default();
        loop {
            let number = begun.fetch_add(1, Ordering::Relaxed);
            if number >= arguments.requests || Instant::now() >= end {
                return Ok::<_, Fault>(driven);
            }
            let started = Instant::now();
            work(number).await?;
            driven.durations.note(started.elapsed());
        }
    });
    let mut all = Driven::default();
    for driven in try_join_all(workers).await? {
        all.durations.extend(driven.durations);
    }
    all.took = started.elapsed();
    all.cpu = cloud.process.cpu()?.saturating_sub(cpu);
    all.peak = cloud.process.peak()?;
    Ok(all)
}
