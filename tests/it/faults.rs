//! What holds when the network and the table do what they do on a bad day.

mod clients;
mod outages;

use futures_util::future::join_all;
use testkit::{TROUBLE, World, bad_days};

use clients::Client;

/// How many clients act at the same time.
const CLIENTS: usize = 4;

/// One bad day: clients do all that an account offers, and whatever was acknowledged must be so at its end.
async fn bad_day(seed: u64) {
    let world = World::new().await;
    let clients: Vec<Client> = (0..CLIENTS).map(|n| Client::new(&world, n)).collect();

    world.faults.chance(seed, &TROUBLE);
    let wins = join_all(clients.iter().map(Client::register)).await;
    assert_eq!(wins.into_iter().filter(|won| *won).count(), 1, "one name, one owner");
    join_all(clients.iter().map(Client::live)).await;
    world.deliver_through_trouble(seed + 1, false).await;

    world.faults.chance(seed + 2, &TROUBLE);
    join_all(clients.iter().map(Client::reset_password)).await;
    world.deliver_through_trouble(seed + 3, false).await;

    for client in &clients {
        client.finds_all_as_left().await;
    }
    assert_eq!(world.recount().await, CLIENTS + 1, "one effect for each request, however often it was sent");
    world.assert_it_was_a_bad_day();
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
