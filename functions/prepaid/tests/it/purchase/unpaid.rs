//! Cards that are not charged: no voucher, no revenue, and what to do about it.

use serde_json::{Value, json};
use standins::stripe::Trouble;
use testkit::{with, without};

use super::PURCHASE;
use crate::shapes::payment;
use crate::till::{Till, refused, said};

fn order(till: &Till, card: &str) -> Value {
    json!({ "voucher_type_id": till.exam, "payment_method_id": card })
}

async fn nothing_was_sold(till: &Till) {
    assert_eq!(till.get(&till.ama, "/vouchers/my-vouchers/").await.expect(200).json["count"], 0);
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!((&board["revenue"]["total"], &board["vouchers"]["total"]), (&json!(0), &json!(0)));
    assert_eq!(till.world.shelf().await.of_kind("voucher").count(), 0);
}

#[tokio::test]
async fn a_declined_card_buys_nothing_and_is_told_why() {
    let till = Till::open().await;
    for (card, text, code, decline) in [
        ("pm_card_visa_chargeDeclined", "Your card was declined.", "card_declined", "generic_decline"),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "Your card has insufficient funds.",
            "card_declined",
            "insufficient_funds",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "Your card has expired.", "expired_card", "expired_card"),
    ] {
        let answer = till.post(&till.ama, PURCHASE, order(&till, card)).await.expect(402);
        let id = answer.text_at("payment_id");
        let expected = json!({
            "error": text, "detail": text, "message": text, "code": code, "decline_code": decline,
            "payment_id": id,
        });
        assert_eq!(answer.json, expected);
        let kept = till.payment(&till.ama, &id).await;
        let changes = json!({ "status": "failed", "failure_reason": text, "vouchers": [], "refund": null });
        assert_eq!(kept, with(&payment(&till, &till.ama, &kept), &changes));
        // With another card the same payment is paid.
        let intent = kept["stripe_payment_intent_id"].as_str().unwrap();
        let unpaid = till.confirms(&till.ama, intent).await.expect(400);
        assert_eq!(unpaid.json["status"], "requires_payment_method");
    }
    nothing_was_sold(&till).await;
    let failed = till.get(&till.ama, "/payments/history/?status=failed").await.expect(200).json;
    assert_eq!(failed["count"], 3);
    let intent = failed["results"][0]["stripe_payment_intent_id"].as_str().unwrap();
    till.bank().pay(intent, "pm_card_visa").unwrap();
    let paid = till.confirms(&till.ama, intent).await.expect(200).json;
    assert_eq!(
        (&paid["payment"]["status"], &paid["payment"]["failure_reason"]),
        (&json!("completed"), &Value::Null)
    );
}

#[tokio::test]
async fn a_bank_that_asks_who_pays_is_answered_in_the_browser() {
    let till = Till::open().await;
    let answer =
        till.post(&till.ama, PURCHASE, order(&till, "pm_card_authenticationRequired")).await.expect(402);
    let text = "Authentication required";
    let (id, intent) = (answer.text_at("payment_id"), answer.text_at("payment_intent_id"));
    let secret = answer.text_at("client_secret");
    assert!(secret.starts_with(&format!("{intent}_secret_")), "{secret}");
    let expected = json!({
        "error": text, "detail": text, "message": text, "payment_id": id, "payment_intent_id": intent,
        "client_secret": secret,
    });
    assert_eq!(answer.json, expected);
    assert_eq!(till.payment(&till.ama, &id).await["status"], "pending");
    let unproven = till.confirms(&till.ama, &intent).await.expect(400).json;
    assert_eq!(
        (&unproven["error"], &unproven["status"]),
        (&json!("Payment not successful"), &json!("requires_action"))
    );
    nothing_was_sold(&till).await;
    till.bank().authenticate(&intent, true).unwrap();
    let confirmed = till.confirms(&till.ama, &intent).await.expect(200).json;
    assert_eq!(confirmed["payment"]["id"], json!(id));
    assert_eq!(confirmed["voucher_codes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bank_that_takes_days_delivers_when_it_is_done() {
    let till = Till::open().await;
    let answer = till.post(&till.ama, PURCHASE, order(&till, "pm_usBankAccount_success")).await.expect(402);
    assert_eq!(answer.text_at("error"), "Payment is being processed");
    let (id, intent) = (answer.text_at("payment_id"), answer.text_at("payment_intent_id"));
    assert_eq!(till.payment(&till.ama, &id).await["status"], "processing");
    let waiting = till.confirms(&till.ama, &intent).await.expect(400).json;
    assert_eq!(waiting["status"], "processing");
    nothing_was_sold(&till).await;
    till.bank().clear(&intent, true).unwrap();
    till.confirms(&till.ama, &intent).await.expect(200);
    assert_eq!(till.payment(&till.ama, &id).await["status"], "completed");
}

#[tokio::test]
async fn a_card_that_there_is_not_is_a_fault_of_the_field() {
    let till = Till::open().await;
    let told = json!({ "payment_method_id": ["Invalid payment method."] });
    refused(till.post(&till.ama, PURCHASE, order(&till, "pm_no_such_card")).await, told);
    let blank = json!({ "payment_method_id": ["This field may not be blank."] });
    refused(till.post(&till.ama, PURCHASE, order(&till, "")).await, blank);
    let long = json!({ "payment_method_id": ["Ensure this field has no more than 255 characters."] });
    refused(till.post(&till.ama, PURCHASE, order(&till, &"x".repeat(256))).await, long);
    nothing_was_sold(&till).await;
    till.post(&till.ama, PURCHASE, json!({ "voucher_type_id": till.exam, "payment_method_id": null }))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_bank_that_does_not_answer_is_told_as_such_and_without_internals() {
    let till = Till::open().await;
    till.bank().meet(Trouble { unavailable: true, ..Trouble::default() });
    let answer = till.post(&till.ama, PURCHASE, order(&till, "pm_card_visa")).await.expect(502);
    let (text, id) = ("Payment processor unavailable", answer.text_at("payment_id"));
    assert_eq!(answer.json, json!({ "error": text, "detail": text, "message": text, "payment_id": id }));
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!(without(&kept, &["vouchers", "refund"]), payment(&till, &till.ama, &kept));
    let body = json!({ "voucher_type_id": till.exam });
    let made = till.post(&till.ama, "/payments/create-payment-intent/", body).await.expect(502);
    assert_eq!(made.text_at("error"), text);
    nothing_was_sold(&till).await;
    till.bank().meet(Trouble::default());
    let (_, intent) = till.intent(&till.ama, 1).await;
    till.bank().meet(Trouble { unavailable: true, ..Trouble::default() });
    said(till.confirms(&till.ama, &intent).await, 502, text);
}
