//! Confirming what was paid in the browser.

use serde_json::{Value, json};
use testkit::with;

use crate::shapes::{OPENING, payment, voucher};
use crate::till::{Till, said};

/// The path, and the one that older pages call.
const PATHS: [&str; 2] = ["/payments/confirm-payment/", "/payments/confirm/"];

#[tokio::test]
async fn what_was_paid_is_delivered_and_asked_again_it_is_the_same() {
    let till = Till::open().await;
    for path in PATHS {
        let (id, intent) = till.intent(&till.ama, 2).await;
        till.bank().pay(&intent, "pm_card_visa").unwrap();
        let body = json!({ "payment_intent_id": intent, "payment_id": "x", "amount": 1, "client_secret": 7 });
        let confirmed = till.post(&till.ama, path, body.clone()).await.expect(200).json;
        let told = &confirmed["payment"];
        let vouchers: Vec<Value> = confirmed["vouchers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|told| voucher(&till, &till.ama, told))
            .collect();
        let codes = json!([vouchers[0]["code"], vouchers[1]["code"]]);
        let changes = json!({
            "id": id, "quantity": 2, "amount": "20.00", "total_amount": "20.00", "status": "completed",
            "stripe_payment_intent_id": intent, "voucher_codes": codes, "completed_at": OPENING,
        });
        let expected = json!({
            "message": "Payment confirmed and vouchers created", "voucher_codes": codes, "vouchers": vouchers,
            "payment": with(&payment(&till, &till.ama, told), &changes),
        });
        assert_eq!(confirmed, expected);
        let again = till.post(&till.ama, path, body).await.expect(200).json;
        assert_eq!(again, with(&expected, &json!({ "already_processed": true })));
    }
    assert_eq!(till.get(&till.ama, "/vouchers/my-vouchers/").await.expect(200).json["count"], 4);
}

#[tokio::test]
async fn what_is_not_paid_or_not_ones_own_is_not_delivered() {
    let till = Till::open().await;
    let (_, intent) = till.intent(&till.ama, 1).await;
    let (_, paid) = till.intent(&till.ama, 1).await;
    till.bank().pay(&paid, "pm_card_visa").unwrap();
    let heard = till.bank().heard().len();
    for path in PATHS {
        for body in [
            json!({}),
            json!({ "payment_intent_id": "" }),
            json!({ "payment_intent_id": null }),
            json!({ "id": intent }),
        ] {
            said(till.post(&till.ama, path, body).await, 400, "Payment intent ID is required");
        }
        for unknown in ["pi_unknown", "x", "pi_%00", &"x".repeat(300), "../refunds/re_1"] {
            let body = json!({ "payment_intent_id": unknown });
            said(till.post(&till.ama, path, body).await, 404, "Payment not found");
        }
        // Not even staff confirm for others.
        for who in [&till.kofi, &till.staff] {
            let body = json!({ "payment_intent_id": paid });
            said(till.post(who, path, body).await, 404, "Payment not found");
        }
    }
    assert_eq!(till.bank().heard().len(), heard, "the bank was not asked");
    let text = "Payment not successful";
    let unpaid = till.confirms(&till.ama, &intent).await.expect(400).json;
    assert_eq!(
        unpaid,
        json!({ "error": text, "detail": text, "message": text, "status": "requires_payment_method" })
    );
    till.bank().alter(&intent, |intent| intent["status"] = json!("requires_confirmation")).unwrap();
    assert_eq!(till.confirms(&till.ama, &intent).await.expect(400).json["status"], "requires_confirmation");
    for list in ["/vouchers/my-vouchers/", "/vouchers/my-vouchers/?status=active"] {
        assert_eq!(till.get(&till.kofi, list).await.expect(200).json["count"], 0);
        assert_eq!(till.get(&till.ama, list).await.expect(200).json["count"], 0);
    }
    till.bank().alter(&intent, |intent| intent["status"] = json!("canceled")).unwrap();
    for _ in 0..2 {
        said(till.confirms(&till.ama, &intent).await, 400, "Payment was cancelled");
    }
}

/// What is changed of an intent, beside which somebody else has a payment.
type Alteration = fn(&mut Value, &str);

#[tokio::test]
async fn what_was_altered_at_the_bank_is_not_delivered() {
    let till = Till::open().await;
    let (kofis, _) = till.intent(&till.kofi, 1).await;
    let alterations: [(&str, Alteration); 6] = [
        ("amount", |intent, _| intent["amount"] = json!(1)),
        ("amount received", |intent, _| intent["amount_received"] = json!(999)),
        ("more received", |intent, _| intent["amount_received"] = json!(1001)),
        ("currency", |intent, _| intent["currency"] = json!("idr")),
        ("another's payment", |intent, other| intent["metadata"]["payment_id"] = json!(other)),
        ("nobody's payment", |intent, _| intent["metadata"] = json!({})),
    ];
    for (case, alter) in alterations {
        let (id, intent) = till.intent(&till.ama, 1).await;
        till.bank().pay(&intent, "pm_card_visa").unwrap();
        till.bank().alter(&intent, |intent| alter(intent, &kofis)).unwrap();
        for _ in 0..2 {
            let answer = till.confirms(&till.ama, &intent).await;
            assert_eq!(answer.json["error"], "Payment does not match", "{case}: {answer:?}");
            said(answer, 400, "Payment does not match");
        }
        let kept = till.payment(&till.ama, &id).await;
        assert_eq!((&kept["status"], &kept["voucher_codes"]), (&json!("pending"), &json!([])), "{case}");
    }
    assert_eq!(till.world.shelf().await.of_kind("voucher").count(), 0);
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!(board["revenue"]["total"], 0);
    assert_eq!(till.payment(&till.kofi, &kofis).await["status"], "pending");
}
