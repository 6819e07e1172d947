//! People who buy, use and ask for their money, and know what was acknowledged to them.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use testkit::{Answer, Call, Person};

use crate::days::{codes, text};
use crate::till::Till;

/// What people pay with; most cards work.
const CARDS: [&str; 6] = [
    "pm_card_visa",
    "pm_card_mastercard",
    "pm_card_pendingRefund",
    "pm_card_visa_chargeDeclined",
    "pm_card_createDispute",
    "pm_usBankAccount_success",
];

/// How much somebody does on a day.
const STEPS: usize = 8;

/// Somebody who tries again as long as the platform is busy or the bank is away.
pub(super) struct Shopper<'a> {
    pub(super) till: &'a Till,
    pub(super) who: &'a Person,
    pub(super) rng: Rng,
    pub(super) number: u64,
    /// How many requests there were, each of which has a key of its own.
    pub(super) sent: usize,
}

/// What was acknowledged to somebody.
#[derive(Default)]
pub(super) struct Work {
    /// The payments with their codes.
    pub(super) bought: Vec<(String, Vec<String>)>,
    /// The intents that they paid at the bank themselves.
    pub(super) paid: Vec<String>,
    /// How many uses there were, and how many of them were given back.
    pub(super) uses: usize,
    pub(super) rolled_back: usize,
    refunds: Vec<String>,
    usages: Vec<String>,
}

impl Work {
    /// A use, or why there is none.
    fn used(&mut self, answer: Answer, otherwise: u16) {
        if answer.status == 200 {
            self.uses += 1;
            self.usages.push(answer.text_at("usage.id"));
        } else {
            answer.expect(otherwise);
        }
    }
}

impl Shopper<'_> {
    /// Does one thing after the other, as chance has it; at first something is bought.
    pub(super) async fn shops(mut self) -> Work {
        let mut work = Work::default();
        self.buys(&mut work, CARDS[0]).await;
        for _ in 0..STEPS {
            let card = *self.rng.choice(&CARDS).unwrap();
            match self.rng.u32(0..9) {
                0 | 1 => self.buys(&mut work, card).await,
                2 => self.pays_in_a_browser(&mut work, card).await,
                3 | 4 => self.uses(&mut work).await,
                5 => self.holds(&mut work).await,
                6 => self.asks_back(&mut work).await,
                7 => self.decides(&mut work).await,
                _ => self.rolls_back(&mut work).await,
            }
        }
        work
    }

    async fn buys(&mut self, work: &mut Work, card: &str) {
        let mut order = self.order();
        order["payment_method_id"] = json!(card);
        let answer = self.posts(self.who, "/vouchers/purchase/", order).await;
        match answer.status.as_u16() {
            201 => work.bought.push((answer.text_at("payment.id"), codes(&answer))),
            402 => drop(answer.text_at("payment_id")),
            _ => drop(answer.expect(400)),
        }
    }

    async fn pays_in_a_browser(&mut self, work: &mut Work, card: &str) {
        let order = self.order();
        let made = self.posts(self.who, "/payments/create-payment-intent/", order).await;
        if made.status != 201 {
            return drop(made.expect(400));
        }
        let intent = made.text_at("payment_intent_id");
        let paid = self.till.bank().pay(&intent, card).is_ok_and(|intent| intent["status"] == "succeeded");
        if paid {
            work.paid.push(intent.clone());
        }
        // Some close the page.
        if self.rng.bool() {
            let confirm = json!({ "payment_intent_id": intent });
            let answer = self.posts(self.who, "/payments/confirm-payment/", confirm).await;
            if paid {
                let payment = answer.expect(200).json["payment"].clone();
                let codes = payment["voucher_codes"].as_array().unwrap().iter().map(text).collect();
                work.bought.push((text(&payment["id"]), codes));
            } else {
                answer.expect(400);
            }
        }
    }

    async fn uses(&mut self, work: &mut Work) {
        let Some(code) = self.code(work) else { return };
        let wish = json!({ "code": code, "service_type": "result_check" });
        let answer = self.posts(self.who, "/vouchers/redeem/", wish).await;
        work.used(answer, 400);
    }

    async fn holds(&mut self, work: &mut Work) {
        let Some(code) = self.code(work) else { return };
        let wish = json!({ "code": code, "service_type": "exam_results", "minutes": 120 });
        let held = self.posts(self.who, "/vouchers/reserve/", wish).await;
        if held.status != 201 {
            return drop(held.expect(400));
        }
        let step = if self.rng.bool() { "commit" } else { "release" };
        let path = format!("/vouchers/reserve/{}/{step}/", held.text_at("id"));
        let answer = self.posts(self.who, &path, json!({})).await;
        if step == "commit" {
            work.used(answer, 404);
        } else {
            // What was called off meanwhile is held by nobody.
            assert!(matches!(answer.status.as_u16(), 200 | 404 | 409), "{answer:?}");
        }
    }

    async fn asks_back(&mut self, work: &mut Work) {
        let Some((payment, _)) = self.rng.choice(&work.bought).cloned() else { return };
        let wish = json!({ "payment_id": payment, "reason": "other" });
        let answer = self.posts(self.who, "/payments/refund/request/", wish).await;
        match answer.status.as_u16() {
            201 => work.refunds.push(answer.text_at("refund.id")),
            _ => drop(answer.expect(400)),
        }
    }

    async fn decides(&mut self, work: &mut Work) {
        let Some(refund) = work.refunds.pop() else { return };
        let step = if self.rng.u32(0..4) > 0 { "approve" } else { "reject" };
        let path = format!("/admin/refunds/{refund}/{step}/");
        let answer = self.posts(&self.till.staff, &path, json!({})).await;
        // An approval whose answer was lost finds itself decided; and it may come too late.
        assert!(matches!(answer.status.as_u16(), 200 | 409), "{answer:?}");
    }

    async fn rolls_back(&mut self, work: &mut Work) {
        let Some(usage) = work.usages.pop() else { return };
        let path = format!("/admin/usages/{usage}/rollback/");
        self.posts(&self.till.staff, &path, json!({ "reason": "down" })).await.expect(200);
        work.rolled_back += 1;
    }

    fn order(&mut self) -> Value {
        let mut order = json!({ "voucher_type_id": self.till.exam, "quantity": self.rng.u32(1..4) });
        if self.rng.u32(0..3) == 0 {
            order["discount_code"] = json!("FOUR");
        }
        order
    }

    fn code(&mut self, work: &Work) -> Option<String> {
        let (_, codes) = self.rng.choice(&work.bought)?;
        self.rng.choice(codes).cloned()
    }

    /// Sends a request with a key of its own until it is answered for good.
    async fn posts(&mut self, who: &Person, path: &str, body: Value) -> Answer {
        self.sent += 1;
        let key = format!("{} {}", self.number, self.sent);
        let call = || self.till.call(who, "POST", path).header("idempotency-key", &key).json(&body);
        self.patiently(call).await
    }

    /// Busy is all that the platform may be, and away all that the bank may be.
    async fn patiently(&self, call: impl Fn() -> Call) -> Answer {
        for _ in 0..60 {
            let answer = call().send().await;
            match answer.status.as_u16() {
                503 => assert_eq!(answer.header("retry-after"), "1", "{answer:?}"),
                502 => assert_eq!(answer.text_at("error"), "Payment processor unavailable"),
                // An earlier try may be at work, for half a minute at most.
                409 if answer.header("retry-after") == "1" => {
                    self.till.world.clock.advance(Duration::from_secs(31));
                }
                status => {
                    assert!(status < 500, "{answer:?}");
                    return answer;
                }
            }
        }
        panic!("nobody was ever answered")
    }
}
