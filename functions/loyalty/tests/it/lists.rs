//! What every list promises, for each list there is.

mod members;
mod points;
mod redeem;
mod vouchers;

use serde_json::{Value, json};
use testkit::World;
use wire::{Day, Stamp};

use loyalty::ids::Number;
use loyalty::members::{Member, Status, rules, store};
use loyalty::tiers::Tier;
use loyalty::{Basis, Settings};

const SETTINGS: Settings = Settings {
    thresholds: [500, 1000, 2500],
    basis: Basis::Balance,
    points_expiry_days: 0,
    pending_hours: 0,
};

/// So many hours after midnight of 1 March.
fn hour(hours: u32) -> Stamp {
    Stamp::parse(&format!("2026-03-{:02}T{:02}:00:00Z", 1 + hours / 24, hours % 24)).unwrap()
}

/// A member who is enrolled, with this name.
async fn enrolled(world: &World, number: u32, name: &str) -> Member {
    let member = named(number, name);
    world.table.commit(store::enrol(&member)).await.unwrap();
    member
}

fn named(number: u32, name: &str) -> Member {
    let wish = rules::Wish {
        name: name.to_owned(),
        email: format!("m{number}@mail{}.test", number % 2),
        phone: format!("+62 811-{number:03}"),
        address: String::new(),
        join_date: Day::parse("2026-01-01").unwrap().plus_days(i64::from(number * 5 % 7)),
        tier_level: Tier::Bronze,
        status: Status::Active,
        user_id: None,
    };
    rules::enrol(Number(number), wish, hour(number % 24))
}

async fn living(world: &World, number: u32) -> Member {
    store::living(&world.table, Number(number), true).await.unwrap().unwrap()
}

/// The rows that `keep` keeps, sorted by a key; equal ones as they stand.
fn sorted<R: Clone, K: Ord>(rows: &[R], keep: impl Fn(&R) -> bool, key: impl Fn(&R) -> K) -> Vec<R> {
    let mut rows: Vec<R> = rows.iter().filter(|row| keep(row)).cloned().collect();
    rows.sort_by_key(key);
    rows
}

fn choice(value: &str) -> Value {
    json!([format!("Select a valid choice. {value} is not one of the available choices.")])
}
