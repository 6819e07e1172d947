//! Days that pass in a shop, requests that come again, and what must add up at the end of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use standins::stripe::{Heard, Trouble};
use testkit::{Answer, Person};
use wire::Stamp;

use crate::till::Till;

impl Till {
    /// It is that time; no token lasts so long, so that everybody signs in anew.
    pub(crate) async fn at(&mut self, time: &str) {
        self.world.clock.set(Stamp::parse_from(time).unwrap());
        self.sign_in().await;
    }

    /// Everybody signs in anew.
    pub(crate) async fn sign_in(&mut self) {
        for who in [&mut self.staff, &mut self.ama, &mut self.kofi] {
            *who = self.world.signed_in(&who.email).await;
        }
    }

    /// It is that time, and what is due is done, and what comes due by that.
    pub(crate) async fn passes(&mut self, time: &str) {
        self.at(time).await;
        self.world.minute().await;
        self.world.minute().await;
    }

    /// Somebody else with an account.
    pub(crate) async fn newcomer(&self) -> Person {
        static MANY: AtomicUsize = AtomicUsize::new(0);
        let name = format!("newcomer{}", MANY.fetch_add(1, Ordering::Relaxed));
        self.world.person(&name, &[]).await
    }

    /// A request with an idempotency key.
    pub(crate) async fn keyed(&self, who: &Person, path: &str, key: &str, body: &Value) -> Answer {
        self.call(who, "POST", path).header("idempotency-key", key).json(body).send().await
    }

    /// What somebody sends to buy one.
    pub(crate) fn order(&self) -> Value {
        json!({ "voucher_type_id": self.exam })
    }

    /// A voucher as the staff see it.
    pub(crate) async fn voucher(&self, code: &str) -> Value {
        self.get(&self.staff, &format!("/vouchers/detail/{code}/")).await.expect(200).json
    }

    /// A discount as the staff see it.
    pub(crate) async fn uses_of(&self, discount: &str) -> i64 {
        let shown = self.get(&self.staff, &format!("/admin/discounts/{discount}/")).await.expect(200);
        shown.json["current_uses"].as_i64().unwrap()
    }

    /// The status of a payment.
    pub(crate) async fn status(&self, who: &Person, payment: &str) -> String {
        self.payment(who, payment).await["status"].as_str().unwrap().to_owned()
    }

    /// How many vouchers somebody has.
    pub(crate) async fn has(&self, who: &Person) -> u64 {
        self.get(who, "/vouchers/my-vouchers/").await.expect(200).json["count"].as_u64().unwrap()
    }

    /// Asks for the money of a payment, whatever comes of it.
    pub(crate) async fn asks_back(&self, who: &Person, payment: &str) -> Answer {
        let wish = json!({ "payment_id": payment, "reason": "customer_request" });
        self.post(who, "/payments/refund/request/", wish).await
    }

    /// Asks for the money of a payment, and answers with the refund.
    pub(crate) async fn asked_back(&self, who: &Person, payment: &str) -> String {
        self.asks_back(who, payment).await.expect(201).text_at("refund.id")
    }

    /// The staff approve a refund, whatever comes of it.
    pub(crate) async fn approves(&self, refund: &str) -> Answer {
        self.post(&self.staff, &format!("/admin/refunds/{refund}/approve/"), json!({})).await
    }

    /// The bank has this trouble from now on.
    pub(crate) fn meets(&self, trouble: Trouble) {
        self.bank().meet(trouble);
    }

    /// The bank is well again.
    pub(crate) fn recovers(&self) {
        self.bank().meet(Trouble::default());
    }

    /// What the bank was asked to do there.
    pub(crate) fn heard(&self, path: &str) -> Vec<Heard> {
        let calls = self.bank().heard().into_iter();
        calls.filter(|call| call.method == "POST" && call.path.ends_with(path)).collect()
    }

    /// What an intent is at the bank.
    pub(crate) fn at_bank(&self, intent: &str) -> Value {
        self.bank().object(intent).unwrap().unwrap()
    }

    /// The intents that were paid at the bank.
    pub(crate) fn charged(&self) -> Vec<Value> {
        let intents = self.bank().all("payment_intent").unwrap().into_iter();
        intents.filter(|intent| intent["status"] == "succeeded").collect()
    }
}

/// A member of a body that is a text.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The codes in an answer to a purchase.
pub(crate) fn codes(bought: &Answer) -> Vec<String> {
    bought.json["payment"]["voucher_codes"].as_array().unwrap().iter().map(text).collect()
}
