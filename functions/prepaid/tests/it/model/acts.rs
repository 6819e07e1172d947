//! What is done with vouchers, and about money that is asked back.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::assert_says;

use super::codes::Refund;
use super::shop::{Bank, DAY, No};
use super::steps::Step;
use super::{GUESSES, Life, came, money, stamp};

impl Life {
    /// Does something with a voucher.
    pub async fn with_voucher(&mut self, at: usize, step: &Step) {
        let code = self.model.vouchers[at].code.clone();
        match step {
            Step::Redeem { who, service, .. } => {
                let wish = json!({ "code": code, "service_type": service });
                let answer = self.till.post(self.who(*who), "/vouchers/redeem/", wish).await;
                if came(&answer, 200, self.model.redeem(*who, at, service)) {
                    self.used(at, &answer.json);
                }
            }
            Step::Reserve { who, service, minutes, .. } => {
                let wish = json!({ "code": code, "service_type": service, "minutes": minutes });
                let answer = self.till.post(self.who(*who), "/vouchers/reserve/", wish).await;
                let time = Duration::from_mins(*minutes);
                if came(&answer, 201, self.model.reserve(*who, at, service, time)) {
                    let hold = self.model.holds.last_mut().unwrap();
                    hold.id = answer.text_at("id");
                    let expected = json!({ "voucher_code": code, "expires_at": stamp(hold.until) });
                    assert_says(&answer.json, &expected);
                }
            }
            Step::Claim { who, .. } => {
                let wish = json!({ "code": code });
                let answer = self.till.post(self.who(*who), "/vouchers/claim/", wish).await;
                if came(&answer, 200, self.model.claim(*who, at)) {
                    assert_says(&answer.json, &self.voucher(at));
                }
            }
            Step::CallOff { .. } => {
                let (path, why) = (format!("/admin/vouchers/{code}/cancel/"), json!({ "reason": "lost" }));
                let answer = self.till.post(&self.till.staff, &path, why).await;
                if came(&answer, 200, self.model.call_off(at)) {
                    assert_says(&answer.json, &self.voucher(at));
                }
            }
            Step::Reschedule { days, .. } => {
                // A moment ago, and yet not before it was used; or so many days from now.
                let ends = match u32::try_from(*days) {
                    Ok(days) => self.model.now + DAY * days,
                    Err(_) => self.model.now.saturating_sub(Duration::from_micros(500)),
                };
                let body = json!({ "expires_at": stamp(ends) });
                let answer = self.till.patch(&format!("/admin/vouchers/{code}/"), body).await;
                if came(&answer, 200, self.model.reschedule(at, ends)) {
                    assert_says(&answer.json, &self.voucher(at));
                }
            }
            other => panic!("{other:?} is nothing to do with a voucher"),
        }
    }

    /// Notes the use that was answered, of this voucher.
    fn used(&mut self, of: usize, answer: &Value) {
        let mut expected = self.voucher(of);
        // Whoever is not the owner is told less.
        let usage = self.model.usages.last_mut().unwrap();
        if self.model.vouchers[of].owner != usage.by {
            expected
                .as_object_mut()
                .unwrap()
                .retain(|name, _| !["user", "transaction_id"].contains(&name.as_str()));
        }
        assert_says(&answer["voucher"], &expected);
        answer["usage"]["id"].as_str().unwrap().clone_into(&mut usage.id);
        let at = self.model.usages.len() - 1;
        assert_says(&answer["usage"], &self.usage(at));
    }

    pub async fn guess(&mut self, who: usize) {
        self.guesses += 1;
        if self.guesses > GUESSES {
            return;
        }
        let answer = self.till.redeems(self.who(who), "ABCDEFGHJKLM").await;
        assert_eq!(answer.expect(400).json, json!({ "code": ["Invalid voucher code."] }));
    }

    pub async fn end_hold(&mut self, at: usize, who: usize, spent: bool) {
        let (hold, what) = (&self.model.holds[at], if spent { "commit" } else { "release" });
        let of = hold.of;
        let path = format!("/vouchers/reserve/{}/{what}/", hold.id);
        let answer = self.till.post(self.who(who), &path, json!({})).await;
        let ended = self.model.end_hold(at, who, spent);
        if matches!(ended, Err(No(409, ..))) {
            // How long it is remembered that there was one is nobody's business.
            assert!([404, 409].contains(&answer.status.as_u16()), "{answer:?}");
        } else if came(&answer, 200, ended) && spent {
            self.used(of, &answer.json);
        }
    }

    pub async fn roll_back(&mut self, at: usize) {
        let path = format!("/admin/usages/{}/rollback/", self.model.usages[at].id);
        let answer = self.till.post(&self.till.staff, &path, json!({})).await;
        if came(&answer, 200, self.model.roll_back(at)) {
            assert_says(&answer.json["voucher"], &self.voucher(self.model.usages[at].of));
            assert_says(&answer.json["usage"], &self.usage(at));
        }
    }

    pub async fn ask_back(&mut self, at: usize, who: usize, cents: Option<i64>) {
        let payment = &self.model.payments[at].id;
        let wish = json!({ "payment_id": payment, "reason": "customer_request", "amount": cents.map(money) });
        let answer = self.till.post(self.who(who), "/payments/refund/request/", wish).await;
        if came(&answer, 201, self.model.ask_back(at, who, cents)) {
            self.model.refunds.last_mut().unwrap().id = answer.text_at("refund.id");
            assert_says(&answer.json["refund"], &self.refund(self.model.refunds.len() - 1));
        }
    }

    pub async fn decide(&mut self, at: usize, approved: bool) {
        let what = if approved { "approve" } else { "reject" };
        let path = format!("/admin/refunds/{}/{what}/", self.model.refunds[at].id);
        let answer = self.till.post(&self.till.staff, &path, json!({})).await;
        if !approved {
            came(&answer, 200, self.model.reject(at));
            return;
        }
        match self.model.takes(at) {
            Err(no) => drop(came(&answer, 200, Err(no))),
            Ok((many, untouched)) => {
                let answer = answer.expect(200);
                // Which of those that are alike is not for the model to say, and if it failed, not for the answer.
                let told = self.codes_of(&answer.json["vouchers_cancelled"]);
                let took = if told.is_empty() { untouched[..many].to_vec() } else { told };
                assert_eq!(took.len(), many);
                assert!(took.iter().all(|of| untouched.contains(of)), "{answer:?}");
                self.model.approve(at, took);
                assert_says(&answer.json, &self.refund(at));
            }
        }
    }

    /// The vouchers of these codes.
    fn codes_of(&self, codes: &Value) -> Vec<usize> {
        let codes: BTreeSet<&str> =
            codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        let all = self.model.vouchers.iter().enumerate();
        all.filter(|(_, voucher)| codes.contains(voucher.code.as_str())).map(|(at, _)| at).collect()
    }

    /// What takes its time at the bank arrives, or comes back.
    pub async fn money_moves(&mut self, at: usize, arrived: bool) {
        let Refund { id, state, .. } = &self.model.refunds[at];
        if *state != "processing" {
            return;
        }
        let all = self.till.bank().all("refund").unwrap().into_iter();
        let at_bank = all.into_iter().find(|one| one["metadata"]["refund_id"] == id.as_str()).unwrap();
        self.till.bank().settle_refund(at_bank["id"].as_str().unwrap(), arrived).unwrap();
        self.hear().await;
        self.model.money_moves(at, arrived);
    }

    /// Who paid complains at the bank, once.
    pub async fn dispute(&mut self, at: usize) {
        let payment = &self.model.payments[at];
        if payment.bank != Bank::Paid || payment.disputed {
            return;
        }
        self.till.bank().dispute(&payment.intent).unwrap();
        self.hear().await;
        self.model.dispute(at);
    }
}
