//! A request that comes again with its key.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use standins::stripe::Trouble;
use testkit::{Answer, Fault, with};

use crate::days::codes;
use crate::till::{Till, said};

/// Insists that an answer is another's repetition.
#[track_caller]
fn assert_repeated(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!((again.header("idempotent-replayed"), first.header("idempotent-replayed")), ("true", ""));
}

/// What has an effect: where, with what, how it is answered, and what another body would say.
async fn wishes(till: &Till) -> Vec<(String, Value, u16, Value)> {
    let bought = till.buys(&till.ama, 3).await;
    let [first, second, third] = codes(&bought).try_into().unwrap();
    let result = |code: &str| json!({ "code": code, "service_type": "result_check" });
    let (_, intent) = till.intent(&till.ama, 1).await;
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    let held = till.post(&till.ama, "/vouchers/reserve/", result(&second)).await.expect(201).text_at("id");
    let freed = till.post(&till.ama, "/vouchers/reserve/", result(&second)).await.expect(201).text_at("id");
    let asked = json!({ "payment_id": bought.text_at("payment.id"), "reason": "other" });
    let mut decisions = Vec::new();
    for what in ["approve", "reject"] {
        let paid = till.buys(&till.ama, 1).await.text_at("payment.id");
        decisions.push(format!("/admin/refunds/{}/{what}/", till.asked_back(&till.ama, &paid).await));
    }
    let two = json!({ "quantity": 2 });
    let notes = json!({ "service_data": { "index": "2" } });
    let wish = |path: &str, body: Value, status: u16, other: &Value| {
        (path.to_owned(), body.clone(), status, with(&body, other))
    };
    vec![
        wish("/vouchers/purchase/", till.order(), 201, &two),
        wish("/payments/create-payment-intent/", till.order(), 201, &two),
        wish(
            "/payments/confirm-payment/",
            json!({ "payment_intent_id": intent }),
            200,
            &json!({ "more": 1 }),
        ),
        wish("/vouchers/redeem/", result(&first), 200, &notes),
        wish("/vouchers/reserve/", result(&first), 201, &json!({ "minutes": 5 })),
        wish(&format!("/vouchers/reserve/{held}/commit/"), json!({}), 200, &notes),
        wish(&format!("/vouchers/reserve/{freed}/release/"), json!({}), 200, &json!({ "more": 1 })),
        wish("/payments/refund/request/", asked, 201, &json!({ "notes": "Twice." })),
        wish("/vouchers/validate/", result(&third), 200, &json!({ "service_type": "others" })),
        wish(&decisions[0], json!({ "admin_notes": "Gladly." }), 200, &json!({ "admin_notes": "No." })),
        wish(&decisions[1], json!({ "admin_notes": "No." }), 200, &json!({ "admin_notes": "Gladly." })),
        wish(
            &format!("/admin/vouchers/{third}/cancel/"),
            json!({ "reason": "Lost" }),
            200,
            &json!({ "reason": "Found" }),
        ),
    ]
}

#[tokio::test]
async fn the_same_request_has_one_effect_and_one_answer() {
    let till = Till::open().await;
    for (path, wish, status, other) in wishes(&till).await {
        let who = if path.starts_with("/admin") { &till.staff } else { &till.ama };
        let first = till.keyed(who, &path, "till-7", &wish).await.expect(status);
        let (before, asked) = (till.world.shelf().await, till.bank().heard().len());
        assert_repeated(&till.keyed(who, &path, "till-7", &wish).await, &first);
        assert_repeated(&till.keyed(who, path.trim_end_matches('/'), "till-7", &wish).await, &first);
        for other in [other, json!({ "nothing": "that it needs" })] {
            let answer = till.keyed(who, &path, "till-7", &other).await;
            said(answer, 422, "Idempotency key reused with a different request");
        }
        assert_eq!(till.world.shelf().await.changed_since(&before), Vec::<&str>::new(), "{path}");
        assert_eq!(till.bank().heard().len(), asked, "{path} asked the bank once more");
    }
    assert_eq!(till.charged().len(), 5);
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn what_was_deleted_with_a_key_is_not_deleted_again() {
    let till = Till::open().await;
    let discount = till.discount("SOON", json!({})).await;
    for path in [format!("/vouchers/types/{}/", till.exam), format!("/admin/discounts/{discount}/")] {
        let delete = || till.call(&till.staff, "DELETE", &path).header("idempotency-key", "k").send();
        let first = delete().await.expect(204);
        let before = till.world.shelf().await;
        assert_repeated(&delete().await, &first);
        assert_eq!(till.world.shelf().await.changed_since(&before), Vec::<&str>::new(), "{path}");
    }
}

#[tokio::test]
async fn an_approval_that_was_cut_off_goes_on_with_the_same_key() {
    let till = Till::open().await;
    let paid = till.buys(&till.ama, 1).await.text_at("payment.id");
    let path = format!("/admin/refunds/{}/approve/", till.asked_back(&till.ama, &paid).await);
    let notes = json!({ "admin_notes": "Gladly." });
    let approve = || till.keyed(&till.staff, &path, "k", &notes);
    // It is approved; then the table is away for as long as anybody asks.
    let approved = async {
        while till.world.shelf().await.of_kind("idempotency").count() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (0..12).for_each(|_| till.world.faults.next("TransactWriteItems", Fault::Broken));
    };
    till.meets(Trouble { slow: Duration::from_millis(500), events_held: true, ..Trouble::default() });
    let (failed, ()) = tokio::join!(approve(), approved);
    till.world.faults.stop();
    assert!(failed.status.is_server_error(), "{failed:?}");
    said(approve().await, 409, "Request in progress");
    till.world.clock.advance(Duration::from_secs(31));
    let done = approve().await.expect(200);
    assert_eq!(
        (done.text_at("status").as_str(), done.text_at("admin_notes").as_str()),
        ("completed", "Gladly.")
    );
    assert_repeated(&approve().await, &done);
    assert_eq!(till.bank().all("refund").unwrap().len(), 1);
    till.recovers();
    till.world.settle().await;
    till.world.recount_prepaid_with_the_bank().await;
}

#[tokio::test]
async fn a_key_is_its_callers_own_for_one_path_and_for_a_day() {
    let mut till = Till::open().await;
    let first = till.keyed(&till.ama, "/vouchers/purchase/", "k", &till.order()).await.expect(201);
    let others = till.keyed(&till.kofi, "/vouchers/purchase/", "k", &till.order()).await.expect(201);
    assert_eq!(others.header("idempotent-replayed"), "");
    assert_ne!(codes(&others), codes(&first));
    let elsewhere = till.keyed(&till.ama, "/payments/create-payment-intent/", "k", &till.order()).await;
    assert_eq!(elsewhere.expect(201).header("idempotent-replayed"), "");
    till.at("2026-03-02T08:29:59Z").await;
    let again = till.keyed(&till.ama, "/vouchers/purchase/", "k", &till.order()).await;
    assert_repeated(&again, &first);
    till.at("2026-03-02T08:30:00Z").await;
    let fresh = till.keyed(&till.ama, "/vouchers/purchase/", "k", &till.order()).await.expect(201);
    assert_ne!(codes(&fresh), codes(&first));
    assert_eq!(till.has(&till.ama).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_first_is_at_work_the_others_are_told_to_wait() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let paths = ["/vouchers/purchase/", "/payments/create-payment-intent/"];
    till.meets(Trouble { slow: Duration::from_millis(600), ..Trouble::default() });
    for path in paths {
        let order = till.order();
        let first = till.keyed(&till.ama, path, "k", &order);
        let second = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            till.keyed(&till.ama, path, "k", &order).await
        };
        let (first, second) = tokio::join!(first, second);
        let first = first.expect(201);
        assert_eq!(second.header("retry-after"), "1", "{second:?}");
        said(second, 409, "Request in progress");
        assert_repeated(&till.keyed(&till.ama, path, "k", &order).await, &first);
    }
    till.recovers();
    assert_eq!(till.has(&till.ama).await, 2);
    // What needs nobody else is done or repeated, and never waited for.
    let wish = json!({ "code": code, "service_type": "result_check" });
    let answers = join_all((0..8).map(|_| till.keyed(&till.kofi, "/vouchers/redeem/", "k", &wish))).await;
    assert!(answers.iter().all(|answer| answer.text == answers[0].text), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    assert_eq!(till.voucher(&code).await["usage_count"], 1);
    till.world.recount_prepaid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_impatient_purchases_with_one_key_charge_once() {
    let till = Till::open().await;
    let order = till.order();
    let buy = async || {
        loop {
            let answer = till.keyed(&till.ama, "/vouchers/purchase/", "k", &order).await;
            if answer.status != 409 {
                return answer.expect(201);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let answers = join_all((0..6).map(|_| buy())).await;
    assert!(answers.iter().all(|answer| answer.text == answers[0].text), "{answers:?}");
    assert_eq!((till.charged().len(), till.has(&till.ama).await), (1, 1));
}

#[tokio::test]
async fn a_declined_card_may_be_replaced_and_tried_anew_with_the_same_key() {
    let till = Till::open().await;
    let path = "/vouchers/purchase/";
    let with_card = |card: &str| with(&till.order(), &json!({ "payment_method_id": card }));
    let declined = with_card("pm_card_visa_chargeDeclined");
    let first = till.keyed(&till.ama, path, "k", &declined).await.expect(402);
    assert_eq!(
        (&first.json["decline_code"], first.text_at("error").as_str()),
        (&json!("generic_decline"), "Your card was declined.")
    );
    let second = till.keyed(&till.ama, path, "k", &declined).await.expect(402);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_ne!(second.text_at("payment_id"), first.text_at("payment_id"), "another attempt");
    till.keyed(&till.ama, path, "k", &with_card("pm_nobody")).await.expect(400);
    let bought = till.keyed(&till.ama, path, "k", &with_card("pm_card_visa")).await.expect(201);
    assert_repeated(&till.keyed(&till.ama, path, "k", &with_card("pm_card_visa")).await, &bought);
    assert_eq!((till.charged().len(), till.has(&till.ama).await), (1, 1));
}

#[tokio::test]
async fn who_must_authenticate_goes_on_with_the_same_payment_until_it_is_paid() {
    let till = Till::open().await;
    let body = with(&till.order(), &json!({ "payment_method_id": "pm_card_authenticationRequired" }));
    let buy = async || till.keyed(&till.ama, "/vouchers/purchase/", "k", &body).await;
    let first = buy().await.expect(402);
    assert_eq!(first.text_at("error"), "Authentication required");
    let again = buy().await.expect(402);
    assert_eq!(again.text_at("payment_id"), first.text_at("payment_id"));
    till.bank().authenticate(&first.text_at("payment_intent_id"), true).unwrap();
    let bought = buy().await.expect(201);
    assert_eq!(bought.text_at("payment.id"), first.text_at("payment_id"));
    assert_repeated(&buy().await, &bought);
    assert_eq!((till.heard("/v1/payment_intents").len(), till.has(&till.ama).await), (1, 1));
}

#[tokio::test]
async fn what_the_processor_did_not_answer_may_be_repeated_and_goes_on_with_the_same_payment() {
    let till = Till::open().await;
    for (path, who) in [("/vouchers/purchase/", &till.ama), ("/payments/create-payment-intent/", &till.kofi)]
    {
        till.meets(Trouble { unavailable: true, ..Trouble::default() });
        let first = till.keyed(who, path, "k", &till.order()).await.expect(502);
        assert_eq!(first.text_at("error"), "Payment processor unavailable");
        let again = till.keyed(who, path, "k", &till.order()).await.expect(502);
        assert_eq!(again.text_at("payment_id"), first.text_at("payment_id"));
        till.recovers();
        let done = till.keyed(who, path, "k", &till.order()).await.expect(201);
        assert_eq!(done.text_at("payment.id"), first.text_at("payment_id"));
        assert_repeated(&till.keyed(who, path, "k", &till.order()).await, &done);
        let history = till.get(who, "/payments/history/").await.expect(200);
        assert_eq!(history.json["count"], 1);
    }
    assert_eq!((till.has(&till.ama).await, till.has(&till.kofi).await), (1, 0));
    till.world.recount_prepaid().await;
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let till = Till::open().await;
    let free = till.sells("Free", "free", "0.00", json!({})).await;
    let order = json!({ "voucher_type_id": free, "discount_code": "SOON" });
    let path = "/vouchers/purchase/";
    till.keyed(&till.ama, path, "k", &order).await.expect(400);
    till.discount("SOON", json!({})).await;
    let first = till.keyed(&till.ama, path, "k", &order).await.expect(201);
    // Once more it would be refused, since the account used the code; but it was done, and that is the answer.
    assert_repeated(&till.keyed(&till.ama, path, "k", &order).await, &first);
    till.keyed(&till.ama, path, "l", &order).await.expect(400);
    let refund = json!({ "payment_id": first.text_at("payment.id"), "reason": "other" });
    let nothing = till.keyed(&till.ama, "/payments/refund/request/", "k", &refund).await;
    said(nothing, 400, "A free payment has nothing to refund");
}
