//! The operations of the voucher shop, staged and measured.

use std::time::Duration;

use ::prepaid::jobs;
use ::prepaid::payments::{Payment, store as payments};
use ::prepaid::refunds::Refund;
use ::prepaid::usages::Usage;
use ::prepaid::vouchers::{Voucher, store as vouchers};
use serde_json::{Value, json};
use table::{Key, Row, Tx, of_day};
use testkit::stripe::{Trouble, sign};
use testkit::{Answer, World};

use super::operations::{PAGE, READ, SEARCH, Scale, WRITE};
use super::{Measure, Units};
use crate::people::{Person, administrator, newcomer};

/// The budgets, by the kind of operation.
const STATISTICS: Units = Units::new(1.0, 3.0, 0.0);
const BUY: Units = Units::new(2.0, 2.0, 16.0);
const USE: Units = Units::new(2.0, 1.0, 9.0);
const GIVE_BACK: Units = Units::new(2.0, 1.5, 12.0);

/// A shop on scales.
struct Shop {
    scale: Scale,
    staff: Person,
    ama: Person,
    sold: String,
}

impl Shop {
    /// What somebody wants done, unweighed.
    async fn post(&self, who: &Person, path: &str, body: Value) -> Answer {
        self.scale.as_person(who, "POST", &format!("/api/prepaid{path}")).json(&body).send().await
    }

    async fn get(&mut self, operation: &'static str, budget: Units, who: &Person, path: &str) -> Answer {
        let call = self.scale.as_person(who, "GET", &format!("/api/prepaid{path}"));
        self.scale.weigh(operation, budget, call, 200).await
    }

    async fn weigh(
        &mut self,
        operation: &'static str,
        budget: Units,
        (who, path, body): (&Person, &str, Value),
        status: u16,
    ) -> Answer {
        let call = self.scale.as_person(who, "POST", &format!("/api/prepaid{path}")).json(&body);
        self.scale.weigh(operation, budget, call, status).await
    }

    fn order(&self) -> Value {
        json!({ "voucher_type_id": self.sold })
    }

    /// Buys one with three uses, unweighed: the payment, and its code.
    async fn buys(&self) -> (String, String) {
        let bought = self.post(&self.ama, "/vouchers/purchase/", self.order()).await.expect(201);
        let code = bought.json["vouchers"][0]["code"].as_str().unwrap().to_owned();
        (bought.text_at("payment.id"), code)
    }
}

/// All of them.
pub async fn measured() -> Vec<Measure> {
    let world = World::new().await;
    let (staff, ama) = (administrator(&world, "staff").await, newcomer(&world, "ama").await);
    let scale = Scale { world, measures: Vec::new() };
    let mut shop = Shop { scale, staff, ama, sold: String::new() };
    let sold = json!({
        "name": "Exam Results Checking", "type_code": "result_check", "description": "Look up results.",
        "price": "10.00", "usage_limit": 3, "accepted_services": [],
    });
    let staff = shop.staff.clone();
    let made = shop.weigh("prepaid types, create", WRITE, (&staff, "/vouchers/types/", sold), 201).await;
    shop.sold = made.text_at("id");
    lists(&mut shop).await;
    buying(&mut shop).await;
    using(&mut shop).await;
    giving_back(&mut shop).await;
    figures(&mut shop).await;
    behind_the_queue(&mut shop).await;
    shop.scale.measures
}

/// A page of each list: of twenty rows first, and the same of three hundred.
async fn lists(shop: &mut Shop) {
    let (staff, ama) = (shop.staff.clone(), shop.ama.clone());
    for n in 0..20 {
        let (payment, code) = shop.buys().await;
        let wish = json!({ "code": code, "service_type": "result_check" });
        shop.post(&ama, "/vouchers/redeem/", wish).await.expect(200);
        let another = shop.buys().await.0;
        let refund = json!({ "payment_id": another, "reason": "other" });
        shop.post(&ama, "/payments/refund/request/", refund).await.expect(201);
        let discount = json!({
            "code": format!("CODE{n}"), "discount_value": "10.00",
            "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-12-31T00:00:00Z",
        });
        shop.post(&staff, "/admin/discounts/", discount).await.expect(201);
        assert_ne!(payment, another);
    }
    shop.scale.world.settle().await;
    for (operation, path) in [
        ("prepaid vouchers, list twenty of one's own", "/vouchers/my-vouchers/"),
        ("prepaid usages, list twenty of one's own", "/vouchers/usage-history/"),
        ("prepaid payments, list twenty of one's own", "/payments/history/"),
        ("prepaid refunds, list twenty of one's own", "/payments/refunds/"),
    ] {
        let listed = shop.get(operation, PAGE, &ama, path).await;
        assert_eq!(listed.json["results"].as_array().map(Vec::len), Some(20), "{operation}");
    }
    for (operation, path) in [
        ("prepaid vouchers, list twenty", "/admin/vouchers/"),
        ("prepaid payments, list twenty", "/admin/payments/"),
        ("prepaid refunds, list twenty", "/admin/refunds/"),
        ("prepaid discounts, list twenty", "/admin/discounts/"),
    ] {
        let listed = shop.get(operation, PAGE, &staff, path).await;
        assert_eq!(listed.json["results"].as_array().map(Vec::len), Some(20), "{operation}");
    }
    let found = shop
        .get("prepaid vouchers, search, twenty found", SEARCH, &staff, "/admin/vouchers/?search=ama")
        .await;
    assert_eq!(found.json["results"].as_array().map(Vec::len), Some(20), "{found:?}");
    shop.get("prepaid payments, search, twenty found", SEARCH, &staff, "/admin/payments/?search=ama").await;
    shop.get("prepaid types, list", PAGE, &ama, "/vouchers/types/").await;

    more(&shop.scale.world, ama.id.parse().unwrap()).await;
    for (operation, path) in [
        ("prepaid vouchers, list twenty of three hundred of one's own", "/vouchers/my-vouchers/"),
        ("prepaid usages, list twenty of three hundred of one's own", "/vouchers/usage-history/"),
        ("prepaid payments, list twenty of three hundred of one's own", "/payments/history/"),
        ("prepaid refunds, list twenty of three hundred of one's own", "/payments/refunds/"),
    ] {
        shop.get(operation, PAGE, &ama, path).await;
    }
    for (operation, path) in [
        ("prepaid vouchers, list twenty of three hundred", "/admin/vouchers/"),
        ("prepaid vouchers, list twenty of three hundred in a state", "/admin/vouchers/?status=active"),
        ("prepaid payments, list twenty of three hundred", "/admin/payments/"),
        ("prepaid refunds, list twenty of three hundred", "/admin/refunds/"),
    ] {
        shop.get(operation, PAGE, &staff, path).await;
    }
}

/// As many rows more of each kind as make three hundred, put where they would be.
async fn more(world: &World, account: u64) {
    let table = &world.table;
    let shelf = world.shelf().await;
    let of_kind = |kind: &str| {
        let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
        let items = shelf.of_kind(kind).map(|item| Key::new(text(item, "pk"), text(item, "sk")));
        items.into_iter().find(|key| key.pk().starts_with("PREPAID#")).unwrap()
    };
    let voucher: Voucher = table.get_strong(&of_kind("voucher")).await.unwrap().unwrap();
    let payment: Payment = table.get_strong(&of_kind("payment")).await.unwrap().unwrap();
    let usage: Usage = table.get_strong(&of_kind("usage")).await.unwrap().unwrap();
    let refund: Refund = table.get_strong(&of_kind("refund")).await.unwrap().unwrap();
    assert_eq!(payment.user, account);
    let id = |n: u32| format!("0195a000-0000-7000-8000-{n:012}");
    put(world, (0..280).map(|n| Voucher { id: id(n), code: format!("MORE{n:08}"), ..voucher.clone() })).await;
    put(world, (0..280).map(|n| Payment { id: id(n), ..payment.clone() })).await;
    put(world, (0..280).map(|n| Usage { id: id(n), ..usage.clone() })).await;
    put(world, (0..280).map(|n| Refund { id: id(n), ..refund.clone() })).await;
}

async fn put<R: Row>(world: &World, rows: impl Iterator<Item = R>) {
    let rows: Vec<R> = rows.collect();
    for rows in rows.chunks(100) {
        world.table.commit(rows.iter().fold(Tx::new(), |tx, row| tx.insert(row, ()))).await.unwrap();
    }
}

async fn buying(shop: &mut Shop) {
    let ama = shop.ama.clone();
    let order = shop.order();
    let bought =
        shop.weigh("prepaid purchase, settled", BUY, (&ama, "/vouchers/purchase/", order), 201).await;
    let (payment, code) =
        (bought.text_at("payment.id"), bought.json["vouchers"][0]["code"].as_str().unwrap().to_owned());
    let three = json!({ "voucher_type_id": shop.sold, "quantity": 3, "discount_code": "CODE1" });
    shop.weigh("prepaid purchase, three with a discount", BUY, (&ama, "/vouchers/purchase/", three), 201)
        .await;
    let call = shop.scale.as_person(&ama, "POST", "/api/prepaid/vouchers/purchase/").json(&shop.order());
    let with_key = Units::new(BUY.trips, BUY.reads, BUY.writes + 2.0);
    let once = call.header("idempotency-key", "k");
    shop.scale.weigh("prepaid purchase, with an Idempotency-Key", with_key, once, 201).await;
    let declined =
        json!({ "voucher_type_id": shop.sold, "payment_method_id": "pm_card_visa_chargeDeclined" });
    shop.weigh("prepaid purchase, declined", BUY, (&ama, "/vouchers/purchase/", declined), 402).await;
    let staff = shop.staff.clone();
    let free = json!({ "name": "Free", "type_code": "free", "description": "For nothing.", "price": "0.00" });
    let free = shop.post(&staff, "/vouchers/types/", free).await.expect(201).text_at("id");
    let order = json!({ "voucher_type_id": free });
    shop.weigh("prepaid purchase, free", BUY, (&ama, "/vouchers/purchase/", order), 201).await;
    let path = "/payments/create-payment-intent/";
    let order = shop.order();
    let made = shop.weigh("prepaid payments, create an intent", BUY, (&ama, path, order), 201).await;
    let intent = made.text_at("payment_intent_id");
    // What events would bring is not there yet: confirming delivers.
    shop.scale.world.stripe().meet(Trouble { events_held: true, ..Trouble::default() });
    shop.scale.world.stripe().pay(&intent, "pm_card_visa").unwrap();
    let confirm = (&ama, "/payments/confirm-payment/", json!({ "payment_intent_id": intent }));
    shop.weigh("prepaid payments, confirm", BUY, confirm.clone(), 200).await;
    shop.weigh("prepaid payments, confirm once more", READ, confirm, 200).await;
    shop.scale.world.stripe().meet(Trouble::default());
    shop.get("prepaid payments, get", READ, &ama, &format!("/payments/transaction/{payment}/")).await;
    shop.get("prepaid vouchers, get", READ, &ama, &format!("/vouchers/detail/{code}/")).await;
    shop.scale.world.settle().await;
}

async fn using(shop: &mut Shop) {
    let (staff, ama) = (shop.staff.clone(), shop.ama.clone());
    let (_, code) = shop.buys().await;
    let wish = json!({ "code": code, "service_type": "result_check" });
    let redeem = (&ama, "/vouchers/redeem/", wish.clone());
    shop.weigh("prepaid vouchers, validate", READ, (&ama, "/vouchers/validate/", wish.clone()), 200).await;
    let used = shop.weigh("prepaid vouchers, redeem", USE, redeem.clone(), 200).await.text_at("usage.id");
    let others = (&staff, "/vouchers/redeem/", wish.clone());
    shop.weigh("prepaid vouchers, redeem somebody else's", USE, others, 200).await;
    let rollback = format!("/admin/usages/{used}/rollback/");
    shop.weigh("prepaid usages, roll back", GIVE_BACK, (&staff, &rollback, json!({})), 200).await;
    let reserve = (&ama, "/vouchers/reserve/", wish.clone());
    let held = shop.weigh("prepaid vouchers, reserve", USE, reserve.clone(), 201).await.text_at("id");
    let release = format!("/vouchers/reserve/{held}/release/");
    shop.weigh("prepaid vouchers, release", USE, (&ama, &release, json!({})), 200).await;
    let held = shop.post(&ama, "/vouchers/reserve/", wish.clone()).await.expect(201).text_at("id");
    let commit = format!("/vouchers/reserve/{held}/commit/");
    shop.weigh("prepaid vouchers, commit", USE, (&ama, &commit, json!({})), 200).await;
    shop.weigh("prepaid vouchers, redeem the last use", USE, redeem.clone(), 200).await;
    shop.weigh("prepaid vouchers, redeem, nothing left", USE, redeem, 400).await;
    // The first of a while opens the windows of account and address.
    let guess = json!({ "code": "ABCDEFGHJKLM", "service_type": "result_check" });
    shop.post(&ama, "/vouchers/redeem/", guess.clone()).await.expect(400);
    let guess = (&ama, "/vouchers/redeem/", guess);
    shop.weigh("prepaid vouchers, redeem, unknown code", USE, guess, 400).await;
    let gift = json!({ "voucher_type_id": shop.sold, "recipient_email": "child@shop.test" });
    let gift = shop.post(&ama, "/vouchers/purchase/", gift).await.expect(201);
    let claim = json!({ "code": gift.json["vouchers"][0]["code"] });
    shop.weigh("prepaid vouchers, claim", WRITE, (&staff, "/vouchers/claim/", claim), 200).await;
    let (_, code) = shop.buys().await;
    let cancel = format!("/admin/vouchers/{code}/cancel/");
    shop.weigh("prepaid vouchers, cancel", WRITE, (&staff, &cancel, json!({ "reason": "Lost" })), 200).await;
    shop.scale.world.settle().await;
}

async fn giving_back(shop: &mut Shop) {
    let (staff, ama) = (shop.staff.clone(), shop.ama.clone());
    for (ask, decide, step, budget) in [
        ("prepaid refunds, request", "prepaid refunds, approve, given back at once", "approve", GIVE_BACK),
        ("prepaid refunds, request another", "prepaid refunds, reject", "reject", GIVE_BACK),
    ] {
        let (payment, _) = shop.buys().await;
        let wish = json!({ "payment_id": payment, "reason": "other" });
        let request = (&ama, "/payments/refund/request/", wish);
        let refund = shop.weigh(ask, GIVE_BACK, request, 201).await.text_at("refund.id");
        let path = format!("/admin/refunds/{refund}/{step}/");
        shop.weigh(decide, budget, (&staff, &path, json!({})), 200).await;
    }
    shop.scale.world.settle().await;
}

async fn figures(shop: &mut Shop) {
    let (staff, ama) = (shop.staff.clone(), shop.ama.clone());
    shop.get("prepaid vouchers, statistics of one's own", STATISTICS, &ama, "/vouchers/stats/").await;
    shop.get("prepaid analytics, one's own", STATISTICS, &ama, "/analytics/user/").await;
    // A year of days on each of which something was sold.
    let (world, today) = (&shop.scale.world, shop.scale.world.clock.now().day());
    for day in 1..365 {
        let figures = [
            ("payments", 7),
            ("revenue", 12_000),
            ("issued", 9),
            ("uses", 5),
            ("sold_1", 9),
            ("brought_1", 12_000),
            ("by_stripe", 7),
            ("brought_by_stripe", 12_000),
        ];
        let tx = Tx::<()>::new().tally(&of_day("PREPAID#DAYS", today.plus_days(-day)), figures);
        world.table.commit(tx).await.unwrap();
    }
    shop.get("prepaid analytics, dashboard", STATISTICS, &staff, "/analytics/dashboard/").await;
    shop.get("prepaid analytics, revenue of a month", STATISTICS, &staff, "/analytics/revenue/").await;
    let year = shop
        .get("prepaid analytics, revenue of a year", STATISTICS, &staff, "/analytics/revenue/?days=365")
        .await;
    assert_eq!(year.json["daily_revenue"].as_array().map(Vec::len), Some(365));
}

/// What Stripe tells, what is written then, and what time brings: each for one row.
async fn behind_the_queue(shop: &mut Shop) {
    let ama = shop.ama.clone();
    let order = shop.order();
    let made = shop.post(&ama, "/payments/create-payment-intent/", order).await.expect(201);
    let intent = made.text_at("payment_intent_id");
    let world = &shop.scale.world;
    world.stripe().meet(Trouble { events_held: true, ..Trouble::default() });
    world.stripe().pay(&intent, "pm_card_visa").unwrap();
    world.settle().await;
    let object = json!({ "id": intent, "object": "payment_intent" });
    let event = json!({
        "id": "evt_weighed", "object": "event", "api_version": "2024-06-20", "livemode": false,
        "created": world.clock.now().seconds(), "type": "payment_intent.succeeded", "data": { "object": object },
    })
    .to_string();
    let signature = sign("whsec_standin", event.as_bytes(), world.clock.now());
    let call =
        world.call("POST", "/api/prepaid/payments/webhook/").header("content-type", "application/json");
    let call = call.header("stripe-signature", &signature).body(event);
    shop.scale.weigh("payments-webhook, an event", Units::new(1.0, 0.0, 4.0), call, 200).await;
    shop.works("prepaid-events, a payment that was paid", Units::new(3.0, 2.0, 16.0)).await;
    shop.works("prepaid-events, a letter", Units::new(3.0, 2.0, 4.0)).await;
    shop.scale.world.settle().await;

    let account: u64 = ama.id.parse().unwrap();
    let (_, code) = shop.buys().await;
    let order = shop.order();
    let unpaid =
        shop.post(&ama, "/payments/create-payment-intent/", order).await.expect(201).text_at("payment_id");
    shop.scale.world.settle().await;
    let (voucher, payment) = (vouchers::voucher_key(&code), payments::payment_key(account, &unpaid));
    for (operation, what, key, hours) in [
        ("prepaid-events, a payment that nobody makes", jobs::PAYMENT_CHECK, &payment, 2),
        (
            "prepaid-events, a reminder, with others of the same owner",
            jobs::VOUCHER_REMIND,
            &voucher,
            23 * 24,
        ),
        ("prepaid-events, a voucher that ended", jobs::VOUCHER_EXPIRE, &voucher, 8 * 24),
    ] {
        let world = &shop.scale.world;
        world.clock.advance(Duration::from_hours(hours));
        let due = json!({ "what": what, "pk": key.pk(), "sk": key.sk(), "at": world.clock.now() });
        let body = json!({ "due": due }).to_string();
        world.cost();
        invoke(world, &[json!({ "messageId": "1", "body": body })]).await;
        shop.scale.note(operation, Units::new(3.0, 2.0, 12.0), 1);
    }
}

impl Shop {
    /// Weighs the work on what waits for it.
    async fn works(&mut self, operation: &'static str, budget: Units) {
        let world = &self.scale.world;
        world.whole.deliver_changes().await.unwrap();
        let records = world.messages("prepaid");
        assert_eq!(records.len(), 1, "{operation}");
        world.cost();
        invoke(world, &records).await;
        self.scale.note(operation, budget, 1);
    }
}

async fn invoke(world: &World, records: &[Value]) {
    let events = world.whole.function("prepaid-events").unwrap();
    let report = testkit::invoke(events, &json!({ "Records": records })).await;
    assert_eq!(report, json!({ "batchItemFailures": [] }));
}
