//! Money while the bank does not answer, or nobody hears what it answered; and payments that nobody finishes.

use std::time::Duration;

use serde_json::{Value, json};
use standins::stripe::Trouble;
use testkit::{Fault, with};

use crate::days::codes;
use crate::till::{Till, said};

/// As many answers as the shop asks for before it gives up.
const ALL_ANSWERS: u32 = 4;

/// The clock goes on by so many minutes, and what is due is done.
async fn minutes(till: &mut Till, many: u64) {
    till.world.clock.advance(Duration::from_mins(many));
    till.sign_in().await;
    till.world.minute().await;
}

/// The bank does what it is asked, and nobody hears of it; its events wait as well.
fn deaf(till: &Till) {
    till.meets(Trouble { lost_answers: ALL_ANSWERS, events_held: true, ..Trouble::default() });
}

/// The bank answers, but tells nothing by itself.
fn silent(till: &Till) {
    till.meets(Trouble { events_held: true, ..Trouble::default() });
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_delivered_once_by_the_clock() {
    let mut till = Till::open().await;
    deaf(&till);
    let lost = till.post(&till.ama, "/vouchers/purchase/", till.order()).await.expect(502);
    let payment = lost.text_at("payment_id");
    assert_eq!(lost.text_at("message"), "Payment processor unavailable");
    assert_eq!((till.charged().len(), till.has(&till.ama).await), (1, 0));
    silent(&till);
    minutes(&mut till, 4).await;
    assert_eq!(till.status(&till.ama, &payment).await, "pending", "not yet looked at");
    minutes(&mut till, 2).await;
    assert_eq!(
        (till.status(&till.ama, &payment).await.as_str(), till.has(&till.ama).await),
        ("completed", 1)
    );
    till.recovers();
    minutes(&mut till, 90).await;
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.vouchers, 1);
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_delivered_once_to_who_asks_again() {
    let till = Till::open().await;
    let order = till.order();
    let buy = || till.keyed(&till.ama, "/vouchers/purchase/", "k", &order);
    deaf(&till);
    let lost = buy().await.expect(502).text_at("payment_id");
    silent(&till);
    let bought = buy().await.expect(201);
    assert_eq!(bought.text_at("payment.id"), lost);
    assert_eq!(buy().await.header("idempotent-replayed"), "true");
    let made = till.heard("/v1/payment_intents");
    let key = format!("prepaid-pi-{lost}");
    assert!(made.iter().all(|call| call.key.as_deref() == Some(key.as_str())), "{made:?}");
    assert_eq!(made.iter().filter(|call| !call.replayed).count(), 1);
    till.recovers();
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.vouchers, 1);
}

#[tokio::test]
async fn whoever_crashes_between_the_bank_and_the_commit_finds_the_same_charge_again() {
    let till = Till::open().await;
    let order = till.order();
    for (n, (path, has)) in
        [("/vouchers/purchase/", 1), ("/payments/create-payment-intent/", 0)].into_iter().enumerate()
    {
        let who = till.newcomer().await;
        let ask = || till.keyed(&who, path, "k", &order);
        silent(&till);
        // The payment is written; what the bank answered is not.
        let crash = async {
            while till.world.shelf().await.of_kind("payment").count() == n {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            (0..12).for_each(|_| till.world.faults.next("TransactWriteItems", Fault::Broken));
        };
        till.meets(Trouble { slow: Duration::from_millis(500), events_held: true, ..Trouble::default() });
        let (failed, ()) = tokio::join!(ask(), crash);
        till.world.faults.stop();
        assert!(failed.status.is_server_error(), "{failed:?}");
        silent(&till);
        said(ask().await, 409, "Request in progress");
        till.world.clock.advance(Duration::from_secs(31));
        let done = ask().await.expect(201);
        let intents = till.bank().all("payment_intent").unwrap();
        assert_eq!(intents.len(), n + 1, "one for each");
        assert_eq!(intents[0]["metadata"]["payment_id"], done.json["payment"]["id"]);
        assert_eq!(done.json["payment"]["stripe_payment_intent_id"], intents[0]["id"]);
        assert_eq!(till.has(&who).await, has);
    }
    till.recovers();
    till.world.settle().await;
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn what_never_reached_the_bank_is_never_charged_later() {
    let mut till = Till::open().await;
    let discount = till.discount("ONCE", json!({ "max_uses": 1 })).await;
    let order = with(&till.order(), &json!({ "discount_code": "ONCE" }));
    till.meets(Trouble { unavailable: true, ..Trouble::default() });
    let away = till.post(&till.ama, "/vouchers/purchase/", order).await.expect(502).text_at("payment_id");
    minutes(&mut till, 6).await;
    assert_eq!((till.status(&till.ama, &away).await.as_str(), till.uses_of(&discount).await), ("pending", 1));
    till.recovers();
    minutes(&mut till, 12).await;
    let known = till.payment(&till.ama, &away).await;
    assert_eq!(known["status"], "pending");
    let intent = known["stripe_payment_intent_id"].as_str().unwrap().to_owned();
    assert_eq!(
        till.at_bank(&intent)["status"],
        "requires_payment_method",
        "made, but not paid with the card"
    );
    minutes(&mut till, 50).await;
    assert_eq!(
        (till.status(&till.ama, &away).await.as_str(), till.uses_of(&discount).await),
        ("cancelled", 0)
    );
    assert_eq!((till.charged().len(), till.has(&till.ama).await), (0, 0));
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn events_that_never_come_are_made_up_for_by_the_clock() {
    let mut till = Till::open().await;
    silent(&till);
    let (paid, first) = till.intent(&till.ama, 2).await;
    let (declined, second) = till.intent(&till.ama, 1).await;
    let (slow, third) = till.intent(&till.ama, 1).await;
    till.bank().pay(&first, "pm_card_visa").unwrap();
    till.bank().pay(&second, "pm_card_visa_chargeDeclined").unwrap_err();
    till.bank().pay(&third, "pm_usBankAccount_success").unwrap();
    minutes(&mut till, 6).await;
    let mut states = Vec::new();
    for payment in [&paid, &declined, &slow] {
        states.push(till.status(&till.ama, payment).await);
    }
    assert_eq!(states, ["completed", "failed", "processing"]);
    assert_eq!(till.has(&till.ama).await, 2);
    // What is processing is waited for, however long it takes.
    minutes(&mut till, 24 * 60).await;
    till.bank().clear(&third, true).unwrap();
    minutes(&mut till, 70).await;
    assert_eq!(till.status(&till.ama, &slow).await, "completed");
    assert_eq!(till.status(&till.ama, &declined).await, "cancelled");
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn who_takes_an_hour_to_pay_is_called_off_at_the_bank_first() {
    let mut till = Till::open().await;
    let discount = till.discount("ONCE", json!({ "max_uses": 1 })).await;
    let order = with(&till.order(), &json!({ "discount_code": "ONCE" }));
    let made = till.post(&till.ama, "/payments/create-payment-intent/", order).await.expect(201);
    let (payment, intent) = (made.text_at("payment_id"), made.text_at("payment_intent_id"));
    minutes(&mut till, 59).await;
    assert_eq!(till.status(&till.ama, &payment).await, "pending");
    // The bank is asked, and its answer is lost: nothing is called off here before it is known there.
    till.meets(Trouble { lost_answers: 0, unavailable: true, events_held: true, ..Trouble::default() });
    minutes(&mut till, 11).await;
    assert_eq!(
        (till.status(&till.ama, &payment).await.as_str(), till.uses_of(&discount).await),
        ("pending", 1)
    );
    silent(&till);
    minutes(&mut till, 61).await;
    assert_eq!(
        (till.status(&till.ama, &payment).await.as_str(), till.uses_of(&discount).await),
        ("cancelled", 0)
    );
    assert_eq!(till.at_bank(&intent)["status"], "canceled");
    let keys: Vec<Option<String>> = till.heard("/cancel").into_iter().map(|call| call.key).collect();
    assert_eq!(keys, [Some(format!("prepaid-pix-{payment}"))]);
    assert!(till.bank().pay(&intent, "pm_card_visa").is_err(), "nobody can pay it any more");
    till.recovers();
    minutes(&mut till, 1).await;
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn an_hour_over_and_the_answer_to_the_calling_off_lost() {
    let mut till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 1).await;
    till.world.clock.advance(Duration::from_mins(61));
    till.sign_in().await;
    // It is looked at, then called off: the first is answered, and none of the second.
    silent(&till);
    let lose = async {
        while till.bank().heard().iter().filter(|call| call.method == "GET").count() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        deaf(&till);
    };
    tokio::join!(till.world.minute(), lose);
    till.recovers();
    minutes(&mut till, 61).await;
    assert_eq!(till.status(&till.ama, &payment).await, "cancelled");
    assert_eq!(till.at_bank(&intent)["status"], "canceled");
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn who_pays_in_the_very_moment_of_the_calling_off_has_paid() {
    let mut till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 2).await;
    till.world.clock.advance(Duration::from_mins(61));
    till.sign_in().await;
    till.meets(Trouble { slow: Duration::from_millis(100), events_held: true, ..Trouble::default() });
    // The intent is looked at, and not paid. Then it is, before the bank hears that it is called off.
    let pay = async {
        while till.bank().heard().iter().filter(|call| call.method == "GET").count() == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        till.bank().pay(&intent, "pm_card_visa").unwrap();
    };
    tokio::join!(till.world.minute(), pay);
    assert_eq!(till.heard("/cancel").len(), 1, "it was tried");
    assert_eq!(
        (till.status(&till.ama, &payment).await.as_str(), till.has(&till.ama).await),
        ("completed", 2)
    );
    till.recovers();
    till.world.settle().await;
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_given_back_once() {
    let mut till = Till::open().await;
    let bought = till.buys(&till.ama, 2).await;
    let payment = bought.text_at("payment.id");
    let refund = till.asked_back(&till.ama, &payment).await;
    till.world.settle().await;
    deaf(&till);
    let approved = till.approves(&refund).await.expect(200);
    assert_eq!(approved.json["status"], "processing");
    assert_eq!(till.voucher(&codes(&bought)[0]).await["status"], "cancelled");
    silent(&till);
    minutes(&mut till, 6).await;
    let shown = till.payment(&till.ama, &payment).await;
    assert_eq!((&shown["refund"]["status"], &shown["status"]), (&json!("completed"), &json!("refunded")));
    let key = format!("prepaid-re-{refund}");
    let asked = till.heard("/v1/refunds");
    assert!(
        asked.len() > 4 && asked.iter().all(|call| call.key.as_deref() == Some(key.as_str())),
        "{asked:?}"
    );
    assert_eq!(till.bank().all("refund").unwrap().len(), 1);
    till.recovers();
    minutes(&mut till, 1).await;
    let letters = till.world.subjects(&till.ama.email).await;
    assert_eq!(letters.iter().filter(|subject| *subject == "Your refund").count(), 1);
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.given_back, 2000);
}

#[tokio::test]
async fn a_refund_that_takes_its_time_is_asked_about_every_hour() {
    let mut till = Till::open().await;
    let payment = till.buys(&till.ama, 1).await.text_at("payment.id");
    let refund = till.asked_back(&till.ama, &payment).await;
    // The bank is away when it is approved; then it takes its time, and never tells.
    till.meets(Trouble { unavailable: true, ..Trouble::default() });
    assert_eq!(till.approves(&refund).await.expect(200).json["status"], "processing");
    assert_eq!(till.bank().all("refund").unwrap(), Vec::<Value>::new());
    till.meets(Trouble { refunds_wait: true, events_held: true, ..Trouble::default() });
    minutes(&mut till, 6).await;
    let at_bank = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
    till.bank().settle_refund(&at_bank, true).unwrap();
    minutes(&mut till, 58).await;
    assert_eq!(till.status(&till.ama, &payment).await, "completed", "not asked again yet");
    minutes(&mut till, 3).await;
    assert_eq!(till.status(&till.ama, &payment).await, "refunded");
    till.recovers();
    minutes(&mut till, 1).await;
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn a_confirmation_that_the_bank_does_not_answer_is_made_up_for() {
    let till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 1).await;
    silent(&till);
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    till.meets(Trouble { unavailable: true, events_held: true, ..Trouble::default() });
    said(till.confirms(&till.ama, &intent).await, 502, "Payment processor unavailable");
    assert_eq!(till.status(&till.ama, &payment).await, "pending");
    till.recovers();
    till.confirms(&till.ama, &intent).await.expect(200);
    till.world.settle().await;
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.vouchers, 1);
}
