//! The operations of the loyalty programme, staged and measured.

use std::time::Duration;

use ::loyalty::ids::{Number, Place, Series};
use ::loyalty::jobs;
use ::loyalty::members::{self, Member};
use ::loyalty::points::{Entry, store as points};
use ::loyalty::redeem::{Redemption, store as redeem};
use ::loyalty::vouchers::{Voucher, store as vouchers};
use serde_json::{Value, json};
use table::{Row, Tx};
use testkit::{Answer, Call, Extras, World};

use super::operations::{PAGE, READ, SEARCH, Scale, WRITE};
use super::{Measure, Units};
use crate::people::{Person, administrator, clerk, newcomer};

/// The budgets, by the kind of operation.
const STATISTICS: Units = Units::new(1.0, 3.0, 0.0);
const ENROL: Units = Units::new(2.0, 0.5, 12.0);
const BOOK: Units = Units::new(2.0, 1.0, 9.0);
const REDEEM: Units = Units::new(2.0, 1.5, 14.0);
const TAKE_BACK: Units = Units::new(2.0, 1.5, 12.0);

/// A desk with scales under it.
struct Desk {
    scale: Scale,
    clerk: Person,
    admin: Person,
}

impl Desk {
    fn call(&self, method: &str, path: &str) -> Call {
        self.scale.as_person(&self.clerk, method, &format!("/api/loyalty{path}"))
    }

    /// What the clerk wants done, unweighed.
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path).json(&body).send().await.expect(201)
    }

    async fn get(&mut self, operation: &'static str, budget: Units, path: &str) -> Answer {
        let call = self.call("GET", path);
        self.scale.weigh(operation, budget, call, 200).await
    }

    async fn weigh(
        &mut self,
        operation: &'static str,
        budget: Units,
        way: (&str, &str, Value),
        status: u16,
    ) -> Answer {
        let (method, path, body) = way;
        let call = self.call(method, path).json(&body);
        self.scale.weigh(operation, budget, call, status).await
    }
}

fn member(n: usize) -> Value {
    json!({ "name": format!("Sari Wulan {n}"), "email": format!("sari{n}@mail.test"), "phone": "+62 811-222",
            "address": "Jl. Melati 9", "join_date": "2026-01-10" })
}

fn voucher(code: &str) -> Value {
    json!({ "code": code, "name": format!("Voucher {code}"), "points_cost": 100, "stock": 50,
            "start_date": "2026-03-01", "end_date": "2026-03-31" })
}

/// All of them.
pub async fn measured() -> Vec<Measure> {
    let variables = &[("MERCATO_LOYALTY_PENDING_HOURS", "48"), ("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "30")];
    let world = World::beyond(Extras { variables, ..Extras::default() }).await;
    let (clerk, admin) = (clerk(&world, "clerk").await, administrator(&world, "admin").await);
    let mut desk = Desk { scale: Scale { world, measures: Vec::new() }, clerk, admin };
    lists(&mut desk).await;
    working(&mut desk).await;
    own(&mut desk).await;
    in_time(&mut desk).await;
    let mut measures = desk.scale.measures;
    measures.extend(plainly().await);
    measures
}

/// What a shop pays whose points last: where they expire, each earning makes one row more.
async fn plainly() -> Vec<Measure> {
    let world = World::new().await;
    let (clerk, admin) = (clerk(&world, "clerk").await, administrator(&world, "admin").await);
    let mut desk = Desk { scale: Scale { world, measures: Vec::new() }, clerk, admin };
    desk.post("/members/", member(1)).await;
    let earn = json!({ "member": "MEM-001", "type": "earn", "points": 10 });
    desk.weigh("points, earn, where points last", BOOK, ("POST", "/points/", earn), 201).await;
    desk.get("members, get, where points last", READ, "/members/MEM-001/").await;
    desk.scale.measures
}

/// A page of each list: of twenty rows first, and the same of three hundred.
async fn lists(desk: &mut Desk) {
    for n in 1..=20 {
        desk.post("/members/", member(n)).await;
    }
    let voucher = desk.post("/vouchers/", voucher("KOPI20")).await.text_at("data.id");
    for n in 1..=20 {
        let earn = json!({ "member": "MEM-001", "type": "earn", "points": 100, "description": format!("Receipt {n}") });
        desk.post("/points/", earn).await;
    }
    for _ in 0..20 {
        desk.post("/redeem/", json!({ "member": "MEM-001", "voucher": voucher })).await;
    }
    for n in 1..=19 {
        desk.post("/vouchers/", self::voucher(&format!("TEH{n}"))).await;
    }
    desk.scale.world.settle().await;
    desk.get("members, list twenty", PAGE, "/members/?page_size=20").await;
    desk.get("members, list twenty of a tier", PAGE, "/members/?page_size=20&tier_level=Bronze").await;
    desk.get("members, list twenty by points", PAGE, "/members/?page_size=20&ordering=-total_points").await;
    let found =
        desk.get("members, search, twenty found", SEARCH, "/members/?page_size=20&search=wulan").await;
    assert_eq!(found.json["results"].as_array().map(Vec::len), Some(20), "{found:?}");
    desk.get("points, list twenty", PAGE, "/points/?page_size=20&transaction_type=earn").await;
    desk.get("points, list twenty of a member", PAGE, "/points/?page_size=20&member=MEM-001").await;
    desk.get("points, search, twenty found", SEARCH, "/points/?page_size=20&search=receipt").await;
    desk.get("redeem, list twenty", PAGE, "/redeem/?page_size=20").await;
    desk.get("redeem, list twenty of a voucher", PAGE, &format!("/redeem/?page_size=20&voucher={voucher}"))
        .await;
    desk.get("redeem, search, twenty found", SEARCH, "/redeem/?page_size=20&search=kopi20").await;
    desk.get("vouchers, list twenty", PAGE, "/vouchers/?page_size=20").await;

    more(&desk.scale.world, &voucher).await;
    desk.get("members, list twenty of three hundred", PAGE, "/members/?page_size=20").await;
    let tier = "/members/?page_size=20&tier_level=Bronze";
    desk.get("members, list twenty of a tier of three hundred", PAGE, tier).await;
    let by_points = "/members/?page_size=20&ordering=-total_points";
    desk.get("members, list twenty of three hundred by points", PAGE, by_points).await;
    let earned = "/points/?page_size=20&transaction_type=earn";
    desk.get("points, list twenty of three hundred", PAGE, earned).await;
    desk.get("redeem, list twenty of three hundred", PAGE, "/redeem/?page_size=20").await;
    desk.get("vouchers, list twenty of three hundred", PAGE, "/vouchers/?page_size=20").await;
}

/// As many rows more of each kind as make three hundred, put where they would be.
async fn more(world: &World, voucher: &str) {
    let table = &world.table;
    let first: Member = members::store::living(table, Number(2), true).await.unwrap().unwrap();
    let sold: Voucher = vouchers::living(table, voucher, true).await.unwrap().unwrap();
    let at = |series, running| Place { series, member: Number(1), running };
    let entry = points::entry_key(at(Series::Points, 1));
    let entry: Entry = table.get_strong(&entry).await.unwrap().unwrap();
    let redeemed = redeem::redemption_key(at(Series::Redemptions, 1));
    let redeemed: Redemption = table.get_strong(&redeemed).await.unwrap().unwrap();
    put(world, (0..280).map(|n| Member { number: 1000 + n, ..first.clone() })).await;
    put(world, (0..280).map(|n| Voucher { id: format!("0195a000-0000-7000-8000-{n:012}"), ..sold.clone() }))
        .await;
    put(
        world,
        (1000..1280).map(|running| Entry {
            id: at(Series::Points, running).id(entry.at),
            running,
            ..entry.clone()
        }),
    )
    .await;
    put(
        world,
        (1000..1280).map(|running| {
            let id = at(Series::Redemptions, running).id(redeemed.created_at);
            Redemption { id, running, ..redeemed.clone() }
        }),
    )
    .await;
}

async fn put<R: Row>(world: &World, rows: impl Iterator<Item = R>) {
    let rows: Vec<R> = rows.collect();
    for rows in rows.chunks(100) {
        world.table.commit(rows.iter().fold(Tx::new(), |tx, row| tx.insert(row, ()))).await.unwrap();
    }
}

/// What a desk does all day.
async fn working(desk: &mut Desk) {
    let enrolled = desk.weigh("members, enrol", ENROL, ("POST", "/members/", member(40)), 201).await;
    let id = enrolled.text_at("data.id");
    let path = format!("/members/{id}/");
    let taken = ("POST", "/members/", member(40));
    desk.weigh("members, enrol, address taken", ENROL, taken, 400).await;
    desk.get("members, get", READ, &path).await;
    let edit = json!({ "address": "Jl. Mawar 1" });
    desk.weigh("members, edit", WRITE, ("PATCH", &path, edit), 200).await;
    let moved = json!({ "email": "sari@else.test" });
    desk.weigh("members, edit the address", WRITE, ("PATCH", &path, moved), 200).await;

    let book = |kind: &str, points: i64| json!({ "member": id, "type": kind, "points": points });
    let earn = desk.weigh("points, earn", BOOK, ("POST", "/points/", book("earn", 300)), 201).await;
    let mut receipt = book("earn", 100);
    receipt["reference"] = json!("R-1");
    desk.weigh("points, earn for a receipt", BOOK, ("POST", "/points/", receipt), 201).await;
    desk.weigh("points, earn into a new tier", BOOK, ("POST", "/points/", book("earn", 200)), 201).await;
    desk.weigh("points, adjust", BOOK, ("POST", "/points/", book("adjustment", -10)), 201).await;
    desk.weigh("points, too few", BOOK, ("POST", "/points/", book("redeem", 9000)), 400).await;
    desk.get("points, get", READ, &format!("/points/{}/", earn.text_at("data.id"))).await;
    desk.get("points, the ledger of a member", READ, &format!("/points/member/{id}/")).await;
    desk.get("points, statistics", STATISTICS, "/points/statistics/").await;
    desk.get("points, statistics of a member", STATISTICS, &format!("/points/statistics/?member={id}")).await;

    let made = desk.weigh("vouchers, create", WRITE, ("POST", "/vouchers/", voucher("SUSU1")), 201).await;
    let voucher = made.text_at("data.id");
    let shown = format!("/vouchers/{voucher}/");
    desk.get("vouchers, get", READ, &shown).await;
    desk.weigh("vouchers, edit", WRITE, ("PATCH", &shown, json!({ "stock": 40 })), 200).await;

    let wish = json!({ "member": id, "voucher": voucher });
    let redeem = ("POST", "/redeem/", wish.clone());
    let redeemed = desk.weigh("redeem, a voucher", REDEEM, redeem, 201).await;
    let (first, code) = (redeemed.text_at("data.id"), redeemed.text_at("data.redemption_code"));
    let limits = json!({ "limit_per_member": 3, "limit_per_day": 9 });
    desk.call("PATCH", &shown).json(&limits).send().await.expect(200);
    desk.post("/redeem/", wish.clone()).await;
    let limited = ("POST", "/redeem/", wish.clone());
    let second = desk.weigh("redeem, a voucher with limits", REDEEM, limited, 201).await.text_at("data.id");
    let stock = json!({ "stock": 0 });
    desk.call("PATCH", &shown).json(&stock).send().await.expect(200);
    desk.weigh("redeem, nothing left", REDEEM, ("POST", "/redeem/", wish), 400).await;
    desk.get("redeem, get", READ, &format!("/redeem/{first}/")).await;
    desk.get("redeem, get by code", READ, &format!("/redeem/by-code/{code}/")).await;
    let cancel = format!("/redeem/{first}/cancel/");
    desk.weigh("redeem, cancel", TAKE_BACK, ("POST", &cancel, json!({})), 200).await;
    desk.weigh("redeem, cancel once more", TAKE_BACK, ("POST", &cancel, json!({})), 400).await;
    let used = format!("/redeem/{second}/mark-used/");
    desk.weigh("redeem, mark as used", WRITE, ("POST", &used, json!({})), 200).await;
    desk.get("redeem, statistics", STATISTICS, "/redeem/statistics/").await;
    desk.get("members, statistics", STATISTICS, "/members/statistics/").await;
    desk.get("vouchers, statistics of three hundred", STATISTICS, "/vouchers/statistics/").await;

    let remove =
        |desk: &Desk, path: &str| desk.scale.as_person(&desk.admin, "DELETE", &format!("/api/loyalty{path}"));
    let leave = remove(desk, &path);
    desk.scale.weigh("members, remove", WRITE, leave, 200).await;
    let end = remove(desk, &shown);
    desk.scale.weigh("vouchers, remove", WRITE, end, 200).await;
}

/// What members see of their own.
async fn own(desk: &mut Desk) {
    let person = newcomer(&desk.scale.world, "sari").await;
    let link = json!({ "user_id": person.id });
    desk.weigh("members, link an account", WRITE, ("PATCH", "/members/MEM-001/", link), 200).await;
    for (operation, path) in [
        ("members, oneself", "/members/me/"),
        ("members, list one's own", "/members/"),
        ("points, list twenty of one's own", "/points/?page_size=20"),
        ("redeem, list twenty of one's own", "/redeem/?page_size=20"),
    ] {
        let call = desk.scale.as_person(&person, "GET", &format!("/api/loyalty{path}"));
        desk.scale.weigh(operation, PAGE, call, 200).await;
    }
}

/// What time brings, each job for one row.
async fn in_time(desk: &mut Desk) {
    let budget = Units::new(2.0, 1.5, 12.0);
    let id = desk.post("/members/", member(50)).await.text_at("data.id");
    let sold = desk.post("/vouchers/", voucher("ROTI1")).await.text_at("data.id");
    desk.post("/points/", json!({ "member": id, "type": "earn", "points": 600 })).await;
    desk.post("/redeem/", json!({ "member": id, "voucher": sold, "status": "Completed" })).await;
    desk.post("/redeem/", json!({ "member": id, "voucher": sold })).await;
    let member = Number::parse(&id).unwrap();
    let lot = points::lot_key(member, 600);
    let waiting = redeem::redemption_key(Place { series: Series::Redemptions, member, running: 2 });
    let voucher = vouchers::living_key(&sold);
    for (operation, what, key, days) in [
        ("loyalty-events, a redemption that waits for too long", jobs::REDEMPTION_STALE, &waiting, 3),
        ("loyalty-events, points that expire soon", jobs::LOT_NOTICE, &lot, 13),
        (
            "loyalty-events, a voucher that ends, with one member to be told",
            jobs::VOUCHER_REMIND,
            &voucher,
            11,
        ),
        ("loyalty-events, points that expire", jobs::LOT_EXPIRE, &lot, 3),
        ("loyalty-events, a voucher that ended", jobs::VOUCHER_EXPIRE, &voucher, 1),
    ] {
        let world = &desk.scale.world;
        world.clock.advance(Duration::from_hours(24 * days));
        let due = json!({ "what": what, "pk": key.pk(), "sk": key.sk(), "at": world.clock.now() });
        let body = json!({ "due": due }).to_string();
        let event = json!({ "Records": [{ "messageId": "1", "body": body }] });
        world.cost();
        let report = testkit::invoke(world.whole.function("loyalty-events").unwrap(), &event).await;
        assert_eq!(report, json!({ "batchItemFailures": [] }), "{operation}");
        desk.scale.note(operation, budget, 1);
    }
}
