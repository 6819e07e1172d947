//! Analytics: what was sold, used and brought; each answer one or two reads of kept figures, whatever the volume.

pub mod dashboard;
pub mod http;
pub mod own;
pub mod revenue;

use std::collections::BTreeMap;

use table::Figures;
use wire::Day;

/// A week reaches so many days back from today.
const WEEK: i64 = 7;

/// A month reaches so many days back from today.
const MONTH: i64 = 30;

/// The sum of a figure since a day.
fn since(days: &BTreeMap<Day, Figures>, first: Day, name: &str) -> i64 {
    days.range(first..).map(|(_, figures)| figures.get(name)).sum()
}
