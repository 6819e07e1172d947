//! What holds when very many act at once, when writes collide, reads lag and answers are lost.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::iter;
use serde_json::json;
use testkit::{Answer, Fault, patiently};

use crate::races::{all_others, held, members, out_of_stock, voucher};
use crate::shop::{Shop, refusal};

/// Members who all want one voucher, while a fifth of all writes meets a conflict.
struct Burst {
    shop: Shop,
    voucher: String,
    members: Vec<String>,
}

impl Burst {
    async fn of(many: usize, stock: i64) -> Self {
        let shop = Shop::open().await;
        let voucher = shop.voucher("KOPI20", 100, stock).await;
        let members = members(&shop, many, 130).await;
        shop.world.faults.chance(7, &[(Fault::Conflict, 20)]);
        Self { shop, voucher, members }
    }

    /// The stock is sold, nobody else paid, and everything adds up.
    async fn ends(self, stock: i64, answers: &[Answer]) {
        let Self { shop, voucher, members } = self;
        shop.world.faults.stop();
        assert_eq!(i64::try_from(all_others(answers, 201, &out_of_stock())).unwrap(), stock);
        let left: i64 = held(&shop, &members).await.iter().sum();
        assert_eq!(left, i64::try_from(members.len()).unwrap() * 130 - stock * 100);
        assert_eq!(shop.recount().await[&voucher], (0, stock));
        assert!(shop.world.faults.happened()["Conflict"] > 0);
    }

    /// Asks, and asks again while this machine cannot keep up: what a till does.
    async fn patiently(&self, member: &str) -> Answer {
        let wish = json!({ "member": member, "voucher": self.voucher });
        let call = || self.shop.call("POST", "/redeem/").header("idempotency-key", member).json(&wish);
        patiently(call).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_at_once_get_a_stock_of_ten() {
    let burst = Burst::of(100, 10).await;
    let answers = join_all(burst.members.iter().map(|member| burst.patiently(member))).await;
    burst.ends(10, &answers).await;
}

/// As many at a time as the local table serves within its limits, however busy the machine: none is turned away.
async fn decided_at_once(stock: i64) {
    let burst = Burst::of(40, stock).await;
    let wishes: Vec<_> =
        burst.members.iter().map(|member| burst.shop.redeem(member, &burst.voucher)).collect();
    let answers: Vec<Answer> = iter(wishes).buffered(20).collect().await;
    burst.ends(stock, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_turn_nobody_away_from_a_scarce_voucher() {
    decided_at_once(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_turn_nobody_away_from_a_plentiful_voucher() {
    decided_at_once(40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_enrolments_amid_conflicts_are_a_hundred() {
    let shop = Shop::open().await;
    shop.world.faults.chance(3, &[(Fault::Conflict, 20)]);
    let ids: BTreeSet<String> = members(&shop, 100, 10).await.into_iter().collect();
    shop.world.faults.stop();
    assert_eq!(ids.len(), 100);
    let figures = shop.get("/members/statistics/").await.expect(200);
    assert_eq!(
        (&figures.json["data"]["total_members"], &figures.json["data"]["total_points"]),
        (&json!(100), &json!(1000))
    );
    shop.recount().await;
}

#[tokio::test]
async fn nothing_is_decided_by_what_a_lagging_read_shows() {
    let shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 100, 2).await;
    let member = shop.member_with("Sari", 150).await;
    // The first of each question is remembered, and then shown for ever.
    let first = shop.redeemed(&member, &voucher).await;
    shop.world.faults.chance(1, &[(Fault::Stale, 100)]);
    let short = shop.redeem(&member, &voucher).await.expect(400);
    assert_eq!(short.json, refusal(json!({ "member": ["Insufficient points for redemption"] })));
    shop.earn(&member, 150).await;
    shop.patch(&format!("/vouchers/{voucher}/"), json!({ "points_cost": 120 })).await.expect(200);
    let second = shop.redeem(&member, &voucher).await.expect(201);
    assert_eq!(second.json["data"]["points_cost"], 120);
    shop.step(&first, "mark-used").await.expect(200);
    shop.step(&first, "cancel").await.expect(400);
    let out = shop.redeem(&member, &voucher).await.expect(400);
    assert_eq!(out.json, refusal(json!({ "member": ["Insufficient points for redemption"] })));
    shop.earn(&member, 100).await;
    assert_eq!(shop.redeem(&member, &voucher).await.expect(400).json, out_of_stock());
    shop.remove(&format!("/members/{member}/")).await.expect(200);
    shop.redeem(&member, &voucher).await.expect(400);
    shop.world.faults.stop();
    assert_eq!(shop.recount().await[&voucher], (0, 2));
}

#[tokio::test]
async fn a_lost_answer_is_no_second_effect() {
    let shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let lost = || shop.world.faults.next("TransactWriteItems", Fault::Lost);
    lost();
    let member = shop.member("Sari").await;
    lost();
    shop.earn(&member, 250).await;
    lost();
    let redemption = shop.redeemed(&member, &voucher).await;
    lost();
    shop.step(&redemption, "cancel").await.expect(200);
    assert_eq!(shop.ledger(&member).await, [100, -100, 250]);
    assert_eq!(shop.recount().await[&voucher], (5, 0));
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_repeats_with_one_key_have_one_effect_and_one_answer() {
    let shop = Shop::open().await;
    let (member, code) = (shop.member_with("Sari", 150).await, shop.voucher("KOPI20", 100, 9).await);
    let new = json!({ "name": "Budi", "email": "budi@mail.test", "phone": "1", "join_date": "2026-01-10" });
    let (earn, redeem) = (
        json!({ "member": member, "transaction_type": "earn", "points": 7, "reference": "R-1" }),
        json!({ "member": member, "voucher": code }),
    );
    let posts =
        [("/members/", new), ("/vouchers/", voucher("TEH5")), ("/points/", earn), ("/redeem/", redeem)];
    let mut redeemed = String::new();
    for (path, body) in posts {
        let call = || shop.call("POST", path).header("idempotency-key", "k").json(&body).send();
        redeemed = equal(&join_all((0..20).map(|_| call())).await, 201).text_at("data.id");
        assert_eq!(call().await.header("idempotent-replayed"), "true");
    }
    assert_eq!((shop.balance(&member).await, shop.stock(&code).await), (57, 8));
    let cancel =
        || shop.call("POST", &format!("/redeem/{redeemed}/cancel/")).header("idempotency-key", "k").send();
    equal(&join_all((0..20).map(|_| cancel())).await, 200);
    assert_eq!((shop.balance(&member).await, shop.ledger(&member).await), (157, vec![100, -100, 7, 150]));
    let leave = || {
        let call = shop.as_person(&shop.admin, "DELETE", &format!("/members/{member}/"));
        call.header("idempotency-key", "k").send()
    };
    equal(&join_all((0..20).map(|_| leave())).await, 200);
    assert_eq!(shop.recount().await[&code], (9, 0));
    assert_eq!(
        shop.world.subjects("sari@mail.test").await,
        ["Welcome to the loyalty programme", "Your voucher KOPI20", "Voucher KOPI20 cancelled",]
    );
}

/// The one answer that all got.
#[track_caller]
fn equal(answers: &[Answer], status: u16) -> Answer {
    let first = answers[0].clone().expect(status);
    for answer in answers {
        assert_eq!((answer.status, &answer.text), (first.status, &first.text));
    }
    first
}
