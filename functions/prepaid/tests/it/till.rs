//! A shop with its till, for tests.

use serde_json::{Value, json};
use standins::stripe::Stripe;
use testkit::{Answer, Call, Person, World};

/// Where the paths begin.
pub(crate) const MOUNT: &str = "/api/prepaid";

/// A shop that sells one type: a world, somebody of the staff, and two customers.
pub(crate) struct Till {
    pub(crate) world: World,
    pub(crate) staff: Person,
    pub(crate) ama: Person,
    pub(crate) kofi: Person,
    /// Exam Results Checking: 10.00, thirty days, three uses, for `result_check` and `exam_results`.
    pub(crate) exam: String,
}

impl Till {
    /// A shop that opens at half past eight on 1 March 2026.
    pub(crate) async fn open() -> Self {
        Self::within(World::new().await).await
    }

    /// A shop in a world of another kind.
    pub(crate) async fn within(world: World) -> Self {
        let staff = world.person("boss", &[("prepaid", "staff")]).await;
        let ama = world.person("ama", &[]).await;
        let kofi = world.person("kofi", &[]).await;
        let mut till = Self { world, staff, ama, kofi, exam: String::new() };
        let more = json!({ "usage_limit": 3, "accepted_services": ["result_check", "exam_results"] });
        till.exam = till.sells("Exam Results Checking", "result_check", "10.00", more).await;
        till
    }

    /// The bank.
    pub(crate) fn bank(&self) -> &Stripe {
        &self.world.whole.cloud.stripe
    }

    /// A request of somebody.
    pub(crate) fn call(&self, who: &Person, method: &str, path: &str) -> Call {
        self.world.call(method, &format!("{MOUNT}{path}")).bearer(&who.access)
    }

    /// What somebody sees there.
    pub(crate) async fn get(&self, who: &Person, path: &str) -> Answer {
        self.call(who, "GET", path).send().await
    }

    /// What comes of somebody's wish.
    pub(crate) async fn post(&self, who: &Person, path: &str, body: Value) -> Answer {
        self.call(who, "POST", path).json(&body).send().await
    }

    /// What comes of an edit by the staff.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(&self.staff, "PATCH", path).json(&body).send().await
    }

    /// Puts a type into the catalogue, and answers with its id.
    pub(crate) async fn sells(&self, name: &str, service: &str, price: &str, more: Value) -> String {
        let mut body = json!({ "name": name, "type_code": service, "description": "What it is good for.", "price": price });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(&self.staff, "/vouchers/types/", body).await.expect(201).text_at("id")
    }

    /// Makes a discount that is good for March 2026.
    pub(crate) async fn discount(&self, code: &str, more: Value) -> String {
        let mut body = json!({
            "code": code, "discount_value": "10.00",
            "valid_from": "2026-03-01T00:00:00Z", "valid_until": "2026-04-01T00:00:00Z",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(&self.staff, "/admin/discounts/", body).await.expect(201).text_at("id")
    }

    /// Buys at one go, with a card that works.
    pub(crate) async fn buys(&self, who: &Person, quantity: u32) -> Answer {
        let body = json!({ "voucher_type_id": self.exam, "quantity": quantity });
        self.post(who, "/vouchers/purchase/", body).await.expect(201)
    }

    /// Buys one, and answers with its code.
    pub(crate) async fn code(&self, who: &Person) -> String {
        self.buys(who, 1).await.json["vouchers"][0]["code"].as_str().unwrap().to_owned()
    }

    /// Makes a payment that is still to be paid at the bank: its id and its intent.
    pub(crate) async fn intent(&self, who: &Person, quantity: u32) -> (String, String) {
        let body = json!({ "voucher_type_id": self.exam, "quantity": quantity });
        let made = self.post(who, "/payments/create-payment-intent/", body).await.expect(201);
        (made.text_at("payment_id"), made.text_at("payment_intent_id"))
    }

    /// Says that an intent was paid.
    pub(crate) async fn confirms(&self, who: &Person, intent: &str) -> Answer {
        self.post(who, "/payments/confirm-payment/", json!({ "payment_intent_id": intent })).await
    }

    /// Uses a voucher for looking up results.
    pub(crate) async fn redeems(&self, who: &Person, code: &str) -> Answer {
        self.post(who, "/vouchers/redeem/", json!({ "code": code, "service_type": "result_check" })).await
    }

    /// A payment as who pays sees it.
    pub(crate) async fn payment(&self, who: &Person, id: &str) -> Value {
        self.get(who, &format!("/payments/transaction/{id}/")).await.expect(200).json
    }
}

/// Insists on an answer that is told by one sentence, under the three names that clients look for it by.
#[track_caller]
pub(crate) fn said(answer: Answer, status: u16, text: &str) {
    assert_eq!(answer.expect(status).json, json!({ "error": text, "detail": text, "message": text }));
}

/// Insists on a refusal of fields.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "tests write down in place what is told")]
pub(crate) fn refused(answer: Answer, fields: Value) {
    assert_eq!(answer.expect(400).json, fields);
}
