//! What holds at the desk when the network and the table do what they do on a bad day.

mod clerks;

use std::time::Duration;

use futures_util::future::join_all;
use testkit::{Fault, World};

use crate::days::shop_that;
use clerks::Clerk;

/// How many clerks work at the same time.
const CLERKS: usize = 2;

/// A bad day, in chances of a hundred for each call.
const TROUBLE: [(Fault, u32); 8] = [
    (Fault::Conflict, 8),
    (Fault::Throttled, 4),
    (Fault::Lost, 5),
    (Fault::Broken, 4),
    (Fault::Unsent, 3),
    (Fault::Slow(40), 5),
    (Fault::Twice, 8),
    (Fault::Stale, 15),
];

/// A redemption waits for an hour, and points last for a month, so that both have rows that wait.
const HASTY: &[(&str, &str)] =
    &[("MERCATO_LOYALTY_PENDING_HOURS", "1"), ("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "30")];

/// Runs seeds side by side, since most of a bad day is waiting; `FAULT_SEED` runs that one alone.
async fn seeds(all: std::ops::Range<u64>) {
    // A failure of ours tells where it came from.
    let _ = tracing_subscriber::fmt().with_test_writer().with_env_filter("fault=error").try_init();
    let only: Option<u64> = std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
    let days = all
        .filter(|seed| only.is_none_or(|only| only == *seed))
        .map(|seed| (seed, tokio::spawn(bad_day(seed))));
    for (seed, day) in days.collect::<Vec<_>>() {
        if let Err(failure) = day.await {
            panic!("seed {seed} fails, FAULT_SEED={seed} repeats it: {failure}");
        }
    }
}

/// One bad day: clerks do all that a desk does, and whatever was acknowledged is so at its end, once.
async fn bad_day(seed: u64) {
    let mut shop = shop_that(HASTY).await;
    let everybody = shop.member_with("Everybody", 500).await;
    let shared = shop.voucher("SHARED", 100, 3).await;
    shop.world.faults.chance(seed, &TROUBLE);
    let clerks = (0..CLERKS).map(|number| Clerk { shop: &shop, number });
    let works = join_all(clerks.map(|clerk| clerk.works(&everybody, &shared))).await;
    deliver(&shop.world, seed + 1, false).await;
    shop.world.clock.advance(Duration::from_hours(2));
    deliver(&shop.world, seed + 2, true).await;
    shop.sign_in().await;

    for work in &works {
        work.is_found_as_left(&shop).await;
    }
    let won: usize = works.iter().map(|work| work.won).sum();
    let used: usize = works.iter().map(|work| work.used).sum();
    assert_eq!(won, 3, "the stock is sold, and no more");
    let (earned, held) = (500 + 10 * i64::try_from(CLERKS).unwrap(), i64::try_from(used).unwrap());
    assert_eq!(shop.balance(&everybody).await, earned - 100 * held);
    let subjects = shop.subjects("everybody@mail.test").await;
    let letters = |subject: &str| subjects.iter().filter(|got| *got == subject).count();
    assert_eq!((letters("Your voucher SHARED"), letters("Voucher SHARED cancelled")), (won, won - used));
    assert_eq!(shop.recount().await[&shared], (3 - held, held));
    let happened = shop.world.faults.happened();
    assert!(happened.len() >= 6, "too quiet a day: {happened:?}");
}

/// Delivers what was written, and what is due if it is time for that: first through trouble and then without.
async fn deliver(world: &World, seed: u64, due: bool) {
    world.faults.chance(seed, &TROUBLE);
    for round in 0..6 {
        if round == 3 {
            world.faults.stop();
        }
        // What failed comes again when the queue shows it again.
        if due {
            let _ = world.whole.run_schedules().await;
        }
        let _ = world.whole.drain().await;
        world.clock.advance(Duration::from_secs(200));
    }
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_seeds_hold() {
    seeds(0..7).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_seeds_hold() {
    seeds(7..14).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_seeds_hold() {
    seeds(14..20).await;
}
