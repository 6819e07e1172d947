//! The states of a refund.

use std::time::Duration;

use serde_json::json;
use standins::stripe::Trouble;
use testkit::Answer;

use super::{in_vain, refusal};
use crate::days::codes;
use crate::till::Till;
use crate::webhook::tells;

/// What is done about a refund: by staff, by who paid, and by the bank.
const ACTIONS: [&str; 5] = ["approve", "reject", "ask again", "succeeded", "failed"];

/// To which state each of them leads, or with which status it is refused.
#[rustfmt::skip]
const WAYS: [(&str, [&str; 5]); 5] = [
    ("pending",    ["processing", "cancelled", "400",       "pending",   "pending"]),
    ("processing", ["409",        "409",       "400",       "completed", "failed"]),
    ("completed",  ["409",        "409",       "400",       "completed", "completed"]),
    ("failed",     ["409",        "409",       "400",       "failed",    "failed"]),
    ("cancelled",  ["409",        "409",       "cancelled", "cancelled", "cancelled"]),
];

/// A refund in some state, with what it is of.
struct Sample {
    payment: String,
    refund: String,
    code: String,
}

impl Till {
    async fn refund_in(&self, state: &str) -> Sample {
        let bought = self.buys(&self.ama, 1).await;
        let (payment, code) = (bought.text_at("payment.id"), codes(&bought).remove(0));
        let refund = self.asked_back(&self.ama, &payment).await;
        let sample = Sample { payment, refund, code };
        match state {
            "pending" => {}
            "cancelled" => drop(self.does(&sample, "reject").await.expect(200)),
            _ => drop(self.does(&sample, "approve").await.expect(200)),
        }
        match state {
            "completed" => drop(self.does(&sample, "succeeded").await),
            "failed" => drop(self.does(&sample, "failed").await),
            _ => {}
        }
        assert_eq!(self.refund_is(&sample).await, state);
        sample
    }

    /// Does something about a refund. The bank says of its own refund, if it has one, what it tells.
    async fn does(&self, sample: &Sample, action: &str) -> Answer {
        let Sample { payment, refund, .. } = sample;
        match action {
            "approve" | "reject" => {
                let path = format!("/admin/refunds/{refund}/{action}/");
                self.post(&self.staff, &path, json!({})).await
            }
            "ask again" => self.asks_back(&self.ama, payment).await,
            status => {
                let all = self.bank().all("refund").unwrap().into_iter();
                let at_bank = all.into_iter().find(|one| one["metadata"]["refund_id"] == refund.as_str());
                if let Some(at_bank) = at_bank {
                    let id = at_bank["id"].as_str().unwrap();
                    self.bank().alter(id, |one| one["status"] = json!(status)).unwrap();
                }
                let kind = if status == "failed" { "refund.failed" } else { "refund.updated" };
                let metadata = json!({ "refund_id": refund });
                let told =
                    json!({ "id": "re_1", "object": "refund", "status": status, "metadata": metadata });
                // Each is news, and not one that was told before.
                self.world.clock.advance(Duration::from_millis(1));
                tells(self, &format!("evt_{}", self.world.clock.now().micros()), kind, told).await
            }
        }
    }

    async fn refund_is(&self, sample: &Sample) -> String {
        let all = self.get(&self.ama, "/payments/refunds/?page_size=100").await.expect(200).json;
        let found = all["results"].as_array().unwrap().iter().find(|one| one["id"] == sample.refund.as_str());
        found.unwrap()["status"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn every_state_of_a_refund_knows_its_ways() {
    let till = Till::open().await;
    till.meets(Trouble { refunds_wait: true, events_held: true, ..Trouble::default() });
    let (mut vain, mut going) = (Vec::new(), Vec::new());
    for (from, ways) in WAYS {
        for (action, way) in ACTIONS.into_iter().zip(ways) {
            let sample = till.refund_in(from).await;
            // Another one may be asked for, which is not this one.
            let anew = (from, action) == ("cancelled", "ask again");
            let stays = (refusal(way).is_some() || from == way) && !anew;
            let list = if stays { &mut vain } else { &mut going };
            list.push((sample, action, refusal(way), refusal(way).map_or(way, |_| from)));
        }
    }
    let in_turn = async {
        for (sample, action, refused, to) in &vain {
            let answer = till.does(sample, action).await;
            assert_eq!(answer.status, refused.unwrap_or(200), "{action} of what is {to}: {answer:?}");
            assert_eq!(till.refund_is(sample).await, *to, "after {action}");
        }
    };
    in_vain(&till, in_turn).await;
    for (sample, action, _, to) in &going {
        let answer = till.does(sample, action).await;
        assert!(answer.status.is_success(), "{action}: {answer:?}");
        assert_eq!(till.refund_is(sample).await, *to, "after {action}");
    }
    for (sample, action, _, to) in vain.iter().chain(&going) {
        let gone = ["processing", "completed"].contains(to);
        let used = till.redeems(&till.kofi, &sample.code).await;
        assert_eq!(used.status, if gone { 400 } else { 200 }, "{to} after {action}");
        let paid = till.payment(&till.ama, &sample.payment).await;
        assert_eq!(paid["status"], if *to == "completed" { "refunded" } else { "completed" });
    }
    till.world.recount_prepaid().await;
}
