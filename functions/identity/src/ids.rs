//! Numbers of accounts: ordered by time, small enough for a JSON number.

use ring::rand::{SecureRandom, SystemRandom};
use wire::Stamp;

/// 1 January 2024, in milliseconds. 41 bits of them last until 2093.
const FIRST: i64 = 1_704_067_200_000;

/// Bits that tell apart the accounts of one millisecond.
const CHANCE: u32 = 12;

/// A number of 53 bits that is very likely free; it is put on condition that it is.
pub fn account(now: Stamp) -> u64 {
    let mut chance = [0; 2];
    SystemRandom::new().fill(&mut chance).expect("the system has randomness");
    let millis = u64::try_from(now.micros() / 1000 - FIRST).unwrap_or_default();
    (millis << CHANCE) | u64::from(u16::from_be_bytes(chance) >> (16 - CHANCE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_follow_time_and_fit_a_double() {
        let now = Stamp::parse("2026-03-01T08:30:00Z").unwrap();
        let later = account(now + Duration::from_millis(1));
        assert!(account(now) < later);
        assert!(account(Stamp::parse("2093-01-01T00:00:00Z").unwrap()) < 1 << 53);
    }
}
