//! Numbers of accounts: ordered by time, small enough for a JSON number.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom, SystemRandom};
use wire::Stamp;

/// 1 January 2024, in milliseconds. 41 bits of them last until 2093.
const FIRST: i64 = 1_704_067_200_000;

/// Bits that tell apart the accounts of one millisecond.
const CHANCE: u32 = 12;

/// The number that this process drew last.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A number of 53 bits that is very likely free; it is put on condition that it is.
///
/// Chance tells processes apart. Within one, the numbers of a millisecond follow one another.
pub fn account(now: Stamp) -> u64 {
    let mut chance = [0; 2];
    SystemRandom::new().fill(&mut chance).expect("the system has randomness");
    let millis = u64::try_from(now.micros() / 1000 - FIRST).unwrap_or_default();
    let drawn = in_millisecond(millis, u64::from(u16::from_be_bytes(chance)));
    let next = |last: u64| if last >> CHANCE == millis { in_millisecond(millis, last + 1) } else { drawn };
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
    last.map_or(drawn, next)
}

/// The number of a millisecond with these bits behind it, as far as there is room for them.
fn in_millisecond(millis: u64, bits: u64) -> u64 {
    (millis << CHANCE) | (bits & ((1 << CHANCE) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::time::Duration;

    #[test]
    fn numbers_follow_time_and_fit_a_double() {
        let now = Stamp::parse("2026-03-01T08:30:00Z").unwrap();
        let later = account(now + Duration::from_millis(1));
        assert!(account(now) < later);
        let of_one_millisecond: BTreeSet<u64> = (0..1000).map(|_| account(now)).collect();
        assert_eq!(of_one_millisecond.len(), 1000);
        assert!(of_one_millisecond.iter().all(|number| *number < later));
        assert!(account(Stamp::parse("2093-01-01T00:00:00Z").unwrap()) < 1 << 53);
    }
}
