//! What Stripe tells, and what follows from it: whatever comes late, twice, in disorder, or about nothing of ours.

use serde_json::{Value, json};
use standins::stripe::{Trouble, sign};
use testkit::{Answer, Shelf};

use crate::days::codes;
use crate::till::{Till, said};

const WEBHOOK: &str = "/api/prepaid/payments/webhook/";

/// Sends an event as Stripe does, about an object.
pub(crate) async fn tells(till: &Till, id: &str, kind: &str, object: Value) -> Answer {
    let event = json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "livemode": false, "type": kind,
        "created": till.world.clock.now().seconds(), "data": { "object": object },
    });
    let body = event.to_string();
    let signature = sign("whsec_standin", body.as_bytes(), till.world.clock.now());
    let call = till.world.call("POST", WEBHOOK).header("content-type", "application/json");
    let answer = call.header("stripe-signature", &signature).body(body).send().await;
    till.world.settle().await;
    answer
}

/// What the shop holds, except that an event was noted.
async fn held(till: &Till) -> Shelf {
    till.world.settle().await;
    till.world.shelf().await.of_others("stripe-event")
}

#[tokio::test]
async fn whoever_pays_and_never_confirms_has_the_vouchers_by_the_event() {
    let till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 2).await;
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    assert_eq!(till.status(&till.ama, &payment).await, "pending");
    till.world.settle().await;
    let paid = till.payment(&till.ama, &payment).await;
    assert_eq!((&paid["status"], paid["vouchers"].as_array().map(Vec::len)), (&json!("completed"), Some(2)));
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Your voucher purchase"]);
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn events_that_come_twice_and_in_disorder_come_to_the_same() {
    for (twice, reversed) in [(true, false), (false, true), (true, true)] {
        let till = Till::open().await;
        let (payment, intent) = till.intent(&till.ama, 2).await;
        till.meets(Trouble { events_held: true, ..Trouble::default() });
        till.bank().pay(&intent, "pm_card_visa_chargeDeclined").unwrap_err();
        till.bank().pay(&intent, "pm_card_visa_chargeDeclinedInsufficientFunds").unwrap_err();
        till.bank().pay(&intent, "pm_card_visa").unwrap();
        till.world.settle().await;
        assert_eq!(till.status(&till.ama, &payment).await, "pending", "nothing was told");
        till.meets(Trouble { events_twice: twice, events_reversed: reversed, ..Trouble::default() });
        till.world.settle().await;
        let paid = till.payment(&till.ama, &payment).await;
        assert_eq!((&paid["status"], &paid["failure_reason"]), (&json!("completed"), &Value::Null));
        assert_eq!(
            till.world.subjects(&till.ama.email).await,
            ["Your voucher purchase"],
            "nobody hears of what is over"
        );
        assert_eq!(till.world.recount_prepaid_with_the_bank().await.vouchers, 2);
    }
}

#[tokio::test]
async fn a_failure_that_is_told_late_changes_nothing() {
    let till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 1).await;
    till.bank().pay(&intent, "pm_card_visa_chargeDeclined").unwrap_err();
    till.world.settle().await;
    let failed = till.payment(&till.ama, &payment).await;
    assert_eq!(
        (&failed["status"], &failed["failure_reason"]),
        (&json!("failed"), &json!("Your card was declined."))
    );
    assert_eq!(till.world.subjects(&till.ama.email).await, ["Payment failed"]);
    let event = till.bank().events().unwrap().pop().unwrap();
    assert_eq!(event.0, "payment_intent.payment_failed");
    let stale = till.at_bank(&intent);
    // The same intent may be paid with another card.
    till.bank().pay(&intent, "pm_card_mastercard").unwrap();
    till.world.settle().await;
    assert_eq!(till.status(&till.ama, &payment).await, "completed");
    let before = held(&till).await;
    till.bank().send_again(&event.1).unwrap();
    till.world.settle().await;
    tells(&till, "evt_late", "payment_intent.payment_failed", stale).await.expect(200);
    assert_eq!(held(&till).await.changed_since(&before), Vec::<&str>::new());
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn what_takes_days_at_the_bank_is_processing_until_it_is_there_or_not() {
    let till = Till::open().await;
    for (arrives, status, vouchers) in [(false, "failed", 0), (true, "completed", 1)] {
        let (payment, intent) = till.intent(&till.ama, 1).await;
        till.bank().pay(&intent, "pm_usBankAccount_success").unwrap();
        till.world.settle().await;
        assert_eq!(till.status(&till.ama, &payment).await, "processing");
        let unsuccessful = till.confirms(&till.ama, &intent).await.expect(400);
        assert_eq!(unsuccessful.json["status"], "processing");
        till.bank().clear(&intent, arrives).unwrap();
        till.world.settle().await;
        assert_eq!(till.status(&till.ama, &payment).await, status);
        assert_eq!(till.has(&till.ama).await, vouchers);
    }
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn what_is_nothing_of_ours_is_taken_and_has_no_effect() {
    let till = Till::open().await;
    let (_, intent) = till.intent(&till.ama, 1).await;
    let before = held(&till).await;
    let stranger =
        json!({ "id": "pi_stranger", "object": "payment_intent", "metadata": { "payment_id": "nobody" } });
    let unknown =
        json!({ "id": "re_stranger", "object": "refund", "payment_intent": "pi_stranger", "metadata": {} });
    let customer = json!({ "id": "cus_1", "object": "customer" });
    for (n, (kind, object)) in [
        ("payment_intent.succeeded", stranger.clone()),
        ("payment_intent.canceled", stranger),
        ("refund.updated", unknown),
        (
            "charge.dispute.created",
            json!({ "id": "dp_1", "object": "dispute", "payment_intent": "pi_stranger" }),
        ),
        ("customer.created", customer),
        // It says paid; what Stripe says when it is asked is another thing.
        (
            "payment_intent.succeeded",
            json!({ "id": intent, "object": "payment_intent", "status": "succeeded" }),
        ),
        (
            "payment_intent.canceled",
            json!({ "id": intent, "object": "payment_intent", "status": "canceled" }),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = tells(&till, &format!("evt_{n}"), kind, object).await.expect(200);
        assert_eq!(answer.json, json!({ "received": true }), "{kind}");
    }
    assert_eq!(held(&till).await.changed_since(&before), Vec::<&str>::new());
    assert_eq!(till.world.depth("prepaid"), 0, "nothing waits to be tried again");
    assert_eq!(till.world.shelf().await.of_kind("stripe-event").count(), 7);
    let unsigned = till.world.post(WEBHOOK, &json!({ "id": "evt_9" })).send().await;
    said(unsigned, 400, "Invalid signature");
}

/// What somebody changes of an intent at the bank, knowing of another payment.
type Change = fn(&mut Value, &str);

#[tokio::test]
async fn an_intent_that_is_not_as_it_was_ordered_delivers_nothing() {
    let till = Till::open().await;
    let (other, _) = till.intent(&till.kofi, 1).await;
    let changes: [(&str, Change); 4] = [
        ("another amount", |intent, _| intent["amount"] = json!(1)),
        ("less received", |intent, _| intent["amount_received"] = json!(999)),
        ("another currency", |intent, _| intent["currency"] = json!("eur")),
        ("another payment", |intent, other| intent["metadata"]["payment_id"] = json!(other)),
    ];
    for (what, change) in changes {
        let (payment, intent) = till.intent(&till.ama, 1).await;
        till.meets(Trouble { events_held: true, ..Trouble::default() });
        till.bank().pay(&intent, "pm_card_visa").unwrap();
        till.bank().alter(&intent, |stored| change(stored, &other)).unwrap();
        said(till.confirms(&till.ama, &intent).await, 400, "Payment does not match");
        till.recovers();
        till.world.settle().await;
        assert_eq!(till.status(&till.ama, &payment).await, "pending", "{what}");
    }
    assert_eq!(till.status(&till.kofi, &other).await, "pending", "it has an intent of its own");
    assert_eq!((till.has(&till.ama).await, till.has(&till.kofi).await), (0, 0));
    assert_eq!(till.world.depth("prepaid"), 0, "a person has to look, and nothing is tried for ever");
    assert_eq!(till.world.recount_prepaid().await.paid, 0);
}

#[tokio::test]
async fn an_intent_that_is_called_off_at_the_bank_frees_the_discount() {
    let till = Till::open().await;
    let discount = till.discount("ONCE", json!({ "max_uses": 1 })).await;
    let order = json!({ "voucher_type_id": till.exam, "discount_code": "ONCE" });
    let path = "/payments/create-payment-intent/";
    let made = till.post(&till.ama, path, order.clone()).await.expect(201);
    let (payment, intent) = (made.text_at("payment_id"), made.text_at("payment_intent_id"));
    till.post(&till.kofi, path, order.clone()).await.expect(400);
    till.bank().alter(&intent, |stored| stored["status"] = json!("canceled")).unwrap();
    let canceled = till.at_bank(&intent);
    for id in ["evt_1", "evt_2"] {
        tells(&till, id, "payment_intent.canceled", canceled.clone()).await.expect(200);
        assert_eq!(
            (till.status(&till.ama, &payment).await.as_str(), till.uses_of(&discount).await),
            ("cancelled", 0)
        );
    }
    said(till.confirms(&till.ama, &intent).await, 400, "Payment was cancelled");
    till.post(&till.kofi, path, order.clone()).await.expect(201);
    // Called off here and paid there all the same: the bank has the money, so the vouchers are due.
    till.bank().alter(&intent, |stored| stored["status"] = json!("requires_payment_method")).unwrap();
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    till.world.settle().await;
    assert_eq!(
        (till.status(&till.ama, &payment).await.as_str(), till.has(&till.ama).await),
        ("completed", 1)
    );
    assert_eq!(till.uses_of(&discount).await, 2, "it has its use of the discount, whatever the limit is");
}

#[tokio::test]
async fn money_that_comes_back_by_and_by_is_noted_when_it_does() {
    let till = Till::open().await;
    till.meets(Trouble { refunds_wait: true, events_twice: true, ..Trouble::default() });
    for (arrives, refund_status, payment_status, voucher_status) in
        [(true, "completed", "refunded", "cancelled"), (false, "failed", "completed", "active")]
    {
        let bought = till.buys(&till.ama, 2).await;
        let (payment, codes) = (bought.text_at("payment.id"), codes(&bought));
        let refund = till.asked_back(&till.ama, &payment).await;
        let approved = till.approves(&refund).await.expect(200);
        assert_eq!(approved.json["status"], "processing");
        assert_eq!(till.voucher(&codes[0]).await["status"], "cancelled", "gone before the money is");
        let at_bank = till.bank().all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
        till.bank().settle_refund(&at_bank, arrives).unwrap();
        till.world.settle().await;
        let shown = till.payment(&till.ama, &payment).await;
        assert_eq!(
            (&shown["refund"]["status"], &shown["status"]),
            (&json!(refund_status), &json!(payment_status))
        );
        let gone = shown["refund"]["vouchers_cancelled"].as_array().unwrap().len();
        assert_eq!(gone, if arrives { 2 } else { 0 }, "those that are gone");
        assert_eq!(till.voucher(&codes[1]).await["status"], voucher_status);
        assert_eq!(till.redeems(&till.kofi, &codes[0]).await.status.is_success(), !arrives);
    }
    let refunds =
        till.world.subjects(&till.ama.email).await.iter().filter(|subject| *subject == "Your refund").count();
    assert_eq!(refunds, 2);
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.given_back, 2000);
}

#[tokio::test]
async fn a_dispute_takes_what_was_not_used_and_leaves_the_rest() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 3).await;
    let [used, first, second] = codes(&bought).try_into().unwrap();
    till.redeems(&till.kofi, &used).await.expect(200);
    // Whoever holds a use of what is disputed does not keep it.
    let hold = json!({ "code": second, "service_type": "result_check", "minutes": 60 });
    let held = till.post(&till.ama, "/vouchers/reserve/", hold).await.expect(201).text_at("id");
    till.meets(Trouble { events_twice: true, ..Trouble::default() });
    till.bank().dispute(&bought.text_at("payment.stripe_payment_intent_id")).unwrap();
    till.world.settle().await;
    let mut states = Vec::new();
    for code in [&used, &first, &second] {
        states.push(till.voucher(code).await["status"].clone());
    }
    assert_eq!(states, ["active", "cancelled", "cancelled"]);
    till.redeems(&till.kofi, &first).await.expect(400);
    till.post(&till.ama, &format!("/vouchers/reserve/{held}/commit/"), json!({})).await.expect(404);
    till.redeems(&till.kofi, &used).await.expect(200);
    assert_eq!(till.status(&till.ama, &bought.text_at("payment.id")).await, "completed");
    assert_eq!(till.world.recount_prepaid_with_the_bank().await.uses, 2);
}

#[tokio::test]
async fn a_dispute_that_is_told_before_the_payment_takes_its_vouchers_all_the_same() {
    let till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 2).await;
    till.meets(Trouble { events_reversed: true, events_twice: true, ..Trouble::default() });
    till.bank().pay(&intent, "pm_card_createDispute").unwrap();
    till.world.settle().await;
    let paid = till.payment(&till.ama, &payment).await;
    let vouchers = paid["vouchers"].as_array().unwrap().iter();
    assert_eq!(paid["status"], "completed");
    assert_eq!(vouchers.map(|voucher| &voucher["status"]).collect::<Vec<_>>(), ["cancelled", "cancelled"]);
    till.world.recount_prepaid_with_the_bank().await;
}
