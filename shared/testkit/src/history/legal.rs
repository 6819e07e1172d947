//! Whether some order explains a history, found by trying them all: what the checkers say is measured by it.

use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Event;

/// A few calls side by side; no call begins at the moment at which another ends.
pub(super) fn calls<T: Strategy>(call: T) -> impl Strategy<Value = Vec<(RangeInclusive<u64>, T::Value)>>
where
    T::Value: Clone,
{
    let time = (0..9_u64, 0..6_u64).prop_map(|(start, length)| 2 * start..=2 * (start + length) + 1);
    vec((time, call), 1..7)
}

/// Whether there is an order in which each call that ended before another began comes first, and each step is possible.
/// Of what nobody knows, any may be left out.
pub(super) fn some_order_explains<C, S, T>(
    events: &[Event<C, S>],
    begins: &T,
    step: &impl Fn(&T, &Event<C, S>) -> Option<T>,
) -> bool {
    goes_on(&events.iter().collect::<Vec<_>>(), begins, step)
}

fn goes_on<C, S, T>(left: &[&Event<C, S>], state: &T, step: &impl Fn(&T, &Event<C, S>) -> Option<T>) -> bool {
    if left.iter().all(|event| event.is_unknown()) {
        return true;
    }
    let next = left.iter().enumerate().filter(|(_, event)| !left.iter().any(|other| other.is_before(event)));
    next.into_iter().any(|(place, event)| {
        let rest = [&left[..place], &left[place + 1..]].concat();
        let after = step(state, event);
        after.is_some_and(|after| goes_on(&rest, &after, step))
            || (event.is_unknown() && goes_on(&rest, state, step))
    })
}
