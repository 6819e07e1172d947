//! Which way a redemption may go.

use serde_json::{Value, json};
use testkit::Answer;

use crate::shop::{Shop, refused, told};

const STATES: [&str; 4] = ["Pending", "Completed", "Cancelled", "Used"];

/// A redemption in this state.
async fn in_state(shop: &Shop, member: &str, voucher: &str, state: &str) -> String {
    let first = if state == "Pending" { "Pending" } else { "Completed" };
    let body = json!({ "member": member, "voucher": voucher, "status": first });
    let id = shop.post("/redeem/", body).await.expect(201).text_at("data.id");
    if first != state {
        shop.put(&format!("/redeem/{id}/"), json!({ "status": state })).await.expect(200);
    }
    id
}

/// A step by one of the ways to ask for it.
async fn step(shop: &Shop, id: &str, way: &str, to: &str) -> Answer {
    let body = json!({ "status": to, "used_date": "2020-01-01" });
    match way {
        "update-status" => shop.post(&format!("/redeem/{id}/update-status/"), body).await,
        method => shop.call(method, &format!("/redeem/{id}/")).json(&body).send().await,
    }
}

#[tokio::test]
async fn every_state_knows_its_ways() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 100_000).await;
    let voucher = shop.voucher("KOPI20", 100, 1000).await;
    for way in ["PUT", "PATCH", "update-status"] {
        for from in STATES {
            for to in STATES {
                let id = in_state(&shop, &sari, &voucher, from).await;
                let before = shop.get(&format!("/redeem/{id}/")).await.expect(200).json["data"].clone();
                let (balance, stock) = (shop.balance(&sari).await, shop.stock(&voucher).await);
                let answer = step(&shop, &id, way, to).await;
                let after = shop.get(&format!("/redeem/{id}/")).await.expect(200).json["data"].clone();
                let (booked, back) =
                    (shop.balance(&sari).await - balance, shop.stock(&voucher).await - stock);
                let may =
                    matches!((from, to), ("Pending", _) | ("Completed", "Completed" | "Cancelled" | "Used"));
                let refund = if may && to == "Cancelled" { (100, 1) } else { (0, 0) };
                assert_eq!((booked, back), refund, "{way} {from} to {to}");
                if may {
                    let said = json!({ "success": true, "message": "Redeem status updated successfully", "data": after });
                    assert_eq!(answer.expect(200).json, said);
                    assert_eq!(after["status"], to);
                    let used = if to == "Used" { json!("2026-03-01T08:30:00.000000Z") } else { Value::Null };
                    assert_eq!(after["used_date"], used);
                } else {
                    refused(
                        answer,
                        json!({ "status": [format!("Cannot change status from {from} to {to}")] }),
                    );
                    assert_eq!(after, before);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_step_needs_a_state_that_there_is() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let id = shop.redeemed(&sari, &shop.voucher("KOPI20", 100, 5).await).await;
    for (body, text) in [
        (json!({}), "This field is required."),
        (json!({ "status": null }), "This field may not be null."),
        (json!({ "status": "" }), "\"\" is not a valid choice."),
        (json!({ "status": "Done" }), "\"Done\" is not a valid choice."),
        (json!({ "status": "used" }), "\"used\" is not a valid choice."),
        (json!({ "status": 7 }), "\"7\" is not a valid choice."),
    ] {
        let told = json!({ "status": [text] });
        let path = format!("/redeem/{id}/");
        refused(shop.put(&path, body.clone()).await, told.clone());
        refused(shop.patch(&path, body.clone()).await, told.clone());
        refused(shop.post(&format!("{path}update-status/"), body).await, told);
    }
    for id in ["0", "550e8400-e29b-41d4-a716-446655440000"] {
        told(shop.put(&format!("/redeem/{id}/"), json!({})).await, 404, "Not found.");
        for step in ["update-status", "mark-used", "cancel"] {
            told(shop.post(&format!("/redeem/{id}/{step}/"), json!({})).await, 404, "Not found.");
        }
    }
    // The id of a point transaction names no redemption.
    let entry = shop.get("/points/").await.expect(200).json["results"][0]["id"].as_str().unwrap().to_owned();
    told(shop.post(&format!("/redeem/{entry}/cancel/"), json!({})).await, 404, "Not found.");
    told(shop.get(&format!("/points/{id}/")).await, 404, "Not found.");
}

#[tokio::test]
async fn used_and_cancelled_are_said_once_and_refused_the_second_time() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let ways = [
        ("mark-used", "Used", "Redemption marked as used", "Cannot mark this redemption as used"),
        ("cancel", "Cancelled", "Redemption cancelled successfully", "Cannot cancel this redemption"),
    ];
    for (step, state, done, refusal) in ways {
        for from in STATES {
            let id = in_state(&shop, &sari, &voucher, from).await;
            let ledger = shop.ledger(&sari).await.len();
            let path = format!("/redeem/{id}/{step}/");
            let open = ["Pending", "Completed"].contains(&from);
            if open {
                // No body at all is enough.
                let first = shop.call("POST", &path).send().await.expect(200);
                assert_eq!(
                    (first.text_at("message"), first.text_at("data.status")),
                    (done.to_owned(), state.to_owned())
                );
                assert_eq!(first.json["data"]["used_date"].is_string(), state == "Used");
            }
            let booked = usize::from(open && state == "Cancelled");
            let from = if open { state } else { from };
            let line = format!("Cannot change status from {from} to {state}");
            let details = json!({ "status": [line] });
            for _ in 0..2 {
                let again = shop.post(&path, json!({})).await.expect(400);
                let expected = json!({
                    "success": false, "message": refusal, "errors": details, "status": [line],
                    "error": { "message": format!("status: {line}"), "details": details, "status_code": 400 },
                });
                assert_eq!(again.json, expected);
            }
            assert_eq!(shop.ledger(&sari).await.len(), ledger + booked);
        }
    }
}

#[tokio::test]
async fn what_was_paid_for_is_good_whatever_came_after() {
    let mut shop = Shop::open().await;
    let sari = shop.member_with("Sari", 200).await;
    let voucher = shop.voucher("KOPI20", 100, 2).await;
    let (first, second) = (shop.redeemed(&sari, &voucher).await, shop.redeemed(&sari, &voucher).await);
    assert_eq!(
        (shop.balance(&sari).await, shop.stock(&voucher).await),
        (0, 0),
        "the last points, the last stock"
    );
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "status": "Inactive" })).await.expect(200);
    shop.patch(&format!("/members/{sari}/"), json!({ "status": "Inactive" })).await.expect(200);
    shop.post(&format!("/redeem/{first}/mark-used/"), json!({})).await.expect(200);
    shop.at("2026-05-01T09:00:00Z").await;
    let path = format!("/redeem/{second}/cancel/");
    shop.post(&path, json!({})).await.expect(200);
    shop.post(&path, json!({})).await.expect(400);
    shop.post(&path, json!({})).await.expect(400);
    assert_eq!((shop.balance(&sari).await, shop.stock(&voucher).await), (100, 1));
    assert_eq!(shop.ledger(&sari).await, [100, -100, -100, 200]);
    let shown = shop.get(&format!("/redeem/{second}/")).await.expect(200).json["data"].clone();
    assert_eq!((&shown["status"], &shown["points_cost"]), (&json!("Cancelled"), &json!(100)));
    assert_eq!(shown["updated_at"], "2026-05-01T09:00:00.000000Z");
}

#[tokio::test]
async fn a_refund_that_no_balance_can_hold_is_refused() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 100).await;
    let voucher = shop.voucher("KOPI20", 100, 2).await;
    let id = shop.redeemed(&sari, &voucher).await;
    shop.earn(&sari, 2_147_483_600).await;
    let answer = shop.post(&format!("/redeem/{id}/cancel/"), json!({})).await.expect(400);
    assert_eq!(answer.json["error"]["details"], json!({ "member": ["The balance cannot hold the refund"] }));
    assert_eq!(shop.stock(&voucher).await, 1);
    let spend = json!({ "member": sari, "transaction_type": "redeem", "points": 100 });
    shop.post("/points/", spend).await.expect(201);
    shop.post(&format!("/redeem/{id}/cancel/"), json!({})).await.expect(200);
}
