//! Discounts that are changed and closed.

use serde_json::json;
use testkit::with;

use super::{DISCOUNTS, form};
use crate::till::{Till, refused};

#[tokio::test]
async fn a_code_is_one_discounts_whatever_the_case_and_stays_what_it_is() {
    let till = Till::open().await;
    till.post(&till.staff, DISCOUNTS, form()).await.expect(201);
    let taken = json!({ "code": ["voucher discount with this code already exists."] });
    for code in ["SPRING", "spring", " Spring "] {
        refused(
            till.post(&till.staff, DISCOUNTS, with(&form(), &json!({ "code": code }))).await,
            taken.clone(),
        );
    }
    let path = format!("{DISCOUNTS}d_SPRING/");
    till.patch(&path, json!({ "code": "spring", "description": "the same" })).await.expect(200);
    let told = json!({ "code": ["The code of a discount cannot be changed: make another one."] });
    refused(till.patch(&path, json!({ "code": "SUMMER" })).await, told.clone());
    let other = with(&form(), &json!({ "code": "SUMMER" }));
    refused(till.call(&till.staff, "PUT", &path).json(&other).send().await, told);
}

#[tokio::test]
async fn an_edit_changes_what_was_sent_and_a_replacement_what_is_required() {
    let till = Till::open().await;
    let more = json!({ "max_uses": 5, "max_uses_per_user": 3, "applicable_types": [till.exam], "description": "May" });
    let made = till.post(&till.staff, DISCOUNTS, with(&form(), &more)).await.expect(201).json;
    let path = format!("{DISCOUNTS}d_SPRING/");
    let body = json!({ "voucher_type_id": till.exam, "discount_code": "SPRING" });
    till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201);
    let edited =
        till.patch(&path, json!({ "discount_value": "20", "current_uses": 0 })).await.expect(200).json;
    let expected = with(&made, &json!({ "discount_value": "20.00", "current_uses": 1 }));
    assert_eq!(edited, expected, "what was used stays used");
    let replaced = till.call(&till.staff, "PUT", &path).json(&form()).send().await.expect(200).json;
    let expected = with(&expected, &json!({ "discount_value": "10.00" }));
    assert_eq!(replaced, expected, "what need not be sent stays as it is");
    let open = till.patch(&path, json!({ "max_uses": null, "applicable_types": [] })).await.expect(200).json;
    assert_eq!(open, with(&expected, &json!({ "max_uses": null, "applicable_types": [] })));
    // Faults that only the whole of it shows.
    let fixed = json!({ "discount_type": "fixed", "discount_value": "250.00" });
    till.patch(&path, fixed).await.expect(200);
    let told = json!({ "discount_value": ["Ensure this value is less than or equal to 100."] });
    refused(till.patch(&path, json!({ "discount_type": "percentage" })).await, told);
    let told = json!({ "valid_until": ["valid_until must be after valid_from."] });
    refused(till.patch(&path, json!({ "valid_from": "2026-04-01T00:00:00Z" })).await, told);
    for (method, body) in [("PATCH", json!({ "code": "" })), ("PUT", json!({})), ("DELETE", json!({}))] {
        let missing = till.call(&till.staff, method, "/admin/discounts/d_NONE/").json(&body).send().await;
        assert_eq!(missing.expect(404).json, json!({ "detail": "Not found." }), "{method}");
    }
}

#[tokio::test]
async fn a_removed_discount_is_closed_and_stays_to_be_looked_at() {
    let till = Till::open().await;
    till.discount("SPRING", json!({ "max_uses_per_user": 9 })).await;
    let body = json!({ "voucher_type_id": till.exam, "discount_code": "SPRING" });
    let pending = till.post(&till.ama, "/payments/create-payment-intent/", body.clone()).await.expect(201);
    for _ in 0..2 {
        let gone = till.call(&till.staff, "DELETE", "/admin/discounts/d_SPRING/").send().await;
        assert_eq!(gone.expect(204).text, "");
    }
    let shown = till.get(&till.staff, "/admin/discounts/d_SPRING/").await.expect(200).json;
    assert_eq!((&shown["is_active"], &shown["current_uses"]), (&json!(false), &json!(1)));
    let told = json!({ "discount_code": ["Discount code is not valid or has expired."] });
    refused(till.post(&till.ama, "/vouchers/purchase/", body.clone()).await, told);
    let intent = pending.text_at("payment_intent_id");
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    let confirmed = till.confirms(&till.ama, &intent).await.expect(200).json;
    assert_eq!(confirmed["payment"]["amount"], "9.00", "what was ordered with it keeps it");
    till.patch("/admin/discounts/d_SPRING/", json!({ "is_active": true })).await.expect(200);
    till.post(&till.ama, "/vouchers/purchase/", body).await.expect(201);
}
