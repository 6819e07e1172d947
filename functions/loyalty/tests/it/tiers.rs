//! Tiers that follow from what was earned, whatever was spent of it.

use serde_json::{Value, json};
use testkit::Delivery;

use crate::days::shop_that;
use crate::shop::Shop;

const EARNED: &[(&str, &str)] =
    &[("MERCATO_LOYALTY_TIER_BASIS", "earned"), ("MERCATO_LOYALTY_TIER_GRACE_DAYS", "30")];

async fn tier(shop: &Shop, member: &str) -> (String, i64) {
    let shown = shop.shown(member).await;
    (shown["tier_level"].as_str().unwrap().to_owned(), shown["points_to_next_tier"].as_i64().unwrap())
}

fn is(tier: &str, to_next: i64) -> (String, i64) {
    (tier.to_owned(), to_next)
}

async fn tiers_told(shop: &Shop) -> Vec<String> {
    let subjects = shop.world.subjects("sari@mail.test").await;
    subjects.into_iter().filter(|subject| subject.starts_with("You are now")).collect()
}

#[tokio::test]
async fn whoever_spends_keeps_the_tier() {
    let shop = shop_that(EARNED).await;
    let member = shop.member_with("Sari", 1200).await;
    let voucher = shop.voucher("KOPI20", 500, 5).await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 1300));
    shop.redeemed(&member, &voucher).await;
    let second = shop.redeemed(&member, &voucher).await;
    assert_eq!((shop.balance(&member).await, tier(&shop, &member).await), (200, is("Gold", 1300)));
    shop.step(&second, "cancel").await.expect(200);
    assert_eq!(tier(&shop, &member).await, is("Gold", 1300), "what comes back was not earned anew");
    let adjusted = json!({ "member": member, "type": "adjustment", "points": 5000 });
    shop.post("/points/", adjusted).await.expect(201);
    assert_eq!(tier(&shop, &member).await, is("Gold", 1300), "nor is a correction");
    shop.earn(&member, 1300).await;
    assert_eq!(tier(&shop, &member).await, is("Platinum", 0));
    assert_eq!(tiers_told(&shop).await, ["You are now Gold", "You are now Platinum"]);
    assert_eq!(shop.recount().await[&voucher], (4, 1));
}

#[tokio::test]
async fn a_tier_that_is_no_longer_earned_is_kept_for_the_days_of_grace() {
    let mut shop = shop_that(EARNED).await;
    let member = shop.member_with("Sari", 1200).await;
    shop.passes("2027-02-28T23:59:59Z").await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 1300));
    // A year old: it counts no more, and its days of grace begin.
    shop.passes("2027-03-01").await;
    shop.world.minute().await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 2500));
    shop.passes("2027-03-30T23:59:59Z").await;
    assert_eq!(tier(&shop, &member).await.0, "Gold");
    shop.at("2027-03-31").await;
    let handed = shop.world.handed_over("loyalty").await;
    assert_eq!(handed.len(), 1);
    let events = shop.world.whole.function("loyalty-events").unwrap();
    shop.world.deliver(Delivery::Twice, events, &handed).await;
    assert_eq!(tier(&shop, &member).await, is("Bronze", 500));
    assert_eq!(tiers_told(&shop).await, ["You are now Gold", "You are now Bronze"]);
    let text = shop.world.mail_to("sari@mail.test").await.pop().unwrap().1;
    assert!(
        text.contains("you were Gold, and you are now Bronze") && text.contains("500 points more"),
        "{text}"
    );
    assert_eq!(shop.balance(&member).await, 1200, "only the tier went");
    assert_eq!(shop.world.handed_over("loyalty").await, Vec::<Value>::new(), "there is nothing below");
    let figures = shop.get("/members/statistics/").await.expect(200);
    assert_eq!(
        figures.json["data"]["by_tier"],
        json!({ "Bronze": 1, "Silver": 0, "Gold": 0, "Platinum": 0 })
    );
    shop.recount().await;
}

#[tokio::test]
async fn who_earns_in_the_days_of_grace_stays() {
    let mut shop = shop_that(EARNED).await;
    let member = shop.member_with("Sari", 1200).await;
    shop.passes("2027-03-01").await;
    shop.earn(&member, 400).await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 2100), "not yet earned anew");
    shop.earn(&member, 700).await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 1400));
    shop.passes("2027-03-31").await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 1400));
    assert_eq!(tiers_told(&shop).await, ["You are now Gold"]);
    // The next time counts from what was earned in March.
    shop.passes("2028-03-01").await;
    shop.passes("2028-03-31").await;
    assert_eq!(tier(&shop, &member).await.0, "Bronze");
}

#[tokio::test]
async fn a_booking_after_the_days_of_grace_settles_what_the_clock_missed() {
    let mut shop = shop_that(EARNED).await;
    let member = shop.member_with("Sari", 1200).await;
    shop.passes("2027-03-01").await;
    shop.at("2027-04-15").await;
    shop.earn(&member, 600).await;
    assert_eq!(tier(&shop, &member).await, is("Silver", 400));
    assert_eq!(tiers_told(&shop).await, ["You are now Gold", "You are now Silver"]);
    shop.world.minute().await;
    assert_eq!(tier(&shop, &member).await, is("Silver", 400));
    shop.recount().await;
}

#[tokio::test]
async fn steps_down_are_one_at_a_time_as_months_leave() {
    let mut shop = shop_that(&[
        ("MERCATO_LOYALTY_TIER_BASIS", "earned"),
        ("MERCATO_LOYALTY_TIER_MONTHS", "3"),
        ("MERCATO_LOYALTY_TIER_GRACE_DAYS", "0"),
    ])
    .await;
    let member = shop.member_with("Sari", 600).await;
    shop.at("2026-04-10").await;
    shop.earn(&member, 500).await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 1400));
    for (day, expected) in [
        ("2026-05-31", is("Gold", 1400)),
        ("2026-06-01", is("Silver", 500)),
        ("2026-06-30", is("Silver", 500)),
        ("2026-07-01", is("Bronze", 500)),
    ] {
        shop.passes(day).await;
        assert_eq!(tier(&shop, &member).await, expected, "{day}");
    }
    assert_eq!(
        tiers_told(&shop).await,
        ["You are now Silver", "You are now Gold", "You are now Silver", "You are now Bronze"]
    );
}

#[tokio::test]
async fn by_balance_a_tier_goes_up_and_down_with_the_points() {
    let mut shop = Shop::open().await;
    let member = shop.member_with("Sari", 499).await;
    for (points, expected) in [
        (1, is("Silver", 500)),
        (499, is("Silver", 1)),
        (1, is("Gold", 1500)),
        (1500, is("Platinum", 0)),
        (-1, is("Gold", 1)),
        (-1500, is("Silver", 1)),
        (-999, is("Bronze", 500)),
    ] {
        let body = json!({ "member": member, "type": "adjustment", "points": points });
        shop.post("/points/", body).await.expect(201);
        assert_eq!(tier(&shop, &member).await, expected);
    }
    assert_eq!(tiers_told(&shop).await.len(), 6);
    shop.passes("2030-01-01").await;
    assert_eq!(tiers_told(&shop).await.len(), 6, "time alone changes nothing");
    shop.recount().await;
}

#[tokio::test]
async fn a_tier_that_was_set_by_hand_outlasts_a_reward_for_nothing() {
    let shop = Shop::open().await;
    let member = shop.member_with("Sari", 600).await;
    shop.patch(&format!("/members/{member}/"), json!({ "tier_level": "Gold" })).await.expect(200);
    let voucher = shop.voucher("AIR", 0, 5).await;
    let first = shop.redeemed(&member, &voucher).await;
    shop.step(&first, "cancel").await.expect(200);
    assert_eq!(tier(&shop, &member).await, is("Gold", 1900));
    assert_eq!(shop.ledger(&member).await, [0, 0, 600]);
    shop.earn(&member, 1).await;
    assert_eq!(tier(&shop, &member).await, is("Silver", 399));
    assert_eq!(tiers_told(&shop).await, ["You are now Silver", "You are now Silver"]);
}

#[tokio::test]
async fn thresholds_are_the_shops() {
    let shop = shop_that(&[("MERCATO_LOYALTY_TIERS", "10,20,30")]).await;
    let member = shop.member_with("Sari", 25).await;
    assert_eq!(tier(&shop, &member).await, is("Gold", 5));
    let welcome = &shop.world.mail_to("sari@mail.test").await[0].1;
    assert!(welcome.contains("Silver from 10 points\non, Gold from 20, Platinum from 30"), "{welcome}");
    shop.recount().await;
}
