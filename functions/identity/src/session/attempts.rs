//! Slowing down those who guess: kept beside the counter of their address, so that it costs no read.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use table::{Condition, Denied, Item, Key, Table, Update, digest};
use wire::{Fault, Problem, Stamp};

/// So many failures for one login are free; then each costs a wait that doubles.
const FREE: u32 = 5;
const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_mins(15);

/// So many failures for one login within this time close it for the rest of that time, where no wait doubles.
const FREE_IN_WINDOW: u32 = 10;
const WINDOW_OF_LOGIN: Duration = Duration::from_mins(15);

/// So many failures of one address, whatever the login, within this time close it for the rest of that time.
const FREE_OF_ADDRESS: u32 = 20;
const WINDOW: Duration = Duration::from_mins(10);

/// The attribute of the counter's row that holds this.
const ATTRIBUTE: &str = "attempts";

/// How the failures for one login slow down the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A few are free; then each costs a wait that doubles.
    Doubling,
    /// More are free; then the login is closed until a quarter of an hour after the first of them.
    Window,
}

/// The failures of one address.
///
/// Only the address is slowed down: a stranger cannot lock an owner out, who signs in from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// By hash of the login, so that the row names nobody.
    by_login: BTreeMap<String, Failures>,
    all: u32,
    since: Option<Stamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Failures {
    count: u32,
    last: Stamp,
    /// The first of those that fall into one window, and how many do.
    first: Stamp,
    within: u32,
}

impl Failures {
    fn none(now: Stamp) -> Self {
        Self { count: 0, last: now, first: now, within: 0 }
    }

    fn and_another(&mut self, now: Stamp) {
        if now.since(self.first) >= WINDOW_OF_LOGIN {
            (self.first, self.within) = (now, 0);
        }
        self.last = now;
        self.count += 1;
        self.within += 1;
    }

    fn wait(&self, patience: Patience, now: Stamp) -> Option<Duration> {
        match patience {
            Patience::Doubling => left(self.last, pause(self.count), now),
            Patience::Window if self.within >= FREE_IN_WINDOW => left(self.first, WINDOW_OF_LOGIN, now),
            Patience::Window => None,
        }
    }
}

impl Attempts {
    /// What the counter's row of an address remembers.
    pub fn of(counter: &Item) -> Self {
        let kept = counter.get(ATTRIBUTE).cloned();
        kept.and_then(|kept| serde_dynamo::from_attribute_value(kept).ok()).unwrap_or_default()
    }

    /// Lets an attempt at a login through, or says how long to wait.
    pub fn admit(&self, login: &str, patience: Patience, now: Stamp) -> Result<(), Problem> {
        match self.wait(login, patience, now) {
            Some(wait) => {
                tracing::info!(target: "security", event = "slowed_down");
                Err(Problem::throttled(wait.as_secs().max(1)))
            }
            None => Ok(()),
        }
    }

    fn wait(&self, login: &str, patience: Patience, now: Stamp) -> Option<Duration> {
        let own = self.by_login.get(&digest(login)).and_then(|failures| failures.wait(patience, now));
        let all =
            self.since.filter(|_| self.all >= FREE_OF_ADDRESS).and_then(|since| left(since, WINDOW, now));
        own.max(all)
    }

    /// Whether this login failed here lately.
    pub fn remembers(&self, login: &str) -> bool {
        self.by_login.contains_key(&digest(login))
    }

    fn failed(&self, login: &str, now: Stamp) -> Self {
        let mut after = self.clone();
        after.by_login.retain(|_, failures| now.since(failures.last) < LONGEST);
        after.by_login.entry(digest(login)).or_insert(Failures::none(now)).and_another(now);
        if after.since.is_none_or(|since| now.since(since) >= WINDOW) {
            (after.since, after.all) = (Some(now), 0);
        }
        after.all += 1;
        after
    }

    fn forgiven(&self, login: &str) -> Self {
        let mut after = self.clone();
        after.by_login.remove(&digest(login));
        after
    }
}

/// Remembers a failure. Exactly: failures at the same time all count.
pub async fn note_failure(
    table: &Table,
    counter: Key,
    seen: Attempts,
    login: &str,
    now: Stamp,
) -> Result<(), Fault> {
    change(table, counter, seen, |attempts| attempts.failed(login, now)).await
}

/// Forgets the failures of a login that succeeded.
pub async fn forgive(table: &Table, counter: Key, seen: Attempts, login: &str) -> Result<(), Fault> {
    change(table, counter, seen, |attempts| attempts.forgiven(login)).await
}

async fn change(
    table: &Table,
    counter: Key,
    mut seen: Attempts,
    next: impl Fn(&Attempts) -> Attempts,
) -> Result<(), Fault> {
    for _ in 0..20 {
        let unchanged = Condition::exists().missing(ATTRIBUTE).or(Condition::exists().is(ATTRIBUTE, &seen));
        let known =
            if seen == Attempts::default() { unchanged } else { Condition::exists().is(ATTRIBUTE, &seen) };
        match table.apply(Update::when(counter.clone(), known).set(ATTRIBUTE, next(&seen)), ()).await {
            Ok(_) => return Ok(()),
            Err(Denied::Fault(fault)) => return Err(fault),
            Err(_) => seen = Attempts::of(&table.item(&counter, true).await?.unwrap_or_default()),
        }
    }
    Err(Fault::busy("the failures of an address kept changing"))
}

fn pause(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(beyond) => (SHORTEST * (1 << beyond.min(4))).min(LONGEST),
    }
}

fn left(since: Stamp, pause: Duration, now: Stamp) -> Option<Duration> {
    let left = (since + pause).since(now);
    (!left.is_zero()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Stamp {
        Stamp::from_seconds(1_800_000_000) + Duration::from_secs(seconds)
    }

    fn after(failures: u32, login: &str) -> Attempts {
        (0..failures).fold(Attempts::default(), |attempts, _| attempts.failed(login, at(0)))
    }

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let waits = [(4, 0), (5, 60), (6, 120), (7, 240), (8, 480), (9, 900), (12, 900)];
        for (failures, seconds) in waits {
            let wait = after(failures, "rina").wait("rina", Patience::Doubling, at(0));
            assert_eq!(wait.unwrap_or_default(), Duration::from_secs(seconds), "{failures} failures");
        }
        assert!(after(5, "rina").wait("rina", Patience::Doubling, at(60)).is_none(), "the wait ends");
        assert!(after(5, "rina").wait("budi", Patience::Doubling, at(0)).is_none(), "another login is free");
    }

    #[test]
    fn a_window_closes_with_its_tenth_failure_and_opens_when_it_ends() {
        let wait = |attempts: &Attempts, seconds| attempts.wait("rina", Patience::Window, at(seconds));
        let mut attempts = Attempts::default();
        for n in 0..10 {
            assert_eq!(wait(&attempts, n * 60), None, "after {n} failures");
            attempts = attempts.failed("rina", at(n * 60));
        }
        assert_eq!(wait(&attempts, 600), Some(Duration::from_mins(5)));
        assert_eq!(wait(&attempts, 899), Some(Duration::from_secs(1)));
        assert_eq!(wait(&attempts, 900), None, "it ends with the window, and not with the last failure");
        for n in 0..9 {
            attempts = attempts.failed("rina", at(900 + n));
        }
        assert_eq!(wait(&attempts, 910), None, "another window counts anew");
        assert!(wait(&attempts.failed("rina", at(910)), 910).is_some());
    }

    #[test]
    fn an_address_that_tries_many_logins_waits_for_all() {
        let guessing =
            (0..20).fold(Attempts::default(), |attempts, n| attempts.failed(&format!("user{n}"), at(n)));
        assert_eq!(guessing.wait("somebody", Patience::Doubling, at(20)), Some(Duration::from_secs(580)));
        assert!(guessing.wait("somebody", Patience::Doubling, at(600)).is_none());
    }

    #[test]
    fn success_forgives_the_login() {
        let attempts = after(6, "rina").forgiven("rina");
        assert!(!attempts.remembers("rina"));
        assert!(attempts.wait("rina", Patience::Doubling, at(0)).is_none());
    }
}
