//! Who guesses codes is slowed, and nobody else.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use table::{Condition, Key, Tx, Update};
use testkit::{Answer, Person};

use crate::till::{Till, refused};

/// Where a code is named, and with what else.
const NAMED: [(&str, &str); 4] = [
    ("/vouchers/redeem/", "service_type"),
    ("/vouchers/validate/", "service_type"),
    ("/vouchers/reserve/", "service_type"),
    ("/vouchers/claim/", "more"),
];

fn names(code: &str, besides: &str) -> Value {
    json!({ "code": code, besides: "result_check" })
}

/// The `n`th code that nobody has.
fn unknown(n: usize) -> String {
    format!("GUESSED{n:05}")
}

async fn guesses(till: &Till, who: &Person, n: usize) -> Answer {
    till.redeems(who, &unknown(n)).await
}

/// Insists that somebody has to wait for so long.
#[track_caller]
fn slowed(answer: Answer, seconds: &str) {
    let answer = answer.expect(429);
    let text = format!("Request was throttled. Expected available in {seconds} seconds.");
    assert_eq!((&answer.json, answer.header("retry-after")), (&json!({ "detail": text }), seconds));
}

#[tokio::test]
async fn twenty_unknown_codes_are_refused_and_then_any_code_for_ten_minutes() {
    let till = Till::open().await;
    let (code, used) = (till.code(&till.ama).await, till.code(&till.ama).await);
    for _ in 0..3 {
        till.redeems(&till.kofi, &used).await.expect(200);
    }
    // What is known is no guess, whatever is wrong with it; nor is what a form refuses.
    for _ in 0..25 {
        till.redeems(&till.kofi, &used).await.expect(400);
        till.post(&till.kofi, "/vouchers/redeem/", json!({ "code": unknown(0) })).await.expect(400);
    }
    for n in 0..20 {
        let answer = guesses(&till, &till.kofi, n).await;
        refused(answer, json!({ "code": ["Invalid voucher code."] }));
        till.world.clock.advance(Duration::from_secs(1));
    }
    slowed(guesses(&till, &till.kofi, 20).await, "580");
    for (path, besides) in NAMED {
        for code in [code.as_str(), used.as_str(), &unknown(21)] {
            slowed(till.post(&till.kofi, path, names(code, besides)).await, "580");
        }
    }
    assert_eq!(till.voucher(&code).await["usage_count"], 0);
    // Others are others, even at the same address; and who is slowed may do everything else.
    till.redeems(&till.ama, &code).await.expect(200);
    till.get(&till.kofi, "/vouchers/my-vouchers/").await.expect(200);
    // The window goes on from the first guess, and ends however often somebody tried within it.
    till.world.clock.advance(Duration::from_secs(579));
    let last = till.redeems(&till.kofi, &code).await.expect(429);
    assert_eq!(last.text_at("detail"), "Request was throttled. Expected available in 1 second.");
    till.world.clock.advance(Duration::from_secs(1));
    till.redeems(&till.kofi, &code).await.expect(200);
    let answer = guesses(&till, &till.kofi, 22).await;
    refused(answer, json!({ "code": ["Invalid voucher code."] }));
}

#[tokio::test]
async fn every_door_counts_the_same_guesses() {
    let till = Till::open().await;
    for n in 0..20 {
        let (path, besides) = NAMED[n % 4];
        let answer = till.post(&till.kofi, path, names(&unknown(n), besides)).await;
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{answer:?}");
    }
    for (path, besides) in NAMED {
        slowed(till.post(&till.kofi, path, names(&unknown(20), besides)).await, "600");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_many_at_once_is_told_of_twenty_at_most() {
    let till = Till::open().await;
    let answers = join_all((0..40).map(|n| guesses(&till, &till.kofi, n))).await;
    let told = answers.iter().filter(|answer| answer.status == 400).count();
    assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 400 | 429)), "{answers:?}");
    assert_eq!(told, 20);
}

#[tokio::test]
async fn a_thousand_unknown_codes_from_one_address_slow_everybody_there() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    guesses(&till, &till.kofi, 0).await.expect(400);
    let counter = Key::new("PREPAID#GUESSES#ADDRESS#203.0.113.7", "GUESSES");
    let more = Update::when(counter, Condition::exists()).add("count", 998);
    till.world.table.commit(Tx::new().update(more, ())).await.unwrap();
    guesses(&till, &till.kofi, 1).await.expect(400);
    slowed(guesses(&till, &till.kofi, 2).await, "600");
    slowed(till.redeems(&till.ama, &code).await, "600");
    let elsewhere = till.call(&till.ama, "POST", "/vouchers/redeem/").from("198.51.100.4");
    elsewhere.json(&names(&code, "service_type")).send().await.expect(200);
}
