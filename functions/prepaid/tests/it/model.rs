//! Random lives of a shop, step by step beside a small model of what a shop is.

mod acts;
mod codes;
mod looks;
mod shop;
mod steps;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Person, assert_says, chosen, lives};
use wire::Stamp;

use crate::till::Till;
use shop::{Bank, Cut, Discount, No, Order, Shop, Type};
use steps::{Limit, Retype, SERVICES, Step, steps};

const FIRST_MIDNIGHT: &str = "2026-03-01T00:00:00Z";

/// How many codes somebody may guess before they are slowed down, which is not what this is about.
const GUESSES: usize = 15;

#[test]
fn a_shop_lives_as_its_model_does() {
    lives(7, &steps(), live);
}

async fn live(steps: Vec<Step>) {
    let mut life = Life::begin().await;
    for step in &steps {
        // No two steps at one moment: lists are in the order of time.
        life.is(life.model.now + Duration::from_millis(1));
        life.take(step).await;
        life.learn().await;
    }
    life.is_as_modelled().await;
}

struct Life {
    till: Till,
    model: Shop,
    /// The ids of what is sold, and of what is taken off.
    types: [String; 2],
    discounts: Vec<String>,
    /// How many codes were guessed lately.
    guesses: usize,
}

/// A time, as it is written.
fn stamp(since: Duration) -> Stamp {
    Stamp::parse(FIRST_MIDNIGHT).unwrap() + since
}

/// Money, as it is written.
fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

impl Life {
    /// Opens with two types, three discounts, and two vouchers that somebody bought for somebody else.
    async fn begin() -> Self {
        let till = Till::open().await;
        let more = json!({ "usage_limit": 1, "validity_days": 3, "accepted_services": [] });
        let school = till.sells("School Application", SERVICES[2], "19.99", more).await;
        let (types, discounts, guesses) = ([till.exam.clone(), school], Vec::new(), 0);
        let mut life = Self { till, model: Shop::default(), types, discounts, guesses };
        life.model.now = life.till.world.clock.now().since(stamp(Duration::ZERO));
        let exam = Type { price: 1000, uses: 3, days: 30, on_sale: true, services: &SERVICES[..2] };
        life.model.types = vec![exam, Type { price: 1999, uses: 1, days: 3, on_sale: true, services: &[] }];
        life.discount("PART", Cut::Percent(15), None, Some(3), 2).await;
        life.discount("WHOLE", Cut::Cents(5000), Some(0), None, 1).await;
        life.discount("NEARLY", Cut::Cents(975), None, None, 5).await;
        let order = Order { who: 0, of: 0, quantity: 2, discount: None, gift: true };
        life.buy(&order, "pm_card_visa").await;
        life.learn().await;
        life
    }

    async fn discount(
        &mut self,
        code: &'static str,
        cut: Cut,
        only: Option<usize>,
        most: Option<usize>,
        most_each: usize,
    ) {
        let (kind, value) = match cut {
            Cut::Percent(part) => ("percentage", part * 100),
            Cut::Cents(cents) => ("fixed", cents),
        };
        let types: Vec<&String> = only.map(|of| &self.types[of]).into_iter().collect();
        let body = json!({
            "discount_type": kind, "discount_value": money(value), "applicable_types": types, "max_uses": most,
            "max_uses_per_user": most_each,
        });
        self.discounts.push(self.till.discount(code, body).await);
        let until = Duration::from_hours(31 * 24);
        self.model.discounts.push(Discount { code, cut, only, most, most_each, given: true, until });
    }

    /// It is that time.
    fn is(&mut self, now: Duration) {
        self.model.now = now;
        self.till.world.clock.set(stamp(now));
    }

    fn who(&self, who: usize) -> &Person {
        [&self.till.ama, &self.till.kofi][who]
    }

    async fn take(&mut self, step: &Step) {
        let (payments, vouchers) = (self.model.payments.len(), self.model.vouchers.len());
        match step {
            Step::Buy { order, card } => self.buy(order, card).await,
            Step::Begin { order } => self.begin_paying(order).await,
            Step::Pay { payment, card, heard } => {
                if let Some(at) = chosen(*payment, payments) {
                    self.pay(at, card, *heard).await;
                }
            }
            Step::Confirm { payment, who } => {
                if let Some(at) = chosen(*payment, payments) {
                    self.confirm(at, *who).await;
                }
            }
            Step::AskBack { payment, who, cents } => {
                if let Some(at) = chosen(*payment, payments) {
                    self.ask_back(at, *who, *cents).await;
                }
            }
            Step::Dispute { payment } => {
                if let Some(at) = chosen(*payment, payments) {
                    self.dispute(at).await;
                }
            }
            Step::Decide { refund, approved } => {
                if let Some(at) = chosen(*refund, self.model.refunds.len()) {
                    self.decide(at, *approved).await;
                }
            }
            Step::MoneyMoves { refund, arrived } => {
                if let Some(at) = chosen(*refund, self.model.refunds.len()) {
                    self.money_moves(at, *arrived).await;
                }
            }
            Step::Guess { who } => self.guess(*who).await,
            Step::EndHold { hold, who, spent } => {
                if let Some(at) = chosen(*hold, self.model.holds.len()) {
                    self.end_hold(at, *who, *spent).await;
                }
            }
            Step::RollBack { usage } => {
                if let Some(at) = chosen(*usage, self.model.usages.len()) {
                    self.roll_back(at).await;
                }
            }
            Step::Retype { of, change } => self.retype(*of, *change).await,
            Step::Limit { discount, change } => self.limit(*discount, *change).await,
            Step::Wait { minutes } => self.wait(Duration::from_mins(*minutes)).await,
            Step::Look { where_to } => self.look(*where_to).await,
            Step::Redeem { voucher, .. }
            | Step::Reserve { voucher, .. }
            | Step::Claim { voucher, .. }
            | Step::CallOff { voucher }
            | Step::Reschedule { voucher, .. } => {
                if let Some(at) = chosen(*voucher, vouchers) {
                    self.with_voucher(at, step).await;
                }
            }
        }
    }

    fn wish(&self, order: &Order) -> Value {
        let code = order.discount.map(|at| self.model.discounts.get(at).map_or("NOBODYS", |one| one.code));
        json!({
            "voucher_type_id": self.types[order.of], "quantity": order.quantity, "discount_code": code,
            "recipient_email": order.gift.then_some("somebody@else.test"),
        })
    }

    /// Buys at one go.
    async fn buy(&mut self, order: &Order, card: &str) {
        let mut wish = self.wish(order);
        wish["payment_method_id"] = json!(card);
        let answer = self.till.post(self.who(order.who), "/vouchers/purchase/", wish).await;
        let made = self.model.order(order.clone());
        if made.is_err() {
            came(&answer, 201, made);
            return;
        }
        let at = self.model.payments.len() - 1;
        self.model.pay(at, card);
        self.model.settle(at);
        if self.model.payments[at].is_paid() {
            let paid = answer.clone().expect(201);
            assert_eq!(looks::cents(&paid.json["total_paid"]), self.model.payments[at].total);
            self.keep(paid.text_at("payment.id")).await;
            return;
        }
        let text = match self.model.payments[at].bank {
            Bank::Asks => "Authentication required",
            Bank::Busy => "Payment is being processed",
            _ => "Your card was declined.",
        };
        assert_eq!(answer.clone().expect(402).text_at("error"), text);
        self.keep(answer.text_at("payment_id")).await;
    }

    /// Makes a payment that is paid at the bank.
    async fn begin_paying(&mut self, order: &Order) {
        let wish = self.wish(order);
        let answer = self.till.post(self.who(order.who), "/payments/create-payment-intent/", wish).await;
        let made = self.model.order(order.clone()).map_err(|no| match no {
            No(_, "voucher_type_id", _) => No(404, "", "Not found.".to_owned()),
            no => no,
        });
        if came(&answer, 201, made) {
            self.keep(answer.text_at("payment_id")).await;
        }
    }

    /// Notes under which ids a payment is known.
    async fn keep(&mut self, id: String) {
        let at = self.model.payments.len() - 1;
        let shown = self.till.payment(self.who(self.model.payments[at].order.who), &id).await;
        let intent = shown["stripe_payment_intent_id"].as_str().unwrap_or_default().to_owned();
        let payment = &mut self.model.payments[at];
        assert_eq!(intent.is_empty(), payment.total == 0);
        (payment.id, payment.intent) = (id, intent);
        assert_says(&shown, &self.payment(at));
    }

    /// Notes which codes were delivered: so many as the model has.
    async fn learn(&mut self) {
        for payment in &self.model.payments {
            let new = payment.vouchers.iter().any(|at| self.model.vouchers[*at].code.is_empty());
            if new {
                let shown = self.till.payment(self.who(payment.order.who), &payment.id).await;
                let codes = shown["voucher_codes"].as_array().unwrap();
                assert_eq!(codes.len(), payment.vouchers.len());
                for (at, code) in payment.vouchers.iter().zip(codes) {
                    code.as_str().unwrap().clone_into(&mut self.model.vouchers[*at].code);
                }
            }
        }
    }

    async fn pay(&mut self, at: usize, card: &str, heard: bool) {
        let (bank, payment) = (self.till.bank(), &self.model.payments[at]);
        let (intent, well) = (payment.intent.as_str(), !card.contains("Declined"));
        let done = match payment.bank {
            Bank::Nothing => return,
            Bank::Asks => bank.authenticate(intent, well),
            Bank::Busy => bank.clear(intent, well),
            _ => bank.pay(intent, card),
        };
        let declined = matches!(payment.bank, Bank::Open | Bank::Declined) && !well;
        assert_eq!(done.is_ok(), self.model.pay(at, card) && !declined, "{done:?}");
        if heard {
            self.hear().await;
        }
    }

    /// Whatever the bank told has come.
    async fn hear(&mut self) {
        self.till.world.settle().await;
        self.model.hear();
    }

    async fn confirm(&mut self, at: usize, who: usize) {
        let payment = &self.model.payments[at];
        if payment.total == 0 {
            return;
        }
        let again = payment.is_paid();
        let answer = self.till.confirms(self.who(who), &payment.intent).await;
        if came(&answer, 200, self.model.confirm(at, who)) {
            assert_says(&answer.json["payment"], &self.payment(at));
            assert_eq!(answer.json["already_processed"] == true, again);
        }
    }

    async fn wait(&mut self, time: Duration) {
        self.is(self.model.now + time);
        self.till.world.minute().await;
        self.till.world.minute().await;
        self.model.lose_patience();
        // So short a time no token minds.
        if time > Duration::from_mins(1) {
            self.till.sign_in().await;
            self.guesses = 0;
        }
    }

    async fn retype(&mut self, of: usize, change: Retype) {
        let of_type = &mut self.model.types[of];
        let body = match change {
            Retype::Price(price) => {
                of_type.price = price;
                json!({ "price": money(price) })
            }
            Retype::Uses(uses) => {
                of_type.uses = uses;
                json!({ "usage_limit": uses })
            }
            Retype::Days(days) => {
                of_type.days = days;
                json!({ "validity_days": days })
            }
            Retype::OnSale(on_sale) => {
                of_type.on_sale = on_sale;
                json!({ "is_active": on_sale })
            }
        };
        self.till.patch(&format!("/vouchers/types/{}/", self.types[of]), body).await.expect(200);
    }

    async fn limit(&mut self, at: usize, change: Limit) {
        let discount = &mut self.model.discounts[at];
        let body = match change {
            Limit::Given(given) => {
                discount.given = given;
                json!({ "is_active": given })
            }
            Limit::Most(most) => {
                discount.most = most;
                json!({ "max_uses": most })
            }
        };
        self.till.patch(&format!("/admin/discounts/{}/", self.discounts[at]), body).await.expect(200);
    }
}

/// Whether something came about: as the model has it, and with the very words if it did not.
#[track_caller]
fn came(answer: &Answer, status: u16, expected: Result<(), No>) -> bool {
    let came = expected.is_ok();
    match expected {
        Ok(()) => drop(answer.clone().expect(status)),
        Err(No(status, "", text)) => assert_eq!(answer.clone().expect(status).text_at("detail"), text),
        Err(No(status, field, text)) => {
            assert_eq!(answer.clone().expect(status).json, json!({ field: [text] }));
        }
    }
    came
}
