//! The states of a voucher.

use std::time::Duration;

use serde_json::json;
use testkit::Answer;

use super::{in_vain, refusal};
use crate::till::Till;

/// What is done with a voucher.
const ACTIONS: [&str; 9] =
    ["redeem", "reserve", "commit", "release", "claim", "prolong", "end", "call off", "roll back"];

/// To which state each of them leads, or with which status it is refused.
#[rustfmt::skip]
const WAYS: [(&str, [&str; 9]); 6] = [
    ("fresh",      ["active", "active", "active", "active",  "active",    "active", "expired", "cancelled", "404"]),
    ("partly",     ["used",   "active", "used",   "active",  "active",    "active", "expired", "cancelled", "active"]),
    ("used up",    ["400",    "400",    "404",    "404",     "used",      "409",    "409",     "409",       "active"]),
    ("over",       ["400",    "400",    "409",    "409",     "expired",   "active", "expired", "409",       "expired"]),
    ("ended",      ["400",    "400",    "409",    "expired", "expired",   "active", "expired", "409",       "expired"]),
    ("called off", ["400",    "400",    "404",    "404",     "cancelled", "409",    "409",     "409",       "cancelled"]),
];

/// A gift of three uses, with what was done with it.
struct Sample {
    code: String,
    hold: String,
    usage: String,
}

impl Till {
    /// A voucher in this state. What can be held of it, is.
    async fn sample(&self, state: &str, held: bool) -> Sample {
        let order = json!({ "voucher_type_id": self.exam, "recipient_email": "somebody@else.test" });
        let bought = self.post(&self.ama, "/vouchers/purchase/", order).await.expect(201);
        let code = bought.json["vouchers"][0]["code"].as_str().unwrap().to_owned();
        let mut usage = "0195a000-0000-7000-8000-000000000000".to_owned();
        let uses = match state {
            "fresh" => 0,
            "used up" if !held => 3,
            "partly" | "used up" => 2,
            _ => 1,
        };
        for _ in 0..uses {
            usage = self.redeems(&self.kofi, &code).await.expect(200).text_at("usage.id");
        }
        let mut hold = format!("{code}-NONE");
        if held {
            let minutes = if state == "over" { 1 } else { 120 };
            let wish = json!({ "code": code, "service_type": "result_check", "minutes": minutes });
            hold = self.post(&self.kofi, "/vouchers/reserve/", wish).await.expect(201).text_at("id");
        }
        let sample = Sample { code, hold, usage };
        match state {
            "used up" if held => drop(self.acts(&sample, "commit").await.expect(200)),
            "over" => {
                let end = self.world.clock.now() + Duration::from_mins(1);
                self.ends(&sample, end).await.expect(200);
                self.world.clock.advance(Duration::from_mins(2));
            }
            "ended" => drop(self.acts(&sample, "end").await.expect(200)),
            "called off" => drop(self.acts(&sample, "call off").await.expect(200)),
            _ => {}
        }
        sample
    }

    async fn ends(&self, sample: &Sample, end: wire::Stamp) -> Answer {
        self.patch(&format!("/admin/vouchers/{}/", sample.code), json!({ "expires_at": end })).await
    }

    async fn acts(&self, sample: &Sample, action: &str) -> Answer {
        let Sample { code, hold, usage } = sample;
        let (now, day) = (self.world.clock.now(), Duration::from_hours(24));
        let wish = json!({ "code": code, "service_type": "result_check" });
        match action {
            "redeem" => self.post(&self.kofi, "/vouchers/redeem/", wish).await,
            "reserve" => self.post(&self.kofi, "/vouchers/reserve/", wish).await,
            "claim" => self.post(&self.kofi, "/vouchers/claim/", wish).await,
            "commit" | "release" => {
                self.post(&self.kofi, &format!("/vouchers/reserve/{hold}/{action}/"), json!({})).await
            }
            "prolong" => self.ends(sample, now + day * 60).await,
            "end" => {
                // A moment ago, and yet not before it was used.
                self.world.clock.advance(Duration::from_millis(2));
                self.ends(sample, now + Duration::from_millis(1)).await
            }
            "call off" => {
                let why = json!({ "reason": "lost" });
                self.post(&self.staff, &format!("/admin/vouchers/{code}/cancel/"), why).await
            }
            "roll back" => {
                self.post(&self.staff, &format!("/admin/usages/{usage}/rollback/"), json!({})).await
            }
            other => panic!("nobody can {other}"),
        }
    }
}

#[tokio::test]
async fn every_state_of_a_voucher_knows_its_ways() {
    let till = Till::open().await;
    let (mut refused, mut allowed) = (Vec::new(), Vec::new());
    for (state, ways) in WAYS {
        for (action, way) in ACTIONS.into_iter().zip(ways) {
            let sample = till.sample(state, ["commit", "release"].contains(&action)).await;
            let what = format!("{action} of what is {state}");
            match refusal(way) {
                Some(status) => refused.push((sample, action, status, what)),
                None => allowed.push((sample, action, way, what)),
            }
        }
    }
    let refusals = async {
        for (sample, action, status, what) in &refused {
            let answer = till.acts(sample, action).await;
            assert_eq!(answer.status, *status, "{what}: {answer:?}");
        }
    };
    in_vain(&till, refusals).await;
    for (sample, action, way, what) in &allowed {
        let answer = till.acts(sample, action).await;
        assert!(answer.status.is_success(), "{what}: {answer:?}");
        assert_eq!(till.voucher(&sample.code).await["status"], *way, "{what}");
    }
    till.world.recount_prepaid_with_the_bank().await;
}
