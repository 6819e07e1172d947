//! Kept figures: counts and sums that are right at once and cost one row.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use wire::{Day, Fault};

use crate::{Condition, Denied, Item, Key, Query, Row, Table, Update, from_item};

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
    /// Adds to the figures of a scope, or of a day of it: see [`of_day`]. What comes to nothing is no change.
    pub fn add<N: AsRef<str>>(&mut self, scope: &str, deltas: impl IntoIterator<Item = (N, i64)>) {
        let figures = self.0.entry(scope.to_owned()).or_default();
        for (name, by) in deltas {
            *figures.entry(name.as_ref().to_owned()).or_default() += by;
        }
        figures.retain(|_, by| *by != 0);
        self.0.retain(|_, figures| !figures.is_empty());
    }

    /// Adds to all that these add to.
    pub fn join(&mut self, others: Tallies) {
        for (scope, deltas) in others.0 {
            self.add(&scope, deltas);
        }
    }

    /// What takes these away again.
    pub fn negated(mut self) -> Self {
        self.0.values_mut().flat_map(BTreeMap::values_mut).for_each(|by| *by = -*by);
        self
    }

    /// The scopes, each with what is added to its figures.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Deltas)> {
        self.0.iter().map(|(scope, deltas)| (scope.as_str(), deltas))
    }
}

/// A row that counts into kept figures.
///
/// What it counts is said once, here: a change of it moves the difference, and a rebuild adds up all rows.
pub trait Counts: Row {
    /// Into which figures of which scopes.
    fn counts(&self) -> Tallies;
}

/// What a stored item of a kind counts.
pub fn counted<C: Counts>(item: &Item) -> Result<Tallies, Fault> {
    Ok(from_item::<C>(item.clone())?.counts())
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

/// What stands between a scope and its day.
const OF_DAY: char = '@';

/// The scope of one day of another scope, such as `IDENTITY#DAYS@2026-03-01`.
///
/// It is a scope like any other, to be added to and read. The days of one lie beside each other in their order, so that
/// [`Table::figures_by_day`] reads many at once.
pub fn of_day(scope: &str, day: Day) -> String {
    format!("{scope}{OF_DAY}{day}")
}

/// Where the rows of a scope lie: their partition, and what their sort keys begin with.
fn place(scope: &str) -> (String, String) {
    match scope.split_once(OF_DAY) {
        Some((scope, day)) => (format!("TALLY#{scope}"), format!("{day}#")),
        None => (format!("TALLY#{scope}"), String::new()),
    }
}

fn key(scope: &str, row: &str) -> Key {
    let (partition, before) = place(scope);
    Key::new(partition, before + row)
}

/// The scope whose figures an item holds, if it is a row of a tally.
pub fn scope_of(item: &Item) -> Option<String> {
    let scope = item.get("pk")?.as_s().ok()?.strip_prefix("TALLY#")?;
    Some(day_of(item).map_or_else(|| scope.to_owned(), |day| of_day(scope, day)))
}

/// The day that the figures of an item are of, if they are of one.
fn day_of(item: &Item) -> Option<Day> {
    Day::parse(item.get("sk")?.as_s().ok()?.split_once('#')?.0)
}

/// The step that adds to one row of a scope, drawn at random.
pub(crate) fn step(scope: &str, deltas: &Deltas) -> Update {
    let row = fastrand::u8(0..ROWS).to_string();
    adding(deltas, Update::when(key(scope, &row), Condition::always()))
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

    /// The figures of a scope for each day from the first to the last on which anything was added.
    ///
    /// One strong query over a handful of small rows a day; a year of them comes in one answer.
    pub async fn figures_by_day(
        &self,
        scope: &str,
        from: Day,
        to: Day,
    ) -> Result<BTreeMap<Day, Figures>, Fault> {
        // The sign that follows `#` is behind every row of the last day.
        let days = Query::partition(format!("TALLY#{scope}")).between(format!("{from}#"), format!("{to}$"));
        let (mut figures, mut position) = (BTreeMap::<Day, Figures>::new(), None);
        loop {
            let batch = self.query(days.clone().strong().after(position)).await?;
            for item in &batch.items {
                let day = day_of(item).ok_or_else(|| Fault::bug("a figure of no day among those of days"))?;
                let of_day = figures.entry(day).or_default();
                numbers(item)
                    .filter(|(name, _)| *name != CHANGES)
                    .for_each(|(name, by)| of_day.add(name, by));
            }
            position = batch.next;
            if position.is_none() {
                return Ok(figures);
            }
        }
    }

    /// The figures of one scope, so that they can be compared with another reading of them.
    pub async fn reading(&self, scope: &str) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        let (partition, before) = place(scope);
        let rows = Query::partition(partition).strong();
        let rows = if before.is_empty() { rows } else { rows.prefix(before) };
        for item in self.query(rows).await?.items {
            let is_corrections =
                item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk.ends_with(CORRECTIONS));
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
        let row = Update::when(key(scope, CORRECTIONS), as_read);
        self.apply(adding(by, row), ()).await.map(drop)
    }
}

fn numbers(item: &Item) -> impl Iterator<Item = (&str, i64)> {
    item.iter().filter(|(name, _)| *name != "v").filter_map(|(name, value)| match value {
        AttributeValue::N(number) => Some((name.as_str(), number.parse().ok()?)),
        _ => None,
    })
}
