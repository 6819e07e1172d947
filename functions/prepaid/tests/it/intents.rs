//! Buying with the customer's browser: the payment is made here and paid there.

use serde_json::{Value, json};
use testkit::with;

use crate::purchase::faults;
use crate::shapes::{OPENING, payment, voucher};
use crate::till::{Till, refused, said};

/// The path, and the one that older pages call.
const PATHS: [&str; 2] = ["/payments/create-payment-intent/", "/payments/create-intent/"];

#[tokio::test]
async fn a_payment_is_made_with_what_the_browser_needs() {
    let till = Till::open().await;
    till.discount("TEN", json!({ "max_uses_per_user": 2 })).await;
    let number: u32 = till.exam.parse().unwrap();
    for path in PATHS {
        let body = json!({
            "voucher_type_id": number, "quantity": 2, "discount_code": "ten", "payment_method": "stripe",
            "currency": "USD", "amount": 1, "unit_price": "0.01",
        });
        let made = till.post(&till.ama, path, body).await.expect(201).json;
        let (intent, secret) =
            (made["payment_intent_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
        assert!(intent.starts_with("pi_") && secret.starts_with(&format!("{intent}_secret_")), "{made}");
        let changes = json!({
            "quantity": 2, "discount_amount": "2.00", "discount_code": "TEN", "amount": "18.00",
            "total_amount": "18.00", "stripe_payment_intent_id": intent,
        });
        let expected = json!({
            "payment_id": made["payment"]["id"], "payment_intent_id": intent, "client_secret": secret,
            "amount": 18, "currency": "USD", "payment": with(&payment(&till, &till.ama, &made["payment"]), &changes),
        });
        assert_eq!(made, expected);
        let there = till.bank().object(intent).unwrap().unwrap();
        assert_eq!((&there["amount"], &there["status"]), (&json!(1800), &json!("requires_payment_method")));
        assert_eq!(there["metadata"]["payment_id"], made["payment_id"]);
    }
    let one = till.post(&till.ama, PATHS[0], json!({ "voucher_type_id": till.exam })).await.expect(201).json;
    assert_eq!((&one["amount"], &one["payment"]["quantity"]), (&json!(10), &json!(1)));
    assert_eq!(
        till.get(&till.ama, "/vouchers/my-vouchers/").await.expect(200).json["count"],
        0,
        "nothing is paid yet"
    );
}

#[tokio::test]
async fn a_bad_order_is_refused_and_leaves_nothing_behind() {
    let till = Till::open().await;
    let cheap = till.sells("Cheap", "cheap", "0.49", json!({})).await;
    let dear = till.sells("Dear", "dear", "100000.00", json!({})).await;
    for path in PATHS {
        for (body, told) in faults(&till.exam) {
            refused(till.post(&till.ama, path, body).await, told);
        }
        for id in [json!(99), json!("99"), json!("x"), json!("0")] {
            let missing = till.post(&till.ama, path, json!({ "voucher_type_id": id })).await.expect(404);
            assert_eq!(missing.json, json!({ "detail": "Not found." }));
        }
        for method in ["paypal", "bank_transfer", "mobile_money", "free", "cash"] {
            let body = json!({ "voucher_type_id": till.exam, "payment_method": method });
            said(till.post(&till.ama, path, body).await, 400, "Payment method not supported yet");
        }
        let told = json!({ "non_field_errors": ["The amount is below the minimum charge of 0.50 USD."] });
        refused(till.post(&till.ama, path, json!({ "voucher_type_id": cheap })).await, told);
        let told =
            json!({ "non_field_errors": ["The amount is above the maximum charge of 999999.99 USD."] });
        refused(till.post(&till.ama, path, json!({ "voucher_type_id": dear, "quantity": 10 })).await, told);
    }
    assert_eq!(till.world.shelf().await.of_kind("payment").count(), 0);
    assert!(till.bank().heard().is_empty(), "the bank was not asked");
    assert_eq!(till.get(&till.ama, "/payments/history/").await.expect(200).json["count"], 0);
}

#[tokio::test]
async fn what_costs_nothing_is_complete_at_once() {
    let till = Till::open().await;
    till.discount("GIFT", json!({ "discount_type": "fixed", "discount_value": "50.00" })).await;
    let body = json!({ "voucher_type_id": till.exam, "quantity": 2, "discount_code": "GIFT" });
    let made = till.post(&till.ama, PATHS[0], body).await.expect(201).json;
    let (paid, codes) = (&made["payment"], &made["payment"]["voucher_codes"]);
    let changes = json!({
        "quantity": 2, "discount_amount": "20.00", "discount_code": "GIFT", "amount": "0.00",
        "total_amount": "0.00", "status": "completed", "payment_method": "free", "completed_at": OPENING,
        "stripe_payment_intent_id": null, "voucher_codes": codes,
    });
    let expected = json!({
        "payment_id": paid["id"], "payment_intent_id": null, "client_secret": null, "amount": 0,
        "currency": "USD", "payment": with(&payment(&till, &till.ama, paid), &changes),
    });
    assert_eq!(made, expected);
    assert!(till.bank().heard().is_empty(), "the bank was not asked");
    let own = till.get(&till.ama, "/vouchers/my-vouchers/").await.expect(200).json;
    let rows: Vec<Value> =
        own["results"].as_array().unwrap().iter().map(|told| voucher(&till, &till.ama, told)).collect();
    assert_eq!((&own["count"], &own["results"]), (&json!(2), &json!(rows)));
    assert!(
        rows.iter().all(
            |row| codes.as_array().unwrap().contains(&row["code"]) && row["transaction_id"] == paid["id"]
        )
    );
}
