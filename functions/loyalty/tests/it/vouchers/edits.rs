//! Edits of a voucher.

use std::time::Duration;

use serde_json::json;

use crate::shop::{Shop, refused, with};

use super::form;

#[tokio::test]
async fn a_form_keeps_what_it_does_not_send() {
    let shop = Shop::open().await;
    let optional = json!({
        "description": "One cup", "type": "freebie", "discount_value": "5.00", "stock": 7, "status": "Inactive",
        "limit_per_member": 2, "limit_per_day": 3, "minimum_tier": "Gold",
    });
    let made = shop.post("/vouchers/", with(&form(), &optional)).await.expect(201).json["data"].clone();
    let path = format!("/vouchers/{}/", made["id"].as_str().unwrap());
    shop.world.clock.advance(Duration::from_mins(2));
    let sent = json!({
        "code": "TEH", "name": "Teh", "points_cost": 90, "start_date": "2026-03-02", "end_date": "2026-03-30",
    });
    let put = shop.put(&path, sent.clone()).await.expect(200);
    assert_eq!(put.json["message"], "Voucher updated successfully");
    let later = json!({ "updated_at": "2026-03-01T08:32:00.000000Z", "days_until_expiry": 29 });
    let expected = with(&with(&made, &sent), &later);
    assert_eq!(put.json["data"], expected);
    assert_eq!(shop.get(&path).await.expect(200).json["data"], expected);
    let nulls = json!({ "limit_per_member": null, "limit_per_day": null, "minimum_tier": null, "discount_value": null });
    let cleared = shop.patch(&path, nulls.clone()).await.expect(200);
    assert_eq!(with(&cleared.json["data"], &json!({})), with(&expected, &nulls));
}

#[tokio::test]
async fn stock_is_set_where_it_is_sent_and_else_left_alone() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let id = shop.voucher("KOPI20", 100, 5).await;
    let path = format!("/vouchers/{id}/");
    shop.redeemed(&sari, &id).await;
    shop.patch(&path, json!({ "description": "x" })).await.expect(200);
    shop.put(&path, form()).await.expect(200);
    assert_eq!(shop.stock(&id).await, 4);
    shop.patch(&path, json!({ "stock": 10 })).await.expect(200);
    assert_eq!(shop.stock(&id).await, 10);
    shop.redeem(&sari, &id).await.expect(201);
    assert_eq!(shop.stock(&id).await, 9);
}

#[tokio::test]
async fn no_edit_puts_the_end_before_the_beginning() {
    let shop = Shop::open().await;
    let path = format!("/vouchers/{}/", shop.voucher("KOPI20", 100, 5).await);
    let refusal = json!({ "end_date": ["End date must be after start date"] });
    refused(shop.patch(&path, json!({ "end_date": "2026-02-28" })).await, refusal.clone());
    refused(shop.patch(&path, json!({ "start_date": "2026-04-01" })).await, refusal.clone());
    let both = json!({ "start_date": "2026-05-02", "end_date": "2026-05-01" });
    refused(shop.patch(&path, both.clone()).await, refusal.clone());
    refused(shop.put(&path, with(&form(), &both)).await, refusal.clone());
    refused(shop.post("/vouchers/", with(&form(), &both)).await, refusal);
    shop.patch(&path, json!({ "end_date": "2026-03-01" })).await.expect(200);
    shop.patch(&path, json!({ "start_date": "2026-05-01", "end_date": "2026-05-01" })).await.expect(200);
}

#[tokio::test]
async fn what_was_redeemed_keeps_its_price_and_its_name() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 1000).await;
    let id = shop.voucher("KOPI20", 100, 5).await;
    let redeemed = shop.redeemed(&sari, &id).await;
    let edit = json!({ "code": "TEH", "name": "Teh", "points_cost": 900, "end_date": "2026-04-30" });
    shop.patch(&format!("/vouchers/{id}/"), edit).await.expect(200);
    let kept = shop.get(&format!("/redeem/{redeemed}/")).await.expect(200).json["data"].clone();
    let expected = ("KOPI20", "Voucher KOPI20", 100, "2026-03-31");
    let text = |name: &str| kept[name].as_str().unwrap();
    let points = kept["points_cost"].as_i64().unwrap();
    assert_eq!((text("voucher_code"), text("voucher_name"), points, text("valid_until")), expected);
    let poor = json!({ "member": ["Insufficient points for redemption"] });
    shop.redeemed(&sari, &id).await;
    refused(shop.redeem(&sari, &id).await, poor);
    shop.post(&format!("/redeem/{redeemed}/cancel/"), json!({})).await.expect(200);
    assert_eq!(shop.ledger(&sari).await, [100, -900, -100, 1000]);
}
