//! Points that expire, the oldest first.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use testkit::Delivery;

use crate::days::shop_that;
use crate::shop::Shop;

const THIRTY: &[(&str, &str)] = &[("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "30")];

async fn book(shop: &Shop, member: &str, kind: &str, points: i64) {
    let body = json!({ "member": member, "transaction_type": kind, "points": points });
    shop.post("/points/", body).await.expect(201);
}

async fn next(shop: &Shop, member: &str) -> Value {
    shop.shown(member).await["next_expiration"].clone()
}

/// What somebody was told of points that expire.
async fn notices(shop: &Shop, address: &str) -> Vec<(String, String)> {
    let mails = shop.world.mail_to(address).await;
    mails.into_iter().filter(|(subject, _)| subject.contains("expire")).collect()
}

#[tokio::test]
async fn the_oldest_points_expire_first_and_their_owner_is_told_before() {
    let mut shop = shop_that(THIRTY).await;
    let member = shop.member_with("Sari", 100).await;
    shop.at("2026-03-05T10:00:00Z").await;
    shop.earn(&member, 50).await;
    book(&shop, &member, "redeem", 60).await;
    assert_eq!(next(&shop, &member).await, json!({ "points": 40, "date": "2026-03-31" }));
    shop.passes("2026-03-16T23:59:59Z").await;
    assert_eq!(notices(&shop, "sari@mail.test").await, []);
    shop.passes("2026-03-17").await;
    shop.world.minute().await;
    let told = notices(&shop, "sari@mail.test").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "40 of your points expire soon");
    assert!(told[0].1.contains("40 of your points expire on 31 March 2026"), "{}", told[0].1);
    shop.passes("2026-03-30T23:59:59Z").await;
    assert_eq!(shop.balance(&member).await, 90);
    shop.passes("2026-03-31").await;
    shop.world.minute().await;
    assert_eq!(shop.ledger(&member).await, [-40, -60, 50, 100]);
    let ledger = shop.get(&format!("/points/member/{member}/")).await.expect(200).json["data"].clone();
    let expired = &ledger[0];
    assert_eq!((&expired["type"], &expired["created_by"]), (&json!("expire"), &json!("system")));
    assert_eq!(
        (&expired["description"], &expired["reference"]),
        (&json!("Points expired"), &ledger[3]["id"])
    );
    assert_eq!(next(&shop, &member).await, json!({ "points": 50, "date": "2026-04-04" }));
    shop.passes("2026-04-04").await;
    assert_eq!((shop.balance(&member).await, next(&shop, &member).await), (0, Value::Null));
    let subjects: Vec<String> =
        notices(&shop, "sari@mail.test").await.into_iter().map(|(told, _)| told).collect();
    assert_eq!(subjects, ["40 of your points expire soon", "50 of your points expire soon"]);
    let figures = shop.get("/points/statistics/").await.expect(200).json["data"].clone();
    assert_eq!((&figures["total_expired"], &figures["net_points"]), (&json!(90), &json!(0)));
    assert_eq!(shop.world.shelf().await.of_kind("lot").count(), 0);
    shop.recount().await;
}

#[tokio::test]
async fn what_is_paid_back_lies_where_it_lay() {
    let mut shop = shop_that(THIRTY).await;
    let member = shop.member_with("Sari", 100).await;
    let voucher = shop.voucher_like("KOPI20", json!({ "points_cost": 150, "end_date": "2026-12-31" })).await;
    shop.at("2026-03-11").await;
    shop.earn(&member, 100).await;
    let redemption = shop.redeemed(&member, &voucher).await;
    assert_eq!(next(&shop, &member).await, json!({ "points": 50, "date": "2026-04-10" }));
    shop.step(&redemption, "cancel").await.expect(200);
    assert_eq!(next(&shop, &member).await, json!({ "points": 100, "date": "2026-03-31" }));
    shop.passes("2026-03-31").await;
    assert_eq!(shop.balance(&member).await, 100);
    shop.passes("2026-04-10").await;
    assert_eq!(shop.ledger(&member).await, [-100, -100, 150, -150, 100, 100]);
    assert_eq!(shop.recount().await[&voucher], (10, 0));
}

#[tokio::test]
async fn what_is_paid_back_after_its_end_is_good_and_shortens_nothing_else() {
    let mut shop = shop_that(THIRTY).await;
    let member = shop.member_with("Sari", 100).await;
    let voucher = shop.voucher_like("KOPI20", json!({ "points_cost": 100, "end_date": "2026-12-31" })).await;
    shop.at("2026-03-11").await;
    shop.earn(&member, 60).await;
    let redemption = shop.redeemed(&member, &voucher).await;
    shop.passes("2026-03-31").await;
    assert_eq!(shop.ledger(&member).await, [-100, 60, 100], "a lot that was spent ends without a word");
    shop.step(&redemption, "cancel").await.expect(200);
    assert_eq!(next(&shop, &member).await, json!({ "points": 60, "date": "2026-04-10" }));
    shop.passes("2026-04-10").await;
    assert_eq!((shop.balance(&member).await, next(&shop, &member).await), (100, Value::Null));
    assert_eq!(shop.recount().await[&voucher], (10, 0));
}

/// Five lots of one day and an adjustment among them, some of it spent, all ended at once.
async fn all_expire(way: Delivery, spent: i64, left: i64) {
    let mut shop = shop_that(THIRTY).await;
    let member = shop.member_with("Sari", 100).await;
    shop.earn(&member, 100).await;
    book(&shop, &member, "adjustment", 25).await;
    for _ in 0..3 {
        shop.earn(&member, 100).await;
    }
    if spent > 0 {
        book(&shop, &member, "redeem", spent).await;
    }
    // The lots are told of first; then they end.
    shop.passes("2026-03-17").await;
    shop.at("2026-03-31").await;
    let handed = shop.world.handed_over("loyalty").await;
    assert_eq!(handed.len(), 5);
    let events = shop.world.whole.function("loyalty-events").unwrap();
    shop.world.deliver(way, events, &handed).await;
    assert_eq!(shop.balance(&member).await, left, "{way:?}: {:?}", shop.ledger(&member).await);
    assert_eq!(shop.world.shelf().await.of_kind("lot").count(), 0);
    shop.recount().await;
}

#[tokio::test]
async fn lots_of_one_day_expire_whole_in_whatever_order_their_messages_come() {
    for way in [Delivery::Once, Delivery::Backwards, Delivery::Shuffled(2)] {
        all_expire(way, 0, 25).await;
    }
}

#[tokio::test]
async fn lots_of_which_some_was_spent_expire_as_to_the_rest() {
    for way in [Delivery::Backwards, Delivery::Twice] {
        all_expire(way, 230, 0).await;
        all_expire(way, 130, 25).await;
    }
}

#[tokio::test]
async fn many_lots_of_one_day_are_shown_as_one() {
    let shop = shop_that(THIRTY).await;
    let member = shop.member("Sari").await;
    for _ in 0..25 {
        shop.earn(&member, 10).await;
    }
    assert_eq!(next(&shop, &member).await, json!({ "points": 250, "date": "2026-03-31" }));
    book(&shop, &member, "redeem", 95).await;
    assert_eq!(next(&shop, &member).await, json!({ "points": 155, "date": "2026-03-31" }));
}

#[tokio::test]
async fn points_with_a_short_life_end_without_a_notice() {
    let mut shop = shop_that(&[("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "14")]).await;
    let member = shop.member_with("Sari", 100).await;
    shop.world.minute().await;
    shop.passes("2026-03-14T23:59:59Z").await;
    assert_eq!(shop.balance(&member).await, 100);
    shop.passes("2026-03-15").await;
    assert_eq!(shop.balance(&member).await, 0);
    assert_eq!(notices(&shop, "sari@mail.test").await, []);
}

#[tokio::test]
async fn a_clock_that_stood_still_announces_no_end_that_has_passed() {
    let mut shop = shop_that(THIRTY).await;
    let member = shop.member_with("Sari", 100).await;
    shop.passes("2026-05-01").await;
    shop.world.minute().await;
    assert_eq!(shop.balance(&member).await, 0);
    assert_eq!(notices(&shop, "sari@mail.test").await, []);
}

#[tokio::test]
async fn where_a_shop_says_nothing_points_last() {
    let mut shop = Shop::open().await;
    let member = shop.member_with("Sari", 100).await;
    assert_eq!(
        (next(&shop, &member).await, shop.world.shelf().await.of_kind("lot").count()),
        (Value::Null, 0)
    );
    shop.passes("2036-03-01").await;
    assert_eq!(shop.balance(&member).await, 100);
}

#[tokio::test]
async fn points_that_expire_take_the_tier_along() {
    let mut shop = shop_that(THIRTY).await;
    let member = shop.member_with("Sari", 600).await;
    shop.passes("2026-03-17").await;
    shop.passes("2026-03-31").await;
    let shown = shop.shown(&member).await;
    assert_eq!((&shown["tier_level"], &shown["points_to_next_tier"]), (&json!("Bronze"), &json!(500)));
    let subjects = shop.world.subjects("sari@mail.test").await;
    assert_eq!(subjects[subjects.len() - 2..], ["600 of your points expire soon", "You are now Bronze"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_are_spent_or_expire_and_never_both() {
    let mut shop = shop_that(THIRTY).await;
    let voucher = shop
        .voucher_like("KOPI20", json!({ "points_cost": 30, "stock": 50, "end_date": "2026-12-31" }))
        .await;
    let member = shop.member_with("Sari", 50).await;
    shop.earn(&member, 50).await;
    shop.passes("2026-03-17").await;
    shop.at("2026-03-31").await;
    let handed = shop.world.handed_over("loyalty").await;
    let events = shop.world.whole.function("loyalty-events").unwrap();
    let expiring = join(
        shop.world.deliver(Delivery::Twice, events, &handed),
        shop.world.deliver(Delivery::Backwards, events, &handed),
    );
    let (redeemed, _) = join(join_all((0..5).map(|_| shop.redeem(&member, &voucher))), expiring).await;
    assert!(redeemed.iter().all(|answer| matches!(answer.status.as_u16(), 201 | 400)), "{redeemed:?}");
    assert_eq!(shop.balance(&member).await, 0);
    let (left, held) = shop.recount().await[&voucher];
    assert!(left + held == 50 && held <= 3);
}
