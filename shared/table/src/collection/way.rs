//! Ways into a collection: the key conditions that find its rows.

use super::asked::Asked;
use super::order::direction;
use crate::{Index, Query};

/// A key condition: which rows it finds, which filters it answers by that, and how they stand.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    index: Option<Index>,
    partitions: fn(&Asked) -> Option<Vec<String>>,
    narrow: fn(&Asked, Query) -> Query,
    answers: &'static [&'static str],
    orders: &'static [&'static str],
}

impl Way {
    /// Over partitions of the table itself; `None` when this way does not lead to what is asked.
    ///
    /// Several partitions are read side by side and merged by their sort keys.
    pub const fn table(partitions: fn(&Asked) -> Option<Vec<String>>) -> Self {
        Self { index: None, partitions, narrow: |_, query| query, answers: &[], orders: &[] }
    }

    /// Over partitions of an index.
    pub const fn index(index: Index, partitions: fn(&Asked) -> Option<Vec<String>>) -> Self {
        Self { index: Some(index), ..Self::table(partitions) }
    }

    /// The filters that partitions and narrowing answer by themselves.
    pub const fn answers(mut self, filters: &'static [&'static str]) -> Self {
        self.answers = filters;
        self
    }

    /// The orders that the sort keys stand in, from the first on; both directions are given.
    pub const fn orders(mut self, orders: &'static [&'static str]) -> Self {
        self.orders = orders;
        self
    }

    /// Bounds the sort keys by what is asked, or makes reads of the table strong.
    pub const fn narrow(mut self, narrow: fn(&Asked, Query) -> Query) -> Self {
        self.narrow = narrow;
        self
    }
}

/// The way taken for what is asked.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// Its place among the ways.
    pub(super) number: usize,
    pub(super) index: Option<Index>,
    /// A query for each partition, in ascending order.
    pub(super) partitions: Vec<(String, Query)>,
    /// Whether the rows stand in the asked order, and if so whether turned round.
    pub(super) direction: Option<bool>,
    /// Whether filters remain that the key condition does not answer.
    pub(super) residual: bool,
}

/// Takes the way that gives the asked order and answers the most filters; the first one among equals.
pub(super) fn take(ways: &[Way], asked: &Asked) -> Option<Taken> {
    let open = ways.iter().enumerate().filter_map(|(number, way)| {
        let partitions = (way.partitions)(asked)?;
        let direction = direction(way.orders, &asked.orders);
        let answered = (0..asked.wants.len())
            .filter(|place| way.answers.contains(&asked.wants[*place].name) && asked.is_first(*place))
            .count();
        Some((number, way, partitions, direction, answered))
    });
    let best = open.max_by_key(|(number, _, _, direction, answered)| {
        (direction.is_some(), *answered, std::cmp::Reverse(*number))
    });
    let (number, way, partitions, direction, answered) = best?;
    let partitions = partitions
        .into_iter()
        .map(|pk| {
            let query = way.index.map_or_else(|| Query::partition(&pk), |index| Query::index(index, &pk));
            (pk, (way.narrow)(asked, query))
        })
        .collect();
    let residual = answered < asked.wants.len();
    Some(Taken { number, index: way.index, partitions, direction, residual })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::asked::{Want, Wanted};
    use crate::collection::order::Ranked;

    const WAYS: [Way; 4] = [
        Way::index(Index::Gsi1, |_| Some(vec!["ALL".into()])).orders(&["created"]),
        Way::index(Index::Gsi2, |asked| Some(vec![format!("S#{}", asked.text("status")?)]))
            .answers(&["status"])
            .orders(&["created"]),
        Way::index(Index::Gsi3, |_| Some(vec!["ALL".into()])).orders(&["points", "created"]),
        Way::table(|asked| Some(vec![format!("S#{}#{}", asked.text("status")?, asked.text("tier")?)]))
            .answers(&["status", "tier"]),
    ];

    fn asked(order: &'static str, filters: &[(&'static str, &str)]) -> Asked {
        let wants = filters
            .iter()
            .map(|(name, value)| Want { filter: 0, name, value: Wanted::Text((*value).to_owned()) })
            .collect();
        let orders = vec![Ranked { name: order, descending: true }];
        Asked { wants, orders, ..Asked::default() }
    }

    #[test]
    fn the_order_comes_first_then_the_filters_answered() {
        for (order, filters, number, direction, residual) in [
            ("created", &[][..], 0, Some(true), false),
            ("created", &[("status", "a")][..], 1, Some(true), false),
            ("created", &[("status", "a"), ("tier", "b")][..], 1, Some(true), true),
            ("created", &[("tier", "b")][..], 0, Some(true), true),
            ("points", &[("status", "a")][..], 2, Some(true), true),
            ("name", &[("status", "a"), ("tier", "b")][..], 3, None, false),
            ("name", &[][..], 0, None, false),
            // The second value of the same filter is not what the key condition answers.
            ("created", &[("status", "a"), ("status", "b")][..], 1, Some(true), true),
        ] {
            let taken = take(&WAYS, &asked(order, filters)).unwrap();
            assert_eq!(
                (taken.number, taken.direction, taken.residual),
                (number, direction, residual),
                "{filters:?}"
            );
        }
        assert!(take(&WAYS[1..2], &asked("created", &[])).is_none());
    }
}
