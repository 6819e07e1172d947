//! Random lives of a programme, step by step beside a small model of what a programme is.

mod goods;
mod looks;
mod programme;
mod steps;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Person, assert_says, chosen, lives};
use wire::{Day, Stamp};

use crate::days::shop_that;
use crate::shop::{Shop, told};
use goods::{Edit, Terms};
use programme::{Change, No, Programme, TIERS};
use steps::{CODES, EMAILS, RECEIPTS, Step, steps};

const FIRST_DAY: &str = "2026-03-01";

/// Points last for a month, and a redemption waits for two days.
const HASTY: &[(&str, &str)] =
    &[("MERCATO_LOYALTY_PENDING_HOURS", "48"), ("MERCATO_LOYALTY_POINTS_EXPIRY_DAYS", "30")];

#[test]
fn a_programme_lives_as_its_model_does() {
    lives(8, &steps(), live);
}

async fn live(steps: Vec<Step>) {
    let mut life = Life::begin().await;
    for step in &steps {
        // No two steps at one moment: lists are in the order of time.
        life.is(life.model.now + Duration::from_millis(1));
        life.take(step).await;
    }
    life.is_as_modelled().await;
}

struct Life {
    shop: Shop,
    model: Programme,
}

/// A day, as it is written.
fn day(number: i64) -> Value {
    json!(Day::parse(FIRST_DAY).unwrap().plus_days(number))
}

/// A time, as it is written.
fn stamp(since: Duration) -> Stamp {
    Day::parse(FIRST_DAY).unwrap().first_instant() + since
}

impl Life {
    /// Opens with a member who holds something, and a voucher to spend it on.
    async fn begin() -> Self {
        let (shop, model) = (shop_that(HASTY).await, Programme::default());
        let mut life = Self { shop, model };
        life.model.now = life.shop.world.clock.now().since(stamp(Duration::ZERO));
        life.enrol(EMAILS[0], false).await;
        life.book(0, "earn", 700, None).await;
        life.edit(0, Change::Linked(true)).await;
        let terms = Terms {
            code: 0,
            cost: 250,
            stock: 3,
            starts: 0,
            ends: 40,
            wanted: "Active",
            per_member: None,
            per_day: None,
            least_tier: None,
        };
        life.offer(terms).await;
        life
    }

    /// It is that time.
    fn is(&mut self, now: Duration) {
        self.model.now = now;
        self.shop.world.clock.set(stamp(now));
    }

    async fn take(&mut self, step: &Step) {
        let (members, vouchers) = (self.model.members.len(), self.model.vouchers.len());
        match step {
            Step::Enrol { email, capitals } => self.enrol(email, *capitals).await,
            Step::Edit { member, change } => self.edit(member.index(members), *change).await,
            Step::Leave { member } => self.leave(member.index(members)).await,
            Step::Book { member, kind, points, receipt } => {
                self.book(member.index(members), kind, *points, *receipt).await;
            }
            Step::Offer { terms } => {
                let (starts, ends) = (self.model.today() + terms.starts, self.model.today() + terms.ends);
                self.offer(Terms { starts, ends, ..terms.clone() }).await;
            }
            Step::Change { voucher, edit, whole } => {
                self.change(voucher.index(vouchers), *edit, *whole).await;
            }
            Step::Withdraw { voucher } => self.withdraw(voucher.index(vouchers)).await,
            Step::Redeem { member, voucher, state, myself } => {
                self.redeem(member.index(members), voucher.index(vouchers), state, *myself).await;
            }
            Step::Go { redemption, way, to, myself } => {
                if let Some(redemption) = chosen(*redemption, self.model.redemptions.len()) {
                    self.go(redemption, way, to, *myself).await;
                }
            }
            Step::Wait { minutes } => self.wait(Duration::from_mins(*minutes)).await,
            Step::Look { where_to } => self.look(*where_to).await,
        }
    }

    /// Who asks: the desk, or somebody for itself.
    fn who(&self, myself: bool) -> &Person {
        if myself { &self.shop.visitor } else { &self.shop.clerk }
    }

    async fn enrol(&mut self, email: &str, capitals: bool) {
        let address = if capitals { email.to_uppercase() } else { email.to_owned() };
        let body = json!({ "name": "Somebody", "email": address, "phone": "1", "join_date": FIRST_DAY });
        let answer = self.shop.post("/members/", body).await;
        if came(answer.clone(), 201, self.model.enrol(&address)) {
            let at = self.model.members.len() - 1;
            self.model.members[at].id = answer.text_at("data.id");
            assert_says(&answer.json["data"], &self.member(at));
        }
    }

    async fn edit(&mut self, at: usize, change: Change) {
        let body = match change {
            Change::Email(email) => json!({ "email": email }),
            Change::Active(active) => json!({ "status": if active { "Active" } else { "Inactive" } }),
            Change::Tier(tier) => json!({ "tier_level": TIERS[tier].0 }),
            Change::Linked(linked) => json!({ "user_id": linked.then_some(&self.shop.visitor.id) }),
        };
        let answer = self.shop.patch(&format!("/members/{}/", self.model.members[at].id), body).await;
        if came(answer.clone(), 200, self.model.edit(at, change)) {
            assert_says(&answer.json["data"], &self.member(at));
        }
    }

    async fn leave(&mut self, at: usize) {
        let answer = self.shop.remove(&format!("/members/{}/", self.model.members[at].id)).await;
        came(answer, 200, self.model.leave(at));
    }

    async fn book(&mut self, at: usize, kind: &'static str, points: i64, receipt: Option<usize>) {
        let (member, receipt) = (&self.model.members[at].id, receipt.map(|receipt| RECEIPTS[receipt]));
        let body =
            json!({ "member": member, "transaction_type": kind, "points": points, "reference": receipt });
        let answer = self.shop.post("/points/", body).await;
        if came(answer.clone(), 201, self.model.book(at, kind, points, receipt)) {
            assert_says(&answer.json["data"], &self.line(at, self.model.members[at].ledger.len() - 1));
        }
    }

    async fn offer(&mut self, terms: Terms) {
        let body = json!({
            "code": CODES[terms.code], "name": "Something", "points_cost": terms.cost, "stock": terms.stock,
            "start_date": day(terms.starts), "end_date": day(terms.ends), "limit_per_member": terms.per_member,
            "limit_per_day": terms.per_day, "minimum_tier": terms.least_tier.map(|tier| TIERS[tier].0),
        });
        let answer = self.shop.post("/vouchers/", body).await;
        if came(answer.clone(), 201, self.model.offer(terms)) {
            let at = self.model.vouchers.len() - 1;
            self.model.vouchers[at].id = answer.text_at("data.id");
            assert_says(&answer.json["data"], &self.voucher(at));
        }
    }

    /// Changes a voucher by that alone, or by the whole form as it was shown, with that changed in it.
    async fn change(&mut self, at: usize, edit: Edit, whole: bool) {
        let today = self.model.today();
        let (name, value) = match edit {
            Edit::Code(code) => ("code", json!(CODES[code])),
            Edit::Cost(cost) => ("points_cost", json!(cost)),
            Edit::Stock(stock) => ("stock", json!(stock)),
            Edit::Starts(days) => ("start_date", day(today + days)),
            Edit::Ends(days) => ("end_date", day(today + days)),
            Edit::Wanted(shown) => ("status", json!(shown)),
            Edit::PerMember(limit) => ("limit_per_member", json!(limit)),
            Edit::PerDay(limit) => ("limit_per_day", json!(limit)),
            Edit::LeastTier(tier) => ("minimum_tier", json!(tier.map(|tier| TIERS[tier].0))),
        };
        let mut body = if whole { self.voucher(at) } else { json!({}) };
        body[name] = value;
        if whole {
            body["name"] = json!("Something");
        }
        let path = format!("/vouchers/{}/", self.model.vouchers[at].id);
        let answer = self.shop.call(if whole { "PUT" } else { "PATCH" }, &path).json(&body).send().await;
        if came(answer.clone(), 200, self.model.change(at, edit)) {
            assert_says(&answer.json["data"], &self.voucher(at));
        }
    }

    async fn withdraw(&mut self, at: usize) {
        let answer = self.shop.remove(&format!("/vouchers/{}/", self.model.vouchers[at].id)).await;
        came(answer, 200, self.model.withdraw(at));
    }

    async fn redeem(&mut self, by: usize, of: usize, state: &'static str, myself: bool) {
        let (member, voucher) = (&self.model.members[by].id, &self.model.vouchers[of].id);
        let body = json!({ "member": member, "voucher": voucher, "status": state, "points_cost": 1 });
        let call = self.shop.as_person(self.who(myself), "POST", "/redeem/");
        let answer = call.json(&body).send().await;
        if came(answer.clone(), 201, self.model.redeem(by, of, state, myself)) {
            let at = self.model.redemptions.len() - 1;
            self.model.redemptions[at].id = answer.text_at("data.id");
            assert_says(&answer.json["data"], &self.redemption(at));
        }
    }

    async fn go(&mut self, at: usize, way: &'static str, to: &'static str, myself: bool) {
        let (method, step, to) = match way {
            "mark-used" => ("POST", "mark-used/", "Used"),
            "cancel" => ("POST", "cancel/", "Cancelled"),
            "update-status" => ("POST", "update-status/", to),
            method => (method, "", to),
        };
        let path = format!("/redeem/{}/{step}", self.model.redemptions[at].id);
        let call = self.shop.as_person(self.who(myself), method, &path);
        let answer = call.json(&json!({ "status": to })).send().await;
        if came(answer.clone(), 200, self.model.go(at, to, myself, way == "cancel")) {
            assert_says(&answer.json["data"], &self.redemption(at));
        }
    }

    /// Time passes, and stops whenever it brings something.
    async fn wait(&mut self, time: Duration) {
        let until = self.model.now + time;
        loop {
            let next = self.model.next_due().filter(|due| *due < until).unwrap_or(until);
            self.is(next);
            // What is told of first is due for its end only then.
            self.shop.world.minute().await;
            self.shop.world.minute().await;
            self.model.bring_due();
            if next == until {
                break;
            }
        }
        // So short a time no token minds.
        if time > Duration::from_mins(1) {
            self.shop.sign_in().await;
            self.shop.visitor = self.shop.world.signed_in(&self.shop.visitor.email).await;
        }
    }
}

/// Whether something came about: as the model has it, and with the very words if it did not.
#[track_caller]
fn came(answer: Answer, status: u16, expected: Result<(), No>) -> bool {
    let came = expected.is_ok();
    match expected {
        Ok(()) => drop(answer.expect(status)),
        Err(No::NotFound) => told(answer, 404, "Not found."),
        Err(No::Forbidden) => told(answer, 403, "You do not have permission to perform this action."),
        Err(No::Wrong(faults)) => {
            let faults = faults.into_iter().map(|(field, text)| (field.to_owned(), json!([text]))).collect();
            assert_eq!(answer.expect(400).json["error"]["details"], Value::Object(faults));
        }
    }
    came
}
