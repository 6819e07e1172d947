//! Holding a use for a while.

use serde_json::json;
use testkit::{with, without};
use wire::Stamp;

use crate::redeem::OWNERS;
use crate::shapes::voucher;
use crate::till::{Till, refused, said};

const RESERVE: &str = "/vouchers/reserve/";

#[tokio::test]
async fn a_use_is_held_and_then_spent() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["vouchers"][0].clone();
    let code = bought["code"].as_str().unwrap();
    let body = json!({ "code": code.to_lowercase(), "service_type": "result_check" });
    let held = till.post(&till.kofi, RESERVE, body).await.expect(201).json;
    let id = held["id"].as_str().unwrap();
    let shown = voucher(&till, &till.ama, &bought);
    let expected = json!({
        "id": id, "voucher_code": code, "service_type": "result_check",
        "expires_at": "2026-03-01T08:45:00.000000Z", "voucher": without(&shown, &OWNERS),
    });
    assert_eq!(held, expected);
    let commit = format!("{RESERVE}{id}/commit/");
    // Not the owner's to spend or to let go, nor staff's: whoever holds it does that.
    for who in [&till.ama, &till.staff] {
        for what in ["commit", "release"] {
            said(
                till.post(who, &format!("{RESERVE}{id}/{what}/"), json!({})).await,
                404,
                "Reservation not found",
            );
        }
    }
    let used = till.post(&till.kofi, &commit, json!({ "details": { "desk": 4 } })).await.expect(200).json;
    assert_eq!(used["message"], "Voucher redeemed successfully");
    assert_eq!((&used["voucher"]["usage_count"], &used["voucher"]["uses_remaining"]), (&json!(1), &json!(2)));
    assert_eq!(
        (&used["usage"]["service_type"], &used["usage"]["service_data"]),
        (&json!("result_check"), &json!({ "desk": 4 }))
    );
    assert_eq!(used["usage"]["ip_address"], "203.0.113.7");
    said(till.post(&till.kofi, &commit, json!({})).await, 404, "Reservation not found");
    let uses = till.get(&till.kofi, "/vouchers/usage-history/").await.expect(200).json;
    assert_eq!(uses["results"], json!([used["usage"]]));
}

#[tokio::test]
async fn what_is_held_is_nobody_elses_until_it_ends() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let hold = |minutes: u32| json!({ "code": code, "service_type": "result_check", "minutes": minutes });
    let long = till.post(&till.ama, RESERVE, hold(120)).await.expect(201);
    assert_eq!(long.text_at("expires_at"), "2026-03-01T10:30:00.000000Z");
    assert_eq!(long.json["voucher"]["user"], json!(till.ama.id), "an owner sees more");
    let short = till.post(&till.kofi, RESERVE, hold(1)).await.expect(201);
    till.redeems(&till.kofi, &code).await.expect(200);
    let taken = json!({ "code": ["Voucher is not valid or has expired."] });
    refused(till.redeems(&till.ama, &code).await, taken.clone());
    refused(till.post(&till.ama, RESERVE, hold(1)).await, taken.clone());
    let body = json!({ "code": code, "service_type": "result_check" });
    let asked = till.post(&till.ama, "/vouchers/validate/", body).await.expect(200).json;
    assert_eq!((&asked["valid"], &asked["uses_remaining"]), (&json!(false), &json!(2)));
    till.world.clock.set(Stamp::parse_from("2026-03-01T08:31:00Z").unwrap());
    let over = format!("{RESERVE}{}/commit/", short.text_at("id"));
    said(till.post(&till.kofi, &over, json!({})).await, 409, "The reservation has ended");
    said(
        till.post(&till.kofi, &over.replace("commit", "release"), json!({})).await,
        409,
        "The reservation has ended",
    );
    till.redeems(&till.kofi, &code).await.expect(200);
    refused(till.redeems(&till.kofi, &code).await, taken);
    // Let go, it is free at once.
    let release = format!("{RESERVE}{}/release/", long.text_at("id"));
    let free = till.post(&till.ama, &release, json!({})).await.expect(200).json;
    assert_eq!(
        (&free["usage_count"], &free["uses_remaining"], &free["user"]),
        (&json!(2), &json!(1), &json!(till.ama.id))
    );
    said(till.post(&till.ama, &release, json!({})).await, 404, "Reservation not found");
    till.redeems(&till.kofi, &code).await.expect(200);
}

#[tokio::test]
async fn nothing_is_held_of_what_could_not_be_used() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let good = json!({ "code": code, "service_type": "result_check" });
    let required = json!(["This field is required."]);
    for (body, told) in [
        (json!({}), json!({ "code": required, "service_type": required })),
        (
            with(&good, &json!({ "minutes": 0 })),
            json!({ "minutes": ["Ensure this value is greater than or equal to 1."] }),
        ),
        (
            with(&good, &json!({ "minutes": 121 })),
            json!({ "minutes": ["Ensure this value is less than or equal to 120."] }),
        ),
        (with(&good, &json!({ "minutes": "x" })), json!({ "minutes": ["A valid integer is required."] })),
        (with(&good, &json!({ "code": "ABCDEFGHJKLM" })), json!({ "code": ["Invalid voucher code."] })),
        (
            with(&good, &json!({ "service_type": "school" })),
            json!({ "service_type": ["This voucher is not valid for this service."] }),
        ),
    ] {
        refused(till.post(&till.kofi, RESERVE, body).await, told);
    }
    // Nothing is held beyond the end of the voucher itself.
    till.patch(&format!("/admin/vouchers/{code}/"), json!({ "expires_at": "2026-03-01T08:40:00Z" }))
        .await
        .expect(200);
    let held = till.post(&till.kofi, RESERVE, good.clone()).await.expect(201);
    assert_eq!(held.text_at("expires_at"), "2026-03-01T08:40:00.000000Z");
    let id = held.text_at("id");
    for id in [
        "x",
        "x-y",
        &format!("{code}-"),
        &format!("{code}-ABCDEFGHJKLM"),
        &format!("ABCDEFGHJKLM-{}", &id[13..]),
    ] {
        for what in ["commit", "release"] {
            let missing = till.post(&till.kofi, &format!("{RESERVE}{id}/{what}/"), json!({})).await;
            said(missing, 404, "Reservation not found");
        }
    }
    let told = json!({ "service_data": ["Expected a dictionary of items but got type \"list\"."] });
    refused(
        till.post(&till.kofi, &format!("{RESERVE}{id}/commit/"), json!({ "service_data": [] })).await,
        told,
    );
    // Called off, its holds are gone as well.
    till.post(&till.staff, &format!("/admin/vouchers/{code}/cancel/"), json!({ "reason": "lost" }))
        .await
        .expect(200);
    said(
        till.post(&till.kofi, &format!("{RESERVE}{id}/commit/"), json!({})).await,
        404,
        "Reservation not found",
    );
    refused(
        till.post(&till.kofi, RESERVE, good).await,
        json!({ "code": ["Voucher is not valid or has expired."] }),
    );
}
