//! Limits of a voucher: for each member, for each day, and by tier.

use serde_json::json;

use crate::shop::{Shop, refused};

#[tokio::test]
async fn a_member_may_have_so_many_of_a_voucher() {
    let shop = Shop::open().await;
    let (sari, budi) = (shop.member_with("Sari", 1000).await, shop.member_with("Budi", 1000).await);
    let voucher = shop.voucher_like("KOPI20", json!({ "limit_per_member": 2 })).await;
    let other = shop.voucher_like("TEH", json!({ "limit_per_member": 1 })).await;
    let full = json!({ "voucher": ["Member has reached the limit of this voucher"] });
    let first = shop.redeemed(&sari, &voucher).await;
    shop.redeemed(&sari, &voucher).await;
    refused(shop.redeem(&sari, &voucher).await, full.clone());
    assert_eq!((shop.balance(&sari).await, shop.stock(&voucher).await), (800, 8), "a refusal costs nothing");
    shop.redeemed(&budi, &voucher).await;
    shop.redeemed(&sari, &other).await;
    // One that was used counts, one that was taken back does not.
    shop.post(&format!("/redeem/{first}/mark-used/"), json!({})).await.expect(200);
    refused(shop.redeem(&sari, &voucher).await, full.clone());
    let third = shop.redeemed(&budi, &voucher).await;
    refused(shop.redeem(&budi, &voucher).await, full.clone());
    shop.post(&format!("/redeem/{third}/cancel/"), json!({})).await.expect(200);
    shop.redeemed(&budi, &voucher).await;
    refused(shop.redeem(&budi, &voucher).await, full.clone());
    let path = format!("/vouchers/{voucher}/");
    shop.patch(&path, json!({ "limit_per_member": 3 })).await.expect(200);
    shop.redeemed(&budi, &voucher).await;
    refused(shop.redeem(&budi, &voucher).await, full);
    shop.patch(&path, json!({ "limit_per_member": null })).await.expect(200);
    shop.redeemed(&budi, &voucher).await;
}

#[tokio::test]
async fn so_many_of_a_voucher_go_in_one_day() {
    let mut shop = Shop::open().await;
    let (sari, budi) = (shop.member_with("Sari", 1000).await, shop.member_with("Budi", 1000).await);
    let voucher = shop.voucher_like("KOPI20", json!({ "limit_per_day": 2 })).await;
    let full = json!({ "voucher": ["Voucher has reached its limit for today"] });
    let first = shop.redeemed(&sari, &voucher).await;
    shop.redeemed(&budi, &voucher).await;
    refused(shop.redeem(&budi, &voucher).await, full.clone());
    // What is taken back on its day may go once more on that day.
    shop.post(&format!("/redeem/{first}/cancel/"), json!({})).await.expect(200);
    let last = shop.redeemed(&budi, &voucher).await;
    refused(shop.redeem(&sari, &voucher).await, full.clone());
    shop.at("2026-03-01T23:59:59Z").await;
    refused(shop.redeem(&sari, &voucher).await, full.clone());
    shop.at("2026-03-02T00:00:00Z").await;
    shop.redeemed(&sari, &voucher).await;
    // What was taken yesterday gives nothing to today.
    shop.post(&format!("/redeem/{last}/cancel/"), json!({})).await.expect(200);
    shop.redeemed(&sari, &voucher).await;
    refused(shop.redeem(&sari, &voucher).await, full);
    assert_eq!(shop.stock(&voucher).await, 7);
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "limit_per_day": 3 })).await.expect(200);
    shop.redeemed(&sari, &voucher).await;
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "limit_per_day": null })).await.expect(200);
    shop.redeemed(&sari, &voucher).await;
}

#[tokio::test]
async fn a_voucher_may_be_for_a_tier_and_those_above() {
    let shop = Shop::open().await;
    let sari = shop.member_with("Sari", 999).await;
    let voucher = shop.voucher_like("KOPI20", json!({ "minimum_tier": "Gold" })).await;
    let low = json!({ "member": ["Member's tier is too low for this voucher"] });
    refused(shop.redeem(&sari, &voucher).await, low.clone());
    shop.earn(&sari, 1).await;
    shop.redeemed(&sari, &voucher).await;
    refused(shop.redeem(&sari, &voucher).await, low);
    // A tier that was given by hand counts as any other.
    shop.patch(&format!("/members/{sari}/"), json!({ "tier_level": "Platinum" })).await.expect(200);
    shop.redeemed(&sari, &voucher).await;
}
