//! Limits per hour, counted in rows that processes lease from.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use table::{Condition, Denied, Item, Key, Table, Update};
use wire::{Fault, Problem, Stamp};

/// How many requests a busy process takes from the counter at once.
///
/// Leases grow with what a visitor really asks of a process - 1, 2, 4 and so on - so that many idle processes do not
/// eat a visitor's hour between them.
const LEASE: u64 = 20;

const HOUR: i64 = 3600;

/// How many requests an hour are welcome; zero is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of one address, signed out.
    pub anonymous: u64,
    /// Of one account.
    pub account: u64,
}

impl Limits {
    /// Reads `100,1000`, or `off`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            return Some(Self::default());
        }
        let (anonymous, account) = text.split_once(',')?;
        Some(Self { anonymous: anonymous.trim().parse().ok()?, account: account.trim().parse().ok()? })
    }
}

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Account(u64),
    Address(String),
}

impl Subject {
    /// An address as it is counted: an IPv6 customer owns a whole /64.
    pub(crate) fn address(text: &str) -> Self {
        Self::Address(match text.parse() {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            _ => text.to_owned(),
        })
    }

    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Account(id) => Key::new(format!("THROTTLE#ACCOUNT#{id:016}"), "HOUR"),
            Self::Address(address) => Key::new(format!("THROTTLE#ADDRESS#{address}"), "HOUR"),
        }
    }
}

/// The leases of this process.
#[derive(Clone, Default)]
pub(crate) struct Leases(Arc<Mutex<HashMap<Subject, Lease>>>);

#[derive(Clone, Copy)]
struct Lease {
    hour: i64,
    size: u64,
    left: u64,
    refused: bool,
}

impl Leases {
    /// Counts one request of `subject`, mostly without a call. If the counters are out of reach, all are welcome.
    pub(crate) async fn take(
        &self,
        table: &Table,
        subject: &Subject,
        limit: u64,
        now: Stamp,
    ) -> Result<(), Problem> {
        let hour = now.seconds().div_euclid(HOUR);
        if let Some(verdict) = self.spend(subject, hour, now) {
            return verdict;
        }
        let size = self.next_size(subject, hour).min(limit.div_ceil(5)).max(1);
        let used = match count(table, subject, size, now).await {
            Ok(item) => used(&item),
            Err(fault) => {
                tracing::warn!(target: "fault", %fault, "requests are not counted");
                return Ok(());
            }
        };
        let granted = limit.saturating_sub(used - size).min(size);
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leases.retain(|_, lease| lease.hour == hour);
        // Another request of this process may have leased beside this one.
        let left = granted + leases.get(subject).map_or(0, |lease| lease.left);
        leases.insert(subject.clone(), Lease { hour, size, left, refused: left == 0 });
        drop(leases);
        self.spend(subject, hour, now).unwrap_or(Ok(()))
    }

    fn next_size(&self, subject: &Subject, hour: i64) -> u64 {
        let leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = leases.get(subject).filter(|lease| lease.hour == hour);
        last.map_or(1, |lease| (lease.size * 2).min(LEASE))
    }

    fn spend(&self, subject: &Subject, hour: i64, now: Stamp) -> Option<Result<(), Problem>> {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = leases.get_mut(subject).filter(|lease| lease.hour == hour)?;
        if lease.refused {
            return Some(Err(over(now)));
        }
        lease.left = lease.left.checked_sub(1)?;
        Some(Ok(()))
    }
}

/// The refusal until the hour ends.
pub(crate) fn over(now: Stamp) -> Problem {
    tracing::info!(target: "security", event = "limit_reached");
    Problem::throttled((HOUR - now.seconds().rem_euclid(HOUR)).unsigned_abs())
}

/// How many requests a counter's row has seen this hour.
pub(crate) fn used(item: &Item) -> u64 {
    item.get("used").and_then(|used| used.as_n().ok()).and_then(|used| used.parse().ok()).unwrap_or_default()
}

/// Adds to a subject's counter of this hour and answers with its row.
pub(crate) async fn count(table: &Table, subject: &Subject, by: u64, now: Stamp) -> Result<Item, Fault> {
    let hour = now.seconds().div_euclid(HOUR);
    let by = i64::try_from(by).expect("leases are small");
    let end = (hour + 2) * HOUR;
    // Two tries of each: another process may open the hour between them.
    for _ in 0..2 {
        let going_on = Update::when(subject.key(), Condition::exists().is("hour", hour)).add("used", by);
        match table.apply(going_on, ()).await {
            Ok(item) => return Ok(item),
            Err(Denied::Fault(fault)) => return Err(fault),
            Err(_) => {}
        }
        let opening = Update::when(subject.key(), Condition::always().is_not("hour", hour))
            .of_kind("throttle")
            .set("hour", hour)
            .set("used", by)
            .set("ttl", end);
        match table.apply(opening, ()).await {
            Ok(item) => return Ok(item),
            Err(Denied::Fault(fault)) => return Err(fault),
            Err(_) => {}
        }
    }
    Err(Fault::busy("a counter kept changing its hour"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_customer_is_one_subject() {
        let one = Subject::address("2001:db8:1:2:aaaa::1");
        assert_eq!(one, Subject::address("2001:db8:1:2:bbbb::9"));
        assert_ne!(one, Subject::address("2001:db8:1:3::1"));
        assert_eq!(Subject::address("203.0.113.9"), Subject::Address("203.0.113.9".into()));
    }

    #[test]
    fn limits_read() {
        assert_eq!(Limits::parse("100, 1000"), Some(Limits { anonymous: 100, account: 1000 }));
        assert_eq!(Limits::parse("off"), Some(Limits::default()));
        assert_eq!(Limits::parse("many"), None);
    }
}
