//! To whom a discount is given, whichever way it is bought.

use serde_json::{Value, json};

use super::PURCHASE;
use crate::till::{Till, refused};

const INTENT: &str = "/payments/create-payment-intent/";

fn order(till: &Till, code: &str) -> Value {
    json!({ "voucher_type_id": till.exam, "discount_code": code })
}

#[tokio::test]
async fn a_discount_that_is_not_given_is_told_why_and_never_dropped() {
    let till = Till::open().await;
    let school = till.sells("School", "school", "25.00", json!({})).await;
    let over = "Discount code is not valid or has expired.";
    till.discount("USED-UP", json!({ "max_uses": 1 })).await;
    till.post(&till.kofi, PURCHASE, order(&till, "USED-UP")).await.expect(201);
    for (code, more, text) in [
        ("CLOSED", json!({ "is_active": false }), over),
        ("EARLY", json!({ "valid_from": "2026-03-01T08:31:00Z" }), over),
        ("LATE", json!({ "valid_until": "2026-03-01T08:29:00Z" }), over),
        (
            "SCHOOL",
            json!({ "applicable_types": [school] }),
            "Discount code does not apply to this voucher type.",
        ),
    ] {
        till.discount(code, more).await;
        for path in [PURCHASE, INTENT] {
            refused(till.post(&till.ama, path, order(&till, code)).await, json!({ "discount_code": [text] }));
        }
    }
    for path in [PURCHASE, INTENT] {
        refused(
            till.post(&till.ama, path, order(&till, "USED-UP")).await,
            json!({ "discount_code": [over] }),
        );
        for code in ["NONE", "no such code", "é"] {
            let told = json!({ "discount_code": ["Invalid discount code."] });
            refused(till.post(&till.ama, path, order(&till, code)).await, told);
        }
        let long = json!({ "discount_code": ["Ensure this field has no more than 50 characters."] });
        refused(till.post(&till.ama, path, order(&till, &"x".repeat(51))).await, long);
    }
    for list in ["/payments/history/", "/vouchers/my-vouchers/"] {
        assert_eq!(till.get(&till.ama, list).await.expect(200).json["count"], 0, "{list}");
    }
    // For that type it is good, in either case and with blanks around it.
    let body = json!({ "voucher_type_id": school, "discount_code": " school " });
    let bought = till.post(&till.ama, PURCHASE, body).await.expect(201).json;
    assert_eq!(
        (&bought["payment"]["discount_code"], &bought["total_paid"]),
        (&json!("SCHOOL"), &json!(22.5))
    );
}

#[tokio::test]
async fn a_use_is_one_payment_from_the_moment_it_is_made() {
    let till = Till::open().await;
    till.discount("TWICE", json!({ "max_uses_per_user": 2, "max_uses": 3 })).await;
    let uses = async || {
        till.get(&till.staff, "/admin/discounts/d_TWICE/").await.expect(200).json["current_uses"].clone()
    };
    let pending = till.post(&till.ama, INTENT, order(&till, "TWICE")).await.expect(201);
    assert_eq!(uses().await, 1, "reserved");
    till.post(&till.ama, PURCHASE, order(&till, "TWICE")).await.expect(201);
    let told = json!({ "discount_code": ["You have already used this discount code."] });
    for path in [PURCHASE, INTENT] {
        refused(till.post(&till.ama, path, order(&till, "TWICE")).await, told.clone());
    }
    till.bank().pay(&pending.text_at("payment_intent_id"), "pm_card_visa").unwrap();
    till.confirms(&till.ama, &pending.text_at("payment_intent_id")).await.expect(200);
    assert_eq!(uses().await, 2, "kept");
    // A card that was declined keeps its reservation: it may be tried again.
    let body = json!({ "voucher_type_id": till.exam, "discount_code": "TWICE", "payment_method_id": "pm_card_visa_chargeDeclined" });
    till.post(&till.kofi, PURCHASE, body).await.expect(402);
    assert_eq!(uses().await, 3);
    let told = json!({ "discount_code": ["Discount code is not valid or has expired."] });
    refused(till.post(&till.kofi, PURCHASE, order(&till, "TWICE")).await, told);
}
