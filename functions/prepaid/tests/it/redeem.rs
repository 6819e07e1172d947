//! Using vouchers.

use serde_json::{Value, json};
use testkit::{with, without};

use crate::shapes::{OPENING, is_uuid, voucher};
use crate::till::{MOUNT, Till, refused};

const REDEEM: &str = "/vouchers/redeem/";

/// What only the owner of a voucher sees, and staff.
pub(crate) const OWNERS: [&str; 3] = ["user", "transaction_id", "metadata"];

#[tokio::test]
async fn a_use_is_answered_with_the_voucher_after_it() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["vouchers"][0].clone();
    let code = bought["code"].as_str().unwrap();
    let body = json!({ "code": code, "service_type": "result_check", "service_data": { "index": "0123" }, "user": 7 });
    let call = till.call(&till.ama, "POST", REDEEM).json(&body).from("198.51.100.4");
    // What a client says of its address is nobody's business.
    let call = call
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-real-ip", "192.0.2.2")
        .header("forwarded", "for=192.0.2.3");
    let used = call.header("user-agent", "Desk/1.0").send().await.expect(200).json;
    let id = used["usage"]["id"].as_str().unwrap();
    assert!(is_uuid(id));
    let after = with(
        &voucher(&till, &till.ama, &bought),
        &json!({ "usage_count": 1, "uses_remaining": 2, "last_used_at": OPENING }),
    );
    let usage = json!({
        "id": id, "voucher_code": code, "voucher_type_name": "Exam Results Checking", "service_type": "result_check",
        "service_data": { "index": "0123" }, "details": { "index": "0123" }, "used_at": OPENING,
        "ip_address": "198.51.100.4",
    });
    assert_eq!(used, json!({ "message": "Voucher redeemed successfully", "voucher": after, "usage": usage }));
    assert_eq!(till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await.expect(200).json, after);
    let stored = till.world.shelf().await.only("usage");
    let row = stored.of_kind("usage").next().unwrap().to_string();
    assert!(row.contains("198.51.100.4") && row.contains("Desk/1.0") && !row.contains("192.0.2"), "{row}");

    // Whoever has the code may use it, and sees no more than that takes; staff are no different.
    till.world.clock.set(wire::Stamp::parse_from("2026-03-01T09:00:00Z").unwrap());
    let body = json!({ "code": code, "service_type": "exam_results", "details": { "of": [1, null] } });
    let used = till.post(&till.kofi, REDEEM, body).await.expect(200).json;
    let later = "2026-03-01T09:00:00.000000Z";
    let changes =
        json!({ "usage_count": 2, "uses_remaining": 1, "last_used_at": later, "days_until_expiry": 29 });
    assert_eq!(used["voucher"], without(&with(&after, &changes), &OWNERS));
    assert_eq!(
        (&used["usage"]["service_data"], &used["usage"]["service_type"]),
        (&json!({ "of": [1, null] }), &json!("exam_results"))
    );
    assert_eq!(used["usage"]["ip_address"], "203.0.113.7");
    let last = till.redeems(&till.staff, code).await.expect(200).json;
    let changes = json!({
        "status": "used", "is_active": false, "usage_count": 3, "uses_remaining": 0, "is_valid": false,
        "voucher_is_valid": false, "last_used_at": later, "days_until_expiry": 29,
    });
    assert_eq!(last["voucher"], without(&with(&after, &changes), &OWNERS));
    assert_eq!(last["usage"]["service_data"], json!({}), "nothing was noted");
    let shown = till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await.expect(200).json;
    assert_eq!(shown, with(&after, &changes));
}

#[tokio::test]
async fn codes_are_read_as_people_type_them() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let low = code.to_lowercase();
    let (a, b, c) = (&low[..4], &low[4..8], &low[8..]);
    for typed in [format!(" {a}-{b}-{c} "), format!("{a} {b} {c}"), format!("{a}{b}\t{c}")] {
        let body = json!({ "code": typed, "service_type": " result_check " });
        till.post(&till.kofi, REDEEM, body).await.expect(200);
    }
    for (typed, path) in [(low.clone(), "detail"), (format!("{a}-{b}-{c}"), "detail")] {
        assert_eq!(
            till.get(&till.ama, &format!("/vouchers/{path}/{typed}/")).await.expect(200).text_at("code"),
            code
        );
    }
}

#[tokio::test]
async fn a_use_that_is_refused_changes_nothing() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let unknown = json!({ "code": ["Invalid voucher code."] });
    let required = json!(["This field is required."]);
    let good = json!({ "code": code, "service_type": "result_check" });
    let before = till.world.shelf().await;
    let cases = [
        (json!({}), json!({ "code": required, "service_type": required })),
        (json!({ "code": code }), json!({ "service_type": required })),
        (json!({ "service_type": "result_check" }), json!({ "code": required })),
        (with(&good, &json!({ "code": "" })), json!({ "code": ["This field may not be blank."] })),
        (with(&good, &json!({ "code": null })), json!({ "code": ["This field may not be null."] })),
        (with(&good, &json!({ "code": {} })), json!({ "code": ["Not a valid string."] })),
        (
            with(&good, &json!({ "code": "x".repeat(21) })),
            json!({ "code": ["Ensure this field has no more than 20 characters."] }),
        ),
        (
            with(&good, &json!({ "service_type": "x".repeat(101) })),
            json!({ "service_type": ["Ensure this field has no more than 100 characters."] }),
        ),
        (
            with(&good, &json!({ "service_data": [1] })),
            json!({ "service_data": ["Expected a dictionary of items but got type \"list\"."] }),
        ),
        (
            with(&good, &json!({ "details": "index" })),
            json!({ "service_data": ["Expected a dictionary of items but got type \"str\"."] }),
        ),
        (
            with(&good, &json!({ "service_data": { "x": "x".repeat(8_185) } })),
            json!({ "service_data": ["Ensure this field has no more than 8192 bytes."] }),
        ),
        (
            with(&good, &json!({ "service_type": "school_application" })),
            json!({ "service_type": ["This voucher is not valid for this service."] }),
        ),
        (
            with(&good, &json!({ "service_type": "RESULT_CHECK" })),
            json!({ "service_type": ["This voucher is not valid for this service."] }),
        ),
    ];
    for (body, told) in cases {
        refused(till.post(&till.kofi, REDEEM, body).await, told);
    }
    assert_eq!(till.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    for code in ["ABCDEFGHJKLM", "x", "K7M2#X9RTB4H", &code[1..]] {
        refused(till.post(&till.kofi, REDEEM, with(&good, &json!({ "code": code }))).await, unknown.clone());
    }
    let after = till.world.shelf().await;
    assert_eq!((after.clone().only("voucher"), after.of_kind("usage").count()), (before.only("voucher"), 0));
    let large = json!({ "service_data": { "x": "x".repeat(8_184) } });
    till.post(&till.kofi, REDEEM, with(&good, &large)).await.expect(200);
}

#[tokio::test]
async fn what_is_used_up_over_or_called_off_is_not_used() {
    let till = Till::open().await;
    let told = json!({ "code": ["Voucher is not valid or has expired."] });
    let used = till.code(&till.ama).await;
    for _ in 0..3 {
        till.redeems(&till.kofi, &used).await.expect(200);
    }
    let cancelled = till.code(&till.ama).await;
    till.post(&till.staff, &format!("/admin/vouchers/{cancelled}/cancel/"), json!({ "reason": "lost" }))
        .await
        .expect(200);
    let over = till.code(&till.ama).await;
    till.patch(&format!("/admin/vouchers/{over}/"), json!({ "expires_at": "2026-03-01T08:45:00Z" }))
        .await
        .expect(200);
    till.world.clock.set(wire::Stamp::parse_from("2026-03-01T08:45:00Z").unwrap());
    till.redeems(&till.kofi, &over).await.expect(200);
    till.world.clock.set(wire::Stamp::parse_from("2026-03-01T08:45:01Z").unwrap());
    for code in [&used, &cancelled, &over] {
        refused(till.redeems(&till.ama, code).await, told.clone());
        // Whether the service would fit is not told of what is not valid.
        let other = json!({ "code": code, "service_type": "school" });
        refused(till.post(&till.kofi, REDEEM, other).await, told.clone());
    }
    let shown: Value = till.get(&till.ama, &format!("/vouchers/detail/{over}/")).await.expect(200).json;
    let expected = json!({
        "status": "expired", "is_active": false, "usage_count": 1, "uses_remaining": 0, "is_valid": false,
        "voucher_is_valid": false, "days_until_expiry": 0,
    });
    assert_eq!(with(&shown, &expected), shown);
}

#[tokio::test]
async fn a_type_says_which_services_take_its_vouchers() {
    let till = Till::open().await;
    for (name, accepted, yes, no) in [
        ("own", Value::Null, vec!["own"], vec!["other", "any"]),
        ("any", json!([]), vec!["any", "other", "whatever it is"], vec![]),
        ("two", json!(["a", "b"]), vec!["a", "b"], vec!["two"]),
    ] {
        let sold =
            till.sells(name, name, "1.00", json!({ "accepted_services": accepted, "usage_limit": 9 })).await;
        let bought =
            till.post(&till.ama, "/vouchers/purchase/", json!({ "voucher_type_id": sold })).await.expect(201);
        let code = &bought.json["vouchers"][0]["code"];
        for service in &yes {
            till.post(&till.ama, REDEEM, json!({ "code": code, "service_type": service })).await.expect(200);
        }
        for service in no {
            let told = json!({ "service_type": ["This voucher is not valid for this service."] });
            refused(
                till.post(&till.ama, REDEEM, json!({ "code": code, "service_type": service })).await,
                told,
            );
        }
        let left =
            till.get(&till.ama, &format!("/vouchers/detail/{}/", code.as_str().unwrap())).await.expect(200);
        assert_eq!(left.json["usage_count"], yes.len(), "{name}");
    }
    let anonymous = till.world.post(&format!("{MOUNT}{REDEEM}"), &json!({})).send().await;
    anonymous.expect(401);
}
