use std::cmp::Reverse;

use serde_json::json;
use testkit::World;
use testkit::lists::{Expectations, check_list};
use wire::{Choice, Day, Stamp};

use loyalty::ids::Number;
use loyalty::points::Kind;
use loyalty::points::rules::{Posting, book};
use loyalty::points::store as points;
use loyalty::redeem::list::{OF_ONE, REDEMPTIONS};
use loyalty::redeem::{Redemption, Status, rules, store};
use loyalty::vouchers::{self, Voucher, store as catalogue};

use super::vouchers::voucher;
use super::{SETTINGS, choice, enrolled, hour, living, sorted};

/// Twenty-four redemptions of two members, one every four hours from 1 March on.
async fn stock(world: &World) -> Vec<Redemption> {
    for (number, name) in (1..).zip(["Ann Wulan", "Ben Sari"]) {
        let member = enrolled(world, number, name).await;
        let posting = Posting {
            kind: Kind::Earn,
            points: 100_000,
            refund: false,
            description: String::new(),
            reference: None,
            by: "staff1".to_owned(),
        };
        let booked = book(&member, posting, &SETTINGS, hour(0)).unwrap();
        world.table.commit(points::record::<()>(&member, &booked)).await.unwrap();
    }
    for n in 0..3 {
        let open = Voucher {
            intent: vouchers::Status::Active,
            start_date: Day::parse("2026-03-01").unwrap(),
            end_date: Day::parse("2026-03-31").unwrap(),
            stock: 100,
            ..voucher(n, 100 + i64::from(n * 2 % 3) * 50)
        };
        world.table.commit(catalogue::create(&open)).await.unwrap();
    }
    let mut redemptions = Vec::new();
    for n in 0..24_u32 {
        redemptions.push(redeemed(world, n).await);
    }
    world.settle().await;
    redemptions
}

async fn redeemed(world: &World, n: u32) -> Redemption {
    let table = &world.table;
    let number = 1 + n / 2 % 2;
    let member = living(world, number).await;
    let chosen = catalogue::living(table, &voucher(n % 3, 0).id, true).await.unwrap().unwrap();
    let (secret, at) = (format!("{n:016}"), hour(n * 4));
    let made = rules::redeem(&member, &chosen, Status::Pending, secret, "staff1", &SETTINGS, at).unwrap();
    table.commit(store::redeem(&member, &chosen, &made)).await.unwrap();
    let to = Status::ALL[n as usize * 5 % 7 % 4];
    let member = living(world, number).await;
    let Some(moved) = rules::advance(&made.redemption, &member, to, "staff1", &SETTINGS, at).unwrap() else {
        return made.redemption;
    };
    store::advance(table, &made.redemption, &member, &moved, &SETTINGS, |tx| tx).await.unwrap();
    moved.redemption
}

fn ids(redemptions: &[Redemption]) -> Vec<String> {
    redemptions.iter().map(|redemption| redemption.id.clone()).collect()
}

fn at(time: &str) -> Stamp {
    Stamp::parse_from(time).unwrap()
}

/// What the list of these redemptions, of one member or of all, answers.
fn lists(redemptions: &[Redemption]) -> Vec<(&'static str, Vec<String>)> {
    let newest =
        |keep: &dyn Fn(&Redemption) -> bool| ids(&sorted(redemptions, keep, |row| Reverse(row.created_at)));
    let all = |_: &Redemption| true;
    let second = |row: &Redemption| (at("2026-03-02")..at("2026-03-03")).contains(&row.created_at);
    let of_one = |row: &Redemption| row.voucher.ends_with('1');
    let tea = |row: &Redemption| row.voucher_code == "TEH1";
    vec![
        ("", newest(&all)),
        ("ordering=redeem_date", ids(redemptions)),
        ("ordering=points_cost", ids(&sorted(redemptions, all, |row| row.points_cost))),
        ("ordering=-points_cost,-redeem_date", {
            ids(&sorted(redemptions, all, |row| (Reverse(row.points_cost), Reverse(row.created_at))))
        }),
        ("ordering=status", ids(&sorted(redemptions, all, |row| row.status.as_str()))),
        ("status=Pending", newest(&|row| row.status == Status::Pending)),
        ("status=Cancelled&ordering=redeem_date", {
            ids(&sorted(redemptions, |row| row.status == Status::Cancelled, |row| row.created_at))
        }),
        (
            "status=Used&ordering=points_cost",
            ids(&sorted(redemptions, |row| row.status == Status::Used, |row| row.points_cost)),
        ),
        ("voucher=0195a000-0000-7000-8000-000000000001", newest(&of_one)),
        ("voucher=0195a000-0000-7000-8000-000000000001&status=Completed", {
            newest(&|row| of_one(row) && row.status == Status::Completed)
        }),
        ("voucher=0195a000-0000-7000-8000-000000000001&date_from=2026-03-02&date_to=2026-03-02", {
            newest(&|row| of_one(row) && second(row))
        }),
        ("voucher=0195a000-0000-7000-8000-000000000009", Vec::new()),
        ("voucher=TEH1", Vec::new()),
        ("date_from=2026-03-02&date_to=2026-03-02", newest(&second)),
        ("date_from=2026-03-02T04:00:00Z&date_to=2026-03-02T12:00:00Z&ordering=redeem_date", {
            let keep = |row: &Redemption| {
                (at("2026-03-02T04:00:00Z")..=at("2026-03-02T12:00:00Z")).contains(&row.created_at)
            };
            ids(&sorted(redemptions, keep, |row| row.created_at))
        }),
        (
            "date_to=2026-03-01&status=Pending",
            newest(&|row| row.created_at < at("2026-03-02") && row.status == Status::Pending),
        ),
        ("date_from=2026-04-01", Vec::new()),
        ("search=teh1", newest(&tea)),
        ("search=cup+KOP", newest(&|row| row.voucher_code == "KOPI0")),
        ("search=pot&ordering=status", ids(&sorted(redemptions, tea, |row| row.status.as_str()))),
        ("search=teh1&status=Used", newest(&|row| tea(row) && row.status == Status::Used)),
        ("search=wulan", newest(&|row| row.member == 1)),
        ("search=nothing", Vec::new()),
    ]
}

fn refusals() -> Vec<(&'static str, serde_json::Value)> {
    let time = ["Enter a valid date/time."];
    vec![(
        "status=Open&date_from=x&date_to=y",
        json!({ "status": choice("Open"), "date_from": time, "date_to": time }),
    )]
}

#[tokio::test]
async fn of_all_redemptions() {
    let world = World::new().await;
    let redemptions = stock(&world).await;
    let mut lists = lists(&redemptions);
    lists.push((
        "member=MEM-002",
        ids(&sorted(&redemptions, |row| row.member == 2, |row| Reverse(row.created_at))),
    ));
    lists.push(("member=MEM-404", Vec::new()));
    let expected =
        Expectations { of: "", id: |row: &Redemption| row.id.clone(), lists, refusals: refusals() };
    check_list(&world.table, &REDEMPTIONS, &expected).await;
}

#[tokio::test]
async fn of_one_members_redemptions() {
    let world = World::new().await;
    let redemptions: Vec<Redemption> =
        stock(&world).await.into_iter().filter(|row| row.member == 2).collect();
    let mut lists = lists(&redemptions);
    lists.push(("member=MEM-002", ids(&sorted(&redemptions, |_| true, |row| Reverse(row.created_at)))));
    lists.push(("member=MEM-001", Vec::new()));
    let of = Number(2).in_key();
    let expected =
        Expectations { of: &of, id: |row: &Redemption| row.id.clone(), lists, refusals: refusals() };
    check_list(&world.table, &OF_ONE, &expected).await;
}
