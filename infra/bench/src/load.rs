//! How the whole platform does under load, in a local cloud of its own process.

mod ask;
mod cloud;
mod contention;
mod costs;
mod drive;
mod fill;
mod limits;
mod operations;

use wire::Fault;

use crate::arguments::Arguments;
use crate::figures::{Table, megabytes, ms};
use crate::machine;

use cloud::Cloud;
use drive::{Driven, drive};
use operations::{OPERATIONS, Scene};

/// Headings of the table of operations.
const HEADINGS: [&str; 11] = [
    "operation",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "trips",
    "calls",
    "RRU",
    "WRU",
    "CPU ms",
    "peak MB",
    "answers",
];

/// Fills a store, starts the local cloud on it and drives one operation after the other.
pub async fn run(arguments: &Arguments) -> Result<(), Fault> {
    println!("{}", machine::here());
    let scratch = standins::scratch().map_err(Fault::bug)?;
    let data = scratch.path().join("data");
    let took = fill::fill(&data, arguments.accounts).await?;
    let (accounts, connections) = (arguments.accounts, arguments.connections);
    println!("{accounts} accounts, written in {:.1} s; {connections} connections", took.as_secs_f64());
    println!(
        "at most {} requests and {} s of each operation\n",
        arguments.requests,
        arguments.time.as_secs()
    );

    let cloud = Cloud::start(&arguments.binaries, &data)?;
    let mut table = Table::new(&HEADINGS);
    for (name, driven) in limits::run(&cloud, arguments).await? {
        table.row(cells(name, None, &driven));
    }
    let costs = costs::of_each().await?;
    let scene = Scene::of(&cloud, arguments).await?;
    for (operation, cost) in OPERATIONS.iter().zip(costs) {
        cloud.rest().await?;
        let driven = drive(&cloud, &scene, operation, arguments).await?;
        table.row(cells(operation.name, Some(cost.trips), &driven));
    }
    println!("{table}");
    contention::run(&cloud, &scene).await
}

fn cells(name: &str, trips: Option<u32>, driven: &Driven) -> [String; 11] {
    let none = || "-".to_owned();
    let usage = |pick: fn(&drive::Usage) -> f64| {
        driven.usage.as_ref().map_or_else(none, |usage| format!("{:.1}", pick(usage)))
    };
    let requests = driven.durations.count();
    [
        name.to_owned(),
        format!("{:.0}", requests / driven.took.as_secs_f64()),
        ms(driven.durations.p50()),
        ms(driven.durations.p99()),
        trips.map_or_else(none, |trips| trips.to_string()),
        usage(|usage| usage.calls),
        usage(|usage| usage.reads),
        usage(|usage| usage.writes),
        format!("{:.2}", driven.cpu.as_secs_f64() * 1000.0 / requests.max(1.0)),
        megabytes(driven.peak),
        driven.answers(),
    ]
}
