//! The life of one member, step by step.

use serde_json::{Value, json};

use crate::shop::{Shop, refusal};

/// Balance, tier, points to the next one, and the ledger.
async fn standing(shop: &Shop, member: &str) -> (i64, String, i64, Vec<i64>) {
    let data = shop.get(&format!("/members/{member}/")).await.expect(200).json["data"].clone();
    let number = |name: &str| data[name].as_i64().unwrap();
    let tier = data["tier_level"].as_str().unwrap().to_owned();
    (number("total_points"), tier, number("points_to_next_tier"), shop.ledger(member).await)
}

#[tokio::test]
async fn a_member_earns_redeems_and_leaves() {
    let shop = Shop::open().await;
    let is =
        |balance, tier: &str, to_next, ledger: &[i64]| (balance, tier.to_owned(), to_next, ledger.to_vec());
    let id = shop.member("Sari Wulan").await;
    assert_eq!(id, "MEM-001");
    assert_eq!(standing(&shop, &id).await, is(0, "Bronze", 500, &[]));
    shop.earn(&id, 1200).await;
    assert_eq!(standing(&shop, &id).await, is(1200, "Gold", 1300, &[1200]));
    let voucher = shop.voucher("KOPI20", 500, 2).await;
    let first = shop.redeem(&id, &voucher).await.expect(201).text_at("data.id");
    assert_eq!(standing(&shop, &id).await, is(700, "Silver", 300, &[-500, 1200]));
    let completed = json!({ "member": id, "voucher": voucher, "status": "Completed" });
    let second = shop.post("/redeem/", completed).await.expect(201).text_at("data.id");
    let poor = is(200, "Bronze", 300, &[-500, -500, 1200]);
    assert_eq!(standing(&shop, &id).await, poor);
    assert_eq!(shop.stock(&voucher).await, 0);
    let refused = shop.redeem(&id, &voucher).await.expect(400);
    assert_eq!(refused.json, refusal(json!({ "member": ["Insufficient points for redemption"] })));
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "points_cost": 50 })).await.expect(200);
    let refused = shop.redeem(&id, &voucher).await.expect(400);
    assert_eq!(refused.json, refusal(json!({ "voucher": ["Voucher is out of stock"] })));
    assert_eq!(standing(&shop, &id).await, poor);

    shop.post(&format!("/redeem/{first}/cancel/"), json!({})).await.expect(200);
    let refunded = is(700, "Silver", 300, &[500, -500, -500, 1200]);
    assert_eq!(standing(&shop, &id).await, refunded);
    assert_eq!(shop.stock(&voucher).await, 1);
    let again = shop.post(&format!("/redeem/{first}/cancel/"), json!({})).await.expect(400);
    assert_eq!(again.json["message"], "Cannot cancel this redemption");
    let used = shop.post(&format!("/redeem/{second}/mark-used/"), json!({})).await.expect(200);
    assert_eq!(used.json["data"]["status"], "Used");
    assert_eq!(used.json["data"]["used_date"], "2026-03-01T08:30:00.000000Z");
    shop.post(&format!("/redeem/{second}/cancel/"), json!({})).await.expect(400);
    let back =
        shop.call("PUT", &format!("/redeem/{second}/")).json(&json!({ "status": "Pending" })).send().await;
    assert_eq!(
        back.expect(400).json,
        refusal(json!({ "status": ["Cannot change status from Used to Pending"] }))
    );
    assert_eq!(standing(&shop, &id).await, refunded);

    let expire = json!({ "member": id, "transaction_type": "expire", "points": 100 });
    shop.post("/points/", expire).await.expect(201);
    assert_eq!(standing(&shop, &id).await, is(600, "Silver", 400, &[-100, 500, -500, -500, 1200]));
    let too_much = json!({ "member": id, "transaction_type": "redeem", "points": 601 });
    let refused = shop.post("/points/", too_much).await.expect(400);
    assert_eq!(refused.json, refusal(json!({ "points": ["Insufficient points"] })));

    let points = shop.get(&format!("/points/statistics/?member={id}")).await.expect(200);
    assert_figures(
        &points.json["data"],
        &[
            ("total_earned", 1200),
            ("total_redeemed", 1000),
            ("total_expired", 100),
            ("total_adjusted", 500),
            ("net_points", 600),
            ("total_transactions", 5),
            ("totalTransactions", 5),
        ],
    );
    let redeems = shop.get(&format!("/redeem/statistics/?member={id}")).await.expect(200);
    assert_figures(
        &redeems.json["data"],
        &[
            ("total_redeems", 2),
            ("cancelled_redeems", 1),
            ("used_redeems", 1),
            ("pending_redeems", 0),
            ("total_points_redeemed", 500),
            ("totalPointsRedeemed", 500),
        ],
    );

    let gone = shop.as_person(&shop.admin, "DELETE", &format!("/members/{id}/")).send().await.expect(200);
    assert_eq!(gone.json, json!({ "success": true, "message": "Member deleted successfully" }));
    shop.get(&format!("/members/{id}/")).await.expect(404);
    assert_eq!(shop.ledger(&id).await.len(), 5);
}

fn assert_figures(data: &Value, expected: &[(&str, i64)]) {
    for (name, value) in expected {
        assert_eq!(data[name], *value, "{name} of {data}");
    }
}
