//! Kept figures: counts and sums that are right at once and cost one row.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use wire::Fault;

use crate::{Condition, Denied, Item, Key, Query, Table, Update};

/// How many rows share a scope's figures. A transaction adds to one of them; reading sums them all.
const ROWS: u8 = 8;

/// The row beside them that corrections are added to, so that no transaction ever keeps one from happening.
const CORRECTIONS: &str = "corrections";

/// The attribute that tells how often a row was changed: figures that return to what they were have moved all the same.
const CHANGES: &str = "changes";

/// Changes of figures, by name.
pub type Deltas = BTreeMap<String, i64>;

/// Changes of the figures of several scopes; or what rows count into them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies(BTreeMap<String, Deltas>);

impl Tallies {
    /// Adds to the figures of a scope.
    pub fn add<'a>(&mut self, scope: &str, deltas: impl IntoIterator<Item = (&'a str, i64)>) {
        for (name, by) in deltas.into_iter().filter(|(_, by)| *by != 0) {
            *self.0.entry(scope.to_owned()).or_default().entry(name.to_owned()).or_default() += by;
        }
    }

    /// The scopes, each with what is added to its figures.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Deltas)> {
        self.0.iter().map(|(scope, deltas)| (scope.as_str(), deltas))
    }
}

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

/// The figures of a scope at one moment. While two readings are equal, nothing was added in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The figures.
    pub figures: Figures,
    /// How often they were changed so far.
    changes: i64,
    /// How often they were corrected so far.
    corrections: i64,
}

/// The partition of a scope such as `IDENTITY#ACCOUNTS`.
fn partition(scope: &str) -> String {
    format!("TALLY#{scope}")
}

/// The scope whose figures an item holds, if it is a row of a tally.
pub fn scope_of(item: &Item) -> Option<&str> {
    item.get("pk")?.as_s().ok()?.strip_prefix("TALLY#")
}

/// The step that adds to one row of a scope, drawn at random.
pub(crate) fn step(scope: &str, deltas: &Deltas) -> Update {
    let row = fastrand::u8(0..ROWS).to_string();
    adding(deltas, Update::when(Key::new(partition(scope), row), Condition::always()))
}

fn adding(deltas: &Deltas, update: Update) -> Update {
    let update = update.of_kind("tally").add(CHANGES, 1);
    deltas.iter().fold(update, |update, (name, by)| update.add(name, *by))
}

impl Table {
    /// The figures of a scope: one strong query over a handful of small rows.
    pub async fn figures(&self, scope: &str) -> Result<Figures, Fault> {
        Ok(self.reading(scope).await?.figures)
    }

    /// The same, so that it can be compared with another reading of the scope.
    pub async fn reading(&self, scope: &str) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        for item in self.query(Query::partition(partition(scope)).strong()).await?.items {
            let is_corrections =
                item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == CORRECTIONS);
            for (name, by) in numbers(&item) {
                if name == CHANGES {
                    reading.changes += by;
                    reading.corrections += if is_corrections { by } else { 0 };
                } else {
                    reading.figures.add(name, by);
                }
            }
        }
        Ok(reading)
    }

    /// Adds what was found to be missing when the figures were read so; refused if they were corrected since.
    ///
    /// It adds, and so keeps whatever transactions add before and after.
    pub async fn correct(&self, scope: &str, reading: &Reading, by: &Deltas) -> Result<(), Denied<()>> {
        let as_read = match reading.corrections {
            0 => Condition::absent(),
            corrections => Condition::exists().is(CHANGES, corrections),
        };
        let row = Update::when(Key::new(partition(scope), CORRECTIONS), as_read);
        self.apply(adding(by, row), ()).await.map(drop)
    }
}

fn numbers(item: &Item) -> impl Iterator<Item = (&str, i64)> {
    item.iter().filter(|(name, _)| *name != "v").filter_map(|(name, value)| match value {
        AttributeValue::N(number) => Some((name.as_str(), number.parse().ok()?)),
        _ => None,
    })
}
