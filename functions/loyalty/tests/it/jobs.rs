//! What time brings to redemptions and vouchers: through the clock and the queue, and message by message.

use std::collections::BTreeSet;

use futures_util::future::join;
use loyalty::ids::{Number, Place};
use loyalty::redeem::{self, Redemption};
use loyalty::{jobs, members, points, vouchers};
use serde_json::{Value, json};
use table::{Condition, Key, Tx, Update};
use testkit::{Delivery, Fault};

use crate::days::shop_that;
use crate::shop::Shop;

const PATIENT: &[(&str, &str)] = &[("MERCATO_LOYALTY_PENDING_HOURS", "48")];

/// A message of the clock about a row.
fn message(what: &str, key: &Key) -> String {
    json!({ "due": { "what": what, "pk": key.pk(), "sk": key.sk(), "at": "2026-03-01T08:30:00.000000Z" } })
        .to_string()
}

/// So many redemptions of a voucher that costs nothing, all of one member.
async fn redemptions(shop: &Shop, voucher: &str, many: usize) -> (String, Vec<String>) {
    let member = shop.member("Sari").await;
    let mut all = Vec::new();
    for _ in 0..many {
        all.push(shop.redeemed(&member, voucher).await);
    }
    (member, all)
}

/// How many letters of this subject somebody got.
async fn letters(shop: &Shop, subject: &str) -> usize {
    shop.world.subjects("sari@mail.test").await.iter().filter(|got| *got == subject).count()
}

const ENDS: &str = "Your voucher KOPI20 ends soon";
const CANCELLED: &str = "Voucher KOPI20 cancelled";

#[tokio::test]
async fn a_redemption_that_waits_for_too_long_is_taken_back_once() {
    let mut shop = shop_that(PATIENT).await;
    let (member, voucher) = (shop.member_with("Sari", 300).await, shop.voucher("KOPI20", 100, 5).await);
    let (waiting, completed) =
        (shop.redeemed(&member, &voucher).await, shop.redeemed(&member, &voucher).await);
    let complete = json!({ "status": "Completed" });
    shop.post(&format!("/redeem/{completed}/update-status/"), complete).await.expect(200);
    shop.passes("2026-03-03T08:29:59Z").await;
    assert_eq!(shop.status(&waiting).await, "Pending");
    shop.passes("2026-03-03T08:30:00Z").await;
    assert_eq!(
        (shop.status(&waiting).await, shop.status(&completed).await),
        ("Cancelled".into(), "Completed".into())
    );
    assert_eq!(shop.ledger(&member).await, [100, -100, -100, 300]);
    let newest = shop.get(&format!("/points/member/{member}/")).await.expect(200).json["data"][0].clone();
    assert_eq!((&newest["created_by"], &newest["type"]), (&json!("system"), &json!("adjustment")));
    assert_eq!(
        (&newest["reference"], &newest["description"]),
        (&json!(waiting), &json!("Refund of Voucher KOPI20"))
    );
    shop.world.minute().await;
    assert_eq!(letters(&shop, CANCELLED).await, 1);
    assert_eq!(shop.recount().await[&voucher], (4, 1));
}

#[tokio::test]
async fn where_a_shop_says_nothing_redemptions_wait_for_ever() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher_like("KOPI20", json!({ "points_cost": 0, "end_date": "2030-01-01" })).await;
    let (_, waiting) = redemptions(&shop, &voucher, 1).await;
    shop.passes("2027-03-01").await;
    assert_eq!(shop.status(&waiting[0]).await, "Pending");
}

async fn stale_ones_are_taken_back(way: Delivery) {
    let mut shop = shop_that(PATIENT).await;
    let voucher = shop.voucher("KOPI20", 10, 30).await;
    let member = shop.member_with("Sari", 300).await;
    for _ in 0..13 {
        shop.redeemed(&member, &voucher).await;
    }
    shop.at("2026-03-04").await;
    let handed = shop.world.handed_over("loyalty").await;
    assert_eq!(handed.len(), 13);
    let events = shop.world.whole.function("loyalty-events").unwrap();
    // Two of them at work on the same, as when the queue hands a message out again too early.
    join(shop.world.deliver(way, events, &handed), shop.world.deliver(Delivery::Once, events, &handed)).await;
    assert_eq!(shop.balance(&member).await, 300, "{way:?}");
    assert_eq!(letters(&shop, CANCELLED).await, 13, "{way:?}");
    assert_eq!(shop.recount().await[&voucher], (30, 0), "{way:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_comes_twice_is_done_once() {
    stale_ones_are_taken_back(Delivery::Twice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_comes_in_disorder_is_done_once() {
    stale_ones_are_taken_back(Delivery::Backwards).await;
    stale_ones_are_taken_back(Delivery::HalfThenAgain(3)).await;
}

#[tokio::test]
async fn what_was_settled_before_its_message_came_stays_as_it_is() {
    let mut shop = shop_that(PATIENT).await;
    let voucher = shop.voucher("KOPI20", 10, 30).await;
    let member = shop.member_with("Sari", 300).await;
    let (used, cancelled) = (shop.redeemed(&member, &voucher).await, shop.redeemed(&member, &voucher).await);
    let orphan = shop.redeemed(&member, &voucher).await;
    shop.at("2026-03-04").await;
    let handed = shop.world.handed_over("loyalty").await;
    shop.step(&used, "mark-used").await.expect(200);
    shop.step(&cancelled, "cancel").await.expect(200);
    shop.remove(&format!("/members/{member}/")).await.expect(200);
    shop.remove(&format!("/vouchers/{voucher}/")).await.expect(200);
    let events = shop.world.whole.function("loyalty-events").unwrap();
    shop.world.deliver(Delivery::Twice, events, &handed).await;
    assert_eq!((shop.status(&used).await, shop.status(&orphan).await), ("Used".into(), "Cancelled".into()));
    assert_eq!(shop.ledger(&member).await, [10, 10, -10, -10, -10, 300], "who left is paid back as well");
    assert_eq!(letters(&shop, CANCELLED).await, 1, "the one that was taken back by hand");
    assert_eq!(shop.recount().await[&voucher], (28, 1));
}

/// A shop with a row for each job, and a message for each with the time from which there is something to do.
async fn one_of_each() -> (Shop, [(&'static str, String); 6]) {
    let shop = shop_that(&[
        ("MERCATO_LOYALTY_PENDING_HOURS", "48"),
        ("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "30"),
        ("MERCATO_LOYALTY_TIER_BASIS", "earned"),
    ])
    .await;
    let (member, voucher) = (shop.member_with("Sari", 600).await, shop.voucher("KOPI20", 100, 5).await);
    shop.redeemed(&member, &voucher).await;
    let lot = points::store::lot_key(Number(1), 600);
    let redemption = Key::new(points::store::member_partition(Number(1)), "REDEEM#0000000001");
    let (voucher, member) = (vouchers::store::living_key(&voucher), members::store::living_key(Number(1)));
    let messages = [
        ("2026-03-03T08:30:00Z", message(jobs::REDEMPTION_STALE, &redemption)),
        ("2026-03-17", message(jobs::LOT_NOTICE, &lot)),
        ("2026-03-28", message(jobs::VOUCHER_REMIND, &voucher)),
        ("2026-03-31", message(jobs::LOT_EXPIRE, &lot)),
        ("2026-04-01", message(jobs::VOUCHER_EXPIRE, &voucher)),
        ("2027-03-01", message(jobs::MEMBER_TIER, &member)),
    ];
    shop.world.settle().await;
    (shop, messages)
}

const NONE: [usize; 0] = [];

#[tokio::test]
async fn work_that_comes_too_early_or_once_more_changes_nothing() {
    let (mut shop, messages) = one_of_each().await;
    let early = messages.clone().map(|(_, message)| message);
    let before = shop.world.shelf().await;
    assert_eq!(shop.world.work("loyalty-events", &early).await, NONE);
    assert_eq!(shop.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    for (time, message) in messages {
        shop.at(time).await;
        let early = shop.world.shelf().await;
        assert_eq!(shop.world.work("loyalty-events", std::slice::from_ref(&message)).await, NONE);
        let done = shop.world.shelf().await;
        assert_ne!(done.changed_since(&early), Vec::<&str>::new(), "{message}");
        assert_eq!(shop.world.work("loyalty-events", &[message.clone(), message.clone()]).await, NONE);
        assert_eq!(shop.world.shelf().await.changed_since(&done), Vec::<&str>::new(), "once more: {message}");
    }
    shop.recount().await;
}

#[tokio::test]
async fn work_for_a_row_that_is_gone_is_done() {
    let (mut shop, messages) = one_of_each().await;
    let [_, _, (_, remind), (_, lot), (_, sweep), (_, tier)] = messages;
    let listed = shop.get("/vouchers/").await.expect(200);
    shop.remove(&format!("/vouchers/{}/", listed.json["results"][0]["id"].as_str().unwrap()))
        .await
        .expect(200);
    shop.remove("/members/MEM-001/").await.expect(200);
    shop.at("2028-01-01").await;
    shop.world.settle().await;
    let before = shop.world.shelf().await;
    assert_eq!(shop.world.work("loyalty-events", &[remind, sweep, tier]).await, NONE);
    assert_eq!(shop.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    // The points of somebody who left end with the programme: the lot is settled, and nothing is booked.
    assert_eq!(shop.world.work("loyalty-events", &[lot.clone(), lot]).await, NONE);
    assert_eq!(shop.world.shelf().await.of_kind("lot").count(), 0);
    assert_eq!(shop.ledger("MEM-001").await, [-100, 600]);
    shop.recount().await;
}

#[tokio::test]
async fn a_message_that_nobody_understands_fails_alone() {
    let mut shop = shop_that(PATIENT).await;
    let (broken, good) = (shop.voucher("TEH5", 0, 5).await, shop.voucher("KOPI20", 0, 5).await);
    let (_, waiting) = redemptions(&shop, &good, 1).await;
    shop.at("2026-03-04").await;
    let stale: Vec<Value> = shop.world.handed_over("loyalty").await;
    let stale = stale[0]["body"].as_str().unwrap().to_owned();
    let key = vouchers::store::living_key(&broken);
    let tamper = Update::when(key.clone(), Condition::exists()).set("stock", "a lot");
    shop.world.table.commit(Tx::new().update(tamper, ())).await.unwrap();
    let bodies = [
        "{".to_owned(),
        message("dance", &key),
        stale,
        message(jobs::VOUCHER_REMIND, &key),
        json!({ "due": "soon" }).to_string(),
        message(jobs::VOUCHER_EXPIRE, &vouchers::store::living_key(&good)),
    ];
    assert_eq!(shop.world.work("loyalty-events", &bodies).await, [0, 1, 3, 4]);
    assert_eq!(shop.status(&waiting[0]).await, "Cancelled");
}

/// As many more redemptions like this one, of the same member, put where they would be.
async fn more_like(shop: &Shop, id: &str, many: u32) {
    let table = &shop.world.table;
    let first = redeem::store::redemption(table, id).await.unwrap().unwrap();
    let rows: Vec<Redemption> = (1..=many)
        .map(|n| {
            let running = first.running + n;
            let id = Place { running, ..first.place() }.id(first.created_at);
            Redemption { id, running, secret: redeem::code::secret(), ..first.clone() }
        })
        .collect();
    for rows in rows.chunks(100) {
        table.commit(rows.iter().fold(Tx::new(), |tx, row| tx.insert(row, ()))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_not_used_a_voucher_is_told_before_it_ends() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 0, 200).await;
    let (_, all) = redemptions(&shop, &voucher, 4).await;
    shop.step(&all[0], "mark-used").await.expect(200);
    shop.step(&all[1], "cancel").await.expect(200);
    let completed = json!({ "status": "Completed" });
    shop.post(&format!("/redeem/{}/update-status/", all[2]), completed).await.expect(200);
    // A page of the reminding, and a little more.
    more_like(&shop, &all[3], 101).await;
    shop.passes("2026-03-27T23:59:59Z").await;
    let told = async |shop: &Shop| -> Vec<String> {
        shop.world.settle().await;
        let mails = shop.world.mails().into_iter().filter(|(_, subject, _)| subject == ENDS);
        mails.map(|(_, _, text)| text).collect()
    };
    assert_eq!(told(&shop).await.len(), 0);
    shop.at("2026-03-28").await;
    let handed = shop.world.handed_over("loyalty").await;
    assert_eq!(handed.len(), 1);
    let events = shop.world.whole.function("loyalty-events").unwrap();
    let twice = || shop.world.deliver(Delivery::Twice, events, &handed);
    join(twice(), twice()).await;
    shop.passes("2026-03-29").await;
    let told = told(&shop).await;
    let codes: BTreeSet<&String> = told.iter().collect();
    assert_eq!((told.len(), codes.len()), (103, 103), "each once, with a code of its own");
    assert!(
        told.iter().all(|text| text.contains("31 March 2026") && text.contains("Voucher KOPI20 (KOPI20)"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminding_that_breaks_off_goes_on_and_tells_nobody_twice() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 0, 50).await;
    redemptions(&shop, &voucher, 24).await;
    shop.at("2026-03-28").await;
    let handed = shop.world.handed_over("loyalty").await;
    let events = shop.world.whole.function("loyalty-events").unwrap();
    (0..30).for_each(|_| shop.world.faults.next("TransactWriteItems", Fault::Broken));
    (0..6).for_each(|_| shop.world.faults.next("TransactWriteItems", Fault::Lost));
    let again = shop.world.deliver(Delivery::Twice, events, &handed).await;
    assert!(again > 0, "nothing broke off");
    shop.world.faults.stop();
    shop.world.minute().await;
    assert_eq!(letters(&shop, ENDS).await, 24);
}

#[tokio::test]
async fn a_voucher_that_ends_at_another_time_reminds_at_another_time() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 0, 50).await;
    let ends = async |shop: &Shop, day: &str| {
        shop.patch(&format!("/vouchers/{voucher}/"), json!({ "end_date": day })).await.expect(200);
    };
    redemptions(&shop, &voucher, 2).await;
    // Later, before anybody was told: not on the old day, but on the new one.
    ends(&shop, "2026-04-10").await;
    shop.passes("2026-03-28").await;
    assert_eq!(letters(&shop, ENDS).await, 0);
    shop.passes("2026-04-07").await;
    assert_eq!(letters(&shop, ENDS).await, 2);
    // Later again: whoever was told once is told no more, but who came since then is.
    ends(&shop, "2026-04-30").await;
    shop.redeemed("MEM-001", &voucher).await;
    shop.passes("2026-04-26T23:59:59Z").await;
    assert_eq!(letters(&shop, ENDS).await, 2);
    shop.passes("2026-04-27").await;
    assert_eq!(letters(&shop, ENDS).await, 3);
    // Sooner than three days: at once. Over already: not at all.
    ends(&shop, "2026-05-30").await;
    shop.redeemed("MEM-001", &voucher).await;
    ends(&shop, "2026-04-28").await;
    shop.world.minute().await;
    assert_eq!(letters(&shop, ENDS).await, 4);
    ends(&shop, "2026-05-30").await;
    shop.redeemed("MEM-001", &voucher).await;
    ends(&shop, "2026-04-26").await;
    shop.world.minute().await;
    shop.world.minute().await;
    assert_eq!(letters(&shop, ENDS).await, 4);
    assert_eq!(shop.world.handed_over("loyalty").await, Vec::<Value>::new(), "swept, and settled for good");
}

#[tokio::test]
async fn an_ended_voucher_is_swept_once_and_again_after_another_end() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 0, 50).await;
    let path = format!("/vouchers/{voucher}/");
    shop.passes("2026-03-28").await;
    shop.at("2026-04-01T00:04:59Z").await;
    // It shows its end before anybody swept it.
    assert_eq!(shop.get(&path).await.expect(200).json["data"]["status"], "Expired");
    assert_eq!(shop.world.handed_over("loyalty").await.len(), 0);
    shop.at("2026-04-01T00:05:00Z").await;
    let handed = shop.world.handed_over("loyalty").await;
    assert_eq!(handed.len(), 1);
    let events = shop.world.whole.function("loyalty-events").unwrap();
    shop.world.deliver(Delivery::Once, events, &handed).await;
    let swept = shop.world.shelf().await;
    shop.world.deliver(Delivery::Twice, events, &handed).await;
    assert_eq!(shop.world.shelf().await.changed_since(&swept), Vec::<&str>::new());
    assert_eq!(shop.world.handed_over("loyalty").await.len(), 0);
    shop.patch(&path, json!({ "end_date": "2026-04-30" })).await.expect(200);
    assert_eq!(shop.get(&path).await.expect(200).json["data"]["status"], "Active");
    shop.passes("2026-05-02").await;
    shop.world.minute().await;
    assert_eq!(shop.world.handed_over("loyalty").await.len(), 0, "first reminded of, then swept");
    assert_eq!(shop.get(&path).await.expect(200).json["data"]["status"], "Expired");
}

#[tokio::test]
async fn a_sale_beside_the_reminding_is_reminded_of_as_well() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 0, 50).await;
    redemptions(&shop, &voucher, 3).await;
    shop.at("2026-03-28T09:00:00Z").await;
    let handed = shop.world.handed_over("loyalty").await;
    shop.redeemed("MEM-001", &voucher).await;
    let events = shop.world.whole.function("loyalty-events").unwrap();
    shop.world.deliver(Delivery::Once, events, &handed).await;
    assert_eq!(letters(&shop, ENDS).await, 4);
}

#[tokio::test]
async fn nobody_who_left_is_reminded() {
    let mut shop = Shop::open().await;
    let voucher = shop.voucher("KOPI20", 0, 50).await;
    let (member, _) = redemptions(&shop, &voucher, 2).await;
    shop.remove(&format!("/members/{member}/")).await.expect(200);
    shop.passes("2026-03-28").await;
    assert_eq!(letters(&shop, ENDS).await, 0);
    assert_eq!(shop.world.handed_over("loyalty").await.len(), 0);
}
