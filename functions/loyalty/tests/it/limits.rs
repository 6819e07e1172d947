//! Limits of a voucher: how many one member may have, and how many go in a day.

use futures_util::future::join_all;
use serde_json::json;

use crate::races::{all_others, held, members};
use crate::shop::{Shop, refusal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_more_of_a_voucher_than_one_may_have() {
    let shop = Shop::open().await;
    let limited = json!({ "points_cost": 10, "stock": 50, "limit_per_member": 2 });
    let voucher = shop.voucher_like("KOPI20", limited).await;
    let members = members(&shop, 2, 200).await;
    let reached = refusal(json!({ "voucher": ["Member has reached the limit of this voucher"] }));
    let both = members.iter().flat_map(|member| (0..6).map(move |_| member));
    let answers = join_all(both.map(|member| shop.redeem(member, &voucher))).await;
    assert_eq!(all_others(&answers, 201, &reached), 4);
    assert_eq!(held(&shop, &members).await, [180, 180]);
    // What is taken back may be had again, by one of those who try.
    let first = answers.iter().find(|answer| answer.status == 201).unwrap();
    shop.step(&first.text_at("data.id"), "cancel").await.expect(200);
    let whose = first.text_at("data.member");
    let again = join_all((0..4).map(|_| shop.redeem(&whose, &voucher))).await;
    assert_eq!(all_others(&again, 201, &reached), 1);
    assert_eq!(shop.recount().await[&voucher], (46, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_go_in_a_day_than_may_and_another_day_counts_anew() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher_like("KOPI20", json!({ "points_cost": 10, "limit_per_day": 3 })).await;
    let members = members(&shop, 8, 100).await;
    let reached = refusal(json!({ "voucher": ["Voucher has reached its limit for today"] }));
    for (day, left) in [("2026-03-01T23:59:59Z", 7), ("2026-03-02", 4)] {
        shop.at(day).await;
        let answers = join_all(members.iter().map(|member| shop.redeem(member, &voucher))).await;
        assert_eq!(all_others(&answers, 201, &reached), 3);
        assert_eq!(shop.stock(&voucher).await, left);
    }
    // One of yesterday that comes back makes no room today; one of today does.
    let listed = shop.get("/redeem/?ordering=redeem_date").await.expect(200).json["results"].clone();
    let id = |place: usize| listed[place]["id"].as_str().unwrap().to_owned();
    shop.step(&id(0), "cancel").await.expect(200);
    assert_eq!(shop.redeem(&members[0], &voucher).await.expect(400).json, reached);
    shop.step(&id(3), "cancel").await.expect(200);
    let answers = join_all(members.iter().map(|member| shop.redeem(member, &voucher))).await;
    assert_eq!(all_others(&answers, 201, &reached), 1);
    assert_eq!(shop.recount().await[&voucher], (5, 5));
}

#[tokio::test]
async fn a_sale_of_the_next_day_costs_no_stock_when_one_of_the_last_comes_back() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher_like("KOPI20", json!({ "points_cost": 10, "limit_per_day": 3 })).await;
    let members = members(&shop, 2, 100).await;
    let first = shop.redeemed(&members[0], &voucher).await;
    shop.at("2026-03-02").await;
    shop.redeemed(&members[1], &voucher).await;
    // A cancellation that began before midnight, and comes behind the sale.
    shop.at("2026-03-01T23:59:59Z").await;
    shop.step(&first, "cancel").await.expect(200);
    assert_eq!(shop.recount().await[&voucher], (9, 1));
}
