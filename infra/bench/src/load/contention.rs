//! Many who want the same at once.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::future::try_join_all;
use wire::Fault;

use super::ask::{Ask, Connection};
use super::cloud::Cloud;
use super::operations::{Scene, newcomer};
use crate::figures::{Durations, Table, megabytes, ms};

/// Headings of the table.
const HEADINGS: [&str; 7] =
    ["contention", "seconds", "p50 ms", "p99 ms", "peak MB before", "peak MB after", "answers"];

/// Everybody at once, each on a connection of its own.
pub async fn run(cloud: &Cloud, scene: &Scene) -> Result<(), Fault> {
    let name = scene.new_name();
    let same = |number: usize| {
        let mut body = newcomer(&format!("{name}-{number}"));
        body["email"] = format!("{name}@shop.test").into();
        Ask::post("/api/auth/register/", body)
    };
    let mut table = Table::new(&HEADINGS);
    table.row(at_once(cloud, "100 registrations, one address", 100, same).await?);
    table.row(at_once(cloud, "200 logins", 200, |number| scene.login(number)).await?);
    println!("{table}");
    Ok(())
}

async fn at_once(
    cloud: &Cloud,
    name: &str,
    count: usize,
    ask: impl Fn(usize) -> Ask,
) -> Result<[String; 7], Fault> {
    cloud.rest().await?;
    let (before, started) = (cloud.process.peak()?, Instant::now());
    let all = (0..count).map(async |number| {
        let begun = Instant::now();
        let (status, _) = Connection::new(&cloud.url).send(ask(number)).await?;
        Ok::<_, Fault>((status, begun.elapsed()))
    });
    let (mut durations, mut statuses) = (Durations::default(), BTreeMap::<u16, usize>::new());
    for (status, took) in try_join_all(all).await? {
        durations.note(took);
        *statuses.entry(status).or_default() += 1;
    }
    let answers = statuses.iter().map(|(status, count)| format!("{status}: {count}"));
    Ok([
        name.to_owned(),
        format!("{:.2}", started.elapsed().as_secs_f64()),
        ms(durations.p50()),
        ms(durations.p99()),
        megabytes(before),
        megabytes(cloud.process.peak()?),
        answers.collect::<Vec<_>>().join(", "),
    ])
}
