//! Lives that leave a row of every kind, and every attribute that a row may have.

use std::time::Duration;

use access::Principal;
use identity::dialect::CANONICAL;
use identity::session::opaque;
use serde_json::{Value, json};
use testkit::{Extras, World};

use crate::canary;
use crate::people::{administrator, newcomer};

/// What is off unless a shop wants it.
const VARIABLES: &[(&str, &str)] = &[
    ("MERCATO_LOYALTY_PENDING_HOURS", "2000"),
    ("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "90"),
    ("MERCATO_LOYALTY_TIER_BASIS", "earned"),
];

/// What is stored in the end.
pub async fn written() -> Vec<Value> {
    let world = World::beyond(Extras { variables: VARIABLES, ..Extras::default() }).await;
    canary::lives(&world).await;
    remembered(&world).await;
    limited(&world).await;
    waiting(&world).await;
    world.shelf().await.items().cloned().collect()
}

/// What an account may tell of itself, a token that lasts, and a password that was forgotten.
async fn remembered(world: &World) {
    let rina = newcomer(world, "rina").await;
    let profile = json!({
        "phone_number": "+62 811-222", "address": "Jl. Melati 9", "date_of_birth": "1990-01-01",
        "profile_picture": "https://shop.test/rina.png", "student_id": "S-1", "institution": "Legon",
        "graduation_year": 2027,
        "profile": {
            "bio": "Reads.", "location": "Accra", "website": "https://shop.test/",
            "notification_preferences": { "expiry_email": false }, "privacy_settings": { "seen": true },
        },
    });
    let edit = world.call("PATCH", "/api/prepaid/users/profile/update/").bearer(&rina.access);
    edit.json(&profile).send().await.expect(200);
    let rotate = json!({ "refresh": rina.refresh, "rotate": true });
    world.post("/api/auth/token/refresh/", &rotate).send().await.expect(200);
    world.post("/api/auth/password-reset/", &json!({ "email": rina.email })).send().await.expect(202);
    let key = Principal::key_of(rina.id.parse().unwrap());
    let principal: Principal = world.table.get_strong(&key).await.unwrap().unwrap();
    let (_, tx) = opaque::issue(&principal, CANONICAL, world.clock.now());
    world.table.commit(tx).await.unwrap();
}

/// A voucher with every limit, of which one is used, and then gone as its member is.
async fn limited(world: &World) {
    let admin = administrator(world, "clerk").await;
    let send = async |method: &str, path: &str, body: Value, status: u16| {
        let call = world.call(method, &format!("/api/loyalty{path}")).bearer(&admin.access);
        call.json(&body).send().await.expect(status)
    };
    let sari =
        json!({ "name": "Sari", "email": "sari@shop.test", "phone": "+62 811", "join_date": "2026-01-01" });
    let member = send("POST", "/members/", sari, 201).await.text_at("data.id");
    let earn = json!({ "member": member, "transaction_type": "earn", "points": 900 });
    send("POST", "/points/", earn, 201).await;
    let today = world.clock.now().day();
    let limited = json!({
        "code": "KOPI20", "name": "Coffee", "discount_value": "20.00", "points_cost": 10, "stock": 9,
        "start_date": today, "end_date": today.plus_days(60),
        "limit_per_member": 2, "limit_per_day": 5, "minimum_tier": "Bronze",
    });
    let voucher = send("POST", "/vouchers/", limited, 201).await.text_at("data.id");
    let wish = json!({ "member": member, "voucher": voucher });
    let redeemed = send("POST", "/redeem/", wish, 201).await.text_at("data.id");
    send("POST", &format!("/redeem/{redeemed}/mark-used/"), json!({}), 200).await;
    for path in [format!("/vouchers/{voucher}/"), format!("/members/{member}/")] {
        send("DELETE", &path, Value::Null, 200).await;
    }
}

/// A gift for another day, a use that is held, a payment and a refund that are waited for.
async fn waiting(world: &World) {
    let (staff, ama) = (administrator(world, "keeper").await, newcomer(world, "ama").await);
    let post = async |path: &str, body: Value, status: u16| {
        let who = if path.starts_with("/admin") || path.ends_with("types/") { &staff } else { &ama };
        let call = world.post(&format!("/api/prepaid{path}"), &body).bearer(&who.access);
        call.send().await.expect(status)
    };
    let sold = json!({ "name": "Exams", "type_code": "exams", "description": "Results.", "price": "10.00", "usage_limit": 3 });
    let sold = post("/vouchers/types/", sold, 201).await.text_at("id");
    let now = world.clock.now();
    let discount = json!({
        "code": "FEW", "discount_value": "5.00", "max_uses": 9, "applicable_types": [sold],
        "valid_from": now, "valid_until": now + Duration::from_hours(24),
    });
    post("/admin/discounts/", discount, 201).await;
    let order = json!({ "voucher_type_id": sold });
    let gift = json!({
        "voucher_type_id": sold, "recipient_email": "kofi@shop.test", "send_at": now + Duration::from_hours(48),
    });
    post("/vouchers/purchase/", gift, 201).await;
    let bought = post("/vouchers/purchase/", order.clone(), 201).await;
    let hold = json!({ "code": bought.json["vouchers"][0]["code"], "service_type": "exams" });
    post("/vouchers/reserve/", hold, 201).await;
    post("/payments/create-payment-intent/", order, 201).await;
}
