//! Giving a use back.

use serde_json::{Value, json};
use testkit::with;

use crate::shapes::{OPENING, voucher};
use crate::till::{Till, refused, said};

async fn rolls_back(till: &Till, usage: &str, body: Value) -> testkit::Answer {
    till.post(&till.staff, &format!("/admin/usages/{usage}/rollback/"), body).await
}

#[tokio::test]
async fn a_use_is_given_back_once_and_both_records_stay() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["vouchers"][0].clone();
    let code = bought["code"].as_str().unwrap();
    let mut uses = Vec::new();
    for _ in 0..3 {
        uses.push(till.redeems(&till.kofi, code).await.expect(200).json["usage"].clone());
    }
    refused(
        till.redeems(&till.kofi, code).await,
        json!({ "code": ["Voucher is not valid or has expired."] }),
    );
    let usage = uses[0]["id"].as_str().unwrap();
    let given =
        rolls_back(&till, usage, json!({ "reason": "The printer was out of paper." })).await.expect(200).json;
    let back = with(&uses[0], &json!({ "rolled_back_at": OPENING }));
    let changes = json!({
        "usage_count": 2, "uses_remaining": 1, "last_used_at": OPENING, "user_email": till.ama.email,
    });
    let expected = json!({
        "message": "The use was given back", "voucher": with(&voucher(&till, &till.ama, &bought), &changes),
        "usage": back,
    });
    assert_eq!(given, expected);
    said(rolls_back(&till, usage, json!({})).await, 409, "This use was given back already");
    let list = till.get(&till.kofi, "/vouchers/usage-history/").await.expect(200).json;
    assert_eq!(list["count"], 3, "what happened has happened");
    assert!(list["results"].as_array().unwrap().contains(&back));
    let shelf = till.world.shelf().await;
    assert_eq!((shelf.of_kind("usage").count(), shelf.of_kind("rollback").count()), (3, 1));
    let row = shelf.of_kind("rollback").next().unwrap().to_string();
    assert!(row.contains("The printer was out of paper.") && row.contains(&till.staff.id), "{row}");
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!((&board["vouchers"]["used_this_week"], &board["vouchers"]["used"]), (&json!(2), &json!(0)));
    till.redeems(&till.kofi, code).await.expect(200);
    refused(
        till.redeems(&till.kofi, code).await,
        json!({ "code": ["Voucher is not valid or has expired."] }),
    );
}

#[tokio::test]
async fn a_use_of_what_was_called_off_is_given_back_to_no_avail() {
    let till = Till::open().await;
    let code = till.code(&till.ama).await;
    let usage = till.redeems(&till.kofi, &code).await.expect(200).text_at("usage.id");
    till.post(&till.staff, &format!("/admin/vouchers/{code}/cancel/"), json!({ "reason": "lost" }))
        .await
        .expect(200);
    let given = rolls_back(&till, &usage, json!({})).await.expect(200).json["voucher"].clone();
    assert_eq!(
        (&given["status"], &given["usage_count"], &given["uses_remaining"]),
        (&json!("cancelled"), &json!(0), &json!(0))
    );
    for id in ["x", "550e8400-e29b-41d4-a716-446655440000", "0195a000-0000-7000-8000-000000000000", &code] {
        said(rolls_back(&till, id, json!({ "reason": "x".repeat(501) })).await, 404, "Usage not found");
    }
    let told = json!({ "reason": ["Ensure this field has no more than 500 characters."] });
    refused(rolls_back(&till, &usage, json!({ "reason": "x".repeat(501) })).await, told);
}
