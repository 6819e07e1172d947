//! How Stripe writes what we have types for.

use serde::{Deserialize, Deserializer};
use wire::{Money, Stamp};

/// An amount in the smallest unit.
pub(crate) fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    i64::deserialize(deserializer).map(Money::from_minor)
}

/// A time in seconds.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stamp, D::Error> {
    i64::deserialize(deserializer).map(Stamp::from_seconds)
}

/// A time in seconds, or null.
pub(crate) fn some_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Stamp>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.map(Stamp::from_seconds))
}
