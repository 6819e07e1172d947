//! Days that pass in a shop, and what must add up at their end.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{Answer, Extras, World};
use wire::Stamp;

use crate::shop::Shop;

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
        self.clerk = self.world.signed_in("staff1").await;
        self.admin = self.world.signed_in("boss").await;
    }

    /// It is that time, and what is due is done, and what comes due by that.
    pub(crate) async fn passes(&mut self, time: &str) {
        self.at(time).await;
        self.world.minute().await;
        self.world.minute().await;
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
    pub(crate) async fn step(&self, redemption: &str, way: &str) -> Answer {
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
}
