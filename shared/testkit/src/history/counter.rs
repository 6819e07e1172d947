//! An amount that calls add to and take from: a balance, a stock, the uses that are left.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::Event;

/// What an answer tells that tells nothing of the amount.
pub const ANY: RangeInclusive<i64> = i64::MIN..=i64::MAX;

/// Whether an amount that began with `begins` and must stay within `bounds` explains every answer.
///
/// A call is by how much it changes the amount, nothing for those that only look. An answer is the range in which the
/// amount must have been: after the change, or when it was refused. That is exact for each answer by itself: all that
/// ended before is in it, nothing that began later, and of the rest as much as makes it true. At every moment, too, the
/// amount must have been somewhere within the bounds.
pub fn counter(
    begins: i64,
    bounds: RangeInclusive<i64>,
    events: &[Event<i64, RangeInclusive<i64>>],
) -> Result<(), String> {
    for (place, event) in events.iter().enumerate() {
        let Some(seen) = event.came.seen() else { continue };
        let own = event.is_ok().then_some(place);
        let possible = amounts(begins, events, event.start, event.end, own);
        if !possible.iter().any(|amount| seen.contains(amount) && bounds.contains(amount)) {
            return Err(format!("{event:?} of {possible:?} within {bounds:?}"));
        }
        let afterwards = amounts(begins, events, event.end, event.end, None);
        if !afterwards.iter().any(|amount| bounds.contains(amount)) {
            return Err(format!("{afterwards:?} are outside {bounds:?} after {event:?}"));
        }
    }
    Ok(())
}

/// What the amount may have been at some moment of this time, at which the call at `own` had happened.
fn amounts<S>(
    begins: i64,
    events: &[Event<i64, S>],
    since: u64,
    until: u64,
    own: Option<usize>,
) -> BTreeSet<i64> {
    let (mut certain, mut possible) = (begins, Vec::new());
    for (place, event) in events.iter().enumerate().filter(|(_, event)| event.call != 0) {
        if event.is_ok() && (event.end <= since || own == Some(place)) {
            certain += event.call;
        } else if (event.is_ok() || event.is_unknown()) && event.start < until {
            possible.push(event.call);
        }
    }
    possible.into_iter().fold([certain].into(), |amounts, change| {
        let changed: Vec<i64> = amounts.iter().map(|amount| amount + change).collect();
        amounts.into_iter().chain(changed).collect()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::Came::{Ok as Done, Refused, Unknown};
    use crate::history::legal::{calls, some_order_explains};

    type Call = Event<i64, RangeInclusive<i64>>;

    fn add(time: RangeInclusive<u64>, change: i64) -> Call {
        Event::new(time, change, Done(ANY))
    }

    fn lost(time: RangeInclusive<u64>, change: i64) -> Call {
        Event::new(time, change, Unknown)
    }

    fn read(time: RangeInclusive<u64>, amount: i64) -> Call {
        Event::new(time, 0, Done(amount..=amount))
    }

    fn is_right(begins: i64, events: &[Call]) -> bool {
        counter(begins, 0..=i64::MAX, events).is_ok()
    }

    #[test]
    fn a_look_sees_what_was_before_and_some_of_what_is_beside_it() {
        for (amount, right) in [(10, true), (14, true), (13, true), (17, true), (0, false), (12, false)] {
            let events = [add(1..=2, 10), add(3..=8, 4), add(4..=6, 3), read(5..=7, amount), add(9..=10, 1)];
            assert_eq!(is_right(0, &events), right, "{amount}");
        }
    }

    #[test]
    fn a_lost_addition_is_missed_and_a_doubled_one_noticed() {
        let twice = [add(1..=4, 10), add(2..=3, 10)];
        for (amount, right) in [(20, true), (10, false), (30, false)] {
            let events = [twice.as_slice(), &[read(5..=6, amount)]].concat();
            assert_eq!(is_right(0, &events), right, "{amount}");
        }
    }

    #[test]
    fn what_nobody_knows_may_have_happened_or_happen_yet() {
        for seen in [[0, 0], [0, 5], [5, 5]] {
            assert!(is_right(0, &[lost(1..=2, 5), read(3..=4, seen[0]), read(5..=6, seen[1])]), "{seen:?}");
        }
        assert!(!is_right(0, &[lost(1..=2, 5), read(3..=4, 10)]), "it happens once at most");
        assert!(!is_right(0, &[read(1..=2, 5), lost(3..=4, 5)]), "and not before it was asked for");
    }

    #[test]
    fn what_was_refused_did_not_happen_and_for_a_reason() {
        let short = |time, amount: i64| Event::new(time, -amount, Refused(i64::MIN..=amount - 1));
        assert!(is_right(50, &[short(1..=2, 100), read(3..=4, 50)]));
        assert!(!is_right(150, &[short(1..=2, 100), read(3..=4, 50)]), "it took all the same");
        assert!(!is_right(150, &[short(1..=2, 100)]), "there was enough");
        assert!(is_right(150, &[add(1..=4, -100), short(2..=3, 100)]), "somebody was faster");
        assert!(is_right(150, &[lost(1..=2, -100), short(3..=4, 100)]), "somebody may have been");
    }

    #[test]
    fn an_answer_tells_of_the_amount_after_it() {
        let take = |time, left| Event::new(time, -1, Done(left..=left));
        assert!(is_right(3, &[take(1..=4, 1), take(2..=3, 2), take(5..=6, 0)]));
        assert!(!is_right(3, &[take(1..=2, 2), take(3..=4, 2)]));
        assert!(!is_right(3, &[take(1..=2, 3)]));
    }

    #[test]
    fn nothing_falls_below_its_bounds_not_even_for_a_moment() {
        assert!(!is_right(1, &[add(1..=2, -1), read(3..=4, 0), add(3..=6, -1), read(7..=8, -1)]));
        assert!(!is_right(1, &[add(1..=4, -1), add(2..=3, -1)]), "the stock was sold twice");
        assert!(!is_right(1, &[add(1..=4, -1), add(2..=3, -1), add(5..=6, 1)]), "though it came back");
        assert!(is_right(1, &[add(1..=4, -1), add(2..=3, -1), add(1..=6, 1)]));
        assert!(is_right(1, &[lost(1..=2, 1), add(3..=4, -1), add(5..=6, -1)]), "it may have come back");
        assert!(counter(9, 0..=10, &[add(1..=2, 2)]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_some_order_explains_is_found_wrong(calls in calls((-1..3_i64, 0..5_i64, 0..4_u8))) {
            let events: Vec<Call> = calls.into_iter().map(|(time, (change, amount, came))| match came {
                0 => Event::new(time, change, Unknown),
                1 if change != 0 => Event::new(time, change, Refused(i64::MIN..=amount)),
                2 if change != 0 => add(time, change),
                _ => Event::new(time, change, Done(amount..=amount)),
            }).collect();
            let step = |amount: &i64, call: &Call| {
                let after = if call.is_ok() || call.is_unknown() { amount + call.call } else { *amount };
                let told = call.came.seen().is_none_or(|seen| seen.contains(&after));
                (told && after >= 0).then_some(after)
            };
            if some_order_explains(&events, &1, &step) {
                prop_assert_eq!(counter(1, 0..=i64::MAX, &events), Ok(()));
            }
        }
    }
}
