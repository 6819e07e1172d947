use std::cmp::Reverse;

use serde_json::json;
use testkit::World;
use testkit::lists::{Expectations, check_list};
use wire::{Choice, Day};

use loyalty::vouchers::list::VOUCHERS;
use loyalty::vouchers::{Kind, Status, Voucher, rules, store};

use super::{choice, hour, sorted};

pub(super) fn voucher(n: u32, points_cost: i64) -> Voucher {
    let place = n as usize;
    let start_date = Day::parse("2026-03-01").unwrap().plus_days(i64::from(n * 3 % 5));
    let wish = rules::Wish {
        code: format!("{}{n}", ["KOPI", "TEH"][place % 2]),
        name: format!("{} {n}", ["Cup", "Pot", "Can"][place % 3]),
        description: ["Hot", "Cold"][place / 2 % 2].to_owned(),
        kind: Kind::ALL[place % 3],
        discount_value: None,
        points_cost,
        stock: i64::from(n * 5 % 4),
        start_date,
        end_date: start_date.plus_days(i64::from(n * 2 % 9)),
        status: Status::ALL[place * 3 % 8 % 3],
        limit_per_member: None,
        limit_per_day: None,
        minimum_tier: None,
    };
    rules::create(format!("0195a000-0000-7000-8000-{n:012}"), wish, hour(n)).unwrap()
}

fn ids(vouchers: &[Voucher]) -> Vec<String> {
    vouchers.iter().map(|voucher| voucher.id.clone()).collect()
}

/// A list that is given no time looks at the beginning of all time, when no voucher has opened; what is shown as days
/// pass is tested with days that pass.
#[tokio::test]
async fn of_all_vouchers() {
    let world = World::new().await;
    let vouchers: Vec<Voucher> = (0..21).map(|n| voucher(n, i64::from(n * 7 % 6) * 100)).collect();
    for voucher in &vouchers {
        world.table.commit(store::create(voucher)).await.unwrap();
    }
    let removed = voucher(21, 100);
    world.table.commit(store::create(&removed)).await.unwrap();
    world.table.commit(store::remove(&removed, &rules::remove(&removed, hour(40)))).await.unwrap();
    let newest = |keep: &dyn Fn(&Voucher) -> bool| {
        ids(&sorted(&vouchers, keep, |voucher| Reverse(voucher.id.clone())))
    };
    let all = |_: &Voucher| true;
    let tea = |voucher: &Voucher| voucher.code.starts_with("TEH");
    let between = |voucher: &Voucher| (100..=300).contains(&voucher.points_cost);
    let lists = vec![
        ("", newest(&all)),
        ("ordering=created_at", ids(&vouchers)),
        ("ordering=code", ids(&sorted(&vouchers, all, |voucher| voucher.code.clone()))),
        ("ordering=-name", ids(&sorted(&vouchers, all, |voucher| Reverse(voucher.name.clone())))),
        ("ordering=points_cost", ids(&sorted(&vouchers, all, |voucher| voucher.points_cost))),
        (
            "ordering=-stock,code",
            ids(&sorted(&vouchers, all, |voucher| (Reverse(voucher.stock), voucher.code.clone()))),
        ),
        (
            "ordering=start_date,-end_date",
            ids(&sorted(&vouchers, all, |voucher| (voucher.start_date, Reverse(voucher.end_date)))),
        ),
        ("ordering=end_date", ids(&sorted(&vouchers, all, |voucher| voucher.end_date))),
        ("type=freebie", newest(&|voucher| voucher.kind == Kind::Freebie)),
        (
            "type=discount&ordering=created_at",
            ids(&sorted(&vouchers, |v| v.kind == Kind::Discount, |v| v.id.clone())),
        ),
        ("min_points=100&max_points=300", newest(&between)),
        ("min_points=100&max_points=300&type=cashback&ordering=-points_cost", {
            ids(&sorted(&vouchers, |v| between(v) && v.kind == Kind::Cashback, |v| Reverse(v.points_cost)))
        }),
        ("min_points=501", Vec::new()),
        ("status=Expired", newest(&|voucher| voucher.intent == Status::Expired)),
        ("status=Inactive", newest(&|voucher| voucher.intent != Status::Expired)),
        ("status=Active", Vec::new()),
        ("available=false&ordering=code", ids(&sorted(&vouchers, all, |voucher| voucher.code.clone()))),
        ("available=true", Vec::new()),
        ("search=teh", newest(&tea)),
        ("search=HOT+cu", newest(&|voucher| voucher.description == "Hot" && voucher.name.starts_with("Cup"))),
        ("search=teh&ordering=stock", ids(&sorted(&vouchers, tea, |voucher| voucher.stock))),
        ("search=teh&type=freebie", newest(&|voucher| tea(voucher) && voucher.kind == Kind::Freebie)),
        ("search=kopi4", vec![vouchers[4].id.clone()]),
        ("search=milk", Vec::new()),
    ];
    let told = json!({
        "type": choice("percentage"), "status": choice("Open"), "available": choice("perhaps"),
        "min_points": ["Enter a number."], "max_points": ["Enter a number."],
    });
    let refusals = vec![("type=percentage&status=Open&available=perhaps&min_points=x&max_points=y", told)];
    let expected = Expectations { of: "", id: |voucher: &Voucher| voucher.id.clone(), lists, refusals };
    check_list(&world.table, &VOUCHERS, &expected).await;
}
