//! Orders of a list.

use std::cmp::Ordering;

use wire::Query;

/// A name that `ordering` knows, and how it compares two rows.
#[derive(Debug)]
pub struct Order<R: 'static> {
    name: &'static str,
    by: fn(&R, &R) -> Ordering,
}

impl<R> Order<R> {
    /// Orders by this comparison, smallest first; `-name` turns it round.
    pub const fn by(name: &'static str, by: fn(&R, &R) -> Ordering) -> Self {
        Self { name, by }
    }

    /// The name in `ordering`.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// One name of an asked ordering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    pub(super) name: &'static str,
    pub(super) descending: bool,
}

/// The ordering a query asks for; names that nobody knows are passed over, and without any the default holds.
pub(super) fn asked<R>(query: &Query, orders: &[Order<R>], default: &str) -> Vec<Ranked> {
    let mut ranked = read(query.list("ordering"), orders);
    if ranked.is_empty() {
        ranked = read(default.split(','), orders);
    }
    ranked
}

fn read<'t, R>(names: impl Iterator<Item = &'t str>, orders: &[Order<R>]) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = Vec::new();
    for text in names {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let known = orders.iter().find(|order| order.name == name);
        if let Some(order) = known.filter(|order| ranked.iter().all(|earlier| earlier.name != order.name)) {
            ranked.push(Ranked { name: order.name, descending });
        }
    }
    ranked
}

/// Whether rows that stand in the order of `given` are in the asked order, and if so whether turned round.
pub(super) fn direction(given: &[&str], asked: &[Ranked]) -> Option<bool> {
    // A list without orders is in the order of its sort keys.
    let descending = asked.first().is_some_and(|first| first.descending);
    let fits = asked.len() <= given.len()
        && asked
            .iter()
            .zip(given)
            .all(|(asked, given)| asked.name == *given && asked.descending == descending);
    fits.then_some(descending)
}

/// Sorts rows; equal ones stay as they stand.
pub(super) fn sort<R>(rows: &mut [R], orders: &[Order<R>], asked: &[Ranked]) {
    let steps: Vec<_> = asked
        .iter()
        .filter_map(|ranked| {
            Some((orders.iter().find(|order| order.name == ranked.name)?.by, ranked.descending))
        })
        .collect();
    rows.sort_by(|one, other| {
        let compare = |(by, descending): &(fn(&R, &R) -> Ordering, bool)| {
            let ordering = by(one, other);
            if *descending { ordering.reverse() } else { ordering }
        };
        steps.iter().map(compare).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair = (i32, i32);
    const ORDERS: [Order<Pair>; 2] =
        [Order::by("a", |one, other| one.0.cmp(&other.0)), Order::by("b", |one, other| one.1.cmp(&other.1))];

    fn asks(text: &str) -> Vec<Ranked> {
        asked(&Query::parse(text), &ORDERS, "-a")
    }

    #[test]
    fn orderings_are_lists_of_known_names() {
        let a = |descending| Ranked { name: "a", descending };
        let b = |descending| Ranked { name: "b", descending };
        assert_eq!(asks("ordering=-b,a"), [b(true), a(false)]);
        assert_eq!(asks("ordering=x, b ,--a,-b"), [b(false)]);
        for blank in ["", "ordering=", "ordering=x", "ordering=,"] {
            assert_eq!(asks(blank), [a(true)], "{blank}");
        }
    }

    #[test]
    fn a_way_gives_an_ordering_in_both_directions() {
        assert_eq!(direction(&["a", "b"], &asks("ordering=a")), Some(false));
        assert_eq!(direction(&["a", "b"], &asks("ordering=-a,-b")), Some(true));
        assert_eq!(direction(&["a", "b"], &asks("ordering=-a,b")), None);
        assert_eq!(direction(&["a"], &asks("ordering=a,b")), None);
        assert_eq!(direction(&["a"], &asks("ordering=b")), None);
        assert_eq!(direction(&["a"], &[]), Some(false));
    }

    #[test]
    fn sorting_is_stable_and_by_each_name_in_turn() {
        let mut rows = vec![(1, 2), (2, 1), (1, 1), (2, 2)];
        sort(&mut rows, &ORDERS, &asks("ordering=-a,b"));
        assert_eq!(rows, [(2, 1), (2, 2), (1, 1), (1, 2)]);
        let mut rows = vec![(1, 2), (2, 1), (1, 1)];
        sort(&mut rows, &ORDERS, &asks("ordering=a"));
        assert_eq!(rows, [(1, 2), (1, 1), (2, 1)]);
    }
}
