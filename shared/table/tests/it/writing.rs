//! Writes under every kind of trouble: refused by position, judged anew, sent again, never doubled.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use table::{
    Condition, Denied, Index, Key, Message, Once, Places, Row, Table, Tx, Update, Words, again, from_item,
};
use testkit::{Fault, World};
use wire::{Problem, Stamp};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Jar {
    id: String,
    coins: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

impl Row for Jar {
    const KIND: &'static str = "jar";

    fn key(&self) -> Key {
        key(&self.id)
    }

    fn places(&self) -> Places {
        Places::none().at(Index::Gsi1, "TEST#JARS", format!("{:04}", self.coins))
    }

    fn words(&self) -> Option<Words> {
        Some(Words::new("TEST#JARS", &self.id).text(self.label.as_deref().unwrap_or_default()))
    }
}

fn key(id: &str) -> Key {
    Key::new(format!("TEST#JAR#{id}"), "JAR")
}

fn jar(id: &str, coins: i64) -> Jar {
    Jar { id: id.to_owned(), coins, label: None }
}

async fn read(table: &Table, id: &str) -> Jar {
    table.get_strong(&key(id)).await.unwrap().unwrap()
}

fn refused<R: PartialEq>(result: Result<(), Denied<R>>, expected: &R) -> bool {
    matches!(result, Err(Denied::Refused(refusal)) if refusal == *expected)
}

#[tokio::test]
async fn the_step_that_failed_says_why_and_nothing_is_written() {
    let world = World::new().await;
    let table = &world.table;
    table.commit(Tx::new().insert(&jar("a", 5), "taken").insert(&jar("b", 0), "taken")).await.unwrap();
    let short = Tx::new().take(key("a"), "coins", 6, "short").insert(&jar("c", 0), "taken");
    assert!(refused(table.commit(short).await, &"short"));
    let taken = Tx::new().take(key("a"), "coins", 1, "short").insert(&jar("b", 0), "taken");
    assert!(refused(table.commit(taken).await, &"taken"));
    let both = Tx::new().take(key("a"), "coins", 6, "short").insert(&jar("b", 0), "taken");
    assert!(refused(table.commit(both).await, &"short"), "the first refusal speaks");
    let gone =
        Tx::new().check(key("x"), Condition::exists(), "gone").delete(key("a"), Condition::exists(), "gone");
    assert!(refused(table.commit(gone).await, &"gone"));
    assert_eq!((read(table, "a").await.coins, table.item(&key("c"), true).await.unwrap()), (5, None));
}

#[tokio::test]
async fn a_change_keeps_indexes_words_and_what_it_does_not_know() {
    let world = World::new().await;
    let table = &world.table;
    let before = Jar { label: Some("sweet plums".into()), ..jar("a", 5) };
    table.commit(Tx::new().insert(&before, ())).await.unwrap();
    let newer = Update::when(key("a"), Condition::exists()).set("from_a_newer_version", "kept");
    table.apply(newer, ()).await.unwrap();
    let after = Jar { coins: 7, label: None, ..before.clone() };
    table.commit(Tx::<()>::new().change(&before, &after, &[])).await.unwrap();
    let item = table.item(&key("a"), true).await.unwrap().unwrap();
    assert_eq!(item["gsi1sk"].as_s().unwrap(), "0007");
    assert_eq!(item["from_a_newer_version"].as_s().unwrap(), "kept");
    assert!(!item.contains_key("label"));
    assert_eq!(from_item::<Jar>(item).unwrap(), after);
    let stale = table.commit(Tx::<()>::new().change(&before, &jar("a", 9), &[])).await;
    assert!(matches!(stale, Err(Denied::Stale)), "{stale:?}");
    let watched = table.commit(Tx::<()>::new().change(&jar("a", 7), &jar("a", 9), &["label"])).await;
    assert!(watched.is_ok(), "what is watched did not change");
}

#[tokio::test]
async fn twenty_who_judge_and_change_lose_nothing() {
    let world = World::new().await;
    let table = world.troubled_table();
    table.commit(Tx::new().insert(&jar("a", 0), ())).await.unwrap();
    world.faults.chance(7, &[(Fault::Conflict, 10), (Fault::Twice, 10), (Fault::Lost, 5)]);
    let adds = (0..20).map(|_| async {
        again(|| async {
            let before = read(&table, "a").await;
            let after = Jar { coins: before.coins + 1, ..before.clone() };
            table.commit(Tx::<()>::new().change(&before, &after, &[])).await
        })
        .await
    });
    let done = futures_util::future::join_all(adds).await;
    world.faults.stop();
    let made = i64::try_from(done.iter().filter(|done| done.is_ok()).count()).unwrap();
    assert_eq!(read(&table, "a").await.coins, made);
    assert!(
        done.iter().all(|done| matches!(done, Ok(()) | Err(Denied::Stale | Denied::Fault(_)))),
        "{done:?}"
    );
}

#[tokio::test]
async fn a_single_update_whose_answer_was_lost_happens_once() {
    let world = World::new().await;
    let table = world.troubled_table();
    table.commit(Tx::new().insert(&jar("a", 5), ())).await.unwrap();
    for fault in [Fault::Lost, Fault::Twice, Fault::Broken, Fault::Throttled, Fault::Conflict] {
        world.faults.next("UpdateItem", fault);
        let before = read(&table, "a").await.coins;
        let bid = Update::when(key("a"), Condition::exists().is("coins", before)).add("coins", 1);
        let item = table.apply(bid, "outbid").await.unwrap();
        assert_eq!(item["coins"].as_n().unwrap(), &(before + 1).to_string(), "{fault:?}");
        assert_eq!(read(&table, "a").await.coins, before + 1, "{fault:?}");
    }
    let stale = Update::when(key("a"), Condition::exists().is("coins", 0)).add("coins", 1);
    assert!(matches!(table.apply(stale, "outbid").await, Err(Denied::Refused("outbid"))));
}

#[tokio::test]
async fn a_conflict_that_stays_is_busy_and_a_broken_table_is_asked_three_times() {
    let world = World::new().await;
    let table = world.troubled_table();
    world.faults.chance(1, &[(Fault::Conflict, 100)]);
    let busy = table.commit(Tx::new().insert(&jar("a", 5), ())).await;
    assert!(matches!(&busy, Err(Denied::Fault(fault)) if fault.is_busy()), "{busy:?}");
    assert_eq!(world.cost().calls, 12);
    world.faults.chance(1, &[(Fault::Broken, 100)]);
    let busy = table.get::<Jar>(&key("a")).await;
    assert!(busy.is_err_and(|fault| fault.is_busy()));
    assert_eq!(world.cost().calls, 3);
}

#[tokio::test]
async fn numbers_of_a_series_are_unique_whatever_happens() {
    let world = World::new().await;
    let table = world.troubled_table();
    world.faults.chance(3, &[(Fault::Conflict, 20), (Fault::Lost, 5)]);
    let draws = futures_util::future::join_all((0..200).map(|_| table.next_number("TEST#JARS"))).await;
    let mut numbers: Vec<u64> = draws.into_iter().filter_map(Result::ok).collect();
    let drawn = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), drawn);
    assert!(drawn > 190, "{drawn}");
}

#[tokio::test]
async fn figures_are_exact_under_conflicts() {
    let world = World::new().await;
    let table = world.troubled_table();
    world.faults.chance(5, &[(Fault::Conflict, 20), (Fault::Twice, 10)]);
    let adds = (0..100).map(|n| {
        let tx = Tx::<()>::new().insert(&jar(&format!("{n}"), n), ());
        table.commit(
            tx.tally("TEST#JARS", [("jars", 1), ("coins", n)])
                .tally("TEST#JARS", [("jars", 0), ("coins", -1)]),
        )
    });
    for added in futures_util::future::join_all(adds).await {
        added.unwrap();
    }
    let figures = world.table.figures("TEST#JARS").await.unwrap();
    assert_eq!((figures.get("jars"), figures.get("coins"), figures.get("lids")), (100, 4950 - 100, 0));
}

#[tokio::test]
async fn a_message_rides_in_a_new_row_or_alone_and_only_with_its_reason() {
    let world = World::new().await;
    let told = || Message::new("test", "mail", json!({ "n": 1 }), world.clock.now());
    let alone =
        Tx::new().update(Update::when(key("a"), Condition::exists()).add("coins", 1), "gone").tell(told());
    assert!(refused(world.table.commit(alone.clone()).await, &"gone"));
    world.table.commit(Tx::new().insert(&jar("a", 1), "taken").tell(told())).await.unwrap();
    assert!(!world.item(&key("a")).await.unwrap().contains_key("told"), "a jar has no end");
    let work = Message { to: "test".to_owned(), ..told() };
    world.table.commit(Tx::new().insert(&jar("b", 1), "taken").tell(work)).await.unwrap();
    assert!(world.item(&key("b")).await.unwrap().contains_key("told"), "work is a few ids");
    world.table.commit(alone.clone()).await.unwrap();
    let id = &alone_id(&alone);
    let outbox = world.item(&Key::new(format!("OUTBOX#TEST#{id}"), "TOLD")).await.unwrap();
    assert_eq!(outbox["kind"].as_s().unwrap(), "outbox");
}

/// The identity of the one message that a transaction tells.
fn alone_id<R: std::fmt::Debug>(tx: &Tx<R>) -> String {
    let text = format!("{tx:?}");
    text.split("Message { id: \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_with_a_key_has_one_effect_and_one_answer() {
    let world = World::new().await;
    let table = world.troubled_table();
    let once = |body: &str, now| {
        let body = json!({ "body": body }).as_object().unwrap().clone();
        Once::new("test", "7", "POST", "/api/test", "key", &body, now)
    };
    let now = world.clock.now();
    let tx = |id: &str, once: Once| {
        let answered = once.answer(http::StatusCode::CREATED, &json!({ "id": id })).unwrap();
        Tx::<&str>::new().insert(&jar(id, 1), "taken").answering(Some(answered))
    };
    world.faults.next("TransactWriteItems", Fault::Lost);
    table.commit(tx("a", once("same", now))).await.unwrap();
    let again = table.commit(tx("b", once("same", now))).await;
    let Err(Denied::Repeated(answer)) = again else { panic!("{again:?}") };
    assert_eq!((answer.status().as_u16(), &answer.members()["id"]), (201, &json!("a")));
    let other = table.commit(tx("c", once("other", now))).await;
    let Err(Denied::Repeated(answer)) = other else { panic!("{other:?}") };
    assert_eq!(answer.status().as_u16(), 422);
    assert!(table.repeated(&once("same", now)).await.unwrap().is_some());
    let next_day = now + std::time::Duration::from_hours(24);
    assert!(table.repeated(&once("same", next_day)).await.unwrap().is_none());
    table.commit(tx("d", once("same", next_day))).await.unwrap();
    for (id, expected) in [("a", true), ("b", false), ("c", false), ("d", true)] {
        assert_eq!(world.item(&key(id)).await.is_some(), expected, "{id}");
    }
    let problem: Problem = Denied::<Problem>::Stale.into();
    assert_eq!(problem.status().as_u16(), 503);
}

#[tokio::test]
async fn words_follow_the_newest_record_in_any_order_of_delivery() {
    let world = World::new().await;
    let table = &world.table;
    let words = |text: &str| Words::new("TEST#JARS", "1").text(text);
    let (plum, pear, none) = (words("plum jam"), words("pear jam"), words(""));
    let records =
        [(None, Some(&plum), "9"), (Some(&plum), Some(&pear), "10"), (Some(&pear), Some(&none), "11")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1]] {
        for n in order.into_iter().chain(order) {
            let (old, new, seq) = records[n];
            table.index_words(old, new, seq, world.clock.now()).await.unwrap();
        }
        for word in ["plum", "pear", "jam"] {
            assert!(
                table.search("TEST#JARS", word, 100).await.unwrap().0.is_empty(),
                "{word} after {order:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_due_is_found_from_its_very_instant_on() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Task {
        id: String,
        at: Stamp,
    }
    impl Row for Task {
        const KIND: &'static str = "task";
        fn key(&self) -> Key {
            Key::new(format!("TEST#TASK#{}", self.id), "TASK")
        }
        fn places(&self) -> Places {
            Places::none().due("test", "remind", self.at, &self.id)
        }
    }
    let world = World::new().await;
    let now = world.clock.now();
    let second = std::time::Duration::from_secs(1);
    for n in 0..40_u32 {
        let task = Task { id: n.to_string(), at: now + second * n };
        world.table.commit(Tx::new().insert(&task, ())).await.unwrap();
    }
    assert!(world.table.due("test", now - second, 100).await.unwrap().is_empty());
    let due = world.table.due("test", now + second * 19, 100).await.unwrap();
    assert_eq!(due.len(), 20);
    assert!(due.is_sorted_by_key(|due| due.at));
    assert_eq!((due[0].what.as_str(), due[0].key()), ("remind", Key::new("TEST#TASK#0", "TASK")));
    let few = world.table.due("test", now + second * 999, 2).await.unwrap();
    assert_eq!(few.len(), 4, "the oldest of each shard, and none of the last minutes");
}

#[tokio::test]
async fn near_the_end_of_an_invocation_no_write_is_begun() {
    let world = World::new().await;
    let table = &world.table;
    let write = |id: &'static str| async move {
        let update = Update::when(key("a"), Condition::exists()).set("label", id);
        let put = Tx::new().insert(&jar(id, 1), ());
        (table.commit(put).await, table.apply(update, ()).await.map(drop))
    };
    table.commit(Tx::new().insert(&jar("a", 5), ())).await.unwrap();
    let before = world.shelf().await;
    let (commit, apply) = table::within(Duration::from_millis(1_900), write("b")).await;
    for denied in [commit, apply] {
        assert!(matches!(&denied, Err(Denied::Fault(fault)) if fault.is_busy()), "{denied:?}");
    }
    assert_eq!(world.shelf().await, before);
    let looked = table::within(Duration::from_millis(1_900), read(table, "a")).await;
    assert_eq!(looked.coins, 5, "reading goes on to the end");
    let (commit, apply) = table::within(Duration::from_secs(20), write("b")).await;
    assert!(commit.is_ok() && apply.is_ok());
}
