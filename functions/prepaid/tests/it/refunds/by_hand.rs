//! Money that is given back by hand at the bank, and money that the bank sends back.

use serde_json::{Value, json};
use standins::stripe::Trouble;

use crate::till::Till;

/// Somebody of the staff gives so many cents of a payment back on the bank's own pages.
async fn by_hand(till: &Till, payment: &Value, cents: u32) {
    let intent = payment["stripe_payment_intent_id"].as_str().unwrap();
    let call = till.world.call("POST", "/api/prepaid/stripe/v1/refunds").bearer("sk_test_standin");
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    call.body(format!("payment_intent={intent}&amount={cents}")).send().await.expect(200);
    till.world.settle().await;
}

fn refunds_at_the_bank(till: &Till) -> usize {
    till.bank().all("refund").unwrap().len()
}

#[tokio::test]
async fn an_event_about_other_money_approves_nothing() {
    let till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 2).await;
    let refund = till.asked(&till.ama, &id).await;
    by_hand(&till, &till.payment(&till.ama, &id).await, 100).await;
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!((&kept["refund"]["status"], refunds_at_the_bank(&till)), (&json!("pending"), 1));
    till.decides(&refund, "reject").await.expect(200);
    by_hand(&till, &kept, 100).await;
    assert_eq!(refunds_at_the_bank(&till), 2, "those by hand and no other");
    till.redeems(&till.kofi, &codes[0]).await.expect(200);
}

#[tokio::test]
async fn what_failed_is_not_tried_again_when_other_money_moves() {
    let till = Till::open().await;
    let (id, _) = till.paid(&till.ama, 2).await;
    let refund = till.asked(&till.ama, &id).await;
    // So little is left there that the bank refuses what was approved.
    by_hand(&till, &till.payment(&till.ama, &id).await, 1).await;
    let failed = till.decides(&refund, "approve").await.expect(200).json;
    assert_eq!((&failed["status"], refunds_at_the_bank(&till)), (&json!("failed"), 1));
    // A day later it knows the key of that no more, and has all the money again.
    till.world.clock.advance(std::time::Duration::from_hours(25));
    let other = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
    till.bank().settle_refund(&other, false).unwrap();
    till.world.settle().await;
    assert_eq!(refunds_at_the_bank(&till), 1);
}

#[tokio::test]
async fn what_had_arrived_and_comes_back_stays_as_it_was_noted() {
    let mut till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 1).await;
    let refund = till.asked(&till.ama, &id).await;
    till.decides(&refund, "approve").await.expect(200);
    till.world.settle().await;
    let before = till.payment(&till.ama, &id).await;
    assert_eq!(before["refund"]["status"], "completed");
    till.meets(Trouble { events_twice: true, ..Trouble::default() });
    let at_bank = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
    till.bank().settle_refund(&at_bank, false).unwrap();
    till.world.settle().await;
    till.at("2026-03-01T12:00:00Z").await;
    assert_eq!(till.payment(&till.ama, &id).await, before, "a person has to look");
    till.redeems(&till.kofi, &codes[0]).await.expect(400);
}

#[tokio::test]
async fn what_is_disputed_while_it_is_on_its_way_leaves_no_code_that_works() {
    let mut till = Till::open().await;
    till.meets(Trouble { refunds_wait: true, ..Trouble::default() });
    let (id, codes) = till.paid(&till.ama, 2).await;
    let refund = till.asked(&till.ama, &id).await;
    till.decides(&refund, "approve").await.expect(200);
    let intent = till.payment(&till.ama, &id).await["stripe_payment_intent_id"].as_str().unwrap().to_owned();
    till.bank().dispute(&intent).unwrap();
    till.world.settle().await;
    let at_bank = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
    till.bank().settle_refund(&at_bank, false).unwrap();
    till.world.settle().await;
    let kept = till.payment(&till.ama, &id).await;
    let gone = kept["refund"]["vouchers_cancelled"].as_array().unwrap().len();
    assert_eq!((&kept["refund"]["status"], gone), (&json!("failed"), 2));
    for code in &codes {
        till.redeems(&till.kofi, code).await.expect(400);
    }
    let (_, text) = till.world.mail_to(&till.ama.email).await.pop().unwrap();
    assert!(text.contains(&codes[0]) && !text.contains("good again"), "{text}");
    till.at("2026-03-01T12:00:00Z").await;
    till.world.recount_prepaid_with_the_bank().await;
}
