use std::collections::BTreeSet;

use access::Principal;
use table::{Condition, Key, Tx, Words};
use testkit::World;

use crate::days::Day;
use crate::rebuild;

const ACCOUNTS: &str = "IDENTITY#ACCOUNTS";

/// The ids that a search finds.
async fn found(world: &World, text: &str) -> BTreeSet<String> {
    world.table.search(ACCOUNTS, text, 100).await.unwrap().0
}

/// Takes the entries of a word away, as if their records had been lost.
async fn forget(world: &World, word: &str) {
    let partition = format!("SEARCH#{ACCOUNTS}#{}", &word[..1]);
    for entry in world.partition(&partition).await {
        let key = Key::new(&partition, entry["sk"].as_s().unwrap());
        if key.sk().starts_with(word) {
            world.table.commit(Tx::new().delete(key, Condition::exists(), ())).await.unwrap();
        }
    }
    // The stand-in's stream tells of that too; nobody is to act on it.
    world.changes();
}

#[tokio::test]
async fn what_was_lost_is_found_again() {
    let world = World::new().await;
    let mut day = Day::begin(&world).await;
    day.pass(40, 3).await;
    world.settle().await;
    let before = world.shelf().await.only("word").without("last_write").without("seq");
    let (first, late) = (found(&world, "first1").await, found(&world, "late3").await);
    assert!(first.len() == 1 && !late.is_empty());
    forget(&world, "first1").await;
    forget(&world, "late3").await;
    assert!(found(&world, "first1").await.is_empty());

    let rows = rebuild(&world).restore_words().await.unwrap();
    assert_eq!(rows, world.recount().await);
    assert_eq!((found(&world, "first1").await, found(&world, "late3").await), (first, late));
    let after = world.shelf().await.only("word").without("last_write").without("seq");
    assert_eq!(after.changed_since(&before), Vec::<&str>::new(), "all words are as they were");
}

/// The words that somebody is found by at this moment.
async fn words_of(world: &World, day: &Day<'_>) -> Words {
    let id = day.someone().parse().unwrap();
    Words::of(&world.item(&Principal::key_of(id)).await.unwrap()).unwrap().unwrap()
}

#[tokio::test]
async fn records_overrule_what_is_restored_before_and_after_them() {
    let world = World::new().await;
    let day = Day::begin(&world).await;
    day.rename("Nora").await;
    world.settle().await;
    assert_eq!(found(&world, "nora").await.len(), 1);

    // The row is read, its word leaves it, and then the word is restored.
    let read = words_of(&world, &day).await;
    day.rename("Olga").await;
    world.settle().await;
    world.table.restore_words(&read, world.clock.now()).await.unwrap();
    assert!(found(&world, "nora").await.is_empty());
    assert_eq!(found(&world, "olga").await.len(), 1);

    // The word was lost and is restored, and then leaves the row.
    forget(&world, "olga").await;
    assert!(found(&world, "olga").await.is_empty());
    rebuild(&world).restore_words().await.unwrap();
    assert_eq!(found(&world, "olga").await.len(), 1);
    day.rename("Paula").await;
    world.settle().await;
    assert!(found(&world, "olga").await.is_empty());
    assert_eq!(found(&world, "paula").await.len(), 1);
}
