//! Asking for money back.

mod amounts;
mod by_hand;
mod decisions;

use serde_json::{Value, json};
use testkit::{Person, with};

use crate::shapes::{OPENING, each, is_uuid};
use crate::till::{Till, refused, said};

const REQUEST: &str = "/payments/refund/request/";

impl Till {
    /// Asks for the money of a payment, with more said about it.
    async fn asks(&self, who: &Person, payment: &str, more: Value) -> testkit::Answer {
        let body = with(&json!({ "payment_id": payment, "reason": "customer_request" }), &more);
        self.post(who, REQUEST, body).await
    }

    /// Buys so many, and answers with the payment and its codes.
    async fn paid(&self, who: &Person, quantity: u32) -> (String, Vec<String>) {
        let bought = self.buys(who, quantity).await;
        let codes = bought.json["payment"]["voucher_codes"].as_array().unwrap().iter();
        (bought.text_at("payment.id"), codes.map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    /// Asks for all the money of a payment that can be given back, and answers with the refund's id.
    async fn asked(&self, who: &Person, payment: &str) -> String {
        self.asks(who, payment, json!({})).await.expect(201).text_at("refund.id")
    }

    /// What staff decide about a refund.
    async fn decides(&self, refund: &str, what: &str) -> testkit::Answer {
        self.post(&self.staff, &format!("/admin/refunds/{refund}/{what}/"), json!({})).await
    }
}

#[tokio::test]
async fn a_request_is_noted_and_changes_nothing_yet() {
    let till = Till::open().await;
    let (id, codes) = till.paid(&till.ama, 2).await;
    let body = json!({ "reason": "duplicate_payment", "notes": "bought twice", "status": "completed", "admin_notes": "x" });
    let asked = till.asks(&till.ama, &id, body).await.expect(201).json;
    let refund = asked["refund"]["id"].as_str().unwrap();
    assert!(is_uuid(refund));
    let expected = json!({
        "id": refund, "payment": id, "amount": "20.00", "reason": "duplicate_payment", "status": "pending",
        "notes": "bought twice", "admin_notes": "", "vouchers_cancelled": [], "created_at": OPENING,
        "processed_at": null,
    });
    assert_eq!(asked, json!({ "message": "Refund request submitted successfully", "refund": expected }));
    let list = till.get(&till.ama, "/payments/refunds/").await.expect(200).json;
    assert_eq!(list, json!({ "count": 1, "next": null, "previous": null, "results": [expected] }));
    assert_eq!(till.get(&till.kofi, "/payments/refunds/").await.expect(200).json["count"], 0);
    let kept = till.payment(&till.ama, &id).await;
    assert_eq!(
        (&kept["status"], &kept["refunded_amount"], &kept["refund"]),
        (&json!("completed"), &json!("0.00"), &expected)
    );
    till.redeems(&till.kofi, &codes[0]).await.expect(200);
    for reason in ["customer_request", "fraudulent", "system_error", "other"] {
        let (id, _) = till.paid(&till.kofi, 1).await;
        let asked = till.asks(&till.kofi, &id, json!({ "reason": reason })).await.expect(201).json;
        assert_eq!((&asked["refund"]["reason"], &asked["refund"]["notes"]), (&json!(reason), &json!("")));
    }
    let kofis = till.get(&till.kofi, "/payments/refunds/").await.expect(200);
    assert_eq!(kofis.json["count"], 4);
    assert!(each(&kofis, "id").is_sorted_by(|a, b| a > b), "of one moment the highest id first");
}

#[tokio::test]
async fn a_bad_request_is_told_by_field() {
    let till = Till::open().await;
    let (id, _) = till.paid(&till.ama, 1).await;
    let required = json!(["This field is required."]);
    let uuid = json!(["Must be a valid UUID."]);
    let cases = [
        (json!({}), json!({ "payment_id": required, "reason": required })),
        (json!({ "payment_id": id }), json!({ "reason": required })),
        (json!({ "payment_id": "7", "reason": "other" }), json!({ "payment_id": uuid })),
        (json!({ "payment_id": 7, "reason": "other" }), json!({ "payment_id": uuid })),
        (
            json!({ "payment_id": "x", "reason": "z" }),
            json!({ "payment_id": uuid, "reason": ["\"z\" is not a valid choice."] }),
        ),
        (json!({ "payment_id": id, "reason": "z" }), json!({ "reason": ["\"z\" is not a valid choice."] })),
        (json!({ "payment_id": id, "reason": null }), json!({ "reason": ["This field may not be null."] })),
        (
            json!({ "payment_id": id, "reason": "other", "amount": "ten" }),
            json!({ "amount": ["A valid number is required."] }),
        ),
        (
            json!({ "payment_id": id, "reason": "other", "amount": "1.001" }),
            json!({ "amount": ["Ensure that there are no more than 2 decimal places."] }),
        ),
        (
            json!({ "payment_id": id, "reason": "other", "notes": "x".repeat(2001) }),
            json!({ "notes": ["Ensure this field has no more than 2000 characters."] }),
        ),
    ];
    for (body, told) in cases {
        refused(till.post(&till.ama, REQUEST, body).await, told);
    }
    // Somebody else's, nobody's and what was not paid are all not there; not even staff ask for others.
    let (pending, _) = till.intent(&till.ama, 1).await;
    let (kofis, _) = till.paid(&till.kofi, 1).await;
    for payment in [kofis.as_str(), &pending, "550e8400-e29b-41d4-a716-446655440000"] {
        let missing = till.asks(&till.ama, payment, json!({})).await.expect(404);
        assert_eq!(missing.json, json!({ "detail": "Not found." }), "{payment}");
    }
    till.asks(&till.staff, &id, json!({})).await.expect(404);
    assert_eq!(till.world.shelf().await.of_kind("refund").count(), 0);
}

#[tokio::test]
async fn one_refund_of_a_payment_is_enough() {
    let till = Till::open().await;
    let (id, _) = till.paid(&till.ama, 2).await;
    let twice = "Refund already requested for this payment";
    let first = till.asked(&till.ama, &id).await;
    for more in [json!({}), json!({ "amount": "9999" }), json!({ "amount": "0.01" })] {
        said(till.asks(&till.ama, &id, more).await, 400, twice);
    }
    till.decides(&first, "reject").await.expect(200);
    let second =
        till.asks(&till.ama, &id, json!({ "amount": "10.00" })).await.expect(201).text_at("refund.id");
    said(till.asks(&till.ama, &id, json!({})).await, 400, twice);
    till.decides(&second, "approve").await.expect(200);
    said(till.asks(&till.ama, &id, json!({})).await, 400, twice);
    assert_eq!(till.get(&till.ama, "/payments/refunds/").await.expect(200).json["count"], 2);
}

#[tokio::test]
async fn what_was_paid_too_long_ago_or_cost_nothing_stays_as_it_is() {
    let mut till = Till::open().await;
    let long = till.sells("Long", "long", "10.00", json!({ "validity_days": 365 })).await;
    let gift = till.sells("Gift", "gift", "0.00", json!({})).await;
    let mut ids = Vec::new();
    for sold in [&long, &long, &till.exam, &till.exam, &gift] {
        let bought = till.post(&till.ama, "/vouchers/purchase/", json!({ "voucher_type_id": sold })).await;
        ids.push(bought.expect(201).text_at("payment.id"));
    }
    let free = "A free payment has nothing to refund";
    said(till.asks(&till.ama, &ids[4], json!({})).await, 400, free);
    // What is over unused is given back for another thirty days.
    till.at("2026-04-30T08:30:00Z").await;
    till.asks(&till.ama, &ids[2], json!({})).await.expect(201);
    till.at("2026-04-30T08:30:01Z").await;
    said(till.asks(&till.ama, &ids[3], json!({})).await, 400, "No unused vouchers left to refund");
    till.at("2026-05-30T08:30:00Z").await;
    till.asks(&till.ama, &ids[0], json!({})).await.expect(201);
    till.at("2026-05-30T08:30:01Z").await;
    said(till.asks(&till.ama, &ids[1], json!({})).await, 400, "Refund period has ended");
}
