//! Killed at a random moment under load, and started again: nothing that was acknowledged may be lost.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use testkit::{Settings, World};
use wire::Clock;

use crate::load::{Acknowledged, Load};
use crate::process::Process;

/// How often it is killed; `CRASH_ROUNDS` for more.
const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives() {
    let rounds = std::env::var("CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let data = standins::scratch().unwrap();
    let folder = data.path().to_path_buf();
    let crashes = move || (0..rounds).map(|round| crash(&folder, round)).collect::<Vec<_>>();
    let acknowledged = tokio::task::spawn_blocking(crashes).await.unwrap();

    // The queue shows again what was in hand when the lights went out; by then it is later.
    let later = Clock::manual(Clock::system().now() + Duration::from_mins(15));
    let world = World::open(data.path(), later, Settings::default()).await;
    world.settle().await;
    let accounts = world.recount().await;
    let registered = acknowledged.iter().map(|round| round.registered.len()).sum::<usize>();
    assert!(registered >= rounds, "a load worth the name");
    // Somebody whose answer was lost may have an account too: one of each thread at most.
    assert!(
        (registered..=registered + 3 * rounds).contains(&accounts),
        "{accounts} accounts of {registered}"
    );
    for round in &acknowledged {
        everybody_is_there(&world, round).await;
    }
    mail_came_once(&world, &acknowledged, rounds);
}

/// One round: starts it, loads it, and kills it in the middle.
fn crash(folder: &Path, round: usize) -> Acknowledged {
    let process = Process::start(folder);
    let load = Load::start(process.address(), round);
    while load.answers() == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(fastrand::u64(0..700)));
    process.kill();
    load.end()
}

async fn everybody_is_there(world: &World, round: &Acknowledged) {
    let shelf = world.shelf().await;
    for name in &round.registered {
        let found = shelf.of_kind("principal").any(|principal| principal["username"]["S"] == name.as_str());
        assert!(found, "{name} was lost");
    }
}

/// Each letter came, and came once; a crash between the mail service and the mark may send one twice.
fn mail_came_once(world: &World, acknowledged: &[Acknowledged], crashes: usize) {
    let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (to, subject, _) in world.mails() {
        let kind = if subject.starts_with("Welcome") { "welcome" } else { "reset" };
        *count.entry((to, kind.to_owned())).or_default() += 1;
    }
    let came =
        |name: &String, kind: &str| count.contains_key(&(format!("{name}@shop.test"), kind.to_owned()));
    for round in acknowledged {
        for name in &round.registered {
            assert!(came(name, "welcome"), "{name} was never welcomed");
        }
        for name in &round.forgot {
            assert!(came(name, "reset"), "{name} waits for a mail");
        }
    }
    let twice: Vec<_> = count.iter().filter(|(_, count)| **count > 1).collect();
    assert!(
        twice.len() <= crashes && twice.iter().all(|(_, count)| **count == 2),
        "sent too often: {twice:?}"
    );
}
