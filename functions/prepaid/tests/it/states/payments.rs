//! The states of a payment.

use serde_json::{Value, json};
use testkit::Answer;

use super::{held, in_vain, refusal};
use crate::till::Till;
use crate::webhook::tells;

const STATES: [&str; 6] = ["pending", "processing", "failed", "cancelled", "completed", "refunded"];

/// What the bank may say of an intent.
const SAID: [&str; 6] = ["open", "asks", "processing", "declined", "canceled", "succeeded"];

/// To which state each of that leads, and last whether the money can be asked back.
#[rustfmt::skip]
const WAYS: [[&str; 7]; 6] = [
    ["pending",   "pending",    "processing", "failed",    "cancelled", "completed", "404"],
    ["processing", "processing", "processing", "failed",   "cancelled", "completed", "404"],
    ["failed",    "failed",     "processing", "failed",    "cancelled", "completed", "404"],
    ["cancelled", "cancelled",  "cancelled",  "cancelled", "cancelled", "completed", "404"],
    ["completed", "completed",  "completed",  "completed", "completed", "completed", "completed"],
    ["refunded",  "refunded",   "refunded",   "refunded",  "refunded",  "refunded",  "400"],
];

/// An intent of which the bank says this from now on.
fn say(till: &Till, intent: &str, what: &str) {
    let error =
        json!({ "type": "card_error", "code": "card_declined", "message": "Your card was declined." });
    let status = match what {
        "open" | "declined" => "requires_payment_method",
        "asks" => "requires_action",
        status => status,
    };
    let change = |object: &mut Value| {
        object["status"] = json!(status);
        object["last_payment_error"] = if what == "declined" { error } else { Value::Null };
        object["amount_received"] = if what == "succeeded" { object["amount"].clone() } else { json!(0) };
    };
    till.bank().alter(intent, change).unwrap();
}

/// A payment in this state, and its intent.
async fn in_state(till: &Till, state: &str) -> (String, String) {
    let (id, intent) = till.intent(&till.ama, 1).await;
    match state {
        "pending" => {}
        "completed" | "refunded" => {
            till.bank().pay(&intent, "pm_card_visa").unwrap();
            till.confirms(&till.ama, &intent).await.expect(200);
        }
        "failed" => say(till, &intent, "declined"),
        "cancelled" => say(till, &intent, "canceled"),
        status => say(till, &intent, status),
    }
    if state == "refunded" {
        let refund = till.asked_back(&till.ama, &id).await;
        till.approves(&refund).await.expect(200);
    } else if !["pending", "completed"].contains(&state) {
        till.confirms(&till.ama, &intent).await.expect(400);
    }
    assert_eq!(till.status(&till.ama, &id).await, state);
    (id, intent)
}

/// A payment, what the bank says of it then, and where that leads.
struct Sample {
    id: String,
    intent: String,
    from: &'static str,
    said: &'static str,
    to: &'static str,
}

/// A payment in each state for each of what the bank may say then: where that changes nothing, and where it does.
async fn samples(till: &Till) -> (Vec<Sample>, Vec<Sample>) {
    let mut all = Vec::new();
    for (from, ways) in STATES.into_iter().zip(WAYS) {
        for (said, to) in SAID.into_iter().zip(ways) {
            let (id, intent) = in_state(till, from).await;
            say(till, &intent, said);
            all.push(Sample { id, intent, from, said, to });
        }
    }
    all.into_iter().partition(|sample| sample.from == sample.to)
}

/// Insists that a payment went where it should.
async fn went(till: &Till, sample: &Sample) {
    let Sample { id, from, said, to, .. } = sample;
    assert_eq!(till.status(&till.ama, id).await, *to, "{said} of what is {from}");
}

/// The customer of a payment confirms it, and is told how far it is.
async fn confirms(till: &Till, sample: &Sample) {
    let answer: Answer = till.confirms(&till.ama, &sample.intent).await;
    match sample.to {
        "completed" | "refunded" => {
            let answer = answer.expect(200);
            assert_eq!(answer.json["voucher_codes"].as_array().map(Vec::len), Some(1));
            assert_eq!(answer.json["already_processed"] == true, sample.from == sample.to);
        }
        "cancelled" => assert_eq!(answer.expect(400).text_at("error"), "Payment was cancelled"),
        _ => assert_eq!(answer.expect(400).text_at("error"), "Payment not successful"),
    }
    went(till, sample).await;
}

/// The bank tells of a payment.
async fn told(till: &Till, sample: &Sample) {
    let kind = match sample.said {
        told @ ("processing" | "canceled" | "succeeded") => format!("payment_intent.{told}"),
        _ => "payment_intent.payment_failed".to_owned(),
    };
    let event = format!("evt_{}", sample.id.replace('-', ""));
    tells(till, &event, &kind, till.at_bank(&sample.intent)).await.expect(200);
    went(till, sample).await;
}

#[tokio::test]
async fn every_state_of_a_payment_knows_its_ways_when_its_customer_confirms() {
    let till = Till::open().await;
    let (vain, going) = samples(&till).await;
    let in_turn = async {
        for sample in &vain {
            confirms(&till, sample).await;
        }
    };
    in_vain(&till, in_turn).await;
    for sample in &going {
        confirms(&till, sample).await;
    }
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn every_state_of_a_payment_knows_its_ways_when_the_bank_tells() {
    let till = Till::open().await;
    let (vain, going) = samples(&till).await;
    let in_turn = async {
        for sample in &vain {
            told(&till, sample).await;
        }
    };
    in_vain(&till, in_turn).await;
    for sample in &going {
        told(&till, sample).await;
    }
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn only_what_was_paid_is_asked_back() {
    let till = Till::open().await;
    let mut payments = Vec::new();
    for (from, ways) in STATES.into_iter().zip(WAYS) {
        payments.push((in_state(&till, from).await.0, ways[6]));
    }
    let refusals = async {
        for (id, way) in &payments {
            if let Some(status) = refusal(way) {
                till.asks_back(&till.ama, id).await.expect(status);
            }
        }
    };
    in_vain(&till, refusals).await;
    for (id, _) in payments.iter().filter(|(_, way)| refusal(way).is_none()) {
        till.asks_back(&till.ama, id).await.expect(201);
    }
}

#[tokio::test]
async fn time_ends_what_nobody_paid_and_nothing_else() {
    let mut till = Till::open().await;
    let mut payments = Vec::new();
    for state in STATES {
        payments.push((state, in_state(&till, state).await.0));
    }
    let before = held(&till).await;
    till.passes("2026-03-01T09:31:00Z").await;
    let after = held(&till).await;
    let changed = after.changed_since(&before);
    for (state, id) in payments {
        let ends = if ["pending", "failed"].contains(&state) { "cancelled" } else { state };
        assert_eq!(till.status(&till.ama, &id).await, ends);
        // What the bank is still at is looked at again.
        let touched = changed.iter().any(|key| key.ends_with(&format!("PAYMENT#{id}")));
        assert_eq!(touched, ["pending", "processing", "failed"].contains(&state), "what is {state}");
    }
}
