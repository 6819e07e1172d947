//! What was promised in a transaction reaches its queue.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::{Key, Message, Row, Tx, Words};
use testkit::{Extras, World, invoke};
use wire::Stamp;

/// A purchase: something that is told.
#[derive(Serialize, Deserialize)]
struct Purchase {
    id: usize,
}

impl Row for Purchase {
    const KIND: &'static str = "purchase";

    fn key(&self) -> Key {
        Key::new(format!("BAKERY#PURCHASE#{}", self.id), "PURCHASE")
    }

    /// Messages ride only in rows that have an end.
    fn ends(&self) -> Option<Stamp> {
        Some(Stamp::MAX)
    }

    fn words(&self) -> Option<Words> {
        Some(Words::new("BAKERY#PURCHASES", &self.id.to_string()).text(&format!("p{}", self.id)))
    }
}

/// A world in which a context that nobody deploys has a work queue.
async fn world() -> World {
    World::beyond(Extras { work_queues: &["bakery"], ..Extras::default() }).await
}

fn message(world: &World, to: &str, number: usize) -> Message {
    Message::new("bakery", to, json!({ "number": number, "note": "Grüße <\"&>" }), world.clock.now())
}

async fn purchase(world: &World, id: usize, told: impl IntoIterator<Item = Message>) {
    let tx = told.into_iter().fold(Tx::new().insert(&Purchase { id }, ()), Tx::tell);
    world.table.commit(tx).await.unwrap();
}

fn sorted(mut messages: Vec<Message>) -> Vec<Message> {
    messages.sort_by(|one, other| one.id.cmp(&other.id));
    messages
}

#[tokio::test]
async fn each_message_goes_to_its_queue_whole() {
    let world = world().await;
    let projector = world.boot("projector", &[]).await;
    let (mail, work) = (message(&world, "mail", 1), message(&world, "bakery", 2));
    purchase(&world, 1, [mail.clone(), work.clone()]).await;
    // A transaction without a new row gets a row for its messages.
    let alone = message(&world, "mail", 3);
    let update = table::Update::when(Purchase { id: 1 }.key(), table::Condition::exists()).set("paid", true);
    world.table.commit(Tx::new().update(update, ()).tell(alone.clone())).await.unwrap();

    let records = world.changes();
    assert_eq!(records.len(), 3);
    assert_eq!(invoke(&projector, &json!({ "Records": records })).await, json!({ "batchItemFailures": [] }));
    assert_eq!(sorted(world.bodies::<Message>("mail")), [mail.clone(), alone]);
    assert_eq!(world.bodies::<Message>("bakery"), [work]);

    // A crash before the stream was told: all comes again, each message with its own identity.
    invoke(&projector, &json!({ "Records": records })).await;
    assert_eq!(sorted(world.bodies::<Message>("mail"))[0], mail);
}

#[tokio::test]
async fn many_messages_are_sent_ten_at_a_time() {
    let world = world().await;
    let projector = world.boot("projector", &[]).await;
    let told: Vec<Message> = (0..23).map(|number| message(&world, "mail", number)).collect();
    purchase(&world, 1, told.clone()).await;
    purchase(&world, 2, [message(&world, "mail", 23)]).await;
    invoke(&projector, &json!({ "Records": world.changes() })).await;
    let arrived = sorted(world.bodies::<Message>("mail"));
    assert_eq!(arrived.len(), 24);
    assert_eq!(arrived[..23], sorted(told));
}

#[tokio::test]
async fn a_bad_record_fails_alone() {
    let world = world().await;
    let projector = world.boot("projector", &[]).await;
    for id in 0..10 {
        let told = [message(&world, "mail", id)];
        if id == 3 {
            purchase(&world, id, told.into_iter().chain([message(&world, "nowhere", id)])).await;
        } else {
            purchase(&world, id, told).await;
        }
    }
    let mut records = world.changes();
    records[7]["dynamodb"]["NewImage"]["told"] = json!({ "S": "not a list" });
    let number = |at: usize| records[at]["dynamodb"]["SequenceNumber"].clone();

    let answer = invoke(&projector, &json!({ "Records": records })).await;
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": number(3) }] }));
    let numbers = |messages: Vec<Message>| {
        let mut numbers: Vec<u64> =
            messages.iter().map(|message| message.body["number"].as_u64().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(
        numbers(world.bodies::<Message>("mail")),
        [0, 1, 2, 3, 4, 5, 6, 8, 9],
        "all neighbours are done at once"
    );
    let indexed = world.table.search("BAKERY#PURCHASES", "p", 100).await.unwrap().0;
    assert_eq!(indexed.len(), 9);

    // The stream comes again from there on, then once more without the record it gave up.
    let answer = invoke(&projector, &json!({ "Records": records[3..] })).await;
    assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], number(3));
    let answer = invoke(&projector, &json!({ "Records": records[4..] })).await;
    assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], number(7));
    let answer = invoke(&projector, &json!({ "Records": records[8..] })).await;
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_queue_that_is_away_holds_up_its_messages_only() {
    let world = world().await;
    let gone = format!("bakery={}", world.queue_url("gone"));
    let broken = world.boot("projector", &[("MERCATO_WORK_QUEUES", &gone)]).await;
    purchase(&world, 1, [message(&world, "mail", 1), message(&world, "bakery", 2)]).await;
    let records = world.changes();
    let answer = invoke(&broken, &json!({ "Records": records })).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    assert_eq!(world.bodies::<Message>("mail").len(), 1);

    invoke(&world.boot("projector", &[]).await, &json!({ "Records": records })).await;
    assert_eq!(world.bodies::<Message>("bakery").len(), 1, "nothing is lost once it is back");
}

#[tokio::test]
async fn only_new_rows_tell() {
    let world = world().await;
    let projector = world.boot("projector", &[]).await;
    purchase(&world, 1, [message(&world, "mail", 1)]).await;
    let update = table::Update::when(Purchase { id: 1 }.key(), table::Condition::exists()).set("paid", true);
    world.table.apply(update, ()).await.unwrap();
    let records = world.changes();
    assert!(records[1]["dynamodb"]["NewImage"]["told"].is_object(), "the row still holds what it told");
    invoke(&projector, &json!({ "Records": records })).await;
    assert_eq!(world.bodies::<Message>("mail").len(), 1);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_fails_as_a_whole() {
    let world = world().await;
    let projector = world.boot("projector", &[]).await;
    for event in [json!({}), json!({ "Records": [Value::Null] })] {
        assert!(projector.invoke(&event.to_string()).await.is_err());
    }
    assert_eq!(invoke(&projector, &json!({ "Records": [] })).await, json!({ "batchItemFailures": [] }));
}
