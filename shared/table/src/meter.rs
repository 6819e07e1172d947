//! What a request used of the table, and how long it may.

use std::cell::Cell;
use std::future::Future;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::ConsumedCapacity;
use wire::Fault;

/// The time a write needs at most; with less left, none is begun.
const NEEDED: Duration = Duration::from_secs(2);

/// Calls and capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Calls that were answered.
    pub calls: u32,
    /// Read units.
    pub reads: f64,
    /// Write units.
    pub writes: f64,
}

tokio::task_local! {
    static METER: Cell<Usage>;
    static DEADLINE: Instant;
}

/// Runs `work`, which has so much time left: near its end no write is begun.
pub async fn within<T>(left: Duration, work: impl Future<Output = T>) -> T {
    DEADLINE.scope(Instant::now() + left, work).await
}

/// Refuses to begin a write whose end the platform might not wait for.
pub(crate) fn time_to_write() -> Result<(), Fault> {
    let late = DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now()) < NEEDED);
    if late.unwrap_or(false) { Err(Fault::busy("too little time is left to write")) } else { Ok(()) }
}

/// Runs `work` and tells what it used.
pub async fn metered<T>(work: impl Future<Output = T>) -> (T, Usage) {
    METER
        .scope(Cell::default(), async move {
            let answer = work.await;
            (answer, METER.with(Cell::get))
        })
        .await
}

fn note(calls: u32, reads: f64, writes: f64) {
    // Work outside a request, such as the first connection, is not counted.
    let _ = METER.try_with(|meter| {
        let so_far = meter.get();
        meter.set(Usage {
            calls: so_far.calls + calls,
            reads: so_far.reads + reads,
            writes: so_far.writes + writes,
        });
    });
}

pub(crate) fn read<'a>(capacities: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    note(1, capacities.into_iter().filter_map(ConsumedCapacity::capacity_units).sum(), 0.0);
}

pub(crate) fn wrote<'a>(capacities: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    note(1, 0.0, capacities.into_iter().filter_map(ConsumedCapacity::capacity_units).sum());
}
