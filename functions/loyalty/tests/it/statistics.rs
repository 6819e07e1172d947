//! Figures: exact, in both spellings, and within what the caller sees.

use serde_json::{Value, json};
use testkit::Person;

use crate::shop::Shop;

/// Figures as they are documented, and once more in the spelling of older clients.
fn both(figures: &Value) -> Value {
    let camel = |name: &str| {
        let mut parts = name.split('_');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
    };
    let figures = figures.as_object().unwrap();
    let camel = figures.iter().map(|(name, value)| (camel(name), value.clone()));
    json!({ "success": true, "data": Value::Object(figures.clone().into_iter().chain(camel).collect()) })
}

async fn figures(shop: &Shop, person: &Person, path: &str, expected: Value) {
    let answer = shop.as_person(person, "GET", path).send().await.expect(200);
    assert_eq!(answer.json, both(&expected), "{path}");
}

fn members(active: i64, inactive: i64, tiers: [i64; 4], points: i64) -> Value {
    let [bronze, silver, gold, platinum] = tiers;
    json!({
        "total_members": active + inactive, "active_members": active, "inactive_members": inactive,
        "by_tier": { "Bronze": bronze, "Silver": silver, "Gold": gold, "Platinum": platinum }, "total_points": points,
    })
}

fn points(earned: i64, redeemed: i64, expired: i64, adjusted: i64, transactions: i64) -> Value {
    json!({
        "total_earned": earned, "total_redeemed": redeemed, "total_expired": expired, "total_adjusted": adjusted,
        "net_points": earned - redeemed - expired + adjusted, "total_transactions": transactions,
    })
}

fn vouchers(total: i64, active: i64, stock: i64, kinds: [i64; 3]) -> Value {
    let [discount, cashback, freebie] = kinds;
    json!({
        "total_vouchers": total, "active_vouchers": active, "total_stock": stock,
        "by_type": { "discount": discount, "cashback": cashback, "freebie": freebie },
    })
}

fn redeems([pending, completed, used, cancelled]: [i64; 4], points: i64) -> Value {
    json!({
        "total_redeems": pending + completed + used + cancelled, "pending_redeems": pending,
        "completed_redeems": completed, "used_redeems": used, "cancelled_redeems": cancelled,
        "total_points_redeemed": points,
    })
}

const MEMBERS: &str = "/members/statistics/";
const POINTS: &str = "/points/statistics/";
const VOUCHERS: &str = "/vouchers/statistics/";
const REDEEMS: &str = "/redeem/statistics/";

#[tokio::test]
async fn a_new_shop_has_nothing_to_count() {
    let shop = Shop::open().await;
    for person in [&shop.admin, &shop.clerk, &shop.visitor] {
        figures(&shop, person, MEMBERS, members(0, 0, [0; 4], 0)).await;
        figures(&shop, person, POINTS, points(0, 0, 0, 0, 0)).await;
        figures(&shop, person, VOUCHERS, vouchers(0, 0, 0, [0; 3])).await;
        figures(&shop, person, REDEEMS, redeems([0; 4], 0)).await;
    }
}

#[tokio::test]
async fn figures_follow_everything_that_happens() {
    let shop = Shop::open().await;
    let (sari, budi) = (shop.member_with("Sari", 1200).await, shop.member_with("Budi", 600).await);
    let gone = shop.member_with("Gone", 50).await;
    shop.member("Rich").await;
    let platinum = json!({ "tier_level": "Platinum", "status": "Inactive" });
    shop.patch("/members/MEM-004/", platinum).await.expect(200);
    shop.link(&sari, &shop.visitor).await;
    for (kind, by) in [("redeem", 100), ("expire", 40), ("adjustment", -60), ("adjustment", 25)] {
        let body = json!({ "member": budi, "transaction_type": kind, "points": by });
        shop.post("/points/", body).await.expect(201);
    }
    let voucher =
        shop.voucher_like("A", json!({ "points_cost": 100, "stock": 20, "type": "percentage" })).await;
    shop.voucher_like("B", json!({ "stock": 5, "type": "fixed", "status": "Inactive" })).await;
    shop.voucher_like("C", json!({ "stock": 0, "type": "freebie" })).await;
    shop.voucher_like("D", json!({ "stock": 7, "type": "freebie", "start_date": "2026-03-02" })).await;
    for step in ["", "Completed", "Used", "Cancelled"] {
        let id = shop.redeemed(&sari, &voucher).await;
        if !step.is_empty() {
            shop.put(&format!("/redeem/{id}/"), json!({ "status": step })).await.expect(200);
        }
    }
    shop.redeemed(&budi, &voucher).await;
    shop.redeemed(&gone, &shop.voucher_like("E", json!({ "points_cost": 50, "stock": 1 })).await).await;
    shop.remove(&format!("/members/{gone}/")).await.expect(200);

    // Sari 1200 - 300, Budi 600 - 175 - 100.
    figures(&shop, &shop.clerk, MEMBERS, members(2, 1, [1, 1, 0, 1], 900 + 325)).await;
    figures(&shop, &shop.clerk, POINTS, points(1850, 650, 40, 65, 14)).await;
    figures(&shop, &shop.clerk, VOUCHERS, vouchers(5, 3, 16 + 5 + 7, [2, 1, 2])).await;
    figures(&shop, &shop.clerk, REDEEMS, redeems([3, 1, 1, 1], 450)).await;
    let of = |path: &str, member: &str| format!("{path}?member={member}");
    figures(&shop, &shop.admin, &of(POINTS, &sari), points(1200, 400, 0, 100, 6)).await;
    figures(&shop, &shop.admin, &of(REDEEMS, &sari), redeems([1, 1, 1, 1], 300)).await;
    figures(&shop, &shop.admin, &of(POINTS, &budi), points(600, 200, 40, -35, 6)).await;
    figures(&shop, &shop.admin, &of(POINTS, &gone), points(50, 50, 0, 0, 2)).await;
    figures(&shop, &shop.admin, &of(REDEEMS, &gone), redeems([1, 0, 0, 0], 50)).await;
    for unknown in ["MEM-404", "mem-001", "x", "%20"] {
        let all = unknown == "%20";
        let expected = if all { points(1850, 650, 40, 65, 14) } else { points(0, 0, 0, 0, 0) };
        figures(&shop, &shop.clerk, &of(POINTS, unknown), expected).await;
        let expected = if all { redeems([3, 1, 1, 1], 450) } else { redeems([0; 4], 0) };
        figures(&shop, &shop.clerk, &of(REDEEMS, unknown), expected).await;
    }

    // Whoever is a member sees figures about itself, whomever it asks about.
    let own = &shop.visitor;
    figures(&shop, own, MEMBERS, members(1, 0, [0, 1, 0, 0], 900)).await;
    figures(&shop, own, VOUCHERS, vouchers(5, 3, 28, [2, 1, 2])).await;
    for query in ["", "?member=MEM-001"] {
        figures(&shop, own, &format!("{POINTS}{query}"), points(1200, 400, 0, 100, 6)).await;
        figures(&shop, own, &format!("{REDEEMS}{query}"), redeems([1, 1, 1, 1], 300)).await;
    }
    figures(&shop, own, &of(POINTS, &budi), points(0, 0, 0, 0, 0)).await;
    figures(&shop, own, &of(REDEEMS, &budi), redeems([0; 4], 0)).await;
}
