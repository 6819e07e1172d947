use std::cmp::Reverse;

use serde_json::json;
use testkit::World;
use testkit::lists::{Expectations, check_list};
use wire::{Choice, Stamp};

use loyalty::ids::Number;
use loyalty::points::list::{LEDGER, POINTS, WHOLE_LEDGER};
use loyalty::points::rules::{Posting, book, signed};
use loyalty::points::{Entry, Kind, store};

use super::{SETTINGS, choice, enrolled, hour, living, sorted};

/// Thirty bookings of three members, one every three hours from 1 March on.
async fn stock(world: &World) -> Vec<Entry> {
    for (number, name) in (1..).zip(["Ann Wulan", "Ben Sari", "Cyd Wulan"]) {
        enrolled(world, number, name).await;
    }
    let mut entries = Vec::new();
    for n in 0..30_u32 {
        let member = living(world, 1 + n % 3).await;
        // Everybody earns first, so that there is something to take.
        let kind = if n < 6 { Kind::Earn } else { Kind::ALL[n as usize * 5 % 7 % 4] };
        let points = i64::from(if n < 6 { 1000 } else { 10 + n * 3 % 5 });
        let posting = Posting {
            kind,
            points: signed(kind, points),
            refund: false,
            description: format!("{} {n}", ["Receipt", "Gift"][n as usize % 2]),
            reference: None,
            by: "staff1".to_owned(),
        };
        let booked = book(&member, posting, &SETTINGS, hour(n * 3)).unwrap();
        world.table.commit(store::record::<()>(&member, &booked)).await.unwrap();
        entries.push(booked.entry);
    }
    world.settle().await;
    entries
}

fn ids(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| entry.id.clone()).collect()
}

fn at(time: &str) -> Stamp {
    Stamp::parse_from(time).unwrap()
}

/// What the list of these entries, of one member or of all, answers.
fn lists(entries: &[Entry]) -> Vec<(&'static str, Vec<String>)> {
    let newest = |keep: &dyn Fn(&Entry) -> bool| {
        ids(&sorted(entries, keep, |entry| Reverse((entry.at, entry.id.clone()))))
    };
    let all = |_: &Entry| true;
    let gift = |entry: &Entry| entry.description.starts_with("Gift");
    let second = |entry: &Entry| (at("2026-03-02")..at("2026-03-03")).contains(&entry.at);
    vec![
        ("", newest(&all)),
        ("ordering=transaction_date", ids(entries)),
        ("ordering=points", ids(&sorted(entries, all, |entry| entry.points))),
        (
            "ordering=-points,-transaction_date",
            ids(&sorted(entries, all, |entry| (Reverse(entry.points), Reverse(entry.at)))),
        ),
        ("transaction_type=earn", newest(&|entry| entry.kind == Kind::Earn)),
        ("transaction_type=expire&ordering=transaction_date", {
            ids(&sorted(entries, |entry| entry.kind == Kind::Expire, |entry| entry.at))
        }),
        ("transaction_type=redeem&ordering=points", {
            ids(&sorted(entries, |entry| entry.kind == Kind::Redeem, |entry| entry.points))
        }),
        ("date_from=2026-03-02&date_to=2026-03-02", newest(&second)),
        ("date_from=2026-03-01T09:00:00Z&date_to=2026-03-01T15:00:00Z", {
            newest(&|entry| (at("2026-03-01T09:00:00Z")..=at("2026-03-01T15:00:00Z")).contains(&entry.at))
        }),
        (
            "date_to=2026-03-01&transaction_type=earn",
            newest(&|entry| entry.at < at("2026-03-02") && entry.kind == Kind::Earn),
        ),
        ("date_from=2026-03-03&ordering=-points", {
            ids(&sorted(entries, |entry| entry.at >= at("2026-03-03"), |entry| Reverse(entry.points)))
        }),
        ("date_from=2026-04-01", Vec::new()),
        ("date_from=2026-03-03&date_to=2026-03-01", Vec::new()),
        ("search=gift", newest(&gift)),
        ("search=GI&ordering=transaction_date", ids(&sorted(entries, gift, |entry| entry.at))),
        ("search=wulan+receipt", newest(&|entry| !gift(entry) && entry.member_name.ends_with("Wulan"))),
        ("search=gift&transaction_type=adjustment&date_from=2026-03-02", {
            newest(&|entry| gift(entry) && entry.kind == Kind::Adjustment && entry.at >= at("2026-03-02"))
        }),
        ("search=gift&ordering=points", ids(&sorted(entries, gift, |entry| entry.points))),
        ("search=nothing", Vec::new()),
    ]
}

fn refusals() -> Vec<(&'static str, serde_json::Value)> {
    let time = ["Enter a valid date/time."];
    let told = json!({ "transaction_type": choice("gift"), "date_from": time, "date_to": time });
    vec![("transaction_type=gift&date_from=x&date_to=2026-02-30", told)]
}

#[tokio::test]
async fn of_all_points() {
    let world = World::new().await;
    let entries = stock(&world).await;
    let newest = |keep: &dyn Fn(&Entry) -> bool| ids(&sorted(&entries, keep, |entry| Reverse(entry.at)));
    let mut lists = lists(&entries);
    lists.push(("member=MEM-002", newest(&|entry| entry.member == 2)));
    lists.push((
        "member=MEM-002&search=gift",
        newest(&|entry| entry.member == 2 && entry.description.starts_with("Gift")),
    ));
    lists.push(("member=MEM-404", Vec::new()));
    let expected = Expectations { of: "", id: |entry: &Entry| entry.id.clone(), lists, refusals: refusals() };
    check_list(&world.table, &POINTS, &expected).await;
}

#[tokio::test]
async fn of_one_ledger_in_short_pages_and_in_long_ones() {
    let world = World::new().await;
    let entries: Vec<Entry> = stock(&world).await.into_iter().filter(|entry| entry.member == 3).collect();
    let mut lists = lists(&entries);
    lists.push(("member=MEM-003", ids(&sorted(&entries, |_| true, |entry| Reverse(entry.at)))));
    lists.push(("member=MEM-001", Vec::new()));
    let of = Number(3).in_key();
    let expected =
        Expectations { of: &of, id: |entry: &Entry| entry.id.clone(), lists, refusals: refusals() };
    check_list(&world.table, &LEDGER, &expected).await;
    check_list(&world.table, &WHOLE_LEDGER, &expected).await;
}
