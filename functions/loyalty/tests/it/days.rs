//! Days that pass in a shop, and what must add up at their end.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{Extras, World, invoke};
use wire::Stamp;

use crate::shop::{Person, Shop};

/// A shop that decides otherwise about its programme.
pub(crate) async fn shop_that(variables: &'static [(&'static str, &'static str)]) -> Shop {
    Shop::within(World::beyond(Extras { variables, ..Extras::default() }).await).await
}

impl Shop {
    /// It is that time; no token lasts so long, so that whoever works here signs in anew.
    pub(crate) async fn at(&mut self, time: &str) {
        self.world.clock.set(Stamp::parse_from(time).unwrap());
        self.sign_in().await;
    }

    /// Whoever works here signs in anew.
    pub(crate) async fn sign_in(&mut self) {
        self.clerk = signed_in(&self.world, "staff1").await;
        self.admin = signed_in(&self.world, "boss").await;
    }

    /// It is that time, and what is due is done, and what comes due by that.
    pub(crate) async fn passes(&mut self, time: &str) {
        self.at(time).await;
        self.minute().await;
        self.minute().await;
    }

    /// A round of the clock, and all that comes of it.
    pub(crate) async fn minute(&self) {
        self.world.whole.run_schedules().await.unwrap();
        self.world.settle().await;
    }

    /// What a round of the clock hands over, before anybody works on it.
    pub(crate) async fn handed_over(&self) -> Vec<Value> {
        self.world.whole.run_schedules().await.unwrap();
        self.world.messages("loyalty")
    }

    /// What the function behind the queue reports as failed of these bodies, by their places.
    pub(crate) async fn work(&self, bodies: &[String]) -> Vec<usize> {
        let record =
            |(place, body): (usize, &String)| json!({ "messageId": place.to_string(), "body": body });
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let events = self.world.whole.function("loyalty-events").unwrap();
        let report = invoke(events, &json!({ "Records": records })).await;
        let failures = report["batchItemFailures"].as_array().unwrap().iter();
        failures.map(|failure| failure["itemIdentifier"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// What a member shows.
    pub(crate) async fn shown(&self, member: &str) -> Value {
        self.get(&format!("/members/{member}/")).await.expect(200).json["data"].clone()
    }

    /// Redeems, which must succeed, and answers with the id.
    pub(crate) async fn redeemed(&self, member: &str, voucher: &str) -> String {
        self.redeem(member, voucher).await.expect(201).text_at("data.id")
    }

    /// Lets a redemption go a way such as `cancel`, whatever comes of it.
    pub(crate) async fn step(&self, redemption: &str, way: &str) -> testkit::Answer {
        self.post(&format!("/redeem/{redemption}/{way}/"), json!({})).await
    }

    /// The status of a redemption.
    pub(crate) async fn status(&self, redemption: &str) -> String {
        self.get(&format!("/redeem/{redemption}/")).await.expect(200).text_at("data.status")
    }

    /// Everything counted anew: of each voucher how many are left and how many are with members.
    pub(crate) async fn recount(&self) -> BTreeMap<String, (i64, i64)> {
        self.world.recount_loyalty().await
    }

    /// The subjects of what an address got, the oldest first.
    pub(crate) async fn subjects(&self, address: &str) -> Vec<String> {
        self.world.mail_to(address).await.into_iter().map(|(subject, _)| subject).collect()
    }
}

async fn signed_in(world: &World, name: &str) -> Person {
    let sent = json!({ "username": name, "password": "blue-whale-17" });
    let answer = world.post("/api/auth/login/", &sent).send().await.expect(200);
    Person { id: answer.text_at("user.id"), access: answer.text_at("access") }
}
