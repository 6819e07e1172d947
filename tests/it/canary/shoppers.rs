//! The life of a customer of the voucher shop, with canaries in everything that is the customer's own.

use std::time::Duration;

use serde_json::{Value, json};
use table::{Condition, Tx, Update};
use testkit::stripe::Trouble;
use testkit::{Answer, World};

use crate::people::{Person, administrator, newcomer};

/// A shop with a customer.
struct Shop<'a> {
    world: &'a World,
    staff: Person,
    ama: Person,
    sold: String,
}

/// Buys, is declined, pays in a browser, uses, gives away, asks for money: answers with every code and every secret
/// that was handed out.
pub async fn life(world: &World) -> Vec<String> {
    let staff = administrator(world, "canary.staff").await;
    let ama = newcomer(world, "canary.shopper").await;
    let mut shop = Shop { world, staff, ama, sold: String::new() };
    shop.opens().await;
    let gift = shop.gives().await;
    let mut secrets = shop.fails_to_pay().await;
    let (confirmed, more) = shop.pays_what_is_not_as_ordered().await;
    secrets.extend(more);
    let codes: Vec<String> = codes(&gift).into_iter().chain(codes(&confirmed)).collect();
    secrets.push(shop.uses(&codes).await);
    shop.asks_for_money(&gift.text_at("payment.id")).await;
    world.stripe().dispute(&confirmed.text_at("payment.stripe_payment_intent_id")).unwrap();
    shop.grows_old().await;
    shop.breaks(&codes[0]).await;
    let mails = world.mails();
    let told = |address: &str| mails.iter().filter(|(to, ..)| to == address).count();
    assert_eq!((told("canary.child@shop.test"), told("canary.shopper@shop.test") > 6), (1, true));
    codes.into_iter().chain(secrets).collect()
}

/// The codes that a payment delivered.
fn codes(answer: &Answer) -> Vec<String> {
    let codes = answer.json["payment"]["voucher_codes"].as_array().unwrap().iter();
    codes.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What whoever has it pays with: what comes after the id of the intent.
fn secret(answer: &Answer) -> String {
    answer.text_at("client_secret").split("_secret_").nth(1).unwrap().to_owned()
}

impl Shop<'_> {
    async fn send(&self, who: &Person, method: &str, path: &str, body: Value) -> Answer {
        let call = self.world.call(method, &format!("/api/prepaid{path}")).bearer(&who.access);
        call.header("idempotency-key", &format!("canary {path} {body}")).json(&body).send().await
    }

    async fn post(&self, who: &Person, path: &str, body: Value) -> Answer {
        self.send(who, "POST", path, body).await
    }

    async fn opens(&mut self) {
        let sold = json!({
            "name": "Canary voucher", "type_code": "canary_check", "description": "For canaries",
            "price": "10.00", "usage_limit": 3, "validity_days": 8,
        });
        self.sold = self.post(&self.staff, "/vouchers/types/", sold).await.expect(201).text_at("id");
        let discount = json!({
            "code": "CANARY10", "description": "Canary discount", "discount_value": "10.00",
            "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z",
        });
        self.post(&self.staff, "/admin/discounts/", discount).await.expect(201);
    }

    async fn gives(&self) -> Answer {
        let gift = json!({
            "voucher_type_id": self.sold, "quantity": 2, "discount_code": "CANARY10",
            "recipient_email": "canary.child@shop.test", "recipient_message": "Sing, canary",
        });
        self.post(&self.ama, "/vouchers/purchase/", gift).await.expect(201)
    }

    async fn fails_to_pay(&self) -> Vec<String> {
        let buy = async |card: &str| {
            let order = json!({ "voucher_type_id": self.sold, "payment_method_id": card });
            self.post(&self.ama, "/vouchers/purchase/", order).await
        };
        buy("pm_card_visa_chargeDeclined").await.expect(402);
        buy("pm_canary").await.expect(400);
        let asked = buy("pm_card_authenticationRequired").await.expect(402);
        self.world.stripe().meet(Trouble { unavailable: true, ..Trouble::default() });
        buy("pm_card_visa").await.expect(502);
        self.world.stripe().meet(Trouble::default());
        vec![secret(&asked)]
    }

    /// What is not as it was ordered is told to the log; so is what nobody ordered.
    async fn pays_what_is_not_as_ordered(&self) -> (Answer, Vec<String>) {
        let (bank, order) = (self.world.stripe(), json!({ "voucher_type_id": self.sold }));
        let made = self.post(&self.ama, "/payments/create-payment-intent/", order).await.expect(201);
        let (payment, intent) = (made.text_at("payment_id"), made.text_at("payment_intent_id"));
        let confirm = async || {
            self.post(&self.ama, "/payments/confirm-payment/", json!({ "payment_intent_id": intent })).await
        };
        confirm().await.expect(400);
        bank.meet(Trouble { events_held: true, ..Trouble::default() });
        bank.pay(&intent, "pm_card_visa").unwrap();
        bank.alter(&intent, |intent| intent["amount"] = json!(1)).unwrap();
        confirm().await.expect(400);
        bank.alter(&intent, |intent| intent["metadata"]["payment_id"] = json!("canary")).unwrap();
        bank.meet(Trouble::default());
        self.world.settle().await;
        bank.alter(&intent, |intent| intent["amount"] = json!(1000)).unwrap();
        bank.alter(&intent, |intent| intent["metadata"]["payment_id"] = json!(payment)).unwrap();
        (confirm().await.expect(200), vec![secret(&made)])
    }

    /// Uses, holds, guesses: answers with what only the holder of a hold knows.
    async fn uses(&self, codes: &[String]) -> String {
        let of = |code: &str| json!({ "code": code, "service_type": "canary_check" });
        let mut wish = of(&codes[0]);
        wish["service_data"] = json!({ "name": "Canary Pupil" });
        let used = self.post(&self.ama, "/vouchers/redeem/", wish).await.expect(200).text_at("usage.id");
        let held = self.post(&self.ama, "/vouchers/reserve/", of(&codes[1])).await.expect(201).text_at("id");
        let release = format!("/vouchers/reserve/{held}/release/");
        self.post(&self.ama, &release, json!({})).await.expect(200);
        self.post(&self.ama, "/vouchers/redeem/", of("CANARYCANARY")).await.expect(400);
        let rollback = format!("/admin/usages/{used}/rollback/");
        self.post(&self.staff, &rollback, json!({ "reason": "Canary reason" })).await.expect(200);
        let notes = json!({ "metadata": { "canary": "violet-otter" } });
        self.send(&self.staff, "PATCH", &format!("/admin/vouchers/{}/", codes[0]), notes).await.expect(200);
        for code in [&codes[0], "CANARY"] {
            self.send(&self.ama, "GET", &format!("/vouchers/detail/{code}/"), Value::Null).await;
        }
        held.split_once('-').unwrap().1.to_owned()
    }

    /// Asks for money, which does not arrive.
    async fn asks_for_money(&self, payment: &str) {
        let bank = self.world.stripe();
        let refund = json!({ "payment_id": payment, "reason": "other", "notes": "A canary sang." });
        let refund = self.post(&self.ama, "/payments/refund/request/", refund).await.expect(201);
        self.world.settle().await;
        bank.meet(Trouble { refunds_wait: true, ..Trouble::default() });
        let approve = format!("/admin/refunds/{}/approve/", refund.text_at("refund.id"));
        self.post(&self.staff, &approve, json!({ "admin_notes": "Canary decision" })).await.expect(200);
        let back = bank.all("refund").unwrap().remove(0)["id"].as_str().unwrap().to_owned();
        bank.settle_refund(&back, false).unwrap();
        bank.meet(Trouble::default());
        for list in ["vouchers", "payments", "refunds", "discounts"] {
            let path = format!("/admin/{list}/?search=canary&user=canary");
            self.send(&self.staff, "GET", &path, Value::Null).await;
        }
    }

    /// The reminders, and the end; and what nobody paid is called off.
    async fn grows_old(&self) {
        self.world.settle().await;
        for days in [2, 6, 2] {
            self.world.clock.advance(Duration::from_hours(days * 24));
            self.world.whole.run_schedules().await.unwrap();
            self.world.settle().await;
        }
    }

    /// A row that does not read any more fails its job, which must not cite the row.
    async fn breaks(&self, code: &str) {
        let key = prepaid::vouchers::store::voucher_key(code);
        let broken = Update::when(key.clone(), Condition::exists()).set("usage_count", "canary");
        self.world.table.commit(Tx::new().update(broken, "refused")).await.unwrap();
        let at = self.world.clock.now();
        let due = json!({ "what": "voucher-expire", "pk": key.pk(), "sk": key.sk(), "at": at });
        let bodies =
            [json!({ "due": due }).to_string(), "canary".to_owned(), json!({ "due": "canary" }).to_string()];
        let records: Vec<Value> =
            (0..).zip(bodies).map(|(n, body)| json!({ "messageId": n.to_string(), "body": body })).collect();
        let events = self.world.whole.function("prepaid-events").unwrap();
        let report = testkit::invoke(events, &json!({ "Records": records })).await;
        assert_eq!(report["batchItemFailures"].as_array().map(Vec::len), Some(3));
        let mended = Update::when(key, Condition::exists()).set("usage_count", 0);
        self.world.table.commit(Tx::new().update(mended, "refused")).await.unwrap();
    }
}
