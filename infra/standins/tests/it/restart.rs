//! What a cloud finds again when it is started on the folder of another.

use std::time::Duration;

use standins::dynamo::TableSpec;
use standins::{Cloud, Options};

use crate::world::{World, put, s};

#[tokio::test]
async fn everything_is_there_again() {
    let world = World::new();
    let client = world.dynamo("f");
    put(&client, "A#1", 1).await;
    put(&client, "A#1", 2).await;
    world.cloud.table.changes.consume(1).unwrap();
    for body in ["one", "two"] {
        world.cloud.queues.send("mail", body).unwrap();
    }
    assert_eq!(world.cloud.queues.receive("mail", 1).unwrap().len(), 1);
    let message = aws_sdk_ses::types::Message::builder().build();
    let content = aws_sdk_ses::types::Content::builder().data("Hello").build().unwrap();
    let message = aws_sdk_ses::types::Message::builder().subject(content).set_body(message.body).build();
    let to = aws_sdk_ses::types::Destination::builder().to_addresses("a@example.com").build();
    world.ses().send_email().source("b@example.com").destination(to).message(message).send().await.unwrap();
    world.cloud.parameters.put("/a", "b", true).unwrap();

    let world = world.restart();
    let item = world.dynamo("f").get_item().table_name("mercato").key("pk", s("A#1")).key("sk", s("A"));
    assert_eq!(item.send().await.unwrap().item.unwrap()["quantity"].as_n().unwrap(), "2");
    let changes = &world.cloud.table.changes;
    assert_eq!(changes.consumed(), 1);
    put(&world.dynamo("f"), "A#1", 3).await;
    let positions: Vec<_> =
        changes.after(changes.consumed(), 10).unwrap().into_iter().map(|change| change.position).collect();
    assert_eq!(positions, [2, 3], "the triggers are there once, not twice");
    assert_eq!(world.cloud.queues.receive("mail", 10).unwrap()[0]["body"], "two");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(world.cloud.queues.receive("mail", 1).unwrap()[0]["body"], "one");
    assert_eq!(world.cloud.mail.list(10).unwrap()[0].subject, "Hello");
    assert_eq!(world.cloud.parameters.get("/a").as_deref(), Some("b"));
}

#[tokio::test]
async fn another_table_in_the_folder_is_said_plainly() {
    let world = World::new();
    let create = serde_json::json!({
        "TableName": "mercato",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    });
    let options = Options::new(world.folder.path(), TableSpec { create, ttl: None });
    let Err(error) = Cloud::start(options) else { panic!("it should not start") };
    assert!(error.to_string().contains("delete the data folder"), "{error}");
}
