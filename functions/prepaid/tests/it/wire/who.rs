//! Who may ask for what: nobody unknown, and staff alone for what is theirs.

use serde_json::{Value, json};

use crate::till::{MOUNT, Till};

/// What everybody with an account may ask for.
const OWN: &[(&str, &str)] = &[
    ("GET", "/vouchers/my-vouchers/"),
    ("GET", "/vouchers/stats/"),
    ("GET", "/vouchers/usage-history/"),
    ("GET", "/vouchers/detail/ABCDEFGHJKLM/"),
    ("POST", "/vouchers/purchase/"),
    ("POST", "/vouchers/redeem/"),
    ("POST", "/vouchers/validate/"),
    ("POST", "/vouchers/reserve/"),
    ("POST", "/vouchers/reserve/x/commit/"),
    ("POST", "/vouchers/reserve/x/release/"),
    ("POST", "/vouchers/claim/"),
    ("POST", "/payments/create-payment-intent/"),
    ("POST", "/payments/create-intent/"),
    ("POST", "/payments/confirm-payment/"),
    ("POST", "/payments/confirm/"),
    ("GET", "/payments/history/"),
    ("GET", "/payments/refunds/"),
    ("GET", "/payments/transaction/x/"),
    ("POST", "/payments/refund/request/"),
    ("GET", "/analytics/user/"),
];

/// What staff alone may ask for.
const STAFFS: &[(&str, &str)] = &[
    ("POST", "/vouchers/types/"),
    ("PUT", "/vouchers/types/1/"),
    ("PATCH", "/vouchers/types/1/"),
    ("DELETE", "/vouchers/types/1/"),
    ("GET", "/analytics/dashboard/"),
    ("GET", "/analytics/revenue/"),
    ("GET", "/analytics/revenue/?days=x"),
    ("GET", "/admin/"),
    ("GET", "/admin/vouchers/"),
    ("PATCH", "/admin/vouchers/ABCDEFGHJKLM/"),
    ("POST", "/admin/vouchers/ABCDEFGHJKLM/cancel/"),
    ("GET", "/admin/payments/"),
    ("GET", "/admin/refunds/"),
    ("POST", "/admin/refunds/x/approve/"),
    ("POST", "/admin/refunds/x/reject/"),
    ("POST", "/admin/usages/x/rollback/"),
    ("GET", "/admin/discounts/"),
    ("POST", "/admin/discounts/"),
    ("GET", "/admin/discounts/d_X/"),
    ("PUT", "/admin/discounts/d_X/"),
    ("PATCH", "/admin/discounts/d_X/"),
    ("DELETE", "/admin/discounts/d_X/"),
    ("GET", "/admin/users/"),
];

/// Bodies of every kind: who is not known is not told what is wrong with theirs.
const BODIES: [&str; 4] = ["", "{}", "[]", "{"];

#[tokio::test]
async fn whoever_is_unknown_is_told_so_whatever_they_send() {
    let mut till = Till::open().await;
    let login = json!({ "username": "ama", "password": "blue-whale-17" });
    let refresh = till.world.post("/api/auth/login/", &login).send().await.expect(200).text_at("refresh");
    let old = till.ama.access.clone();
    till.at("2026-03-01T09:31:00Z").await;
    // A token without a signature: whoever takes it would take anything.
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", till.ama.access.split('.').nth(1).unwrap());
    let nobody = json!({ "detail": "Authentication credentials were not provided." });
    let bad = json!({
        "detail": "Given token not valid for any token type", "code": "token_not_valid",
        "messages": [{ "token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired" }],
    });
    for (method, path) in OWN.iter().chain(STAFFS) {
        let call =
            || till.world.call(method, &format!("{MOUNT}{path}")).header("content-type", "application/json");
        let told = |answer: testkit::Answer, expected: &Value| {
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"", "{method} {path}");
            assert_eq!(answer.expect(401).json, *expected, "{method} {path}");
        };
        for body in BODIES {
            told(call().body(body).send().await, &nobody);
        }
        for token in ["garbage", &refresh, &old, &unsigned] {
            told(call().bearer(token).body("{").send().await, &bad);
        }
    }
}

#[tokio::test]
async fn what_is_the_staffs_is_nobody_elses_and_nothing_happens() {
    let till = Till::open().await;
    till.discount("X", json!({})).await;
    let before = till.world.shelf().await;
    for (method, path) in STAFFS {
        for body in BODIES {
            let call =
                till.call(&till.ama, method, path).header("content-type", "application/json").body(body);
            let expected = json!({ "detail": "You do not have permission to perform this action." });
            assert_eq!(call.send().await.expect(403).json, expected, "{method} {path} {body}");
        }
    }
    assert_eq!(till.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    // Whoever has a role elsewhere has none here.
    let admin = till.world.person("root", &[("loyalty", "admin")]).await;
    till.get(&admin, "/admin/vouchers/").await.expect(403);
    // Staff may ask for everything, and are told what is wrong with it.
    for (method, path) in OWN.iter().chain(STAFFS) {
        let answer = till.call(&till.staff, method, path).json(&json!({})).send().await;
        assert!(matches!(answer.status.as_u16(), 200 | 204 | 400 | 404), "{method} {path}: {answer:?}");
    }
}
