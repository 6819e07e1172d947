//! What may be done with a session.

use std::collections::BTreeMap;
use std::time::Duration;

use wire::Stamp;

use super::{Family, Sessions};
use crate::dialect::Dialect;

/// How many sessions an account has at most; a new one beyond that ends the one unused for longest.
pub const MOST: usize = 10;

/// How long a replaced refresh token may come again from tabs that refresh at the same time, or after a lost answer.
pub const GRACE: Duration = Duration::from_secs(20);

/// The longest text kept of what a client calls itself.
const LONGEST_DEVICE: usize = 80;

/// A new session, whose first refresh token has this hash.
pub fn open(dialect: Dialect, device: &str, token: &str, now: Stamp) -> Family {
    let end = now + dialect.refresh;
    Family {
        dialect: dialect.name.to_owned(),
        created: now,
        used: now,
        end,
        device: device.chars().filter(|c| !c.is_control()).take(LONGEST_DEVICE).collect(),
        tokens: [(token.to_owned(), end)].into(),
        replaced: BTreeMap::new(),
    }
}

/// The sessions that the newest one among them pushes out: those past their end and, if there are too many, the longest unused.
pub fn pushed_out(sessions: &Sessions, now: Stamp) -> Vec<String> {
    let (ended, mut live): (Vec<_>, Vec<_>) =
        sessions.families.iter().partition(|(_, family)| family.end <= now);
    live.sort_by_key(|(_, family)| family.used);
    let surplus = live.len().saturating_sub(MOST);
    ended.into_iter().chain(live.into_iter().take(surplus)).map(|(id, _)| id.clone()).collect()
}

/// What a presented refresh token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// It is good.
    Good,
    /// It was good once, and was replaced: somebody else may hold its successor.
    Reused,
    /// It is past its time, or the session is, or it was replaced moments ago by a client that sends it once more.
    Dead,
}

/// Judges a refresh token of a session by its hash.
///
/// Never forgives a replaced token after its moments of grace.
pub fn judge(family: &Family, token: &str, now: Stamp) -> Presented {
    let lasts = |tokens: &BTreeMap<String, Stamp>| tokens.get(token).is_some_and(|until| *until > now);
    if family.end <= now {
        Presented::Dead
    } else if lasts(&family.tokens) {
        Presented::Good
    } else if lasts(&family.replaced) {
        Presented::Dead
    } else {
        // Replaced tokens are pruned after a while: an unknown one of a live session was replaced too.
        Presented::Reused
    }
}

/// The session after `token` was replaced by `next`: good for moments more, where the session's dialect is patient.
pub fn rotate(family: &Family, token: &str, next: &str, now: Stamp) -> Family {
    let mut rotated = family.clone();
    rotated.used = now;
    rotated.tokens.retain(|_, until| *until > now);
    rotated.replaced.retain(|_, until| *until > now);
    if let Some(until) = rotated.tokens.remove(token) {
        let patient = Dialect::named(&family.dialect).patient;
        let kept = if patient { &mut rotated.tokens } else { &mut rotated.replaced };
        kept.insert(token.to_owned(), until.min(now + GRACE));
    }
    rotated.tokens.insert(next.to_owned(), family.end);
    rotated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{CANONICAL, LOYALTY};

    fn at(seconds: i64) -> Stamp {
        Stamp::from_seconds(1_000_000 + seconds)
    }

    #[test]
    fn a_replaced_token_is_good_for_moments_only() {
        let first = open(CANONICAL, "tab", "t1", at(0));
        let second = rotate(&first, "t1", "t2", at(100));
        assert_eq!(judge(&second, "t1", at(119)), Presented::Good);
        assert_eq!(judge(&second, "t1", at(120)), Presented::Reused);
        assert_eq!(judge(&second, "t2", at(120)), Presented::Good);
        let sibling = rotate(&second, "t1", "t3", at(110));
        assert_eq!(judge(&sibling, "t2", at(500)), Presented::Good, "both tabs live on");
        assert_eq!(judge(&sibling, "t3", at(500)), Presented::Good);
        assert_eq!(judge(&sibling, "t1", at(120)), Presented::Reused, "grace is not extended");
        assert_eq!(judge(&sibling, "unknown", at(120)), Presented::Reused);
    }

    #[test]
    fn where_nobody_is_patient_a_replaced_token_is_dead_at_once() {
        let first = open(LOYALTY, "tab", "t1", at(0));
        let second = rotate(&first, "t1", "t2", at(100));
        // Another function's clock may be behind.
        for seconds in [99, 100, 119] {
            assert_eq!(judge(&second, "t1", at(seconds)), Presented::Dead, "no theft yet");
        }
        assert_eq!(judge(&second, "t1", at(120)), Presented::Reused);
        let third = rotate(&second, "t2", "t3", at(101));
        assert_eq!(judge(&third, "t1", at(102)), Presented::Dead);
        assert_eq!(judge(&third, "t2", at(102)), Presented::Dead);
        assert_eq!(judge(&third, "t3", at(102)), Presented::Good);
        assert!(rotate(&third, "t3", "t4", at(500)).replaced.len() == 1, "old ones are pruned");
    }

    #[test]
    fn a_session_ends_however_much_it_is_used() {
        let mut family = open(CANONICAL, "tab", "t0", at(0));
        for day in 1..7_i32 {
            let (old, new) = (format!("t{}", day - 1), format!("t{day}"));
            family = rotate(&family, &old, &new, at(i64::from(day) * 86_400));
        }
        assert_eq!(judge(&family, "t6", at(7 * 86_400 - 1)), Presented::Good);
        assert_eq!(judge(&family, "t6", at(7 * 86_400)), Presented::Dead);
    }

    #[test]
    fn the_longest_unused_session_makes_room() {
        let mut families = std::collections::BTreeMap::new();
        for n in 0..11 {
            families.insert(format!("f{n}"), open(CANONICAL, "tab", "t", at(n)));
        }
        families.get_mut("f0").unwrap().used = at(900);
        let sessions = Sessions { account: 1, password: 0, ver: 0, open: true, last_login: None, families };
        assert_eq!(pushed_out(&sessions, at(1000)), ["f1"]);
        assert_eq!(pushed_out(&sessions, at(8 * 86_400)).len(), 11, "ended ones all go");
    }
}
