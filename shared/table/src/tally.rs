//! Kept figures: counts and sums that are right at once and cost one row.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use wire::Fault;

use crate::{Condition, Item, Key, Query, Table, Update};

/// How many rows share a scope's figures. A transaction adds to one of them; reading sums them all.
const ROWS: u8 = 8;

/// Changes of figures, by name.
pub type Deltas = BTreeMap<String, i64>;

/// The figures of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures(BTreeMap<String, i64>);

impl Figures {
    /// A figure; zero while nothing was added to it.
    pub fn get(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Every figure that is not zero, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().filter(|(_, value)| **value != 0).map(|(name, value)| (name.as_str(), *value))
    }

    /// Adds to a figure.
    pub fn add(&mut self, name: &str, by: i64) {
        *self.0.entry(name.to_owned()).or_default() += by;
    }
}

/// The partition of a scope such as `IDENTITY#ACCOUNTS`.
fn partition(scope: &str) -> String {
    format!("TALLY#{scope}")
}

/// The step that adds to one row of a scope, drawn at random.
pub(crate) fn step(scope: &str, deltas: &Deltas) -> Update {
    let row = fastrand::u8(0..ROWS);
    let key = Key::new(partition(scope), row.to_string());
    let update = Update::when(key, Condition::always()).of_kind("tally");
    deltas.iter().fold(update, |update, (name, by)| update.add(name, *by))
}

impl Table {
    /// The figures of a scope: one strong query over a handful of small rows.
    pub async fn figures(&self, scope: &str) -> Result<Figures, Fault> {
        let mut figures = Figures::default();
        for item in self.query(Query::partition(partition(scope)).strong()).await?.items {
            for (name, by) in numbers(&item) {
                figures.add(name, by);
            }
        }
        Ok(figures)
    }
}

fn numbers(item: &Item) -> impl Iterator<Item = (&str, i64)> {
    item.iter().filter(|(name, _)| *name != "v").filter_map(|(name, value)| match value {
        AttributeValue::N(number) => Some((name.as_str(), number.parse().ok()?)),
        _ => None,
    })
}
