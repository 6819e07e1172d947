//! What the table's changes say about each kind of write.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use serde_json::{Value, json};

use crate::world::{World, n, put, s};

/// The records since a position, as `(eventName, old quantity, new quantity)`.
fn told(world: &World, after: i64) -> Vec<(String, Value, Value)> {
    let quantity = |record: &Value, image: &str| record["dynamodb"][image]["quantity"]["N"].clone();
    let changes = world.cloud.table.changes.after(after, 100).unwrap();
    let tell = |record: &Value| {
        let name = record["eventName"].as_str().unwrap().to_owned();
        (name, quantity(record, "OldImage"), quantity(record, "NewImage"))
    };
    changes.iter().map(|change| tell(&change.record)).collect()
}

fn event(name: &str, old: Value, new: Value) -> (String, Value, Value) {
    (name.to_owned(), old, new)
}

#[tokio::test]
async fn a_put_is_told_as_lambda_tells_it() {
    let world = World::new();
    put(&world.dynamo("f"), "A#1", 1).await;
    let changes = world.cloud.table.changes.after(0, 10).unwrap();
    assert_eq!(changes.len(), 1);
    let expected = json!({
        "eventID": "00000000000000000000000000000001",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": changes[0].record["dynamodb"]["ApproximateCreationDateTime"],
            "Keys": { "pk": { "S": "A#1" }, "sk": { "S": "A" } },
            "NewImage": { "pk": { "S": "A#1" }, "sk": { "S": "A" }, "quantity": { "N": "1" } },
            "SequenceNumber": "100000000000000000001",
            "SizeBytes": 25,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/mercato/stream/2026-01-01T00:00:00.000",
    });
    assert_eq!(changes[0].record, expected);
    let now = world.clock.now().seconds();
    let told = changes[0].record["dynamodb"]["ApproximateCreationDateTime"].as_i64().unwrap();
    assert!((now - 2..=now).contains(&told), "{told} is not about {now}");
}

#[tokio::test]
async fn each_write_leaves_one_change() {
    let world = World::new();
    let client = world.dynamo("f");
    put(&client, "A#1", 1).await;
    put(&client, "A#1", 2).await;
    let update = client.update_item().table_name("mercato").key("pk", s("A#1")).key("sk", s("A"));
    let update = update.update_expression("ADD quantity :one").expression_attribute_values(":one", n(1));
    update.send().await.unwrap();
    client.delete_item().table_name("mercato").key("pk", s("A#1")).key("sk", s("A")).send().await.unwrap();
    let expected = vec![
        event("INSERT", Value::Null, json!("1")),
        event("MODIFY", json!("1"), json!("2")),
        event("MODIFY", json!("2"), json!("3")),
        event("REMOVE", json!("3"), Value::Null),
    ];
    assert_eq!(told(&world, 0), expected);
    assert_eq!(told(&world, 2), expected[2..]);
}

#[tokio::test]
async fn a_transaction_leaves_one_change_a_step_and_none_when_refused() {
    let world = World::new();
    let client = world.dynamo("f");
    put(&client, "A#1", 1).await;
    put(&client, "A#2", 2).await;
    let key = |at: &str| [("pk".to_owned(), s(at)), ("sk".to_owned(), s("A"))].into();
    let steps = |expected: i64| {
        let check = ConditionCheck::builder().table_name("mercato").set_key(Some(key("A#1")));
        let check =
            check.condition_expression("quantity = :q").expression_attribute_values(":q", n(expected));
        let put = Put::builder().table_name("mercato").set_item(Some(key("A#3"))).build().unwrap();
        let update = Update::builder().table_name("mercato").set_key(Some(key("A#4")));
        let update = update.update_expression("SET quantity = :q").expression_attribute_values(":q", n(4));
        let delete = Delete::builder().table_name("mercato").set_key(Some(key("A#2"))).build().unwrap();
        vec![
            TransactWriteItem::builder().condition_check(check.build().unwrap()).build(),
            TransactWriteItem::builder().put(put).build(),
            TransactWriteItem::builder().update(update.build().unwrap()).build(),
            TransactWriteItem::builder().delete(delete).build(),
        ]
    };
    let refused = client.transact_write_items().set_transact_items(Some(steps(7))).send().await.unwrap_err();
    assert!(refused.into_service_error().is_transaction_canceled_exception());
    assert_eq!(told(&world, 2), []);
    client.transact_write_items().set_transact_items(Some(steps(1))).send().await.unwrap();
    let expected = vec![
        event("INSERT", Value::Null, Value::Null),
        event("INSERT", Value::Null, json!("4")),
        event("REMOVE", json!("2"), Value::Null),
    ];
    assert_eq!(told(&world, 2), expected);
}

#[tokio::test]
async fn a_write_that_changes_nothing_is_no_change() {
    let world = World::new();
    let client = world.dynamo("f");
    for quantity in [1, 1, 1, 2] {
        put(&client, "A#1", quantity).await;
    }
    client.delete_item().table_name("mercato").key("pk", s("A#9")).key("sk", s("A")).send().await.unwrap();
    let names: Vec<_> = told(&world, 0).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["INSERT", "MODIFY"]);
    assert_eq!(
        world.cloud.table.changes.after(1, 1).unwrap().len(),
        1,
        "the next real change is found at once"
    );
}

#[tokio::test]
async fn time_removes_what_expired_and_says_so() {
    let world = World::new();
    let client = world.dynamo("f");
    let expiry = world.clock.now().seconds() + 60;
    for (key, ttl) in [("A#1", n(expiry)), ("A#2", n(expiry + 3600)), ("A#3", s("never"))] {
        let put = client.put_item().table_name("mercato").item("pk", s(key)).item("sk", s("A"));
        put.item("ttl", ttl).send().await.unwrap();
    }
    assert_eq!(world.cloud.table.sweep().unwrap(), 0);
    world.clock.advance(Duration::from_secs(61));
    let mut written = world.cloud.table.changes.written();
    assert_eq!(world.cloud.table.sweep().unwrap(), 1);
    assert!(written.has_changed().unwrap());
    written.mark_unchanged();
    client.delete_item().table_name("mercato").key("pk", s("A#2")).key("sk", s("A")).send().await.unwrap();
    assert!(written.has_changed().unwrap());

    let changes = world.cloud.table.changes.after(3, 10).unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0].record["dynamodb"]["Keys"]["pk"]["S"], "A#1");
    let by_time = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    assert_eq!(changes[0].record["userIdentity"], by_time);
    assert_eq!(changes[1].record.get("userIdentity"), None);
}

#[tokio::test]
async fn a_follower_sees_every_change_once_and_in_order() {
    const WRITERS: i64 = 6;
    const EACH: i64 = 20;
    let world = World::new();
    let client = world.dynamo("f");
    let changes = world.cloud.table.changes.clone();
    let follower = tokio::spawn(async move {
        let mut written = changes.written();
        let mut seen = Vec::new();
        while seen.len() < usize::try_from(WRITERS * EACH).unwrap() {
            let news = changes.after(seen.last().copied().unwrap_or(0), 7).unwrap();
            if news.is_empty() {
                written.changed().await.unwrap();
            }
            seen.extend(news.iter().map(|change| change.position));
        }
        seen
    });
    let writers = (0..WRITERS).map(|writer| {
        let client = client.clone();
        tokio::spawn(async move {
            for quantity in 0..EACH {
                put(&client, &format!("A#{writer}"), quantity).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let seen = tokio::time::timeout(Duration::from_secs(10), follower).await.unwrap().unwrap();
    assert_eq!(seen, (1..=WRITERS * EACH).collect::<Vec<_>>());
}

#[tokio::test]
async fn consumed_changes_are_trimmed_far_behind() {
    let world = World::new();
    let client = world.dynamo("f");
    for quantity in 0..5 {
        put(&client, "A#1", quantity).await;
    }
    let changes = &world.cloud.table.changes;
    changes.consume(10_000 + 3).unwrap();
    assert_eq!(changes.consumed(), 10_003);
    assert_eq!(changes.after(0, 10).unwrap().len(), 0, "all of them lie more than a thousand behind");
}

/// A look at the cost, kept loose for slow machines.
#[tokio::test]
async fn starting_and_writing_are_cheap() {
    let start = Instant::now();
    let world = World::new();
    let started = start.elapsed();
    let client = world.dynamo("f");
    put(&client, "A#1", 0).await;
    let start = Instant::now();
    for quantity in 1..=200 {
        put(&client, "A#1", quantity).await;
    }
    let each = start.elapsed() / 200;
    eprintln!("start {started:?}, put {each:?}");
    assert!(started < Duration::from_secs(2) && each < Duration::from_millis(50));
}
