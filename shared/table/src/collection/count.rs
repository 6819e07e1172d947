//! How many rows a list has.

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use wire::Fault;

use super::BUDGET;
use super::way::Taken;
use crate::{Key, Query, Table};

/// The kept figure that says how many rows there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    place: Place,
    names: Vec<String>,
}

/// Where a figure is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Among the figures of a scope.
    Scope(String),
    /// In the first of these rows that is there.
    Rows(Vec<Key>),
}

impl Kept {
    /// A figure of a scope.
    pub fn figure(scope: impl Into<String>, name: impl Into<String>) -> Self {
        Self { place: Place::Scope(scope.into()), names: vec![name.into()] }
    }

    /// And another one of the same place, to be added.
    pub fn plus(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// The sum of some figures of a scope.
    pub fn sum<N: Into<String>>(scope: impl Into<String>, names: impl IntoIterator<Item = N>) -> Self {
        Self { place: Place::Scope(scope.into()), names: names.into_iter().map(Into::into).collect() }
    }

    /// The sum of some attributes of a row that counts what belongs to it; of the first of these that is there.
    pub fn written<N: Into<String>>(
        rows: impl IntoIterator<Item = Key>,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let place = Place::Rows(rows.into_iter().collect());
        Self { place, names: names.into_iter().map(Into::into).collect() }
    }

    pub(super) async fn read(&self, table: &Table) -> Result<Counted, Fault> {
        match &self.place {
            Place::Scope(scope) => {
                let figures = table.figures(scope).await?;
                Ok(self.of(|name| figures.get(name)))
            }
            Place::Rows(rows) => {
                let row = table.items(rows, true).await?.into_iter().flatten().next().unwrap_or_default();
                let number = |name: &str| row.get(name)?.as_n().ok()?.parse().ok();
                Ok(self.of(|name| number(name).unwrap_or_default()))
            }
        }
    }

    fn of(&self, figure: impl Fn(&str) -> i64) -> Counted {
        let sum: i64 = self.names.iter().map(|name| figure(name)).sum();
        Counted::exactly(sum.try_into().unwrap_or_default())
    }
}

/// A count, and whether it is all there is to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) count: u64,
    pub(super) exact: bool,
}

impl Counted {
    pub(super) fn exactly(count: u64) -> Self {
        Self { count, exact: true }
    }

    pub(super) fn upto(count: usize, exact: bool) -> Self {
        Self { count: count as u64, exact }
    }
}

/// Counts the rows of a way that needs no further filter, without fetching them, within the budget.
///
/// Costs as much as reading the rows: one unit for 8 KB, at most 125 units for rows of half a KB.
pub(super) async fn count(table: &Table, taken: &Taken) -> Result<Counted, Fault> {
    let share = BUDGET.div_ceil(taken.partitions.len().max(1));
    let parts = taken.partitions.iter().map(|(_, query)| count_one(table, query, share));
    let parts = try_join_all(parts).await?;
    let sum = parts.iter().map(|part| part.count).sum();
    Ok(Counted { count: sum, exact: parts.iter().all(|part| part.exact) })
}

async fn count_one(table: &Table, query: &Query, budget: usize) -> Result<Counted, Fault> {
    let mut counted = 0;
    let mut position = None;
    loop {
        let (count, next) = table.count(query.clone().limit(budget - counted).after(position)).await?;
        counted += count;
        position = next;
        if position.is_none() || counted >= budget {
            return Ok(Counted::upto(counted, position.is_none()));
        }
    }
}
