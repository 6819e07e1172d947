//! What holds when many act at once, on one member, one voucher or one redemption.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use testkit::Answer;

use crate::shop::{Shop, refusal};

/// How many were answered so, and that the others all got this refusal.
#[track_caller]
pub(crate) fn all_others(answers: &[Answer], status: u16, refused: &Value) -> usize {
    let (won, lost): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status.as_u16() == status);
    for answer in lost {
        assert_eq!((answer.status.as_u16(), &answer.json), (400, refused), "{answer:?}");
    }
    won.len()
}

/// What is said where nothing is left.
pub(crate) fn out_of_stock() -> Value {
    refusal(json!({ "voucher": ["Voucher is out of stock"] }))
}

/// So many members, who hold so many points each.
pub(crate) async fn members(shop: &Shop, many: usize, points: i64) -> Vec<String> {
    let names: Vec<String> = (0..many).map(|n| format!("Member {n}")).collect();
    let mut members = Vec::new();
    for names in names.chunks(16) {
        members.extend(join_all(names.iter().map(|name| shop.member_with(name, points))).await);
    }
    members
}

/// What they hold.
pub(crate) async fn held(shop: &Shop, members: &[String]) -> Vec<i64> {
    join_all(members.iter().map(|member| shop.balance(member))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_members_get_a_stock_of_five() {
    let shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 100, 5).await;
    let members = members(&shop, 16, 130).await;
    let answers = join_all(members.iter().map(|member| shop.redeem(member, &voucher))).await;
    assert_eq!(all_others(&answers, 201, &out_of_stock()), 5);
    assert_eq!(shop.stock(&voucher).await, 0);
    let held = held(&shop, &members).await;
    for ((answer, balance), member) in answers.iter().zip(held).zip(&members) {
        let (expected, ledger) = if answer.status == 201 { (30, vec![-100, 130]) } else { (130, vec![130]) };
        assert_eq!((balance, shop.ledger(member).await), (expected, ledger));
    }
    assert_eq!(shop.recount().await[&voucher], (0, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_balance_is_spent_no_more_than_once() {
    let shop = Shop::open().await;
    let (member, voucher) = (shop.member_with("Sari", 350).await, shop.voucher("KOPI20", 100, 50).await);
    let answers = join_all((0..15).map(|_| shop.redeem(&member, &voucher))).await;
    let short = refusal(json!({ "member": ["Insufficient points for redemption"] }));
    assert_eq!(all_others(&answers, 201, &short), 3);
    assert_eq!((shop.balance(&member).await, shop.stock(&voucher).await), (50, 47));
    assert_eq!(shop.recount().await[&voucher], (47, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_four_earns_are_twenty_four() {
    let shop = Shop::open().await;
    let member = shop.member("Sari").await;
    join_all((0..24).map(|_| shop.earn(&member, 10))).await;
    assert_eq!((shop.balance(&member).await, shop.ledger(&member).await), (240, vec![10; 24]));
    shop.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_members_enrolled_at_once_have_sixteen_numbers() {
    let shop = Shop::open().await;
    let ids: BTreeSet<String> = members(&shop, 16, 10).await.into_iter().collect();
    assert_eq!(ids, (1..=16).map(|number| format!("MEM-{number:03}")).collect());
    let emails = shop.get("/members/").await.expect(200);
    let emails = emails.json["results"].as_array().unwrap().iter().map(|member| member["email"].clone());
    assert_eq!(emails.collect::<Vec<_>>().len(), 16);
    shop.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_members_with_one_address_one_is_enrolled() {
    let shop = Shop::open().await;
    let spellings = ["sari@mail.test", "SARI@Mail.Test"];
    let enrol = |n: usize| {
        let email = spellings[n % 2];
        let body = json!({ "name": "Sari", "email": email, "phone": "1", "join_date": "2026-01-10" });
        shop.post("/members/", body)
    };
    let answers = join_all((0..16).map(enrol)).await;
    let taken = refusal(json!({ "email": ["Member with this email already exists."] }));
    assert_eq!(all_others(&answers, 201, &taken), 1);
    let won = answers.iter().position(|answer| answer.status == 201).unwrap();
    assert_eq!(shop.world.subjects(spellings[won % 2]).await.len(), 1);
    shop.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_members_who_take_one_address_one_account_one_gets_it() {
    let shop = Shop::open().await;
    let members = members(&shop, 8, 10).await;
    let edit = |change: Value| members.iter().map(move |id| (format!("/members/{id}/"), change.clone()));
    let one = json!({ "email": "wanted@mail.test" });
    let answers = join_all(edit(one).map(async |(path, change)| shop.patch(&path, change).await)).await;
    let taken = refusal(json!({ "email": ["Member with this email already exists."] }));
    assert_eq!(all_others(&answers, 200, &taken), 1);
    let one = json!({ "user_id": shop.visitor.id });
    let answers = join_all(edit(one).map(async |(path, change)| shop.patch(&path, change).await)).await;
    let taken = refusal(json!({ "user_id": ["This account is already linked to a member."] }));
    assert_eq!(all_others(&answers, 200, &taken), 1);
    let codes = (0..8).map(|_| shop.post("/vouchers/", voucher("WANTED")));
    let taken = refusal(json!({ "code": ["Voucher with this code already exists."] }));
    assert_eq!(all_others(&join_all(codes).await, 201, &taken), 1);
    shop.recount().await;
}

/// A voucher that is wanted under this code.
pub(crate) fn voucher(code: &str) -> Value {
    json!({ "code": code, "name": "Kopi", "points_cost": 100, "stock": 9,
            "start_date": "2026-03-01", "end_date": "2026-03-31" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_of_a_voucher_bring_nothing_back_that_was_sold_meanwhile() {
    let shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 100, 20).await;
    let members = members(&shop, 8, 100).await;
    let path = format!("/vouchers/{voucher}/");
    let edit = async |n: usize| shop.patch(&path, json!({ "description": format!("Cup {n}") })).await;
    let sales = join_all(members.iter().map(|member| shop.redeem(member, &voucher)));
    let (sold, edited) = join(sales, join_all((0..8).map(edit))).await;
    assert_eq!(all_others(&sold, 201, &Value::Null) + all_others(&edited, 200, &Value::Null), 16);
    assert_eq!(shop.stock(&voucher).await, 12);
    assert_eq!(held(&shop, &members).await, [0; 8]);
    assert_eq!(shop.recount().await[&voucher], (12, 8));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_is_charged_as_it_is_at_the_moment_of_the_sale() {
    let shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 100, 20).await;
    let members = members(&shop, 6, 300).await;
    let path = format!("/vouchers/{voucher}/");
    let prices = async {
        for price in [110, 120, 130] {
            shop.patch(&path, json!({ "points_cost": price })).await.expect(200);
        }
    };
    let (sold, ()) = join(join_all(members.iter().map(|member| shop.redeem(member, &voucher))), prices).await;
    for (answer, balance) in sold.into_iter().zip(held(&shop, &members).await) {
        let paid = answer.expect(201).json["data"]["points_cost"].as_i64().unwrap();
        assert!(
            [100, 110, 120, 130].contains(&paid) && balance == 300 - paid,
            "{paid} of 300 left {balance}"
        );
    }
    assert_eq!(shop.recount().await[&voucher], (14, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_has_redeemed_before_or_not_at_all() {
    let shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 10, 50).await;
    for n in 0..4 {
        let member = shop.member_with(&format!("Member {n}"), 100).await;
        let waiting = shop.redeemed(&member, &voucher).await;
        let path = format!("/members/{member}/");
        let wishes = async {
            tokio::join!(
                join_all((0..3).map(|_| shop.redeem(&member, &voucher))),
                shop.post("/points/", json!({ "member": member, "type": "earn", "points": 5 })),
                shop.step(&waiting, ["cancel", "mark-used"][n % 2]),
            )
        };
        let (left, (redeemed, earned, step)) = join(shop.remove(&path), wishes).await;
        left.expect(200);
        step.expect(200);
        let gone =
            refusal(json!({ "member": [format!("Invalid pk \"{member}\" - object does not exist.")] }));
        all_others(&redeemed, 201, &gone);
        all_others(&[earned], 201, &gone);
        shop.get(&path).await.expect(404);
    }
    let (left, held) = shop.recount().await[&voucher];
    assert_eq!(left + held, 50);
    assert_eq!(shop.get("/members/statistics/").await.expect(200).json["data"]["total_points"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voucher_that_is_removed_was_sold_before_or_not_at_all() {
    let shop = Shop::open().await;
    for n in 0..4 {
        let voucher = shop.voucher(&format!("KOPI{n}"), 10, 50).await;
        let member = shop.member_with(&format!("Member {n}"), 100).await;
        let waiting = shop.redeemed(&member, &voucher).await;
        let wishes =
            join(join_all((0..3).map(|_| shop.redeem(&member, &voucher))), shop.step(&waiting, "cancel"));
        let (removed, (redeemed, back)) = join(shop.remove(&format!("/vouchers/{voucher}/")), wishes).await;
        removed.expect(200);
        back.expect(200);
        let gone =
            refusal(json!({ "voucher": [format!("Invalid pk \"{voucher}\" - object does not exist.")] }));
        let sold = i64::try_from(all_others(&redeemed, 201, &gone)).unwrap();
        assert_eq!(shop.balance(&member).await, 100 - 10 * sold);
        let (left, held) = shop.recount().await[&voucher];
        // What came back after the voucher had gone returned to nobody's stock.
        assert!(held == sold && [50 - sold, 49 - sold].contains(&left), "{left} left, {held} held");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn members_and_the_desk_spend_one_balance_together() {
    let shop = Shop::open().await;
    let (member, voucher) = (shop.member_with("Sari", 250).await, shop.voucher("KOPI20", 100, 50).await);
    let sari = shop.world.person("sari", &[]).await;
    shop.link(&member, &sari).await;
    let own = || {
        let call = shop.as_person(&sari, "POST", "/redeem/");
        call.json(&json!({ "member": member, "voucher": voucher })).send()
    };
    let (own, desk) =
        join(join_all((0..4).map(|_| own())), join_all((0..4).map(|_| shop.redeem(&member, &voucher)))).await;
    let short = refusal(json!({ "member": ["Insufficient points for redemption"] }));
    assert_eq!(all_others(&own, 201, &short) + all_others(&desk, 201, &short), 2);
    assert_eq!(shop.recount().await[&voucher], (48, 2));
}
