//! What holds at the desk when the network and the table do what they do on a bad day.

mod clerks;

use std::time::Duration;

use futures_util::future::join_all;
use testkit::{TROUBLE, bad_days};

use crate::days::shop_that;
use clerks::Clerk;

/// How many clerks work at the same time.
const CLERKS: usize = 2;

/// A redemption waits for an hour, and points last for a month, so that both have rows that wait.
const HASTY: &[(&str, &str)] =
    &[("MERCATO_LOYALTY_PENDING_HOURS", "1"), ("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "30")];

/// One bad day: clerks do all that a desk does, and whatever was acknowledged is so at its end, once.
async fn bad_day(seed: u64) {
    let mut shop = shop_that(HASTY).await;
    let everybody = shop.member_with("Everybody", 500).await;
    let shared = shop.voucher("SHARED", 100, 3).await;
    shop.world.faults.chance(seed, &TROUBLE);
    let clerks = (0..CLERKS).map(|number| Clerk { shop: &shop, number });
    let works = join_all(clerks.map(|clerk| clerk.works(&everybody, &shared))).await;
    shop.world.deliver_through_trouble(seed + 1, false).await;
    shop.world.clock.advance(Duration::from_hours(2));
    shop.world.deliver_through_trouble(seed + 2, true).await;
    shop.sign_in().await;

    for work in &works {
        work.is_found_as_left(&shop).await;
    }
    let won: usize = works.iter().map(|work| work.won).sum();
    let used: usize = works.iter().map(|work| work.used).sum();
    assert_eq!(won, 3, "the stock is sold, and no more");
    let (earned, held) = (500 + 10 * i64::try_from(CLERKS).unwrap(), i64::try_from(used).unwrap());
    assert_eq!(shop.balance(&everybody).await, earned - 100 * held);
    let subjects = shop.world.subjects("everybody@mail.test").await;
    let letters = |subject: &str| subjects.iter().filter(|got| *got == subject).count();
    assert_eq!((letters("Your voucher SHARED"), letters("Voucher SHARED cancelled")), (won, won - used));
    assert_eq!(shop.recount().await[&shared], (3 - held, held));
    shop.world.assert_it_was_a_bad_day();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_seeds_hold() {
    bad_days(0..7, bad_day).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_seeds_hold() {
    bad_days(7..14, bad_day).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_seeds_hold() {
    bad_days(14..20, bad_day).await;
}
