//! What a round hands over, and how much of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::{Condition, Due, Key, Places, Row, Tx, Update};
use testkit::{Extras, World, invoke};
use wire::Stamp;

/// A lot that closes by itself.
#[derive(Serialize, Deserialize)]
struct Lot {
    context: String,
    id: String,
    closes: Stamp,
}

impl Row for Lot {
    const KIND: &'static str = "lot";

    fn key(&self) -> Key {
        Key::new(format!("{}#LOT#{}", self.context.to_uppercase(), self.id), "LOT")
    }

    fn places(&self) -> Places {
        Places::none().due(&self.context, "close", self.closes, &self.id)
    }
}

async fn open_lots(world: &World, context: &str, lots: &[(usize, Stamp)]) {
    for lots in lots.chunks(100) {
        let tx = lots.iter().fold(Tx::new(), |tx, (id, closes)| {
            let lot = Lot { context: context.to_owned(), id: id.to_string(), closes: *closes };
            tx.insert(&lot, "taken")
        });
        world.table.commit(tx).await.unwrap();
    }
}

/// What a context does with what it is handed: a settled row is due no more.
async fn settle(world: &World, handed: &[Value]) {
    let dues: Vec<Due> =
        handed.iter().map(|body| serde_json::from_value(body["due"].clone()).unwrap()).collect();
    for dues in dues.chunks(100) {
        let tx = dues.iter().fold(Tx::new(), |tx, due| {
            tx.update(Update::when(due.key(), Condition::exists()).remove("duepk").remove("duesk"), "gone")
        });
        world.table.commit(tx).await.unwrap();
    }
}

/// A world in which contexts that nobody deploys have work queues.
async fn world(work_queues: &'static [&'static str]) -> World {
    World::beyond(Extras { work_queues, ..Extras::default() }).await
}

#[tokio::test]
async fn without_contexts_there_is_nothing_to_do() {
    let world = World::new().await;
    let clock = world.boot("clock", &[("MERCATO_WORK_QUEUES", "")]).await;
    assert_eq!(invoke(&clock, &json!({})).await, json!({ "enqueued": 0 }));
}

#[tokio::test]
async fn what_is_due_goes_to_its_own_context() {
    let world = world(&["bakery", "florist"]).await;
    let now = world.clock.now();
    let minute = Duration::from_mins(1);
    open_lots(&world, "bakery", &[(1, now - minute), (2, now), (3, now + minute)]).await;
    open_lots(&world, "florist", &[(1, now - minute)]).await;
    let clock = world.boot("clock", &[]).await;

    assert_eq!(invoke(&clock, &json!({ "source": "aws.scheduler" })).await, json!({ "enqueued": 3 }));
    let due = |pk: &str, at: Stamp| json!({ "due": { "what": "close", "pk": pk, "sk": "LOT", "at": at } });
    assert_eq!(
        world.bodies::<Value>("bakery"),
        [due("BAKERY#LOT#1", now - minute), due("BAKERY#LOT#2", now)]
    );
    assert_eq!(world.bodies::<Value>("florist"), [due("FLORIST#LOT#1", now - minute)]);

    world.clock.advance(minute);
    invoke(&clock, &json!({})).await;
    assert_eq!(world.bodies::<Value>("bakery").len(), 3, "what nobody settled is handed over again");
}

#[tokio::test]
async fn a_backlog_is_worked_off_in_bounded_runs() {
    let world = world(&["bakery"]).await;
    let now = world.clock.now();
    let lots: Vec<_> = (0..1200).map(|id| (id, now - Duration::from_secs(id as u64))).collect();
    open_lots(&world, "bakery", &lots).await;
    let clock = world.boot("clock", &[]).await;

    // Three minutes were missed, and the schedule then fires twice at once.
    world.clock.advance(Duration::from_mins(3));
    let nothing = json!({});
    let (one, other) = tokio::join!(invoke(&clock, &nothing), invoke(&clock, &nothing));
    assert_eq!((&one, &other), (&json!({ "enqueued": 500 }), &json!({ "enqueued": 500 })));
    let mut seen = BTreeSet::new();
    let mut runs = 1;
    loop {
        // A context knows what it was handed twice by the row.
        let pk = |body: &Value| body["due"]["pk"].as_str().unwrap().to_owned();
        let handed: BTreeMap<String, Value> =
            world.bodies::<Value>("bakery").into_iter().map(|body| (pk(&body), body)).collect();
        assert!(handed.len() <= 500 && handed.keys().all(|pk| !seen.contains(pk)));
        settle(&world, &handed.values().cloned().collect::<Vec<_>>()).await;
        seen.extend(handed.into_keys());
        if invoke(&clock, &nothing).await == json!({ "enqueued": 0 }) {
            break;
        }
        runs += 1;
    }
    assert_eq!(seen.len(), 1200);
    assert!((3..=5).contains(&runs), "{runs} runs");
}

#[tokio::test]
async fn a_broken_queue_keeps_no_other_waiting() {
    let world = world(&["florist"]).await;
    let now = world.clock.now();
    open_lots(&world, "bakery", &[(1, now)]).await;
    open_lots(&world, "florist", &[(1, now)]).await;
    let queues = format!("bakery={},florist={}", world.queue_url("none"), world.queue_url("florist"));
    let clock = world.boot("clock", &[("MERCATO_WORK_QUEUES", &queues)]).await;
    assert!(clock.invoke("{}").await.is_err(), "the run fails, so that somebody hears of it");
    assert_eq!(world.bodies::<Value>("florist").len(), 1);
}
