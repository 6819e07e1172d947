//! What no body can set: everything that is stored besides the fields of a form.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use testkit::{Shelf, with};

use crate::till::Till;

/// Attributes that a row may lack when it is new, and what things are called on the wire.
const MORE: &[&str] = &[
    "by",
    "card",
    "completed_at",
    "current_uses",
    "failure_reason",
    "gift",
    "holds",
    "ip_address",
    "is_staff",
    "is_valid",
    "issued_at",
    "metadata",
    "payment_intent_id",
    "processed_at",
    "processed_by",
    "recipient",
    "refund",
    "refunded_amount",
    "reminders",
    "roles",
    "rolled_back_at",
    "status",
    "stripe_charge_id",
    "stripe_payment_intent_id",
    "total_amount",
    "ttl",
    "unit_price",
    "usage_count",
    "used_at",
    "user",
    "user_email",
    "user_id",
    "voucher_codes",
];

/// Attributes in which any two rows differ.
const OWN: &[&str] = &[
    "pk",
    "sk",
    "gsi1sk",
    "gsi2sk",
    "duepk",
    "duesk",
    "told",
    "found_by",
    "id",
    "code",
    "name",
    "type_code",
    "payment",
    "intent",
    "charge",
    "voucher_codes",
    "voucher_code",
    "refund",
    "left",
    "usage_count",
];

/// What is wanted, and with it every attribute of the stored rows of these kinds.
async fn greedy(till: &Till, kinds: &[&str], wish: &Value) -> Value {
    let shelf = till.world.shelf().await;
    let stored = kinds.iter().flat_map(|kind| shelf.of_kind(kind));
    let names: BTreeSet<&str> =
        stored.flat_map(|row| row.as_object().unwrap().keys().map(String::as_str)).collect();
    assert!(names.len() > 5, "{names:?}");
    let all: Map<String, Value> =
        names.into_iter().chain(MORE.iter().copied()).map(|name| (name.to_owned(), json!(77))).collect();
    with(&Value::Object(all), wish)
}

/// Insists on two rows of a kind that differ in nothing but what is each one's own.
#[track_caller]
fn are_alike(shelf: &Shelf, kind: &str) {
    let strip = |row: &Value| {
        let mut row = row.as_object().unwrap().clone();
        row.retain(|name, _| !OWN.contains(&name.as_str()));
        row
    };
    let rows: Vec<_> = shelf.of_kind(kind).map(strip).collect();
    assert_eq!(rows.len(), 2, "{kind}");
    assert_eq!(rows[0], rows[1], "{kind}");
}

#[tokio::test]
async fn of_an_order_a_use_and_a_refund() {
    let till = Till::open().await;
    let order = json!({
        "voucher_type_id": till.exam, "quantity": 1, "discount_code": null, "payment_method_id": null,
        "payment_method": "stripe", "currency": "USD", "recipient_email": null, "recipient_message": "", "send_at": null,
    });
    let plain = till.post(&till.ama, "/vouchers/purchase/", order.clone()).await.expect(201);
    let wish = greedy(&till, &["payment", "voucher"], &order).await;
    let wished = till.post(&till.ama, "/vouchers/purchase/", wish).await.expect(201);
    let shelf = till.world.shelf().await;
    are_alike(&shelf, "payment");
    are_alike(&shelf, "voucher");
    let use_it = |bought: &testkit::Answer| json!({ "code": bought.json["vouchers"][0]["code"], "service_type": "result_check", "service_data": {} });
    till.post(&till.kofi, "/vouchers/redeem/", use_it(&plain)).await.expect(200);
    let wish = greedy(&till, &["usage", "voucher"], &use_it(&wished)).await;
    till.post(&till.kofi, "/vouchers/redeem/", wish).await.expect(200);
    let shelf = till.world.shelf().await;
    are_alike(&shelf, "usage");
    are_alike(&shelf, "voucher");

    let mut asked = Vec::new();
    for quantity in [1, 1] {
        let bought = till.buys(&till.ama, quantity).await;
        let ask = json!({ "payment_id": bought.text_at("payment.id"), "reason": "other", "amount": null, "notes": "" });
        let ask = if asked.is_empty() { ask } else { greedy(&till, &["refund"], &ask).await };
        asked.push(
            till.post(&till.ama, "/payments/refund/request/", ask).await.expect(201).text_at("refund.id"),
        );
    }
    are_alike(&till.world.shelf().await, "refund");
    for (place, refund) in asked.iter().enumerate() {
        let say = json!({ "admin_notes": "" });
        let say = if place == 0 { say } else { greedy(&till, &["refund"], &say).await };
        till.post(&till.staff, &format!("/admin/refunds/{refund}/reject/"), say).await.expect(200);
    }
    are_alike(&till.world.shelf().await, "refund");
}

#[tokio::test]
async fn of_a_type_and_a_discount() {
    let till = Till::open().await;
    let form = json!({
        "name": "School", "type_code": "school", "service_type": "school", "description": "What it is good for.",
        "price": "10.00", "is_active": true, "validity_days": 30, "usage_limit": 3, "max_uses": 3,
        "accepted_services": ["result_check", "exam_results"],
    });
    let wish = greedy(&till, &["type"], &form).await;
    let made = till.post(&till.staff, "/vouchers/types/", wish).await.expect(201).text_at("id");
    are_alike(&till.world.shelf().await, "type");
    let wish = greedy(&till, &["type"], &form).await;
    till.call(&till.staff, "PATCH", &format!("/vouchers/types/{made}/")).json(&wish).send().await.expect(200);
    are_alike(&till.world.shelf().await, "type");

    let form = json!({
        "code": "A", "description": "", "discount_type": "percentage", "discount_value": "10.00",
        "applicable_types": [], "max_uses": null, "max_uses_per_user": 1, "is_active": true,
        "valid_from": "2026-03-01T00:00:00Z", "valid_until": "2026-04-01T00:00:00Z",
    });
    till.post(&till.staff, "/admin/discounts/", form.clone()).await.expect(201);
    let wish = greedy(&till, &["discount"], &with(&form, &json!({ "code": "B" }))).await;
    till.post(&till.staff, "/admin/discounts/", wish).await.expect(201);
    are_alike(&till.world.shelf().await, "discount");
}
