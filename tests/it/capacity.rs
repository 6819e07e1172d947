//! The golden capacity table: what each operation costs, against `docs/capacity.md`.
//!
//! `UPDATE_CAPACITY=1` writes the numbers anew and keeps the reasons. A number that shrinks fails as well as one that
//! grows: the table is what the next change is measured by.

mod loyalty;
mod operations;
mod prepaid;

use std::collections::BTreeMap;

use testkit::Cost;

use crate::project;

const FILE: &str = "docs/capacity.md";

/// Sequential round trips, read units and write units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units {
    trips: f64,
    reads: f64,
    writes: f64,
}

impl Units {
    /// A budget, or a measure.
    pub const fn new(trips: f64, reads: f64, writes: f64) -> Self {
        Self { trips, reads, writes }
    }

    /// What was used, shared by so many.
    fn of(cost: Cost, shared_by: u32) -> Self {
        let part = |units: f64| (units / f64::from(shared_by) * 100.0).round() / 100.0;
        Self::new(part(f64::from(cost.trips)), part(cost.reads), part(cost.writes))
    }

    fn exceeds(self, budget: Self) -> bool {
        self.trips > budget.trips || self.reads > budget.reads || self.writes > budget.writes
    }
}

/// One row of the table.
pub struct Measure {
    /// The operation, in words.
    pub operation: &'static str,
    /// What it used.
    pub used: Units,
    /// What it may use.
    pub budget: Units,
}

#[tokio::test]
async fn every_operation_costs_what_the_table_says() {
    let mut measures = operations::measured().await;
    measures.extend(loyalty::measured().await);
    measures.extend(prepaid::measured().await);
    let known = known();
    let now = table(&measures, &known);
    if project::updates("UPDATE_CAPACITY") {
        std::fs::write(project::root().join(FILE), &now).unwrap();
    }
    let committed = std::fs::read_to_string(project::root().join(FILE)).unwrap_or_default();
    let changed: Vec<&str> =
        now.lines().filter(|line| !committed.lines().any(|known| known == *line)).collect();
    assert!(
        committed == now,
        "{FILE} says otherwise; if that is meant, run this test with UPDATE_CAPACITY=1 and commit it:\n{}",
        changed.join("\n")
    );
    let unexplained: Vec<&str> = measures
        .iter()
        .filter(|measure| {
            let told = known.get(measure.operation).is_some_and(|known| !known.why.is_empty());
            measure.used.exceeds(measure.budget) && !told
        })
        .map(|measure| measure.operation)
        .collect();
    assert!(unexplained.is_empty(), "over budget, and {FILE} does not say why: {unexplained:?}");
}

/// What the committed table says of an operation.
struct Known {
    reads: f64,
    why: String,
}

/// What the committed table says, by operation.
fn known() -> BTreeMap<String, Known> {
    let text = std::fs::read_to_string(project::root().join(FILE)).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let known = cells.filter_map(|cells| match cells[..] {
        [operation, _, reads, _, _, why] => {
            Some((operation.to_owned(), Known { reads: reads.parse().ok()?, why: why.to_owned() }))
        }
        _ => None,
    });
    known.collect()
}

/// From how many read units on half a unit may be chance: a digit more in a number that many rows hold, or figures that
/// are spread over a row more.
const MANY: f64 = 2.5;

fn table(measures: &[Measure], known: &BTreeMap<String, Known>) -> String {
    let rows = measures.iter().map(|Measure { operation, used, budget }| {
        let known = known.get(*operation);
        let why = known.filter(|known| !known.why.is_empty()).map(|known| format!(" {}", known.why));
        let Units { trips, reads, writes } = used;
        let near = |known: &&Known| *reads > MANY && (known.reads - reads).abs() <= 0.5;
        let reads = known.filter(near).map_or(*reads, |known| known.reads);
        let budget = format!("{} / {} / {}", budget.trips, budget.reads, budget.writes);
        format!("| {operation} | {trips} | {reads} | {writes} | {budget} |{} |\n", why.unwrap_or_default())
    });
    PREFACE.to_owned() + &rows.collect::<String>()
}

const PREFACE: &str = "\
# What operations cost

Round trips to the table in sequence, read units and write units, measured against the local table, which counts by
DynamoDB's published rules. A test measures every row again and fails when a number grows or shrinks;
`UPDATE_CAPACITY=1 cargo nextest run -p workspace-tests capacity` writes them anew. Where a row is over its budget, the
last column says why.

The budget reads trips / reads / writes. Limits are off while operations are measured, since a warm process takes them
from the counter twenty at a time; what that costs has a row of its own. Signing in, registering and resetting a
password count each visitor exactly, so theirs is included. A refused transaction tells nobody what it used: its row
shows the rest.

| operation | trips | RRU | WRU | budget | why |
|---|---|---|---|---|---|
";
