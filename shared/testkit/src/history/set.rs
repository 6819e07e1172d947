//! Things that are added and stay: the rows of a ledger, the uses of a voucher, the sessions of an account.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::{Came, Event};

/// A look, and what it saw.
type Look<'a, E> = (&'a Event<Option<E>, Vec<E>>, BTreeSet<&'a E>);

/// Whether a collection that only grows explains everything that was seen of it.
///
/// A call is what it adds, each something else, or nothing for those that look; the answer to a look is all that was
/// there. That is exact: a history is accepted if and only if some order of its calls explains it.
pub fn set<E: Ord + Debug>(events: &[Event<Option<E>, Vec<E>>]) -> Result<(), String> {
    let mut added: BTreeMap<&E, &Event<Option<E>, Vec<E>>> = BTreeMap::new();
    for event in events {
        if let Some(element) = &event.call
            && added.insert(element, event).is_some()
        {
            return Err(format!("{element:?} is added by two calls: nobody could tell them apart"));
        }
    }
    let mut looks = Vec::new();
    for event in events.iter().filter(|event| event.call.is_none()) {
        let Came::Ok(seen) = &event.came else { continue };
        let elements: BTreeSet<&E> = seen.iter().collect();
        if elements.len() < seen.len() {
            return Err(format!("something is there twice: {seen:?}"));
        }
        // Whoever sees an element also sees what was there before it was added.
        let mut known_by = event.start;
        for element in &elements {
            let Some(by) = added.get(element).filter(|by| by.is_ok() || by.is_unknown()) else {
                return Err(format!("{element:?} was never added, and seen by {event:?}"));
            };
            if by.start > event.end {
                return Err(format!("{element:?} was seen before it was added: {event:?}"));
            }
            known_by = known_by.max(by.start);
        }
        let missed = added
            .iter()
            .find(|(element, by)| by.is_ok() && by.end < known_by && !elements.contains(*element));
        if let Some((element, _)) = missed {
            return Err(format!("{element:?} was added, and is missed by {event:?}"));
        }
        looks.push((event, elements));
    }
    one_grows_out_of_the_other(looks)
}

/// Of any two looks one has all that the other has, and the later one no less.
fn one_grows_out_of_the_other<E: Ord + Debug>(mut looks: Vec<Look<'_, E>>) -> Result<(), String> {
    looks.sort_by_key(|(look, elements)| (elements.len(), look.start));
    for pair in looks.windows(2) {
        let [(less, few), (more, many)] = pair else { unreachable!("windows are of two") };
        if !few.is_subset(many) {
            return Err(format!("each lacks what the other has: {less:?} and {more:?}"));
        }
    }
    // From the one that has most: nobody who has less may have looked after it was answered.
    let mut answered = u64::MAX;
    for (look, elements) in looks.iter().rev() {
        if look.start > answered {
            return Err(format!("something is gone again: {look:?} has {} only", elements.len()));
        }
        answered = answered.min(look.end);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use proptest::prelude::*;

    use super::*;
    use crate::history::legal::{calls, some_order_explains};

    type Call = Event<Option<u8>, Vec<u8>>;

    fn add(time: RangeInclusive<u64>, element: u8) -> Call {
        Event::new(time, Some(element), Came::Ok(Vec::new()))
    }

    fn lost(time: RangeInclusive<u64>, element: u8) -> Call {
        Event::new(time, Some(element), Came::Unknown)
    }

    fn look(time: RangeInclusive<u64>, seen: &[u8]) -> Call {
        Event::new(time, None, Came::Ok(seen.to_vec()))
    }

    #[test]
    fn what_is_added_is_there_and_what_is_beside_may_be() {
        for (seen, right) in [(&[1][..], true), (&[1, 2], true), (&[2], false), (&[], false)] {
            let events = [add(1..=2, 1), add(3..=6, 2), look(4..=5, seen), look(7..=8, &[2, 1])];
            assert_eq!(set(&events).is_ok(), right, "{seen:?}");
        }
    }

    #[test]
    fn a_lost_addition_is_missed() {
        assert!(set(&[add(1..=4, 1), add(2..=3, 2), look(5..=6, &[1])]).is_err());
    }

    #[test]
    fn what_nobody_knows_is_there_or_not_yet_and_stays() {
        let all = |looks: [&[u8]; 2]| set(&[lost(1..=2, 1), look(3..=4, looks[0]), look(5..=6, looks[1])]);
        for (looks, right) in
            [([&[][..], &[]], true), ([&[], &[1]], true), ([&[1], &[1]], true), ([&[1], &[]], false)]
        {
            assert_eq!(all(looks).is_ok(), right, "{looks:?}");
        }
    }

    #[test]
    fn nothing_comes_from_nowhere_nor_twice_nor_too_early() {
        assert!(set(&[look(1..=2, &[1])]).is_err());
        assert!(set(&[add(1..=2, 1), look(3..=4, &[1, 1])]).is_err());
        assert!(set(&[look(1..=2, &[1]), add(3..=4, 1)]).is_err());
        let refused = Event::new(1..=2, Some(1), Came::Refused(Vec::new()));
        assert!(set(&[refused.clone(), look(3..=4, &[])]).is_ok());
        assert!(set(&[refused, look(3..=4, &[1])]).is_err());
    }

    #[test]
    fn looks_agree_on_one_order() {
        let beside = [add(1..=10, 1), add(2..=11, 2)];
        let with = |looks: &[Call]| set(&[beside.as_slice(), looks].concat());
        assert!(with(&[look(3..=8, &[1]), look(4..=7, &[1, 2])]).is_ok());
        assert!(with(&[look(3..=8, &[1]), look(4..=7, &[2])]).is_err(), "each was first");
        assert!(with(&[look(3..=4, &[1]), look(5..=6, &[])]).is_err(), "it was there before");
        assert!(with(&[look(3..=4, &[]), look(5..=6, &[]), look(7..=8, &[2])]).is_ok());
    }

    #[test]
    fn whoever_sees_the_later_sees_the_earlier() {
        let events = |seen| [add(2..=3, 1), add(4..=5, 2), look(1..=6, seen)];
        assert!(set(&events(&[])).is_ok());
        assert!(set(&events(&[1])).is_ok());
        assert!(set(&events(&[2])).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_accepted_is_what_some_order_explains(calls in calls((0..6_u8, any::<[bool; 8]>()))) {
            let is_there = |number: &u8| calls.get(usize::from(*number)).is_some_and(|(_, (kind, _))| *kind < 3);
            let event = |(time, kind, number, seen): (RangeInclusive<u64>, u8, u8, [bool; 8])| match kind {
                0 | 1 => add(time, number),
                2 => lost(time, number),
                _ => {
                    let seen = (0..8).zip(seen).filter_map(|(element, seen)| seen.then_some(element));
                    look(time, &seen.filter(is_there).collect::<Vec<_>>())
                }
            };
            let numbered = (0..).zip(calls.clone());
            let events: Vec<Call> =
                numbered.map(|(number, (time, (kind, seen)))| event((time, kind, number, seen))).collect();
            let step = |there: &BTreeSet<u8>, call: &Call| match (call.call, &call.came) {
                (None, Came::Ok(seen)) => there.iter().eq(seen).then(|| there.clone()),
                (element, _) => Some(there.iter().copied().chain(element).collect()),
            };
            prop_assert_eq!(set(&events).is_ok(), some_order_explains(&events, &BTreeSet::new(), &step));
        }
    }
}
