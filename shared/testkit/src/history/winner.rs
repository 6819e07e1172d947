//! What happens once, whoever of many does it: an address that one gets, a redemption that is used or cancelled.

use std::fmt::Debug;

use super::{Came, Event};

/// Whether one winner explains everything, and answers with it if it is known who that was.
///
/// A call is what it tries to make of the thing, or nothing for those that look; the answer to a look is what had
/// become of it, and where it is refused nothing had. Nobody who tries may be refused before somebody could have won.
/// That is exact: a history is accepted if and only if some order of its calls explains it.
pub fn one_winner<V: Eq + Debug>(events: &[Event<Option<V>, Option<V>>]) -> Result<Option<&V>, String> {
    let tries = || events.iter().filter(|event| event.call.is_some());
    let mut won = tries().filter(|event| event.is_ok());
    match (won.next(), won.next()) {
        (Some(one), Some(other)) => Err(format!("two won: {one:?} and {other:?}")),
        (Some(winner), None) if explains(winner, events) => Ok(winner.call.as_ref()),
        (None, _) if tries().any(|event| event.is_unknown() && explains(event, events)) => Ok(None),
        (None, _) if events.iter().all(tells_of_nobody) => Ok(None),
        (winner, _) => Err(format!("{winner:?} does not explain {events:?}")),
    }
}

/// Whether there is a moment at which this one won: within its time, before anybody was refused or saw it, and after
/// whoever saw nothing of it began to look.
fn explains<V: Eq>(winner: &Event<Option<V>, Option<V>>, events: &[Event<Option<V>, Option<V>>]) -> bool {
    let (mut after, mut before) = (winner.start, winner.end);
    for event in events {
        match (&event.call, &event.came) {
            (None, Came::Ok(Some(seen))) if winner.call.as_ref() != Some(seen) => return false,
            (None, Came::Ok(Some(_))) | (Some(_), Came::Refused(_)) => before = before.min(event.end),
            (None, Came::Ok(None) | Came::Refused(_)) => after = after.max(event.start),
            _ => {}
        }
    }
    after < before
}

/// Whether it may have been so although nobody won.
fn tells_of_nobody<V>(event: &Event<Option<V>, Option<V>>) -> bool {
    match (&event.call, &event.came) {
        (Some(_), came) => matches!(came, Came::Unknown),
        (None, came) => !matches!(came, Came::Ok(Some(_))),
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use proptest::prelude::*;

    use super::*;
    use crate::history::legal::{calls, some_order_explains};

    type Call = Event<Option<char>, Option<char>>;

    fn won(time: RangeInclusive<u64>, value: char) -> Call {
        Event::new(time, Some(value), Came::Ok(None))
    }

    fn refused(time: RangeInclusive<u64>, value: char) -> Call {
        Event::new(time, Some(value), Came::Refused(None))
    }

    fn lost(time: RangeInclusive<u64>, value: char) -> Call {
        Event::new(time, Some(value), Came::Unknown)
    }

    fn look(time: RangeInclusive<u64>, seen: Option<char>) -> Call {
        Event::new(time, None, Came::Ok(seen))
    }

    #[test]
    fn one_wins_and_the_others_come_too_late() {
        assert_eq!(one_winner(&[won(1..=4, 'a'), refused(2..=5, 'b'), refused(3..=6, 'c')]), Ok(Some(&'a')));
        assert!(one_winner(&[won(1..=4, 'a'), won(2..=3, 'b')]).is_err(), "two");
        assert!(one_winner(&[refused(1..=2, 'b'), won(3..=4, 'a')]).is_err(), "refused for nothing");
        assert!(one_winner(&[refused(1..=3, 'a'), refused(2..=4, 'b')]).is_err(), "nobody");
    }

    #[test]
    fn somebody_who_does_not_know_may_have_won() {
        assert_eq!(one_winner(&[lost(1..=2, 'a'), refused(3..=4, 'b')]), Ok(None));
        assert_eq!(one_winner(&[lost(1..=2, 'a'), won(3..=4, 'b')]), Ok(Some(&'b')));
        assert_eq!(one_winner(&[lost(1..=2, 'a'), look(3..=4, None)]), Ok(None));
        assert_eq!(one_winner(&[lost(1..=2, 'a'), look(3..=4, None), look(5..=6, Some('a'))]), Ok(None));
        assert!(one_winner(&[refused(1..=2, 'b'), lost(3..=4, 'a')]).is_err(), "not before it tried");
        assert!(one_winner(&[lost(1..=2, 'a'), refused(3..=4, 'b'), look(5..=6, None)]).is_err());
    }

    #[test]
    fn whoever_looks_sees_the_winner_from_then_on() {
        let races = |seen| one_winner(&[won(2..=5, 'a'), refused(3..=6, 'b'), seen]).is_ok();
        let unseen = |time| Event::new(time, None, Came::Refused(None));
        for (seen, right) in [
            (unseen(1..=4), true),
            (unseen(7..=8), false),
            (look(1..=4, None), true),
            (look(1..=4, Some('a')), true),
            (look(7..=8, Some('a')), true),
            (look(7..=8, None), false),
            (look(7..=8, Some('b')), false),
            (look(0..=1, Some('a')), false),
        ] {
            assert_eq!(races(seen.clone()), right, "{seen:?}");
        }
        assert!(one_winner(&[won(1..=6, 'a'), look(2..=3, Some('a')), look(4..=5, None)]).is_err());
    }

    #[test]
    fn nothing_happened_where_nobody_tried() {
        assert_eq!(one_winner(&[look(1..=2, None)]), Ok(None));
        assert!(one_winner(&[look(1..=2, Some('a'))]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_accepted_is_what_some_order_explains(calls in calls((0..7_u8, any::<bool>()))) {
            let events: Vec<Call> = calls.into_iter().map(|(time, (kind, one))| {
                let value = if one { 'a' } else { 'b' };
                match kind {
                    0 => won(time, value),
                    1 | 2 => refused(time, value),
                    3 | 4 => lost(time, value),
                    5 => look(time, Some(value)),
                    _ => look(time, None),
                }
            }).collect();
            let step = |winner: &Option<char>, call: &Call| match (&call.call, &call.came) {
                (Some(value), Came::Ok(_)) => winner.is_none().then_some(Some(*value)),
                (Some(_), Came::Refused(_)) => winner.is_some().then_some(*winner),
                (Some(value), Came::Unknown) => Some(winner.or(Some(*value))),
                (None, Came::Ok(seen)) => (seen == winner).then_some(*winner),
                (None, _) => Some(*winner),
            };
            prop_assert_eq!(one_winner(&events).is_ok(), some_order_explains(&events, &None, &step));
        }
    }
}
