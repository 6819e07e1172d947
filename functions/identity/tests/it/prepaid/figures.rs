//! How many accounts there are, by the day.

use std::time::Duration;

use access::figures::{ACTIVE, Accounts, DAYS, JOINED, accounts};
use futures_util::future::join_all;
use serde_json::json;
use table::metered;
use testkit::{Fault, World};
use wire::Day;

use super::{login, user};
use crate::PASSWORD;

const DAY: Duration = Duration::from_hours(24);

async fn counted(world: &World) -> (i64, i64, i64) {
    let Accounts { total, new_this_week, active_this_month } =
        accounts(&world.table, world.clock.now().day()).await.unwrap();
    (total, new_this_week, active_this_month)
}

/// The figures of a day of March.
async fn of_march(world: &World, day: i64) -> (i64, i64) {
    let day = Day::parse("2026-03-01").unwrap().plus_days(day - 1);
    let days = world.table.figures_by_day(DAYS, day, day).await.unwrap();
    days.get(&day).map_or((0, 0), |figures| (figures.get(JOINED), figures.get(ACTIVE)))
}

#[tokio::test]
async fn accounts_count_on_the_day_they_join_and_on_the_day_of_their_last_sign_in() {
    let world = World::new().await;
    user(&world, "ama").await;
    user(&world, "kofi").await;
    crate::someone(&world, "budi").await;
    let member = json!({
        "username": "rina", "email": "rina@shop.test", "full_name": "Rina Sari", "password": PASSWORD,
        "password2": PASSWORD,
    });
    world.post("/api/loyalty/auth/register/", &member).send().await.expect(201);
    assert_eq!(of_march(&world, 1).await, (4, 3), "loyalty signs nobody in by registering");
    assert_eq!(counted(&world).await, (4, 4, 3));
    let sign_in = json!({ "username": "rina", "password": PASSWORD });
    world.post("/api/loyalty/auth/login/", &sign_in).send().await.expect(200);
    assert_eq!(of_march(&world, 1).await, (4, 4));

    world.clock.advance(DAY);
    for _ in 0..3 {
        login(&world, "ama@example.org", PASSWORD).await.expect(200);
        crate::login(&world, "budi", PASSWORD).await.expect(200);
    }
    login(&world, "kofi@example.org", "wrong-guess-1").await.expect(400);
    assert_eq!((of_march(&world, 1).await, of_march(&world, 2).await), ((4, 2), (0, 2)));
    let body = json!({ "email": "kofi@example.org", "password": PASSWORD });
    super::post(&world, "/auth/token/", &body).await.expect(200);
    assert_eq!((of_march(&world, 1).await, of_march(&world, 2).await), ((4, 1), (0, 3)));
    world.recount().await;
}

#[tokio::test]
async fn a_week_has_seven_days_before_today_and_a_month_thirty() {
    let world = World::new().await;
    user(&world, "ama").await;
    for (days, expected) in [(0, (1, 1, 1)), (7, (1, 1, 1)), (1, (1, 0, 1)), (22, (1, 0, 1)), (1, (1, 0, 0))]
    {
        world.clock.advance(DAY * days);
        assert_eq!(counted(&world).await, expected, "{}", world.clock.now());
    }
    login(&world, "ama@example.org", PASSWORD).await.expect(200);
    user(&world, "kofi").await;
    assert_eq!(counted(&world).await, (2, 1, 2));
    let (_, usage) = metered(accounts(&world.table, world.clock.now().day())).await;
    assert_eq!(usage.calls, 2, "one query for the days, one for all");
    world.recount().await;
}

#[tokio::test]
async fn a_day_is_changed_once_however_many_sign_in_at_its_first_moment() {
    let world = World::new().await;
    user(&world, "ama").await;
    world.clock.advance(DAY);
    world
        .faults
        .chance(11, &[(Fault::Conflict, 20), (Fault::Lost, 5), (Fault::Twice, 10), (Fault::Stale, 20)]);
    let answers = join_all((0..8).map(|_| login(&world, "ama@example.org", PASSWORD))).await;
    world.faults.stop();
    let entered = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(entered >= 6 && answers.iter().all(|answer| answer.status == 200 || answer.status == 503));
    assert_eq!((of_march(&world, 1).await, of_march(&world, 2).await), ((1, 0), (0, 1)));
    world.recount().await;
}

#[tokio::test]
async fn a_clock_that_is_behind_takes_no_day_back() {
    let world = World::new().await;
    user(&world, "ama").await;
    let before = world.clock.now();
    world.clock.advance(DAY);
    login(&world, "ama@example.org", PASSWORD).await.expect(200);
    world.clock.set(before);
    login(&world, "ama@example.org", PASSWORD).await.expect(200);
    assert_eq!((of_march(&world, 1).await, of_march(&world, 2).await), ((1, 0), (0, 1)));
    world.recount().await;
}

#[tokio::test]
async fn another_sign_in_of_the_day_costs_one_write_and_no_more() {
    let world = World::new().await;
    user(&world, "ama").await;
    let cost = async || {
        world.cost();
        login(&world, "ama@example.org", PASSWORD).await.expect(200);
        world.cost()
    };
    let usual = cost().await;
    world.clock.advance(DAY);
    let first = cost().await;
    let second = cost().await;
    assert_eq!((usual.calls, second.calls), (4, 4), "the counter, the credential, the sessions, the account");
    assert!(first.calls > usual.calls, "the first of a day moves figures as well");
}
