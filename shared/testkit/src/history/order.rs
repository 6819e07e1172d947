//! Values by the order in which they were seen: numbers, revisions, the highest bid.

use std::collections::BTreeSet;
use std::fmt::Debug;

use super::Event;

/// Whether what must be unique was given once: a number, a code, an id.
pub fn given_once<V: Ord + Debug>(values: impl IntoIterator<Item = V>) -> Result<(), String> {
    let mut given = BTreeSet::new();
    match values.into_iter().find_map(|value| given.replace(value)) {
        Some(value) => Err(format!("{value:?} was given twice")),
        None => Ok(()),
    }
}

/// Whether a value that may only rise was never seen to fall: whoever asked later was told no less.
///
/// What is beside one another may be told in any order. Where no value comes twice either, each is more than all before.
pub fn only_rises<C: Debug, V: Ord + Debug>(events: &[Event<C, V>]) -> Result<(), String> {
    let told = || events.iter().filter_map(|event| Some((event, event.came.seen()?)));
    for (later, value) in told() {
        let fell = told().find(|(earlier, before)| earlier.is_before(later) && *before > value);
        if let Some((earlier, before)) = fell {
            return Err(format!("{before:?} fell to {value:?} between {earlier:?} and {later:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Came;
    use std::ops::RangeInclusive;

    fn told(time: RangeInclusive<u64>, value: i64) -> Event<(), i64> {
        Event::new(time, (), Came::Ok(value))
    }

    #[test]
    fn a_number_that_is_given_twice_is_noticed() {
        assert_eq!(given_once([3, 1, 2]), Ok(()));
        assert!(given_once(["MEM-001", "MEM-002", "MEM-001"]).is_err());
    }

    #[test]
    fn what_may_only_rise_does_not_fall() {
        let unknown = Event::new(3..=4, (), Came::Unknown);
        assert_eq!(only_rises(&[told(1..=2, 5), unknown, told(5..=6, 5), told(7..=8, 6)]), Ok(()));
        assert!(only_rises(&[told(1..=2, 6), told(3..=4, 5)]).is_err());
        assert!(only_rises(&[told(5..=6, 5), told(1..=2, 6)]).is_err(), "in whatever order it was noted");
        let refused = Event::new(3..=4, (), Came::Refused(5));
        assert!(only_rises(&[told(1..=2, 6), refused]).is_err(), "a refusal tells the truth, too");
    }

    #[test]
    fn side_by_side_either_may_be_the_first() {
        assert_eq!(only_rises(&[told(1..=3, 6), told(2..=4, 5)]), Ok(()));
        assert!(only_rises(&[told(1..=3, 6), told(2..=4, 5), told(5..=6, 5)]).is_err());
    }
}
