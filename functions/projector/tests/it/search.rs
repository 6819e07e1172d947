//! Search rows follow what they are made from, however the records come.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::{Key, Row, Tx, Words};
use testkit::{Delivery, Shelf, World, invoke};
use wire::Stamp;

/// Somebody who is found by name.
#[derive(Clone, Serialize, Deserialize)]
struct Person {
    id: String,
    name: String,
    ends: Option<Stamp>,
}

impl Row for Person {
    const KIND: &'static str = "person";

    fn key(&self) -> Key {
        Key::new(format!("LOYALTY#PERSON#{}", self.id), "PERSON")
    }

    fn ends(&self) -> Option<Stamp> {
        self.ends
    }

    fn words(&self) -> Option<Words> {
        Some(Words::new(SCOPE, &self.id).text(&self.name))
    }
}

const SCOPE: &str = "LOYALTY#PEOPLE";

fn person(id: usize, name: &str) -> Person {
    Person { id: id.to_string(), name: name.to_owned(), ends: None }
}

async fn found(world: &World, text: &str) -> Vec<String> {
    world.table.search(SCOPE, text, 1000).await.unwrap().0.into_iter().collect()
}

async fn put(world: &World, person: &Person) {
    let before = world.table.get_strong::<Person>(&person.key()).await.unwrap();
    let tx = match &before {
        Some(before) => Tx::new().change(before, person, &[]),
        None => Tx::<()>::new().insert(person, ()),
    };
    world.table.commit(tx).await.unwrap();
}

#[tokio::test]
async fn a_row_is_found_by_what_it_is_called_now() {
    let world = World::new().await;
    let projector = world.boot("projector", &[]).await;
    put(&world, &person(1, "Anna Berlin")).await;
    put(&world, &person(2, "Anna Bonn")).await;
    assert_eq!(
        invoke(&projector, &json!({ "Records": world.changes() })).await,
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(found(&world, "ann").await, ["1", "2"]);
    assert_eq!(found(&world, "anna berl").await, ["1"]);

    put(&world, &person(1, "Anna Bremen")).await;
    world.table.commit(Tx::new().delete(person(2, "").key(), table::Condition::exists(), ())).await.unwrap();
    invoke(&projector, &json!({ "Records": world.changes() })).await;
    assert_eq!(found(&world, "anna").await, ["1"]);
    assert_eq!(found(&world, "berlin").await, [""; 0]);
    assert_eq!(found(&world, "bremen").await, ["1"]);
}

#[tokio::test]
async fn our_own_rows_come_to_rest_and_expired_rows_are_found_no_more() {
    let world = World::new().await;
    let projector = world.boot("projector", &[]).await;
    let ends = Some(world.clock.now() + Duration::from_hours(1));
    put(&world, &Person { ends, ..person(1, "Anna") }).await;
    invoke(&projector, &json!({ "Records": world.changes() })).await;
    let own = world.changes();
    assert!(
        !own.is_empty() && own.iter().all(|record| record["dynamodb"]["NewImage"]["kind"]["S"] == "word")
    );
    invoke(&projector, &json!({ "Records": own })).await;
    assert!(world.changes().is_empty(), "an index entry makes no index entry");

    world.clock.advance(Duration::from_hours(2));
    assert_eq!(world.whole.cloud.table.sweep().unwrap(), 1);
    let expired = world.changes();
    assert_eq!(expired[0]["userIdentity"]["type"], "Service");
    invoke(&projector, &json!({ "Records": expired })).await;
    assert_eq!(found(&world, "anna").await, [""; 0]);
}

#[tokio::test]
async fn however_records_come_the_end_is_the_same() {
    let names = ["anna berlin", "bert bonn", "anna bonn", "carl", "berta berlin bonn", ""];
    for way in Delivery::all(1) {
        let world = World::new().await;
        let projector = world.boot("projector", &[]).await;
        let mut now_called = [""; 5];
        for step in 0..64 {
            let (id, name) = (step * 7 % 5, names[step * 11 % 13 % names.len()]);
            put(&world, &person(id, name)).await;
            now_called[id] = name;
        }
        assert_eq!(world.deliver(way, &projector, &world.changes()).await, 0, "{way:?}");
        let words: BTreeSet<&str> = names.iter().flat_map(|name| name.split_whitespace()).collect();
        for word in words {
            let expected: Vec<String> = (0..5)
                .filter(|id| now_called[*id].split_whitespace().any(|other| other.starts_with(word)))
                .map(|id| id.to_string())
                .collect();
            assert_eq!(found(&world, word).await, expected, "{word} after {way:?}");
        }
    }
}

#[tokio::test]
async fn however_records_come_the_same_entries_are_stored() {
    for seed in 0..6 {
        let world = World::new().await;
        let projector = world.boot("projector", &[]).await;
        change_people(&world, &mut fastrand::Rng::with_seed(seed)).await;
        let records = world.changes();
        assert_eq!(records.len(), 64);
        let [once, others @ ..] = Delivery::all(seed);
        assert_eq!(world.deliver(once, &projector, &records).await, 0);
        let ordered = entries(&world).await;
        assert!(ordered.of_kind("word").any(|entry| entry["gone"]["BOOL"] == true));
        for way in others {
            forget(&world).await;
            assert_eq!(world.deliver(way, &projector, &records).await, 0, "{way:?}");
            assert_eq!(entries(&world).await.changed_since(&ordered), [""; 0], "{way:?}");
        }
    }
}

/// Changes five people sixty-four times. Their words are few, so that each comes and goes often.
async fn change_people(world: &World, chance: &mut fastrand::Rng) {
    let mut people: [Option<String>; 5] = Default::default();
    for _ in 0..64 {
        let id = chance.usize(0..5);
        if people[id].is_some() && chance.u8(0..8) == 0 {
            let gone = Tx::new().delete(person(id, "").key(), table::Condition::exists(), ());
            world.table.commit(gone).await.unwrap();
            people[id] = None;
        } else {
            let words = ["anna", "bert", "berta"];
            let draw = || words.into_iter().filter(|_| chance.bool()).collect::<Vec<_>>().join(" ");
            let mut names = std::iter::repeat_with(draw);
            let name = names.find(|name| people[id].as_ref() != Some(name)).unwrap();
            put(world, &person(id, &name)).await;
            people[id] = Some(name);
        }
    }
}

/// The entries of the index, without the token by which the table knows each write.
async fn entries(world: &World) -> Shelf {
    world.shelf().await.only("word").without("last_write")
}

/// As if nothing had been delivered yet.
async fn forget(world: &World) {
    let text = |entry: &Value, name: &str| entry[name]["S"].as_str().unwrap().to_owned();
    let tx = entries(world).await.of_kind("word").fold(Tx::new(), |tx, entry| {
        tx.delete(Key::new(text(entry, "pk"), text(entry, "sk")), table::Condition::exists(), ())
    });
    world.table.commit(tx).await.unwrap();
}
