//! Bad days: what the network and the table do to everybody, drawn from a seed, and what is delivered all the same.

use std::future::Future;
use std::ops::Range;
use std::time::Duration;

use crate::{Fault, World};

/// A bad day, in chances of a hundred for each call.
pub const TROUBLE: [(Fault, u32); 8] = [
    (Fault::Conflict, 8),
    (Fault::Throttled, 4),
    (Fault::Lost, 5),
    (Fault::Broken, 4),
    (Fault::Unsent, 3),
    (Fault::Slow(40), 5),
    (Fault::Twice, 8),
    (Fault::Stale, 15),
];

/// Trouble that the SDK cannot always hide: of many a call nobody knows whether it happened.
pub const STORM: [(Fault, u32); 8] = [
    (Fault::Conflict, 10),
    (Fault::Throttled, 4),
    (Fault::Lost, 12),
    (Fault::Broken, 4),
    (Fault::Unsent, 3),
    (Fault::Slow(20), 5),
    (Fault::Twice, 8),
    (Fault::Stale, 15),
];

/// Lives a bad day for each seed, side by side, since most of it is waiting; `FAULT_SEED` lives that one alone.
pub async fn bad_days<F>(seeds: Range<u64>, day: impl Fn(u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    // A failure of ours tells where it came from.
    let _ = tracing_subscriber::fmt().with_test_writer().with_env_filter("fault=error").try_init();
    let only: Option<u64> = std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
    let days = seeds
        .filter(|seed| only.is_none_or(|only| only == *seed))
        .map(|seed| (seed, tokio::spawn(day(seed))));
    for (seed, day) in days.collect::<Vec<_>>() {
        if let Err(failure) = day.await {
            panic!("seed {seed} fails, FAULT_SEED={seed} repeats it: {failure}");
        }
    }
}

impl World {
    /// Delivers what was written, and with `due` what time brings: first through trouble and then without.
    ///
    /// Twenty minutes pass, which is less than a promise of a new password holds.
    pub async fn deliver_through_trouble(&self, seed: u64, due: bool) {
        self.faults.chance(seed, &TROUBLE);
        for round in 0..6 {
            if round == 3 {
                self.faults.stop();
            }
            // What failed comes again when the queue shows it again.
            if due {
                let _ = self.whole.run_schedules().await;
            }
            let _ = self.whole.drain().await;
            self.clock.advance(Duration::from_secs(200));
        }
        self.settle().await;
    }

    /// Insists that a day was bad enough to tell something.
    pub fn assert_it_was_a_bad_day(&self) {
        let happened = self.faults.happened();
        assert!(happened.len() >= 6, "too quiet a day: {happened:?}");
    }
}
