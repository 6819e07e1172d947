//! Search rows follow what they are made from, however the records come.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::{Key, Row, Tx, Words};
use wire::Stamp;

use crate::world::{World, invoke};

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
    world.table.commit(Tx::new().put(person, table::Condition::always(), ())).await.unwrap();
}

#[tokio::test]
async fn a_row_is_found_by_what_it_is_called_now() {
    let world = World::start();
    let projector = world.boot().await;
    put(&world, &person(1, "Anna Berlin")).await;
    put(&world, &person(2, "Anna Bonn")).await;
    assert_eq!(
        invoke(&projector, &json!({ "Records": world.records() })).await,
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(found(&world, "ann").await, ["1", "2"]);
    assert_eq!(found(&world, "anna berl").await, ["1"]);

    put(&world, &person(1, "Anna Bremen")).await;
    world.table.commit(Tx::new().delete(person(2, "").key(), table::Condition::exists(), ())).await.unwrap();
    invoke(&projector, &json!({ "Records": world.records() })).await;
    assert_eq!(found(&world, "anna").await, ["1"]);
    assert_eq!(found(&world, "berlin").await, [""; 0]);
    assert_eq!(found(&world, "bremen").await, ["1"]);
}

#[tokio::test]
async fn our_own_rows_come_to_rest_and_expired_rows_are_found_no_more() {
    let world = World::start();
    let projector = world.boot().await;
    let ends = Some(world.clock.now() + Duration::from_hours(1));
    put(&world, &Person { ends, ..person(1, "Anna") }).await;
    invoke(&projector, &json!({ "Records": world.records() })).await;
    let own = world.records();
    assert!(
        !own.is_empty() && own.iter().all(|record| record["dynamodb"]["NewImage"]["kind"]["S"] == "word")
    );
    invoke(&projector, &json!({ "Records": own })).await;
    assert!(world.records().is_empty(), "an index entry makes no index entry");

    world.clock.advance(Duration::from_hours(2));
    assert_eq!(world.cloud.table.sweep().unwrap(), 1);
    let expired = world.records();
    assert_eq!(expired[0]["userIdentity"]["type"], "Service");
    invoke(&projector, &json!({ "Records": expired })).await;
    assert_eq!(found(&world, "anna").await, [""; 0]);
}

/// Ways in which a stream hands out its records.
#[derive(Clone, Copy, Debug)]
enum Delivery {
    Once,
    Twice,
    Backwards,
    Shuffled,
    Torn,
}

impl Delivery {
    fn batches(self, records: &[Value]) -> Vec<Vec<Value>> {
        match self {
            Self::Once => records.chunks(25).map(<[Value]>::to_vec).collect(),
            Self::Twice => records.chunks(7).flat_map(|batch| [batch.to_vec(), batch.to_vec()]).collect(),
            Self::Backwards => {
                records.rchunks(10).map(|batch| batch.iter().rev().cloned().collect()).collect()
            }
            // 37 and the number of records have no common divisor.
            Self::Shuffled => {
                let count = records.len();
                let mixed: Vec<Value> = (0..count).map(|at| records[at * 37 % count].clone()).collect();
                mixed.chunks(9).map(<[Value]>::to_vec).collect()
            }
            // Each batch is cut off and comes again from the middle, as after a failure.
            Self::Torn => records
                .chunks(10)
                .flat_map(|batch| [batch.to_vec(), batch[batch.len() / 2..].to_vec(), batch.to_vec()])
                .collect(),
        }
    }
}

#[tokio::test]
async fn however_records_come_the_end_is_the_same() {
    let names = ["anna berlin", "bert bonn", "anna bonn", "carl", "berta berlin bonn", ""];
    for delivery in [Delivery::Once, Delivery::Twice, Delivery::Backwards, Delivery::Shuffled, Delivery::Torn]
    {
        let world = World::start();
        let projector = world.boot().await;
        let mut now_called = [""; 5];
        for step in 0..64 {
            let (id, name) = (step * 7 % 5, names[step * 11 % 13 % names.len()]);
            put(&world, &person(id, name)).await;
            now_called[id] = name;
        }
        for batch in delivery.batches(&world.records()) {
            let answer = invoke(&projector, &json!({ "Records": batch })).await;
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
        }
        let words: BTreeSet<&str> = names.iter().flat_map(|name| name.split_whitespace()).collect();
        for word in words {
            let expected: Vec<String> = (0..5)
                .filter(|id| now_called[*id].split_whitespace().any(|other| other.starts_with(word)))
                .map(|id| id.to_string())
                .collect();
            assert_eq!(found(&world, word).await, expected, "{word} after {delivery:?}");
        }
    }
}
