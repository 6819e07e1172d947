//! What is shown of a programme, and that it is what the model has.

use serde_json::{Value, json};
use testkit::{assert_lists, assert_says};

use super::goods::Redemption;
use super::programme::{About, Line, TIERS};
use super::steps::{CODES, STATES};
use super::{Life, day, stamp};

const KINDS: [&str; 3] = ["discount", "cashback", "freebie"];

impl Life {
    /// A member, as it is shown.
    pub fn member(&self, at: usize) -> Value {
        let member = &self.model.members[at];
        let next = member.expires_next().map(|(points, on)| json!({ "points": points, "date": day(on) }));
        json!({
            "id": member.id, "email": member.email, "total_points": member.points(),
            "tier_level": TIERS[member.tier].0, "points_to_next_tier": member.to_next(),
            "status": if member.active { "Active" } else { "Inactive" },
            "user_id": member.linked.then_some(&self.shop.visitor.id), "next_expiration": next,
        })
    }

    /// A line of a ledger, as it is shown. What points expired for is for nobody to know.
    pub fn line(&self, of: usize, at: usize) -> Value {
        let member = &self.model.members[of];
        let Line { kind, points, by, about } = &member.ledger[at];
        let mut shown = json!({
            "member": member.id, "member_id": member.id, "transaction_type": kind, "type": kind, "points": points,
            "created_by": by,
        });
        match about {
            About::Nothing => shown["reference"] = Value::Null,
            About::Receipt(receipt) => shown["reference"] = json!(receipt),
            About::Redemption(at) => shown["reference"] = json!(self.model.redemptions[*at].id),
            About::Expiry => {}
        }
        shown
    }

    /// A voucher, as it is shown.
    pub fn voucher(&self, at: usize) -> Value {
        let (voucher, today) = (&self.model.vouchers[at], self.model.today());
        let (terms, status) = (&voucher.terms, voucher.shows(today));
        json!({
            "id": voucher.id, "code": CODES[terms.code], "points_cost": terms.cost, "stock": terms.stock,
            "start_date": day(terms.starts), "end_date": day(terms.ends), "status": status,
            "is_available": status == "Active" && terms.stock > 0,
            "days_until_expiry": (terms.ends - today).max(0), "limit_per_member": terms.per_member,
            "limit_per_day": terms.per_day, "minimum_tier": terms.least_tier.map(|tier| TIERS[tier].0),
        })
    }

    /// A redemption, as it is shown.
    pub fn redemption(&self, at: usize) -> Value {
        let one = &self.model.redemptions[at];
        let (member, voucher) = (&self.model.members[one.member].id, &self.model.vouchers[one.voucher].id);
        json!({
            "id": one.id, "member": member, "voucher": voucher, "voucher_code": CODES[one.code],
            "points_cost": one.cost, "points_used": one.cost, "status": one.state,
            "valid_until": day(one.good_until), "redeem_date": stamp(one.at),
            "used_date": one.used.map(stamp),
        })
    }

    /// What the desk sees there.
    async fn seen(&self, path: &str) -> Value {
        self.shop.get(path).await.expect(200).json
    }

    pub async fn look(&self, where_to: usize) {
        match where_to {
            0 => self.members_are_as_modelled().await,
            1 => self.ledgers_are_as_modelled().await,
            2 => self.vouchers_are_as_modelled().await,
            _ => self.redemptions_are_as_modelled().await,
        }
    }

    /// What is there in the end is what the model has: on the wire, and in every row that is counted anew.
    pub async fn is_as_modelled(&self) {
        for where_to in 0..4 {
            self.look(where_to).await;
        }
        let recounted = self.shop.recount().await;
        assert_eq!(recounted.len(), self.model.vouchers.len());
        for (at, voucher) in self.model.vouchers.iter().enumerate() {
            let held = self.model.redemptions.iter().filter(|one| one.voucher == at && one.counts()).count();
            let held = i64::try_from(held).unwrap();
            assert_eq!(recounted[&voucher.id], (voucher.terms.stock, held), "{voucher:?}");
        }
    }

    async fn members_are_as_modelled(&self) {
        let members = self.model.members.iter().enumerate();
        let here: Vec<usize> = members.filter(|(_, member)| member.here).map(|(at, _)| at).collect();
        for (at, member) in self.model.members.iter().enumerate() {
            let answer = self.shop.get(&format!("/members/{}/", member.id)).await;
            if member.here {
                assert_says(&answer.expect(200).json["data"], &self.member(at));
            } else {
                answer.expect(404);
            }
        }
        let of = |keeps: &dyn Fn(usize) -> bool| here.iter().copied().filter(|at| keeps(*at)).rev().collect();
        let (active, tier) =
            (|at: usize| self.model.members[at].active, |at: usize| self.model.members[at].tier);
        let points = |at: usize| self.model.members[at].points();
        let filtered: [(&str, Vec<usize>); 4] = [
            ("", of(&|_| true)),
            ("&status=Active", of(&active)),
            ("&status=Inactive&tier_level=Bronze", of(&|at| !active(at) && tier(at) == 0)),
            ("&min_points=300&max_points=1200", of(&|at| (300..=1200).contains(&points(at)))),
        ];
        for (filter, expected) in filtered {
            let shown = self.seen(&format!("/members/?ordering=-created_at{filter}")).await;
            assert_lists(&shown, expected.into_iter().map(|at| json!({ "id": self.model.members[at].id })));
        }
        let count = |keeps: &dyn Fn(usize) -> bool| here.iter().filter(|at| keeps(**at)).count();
        let tiers = (0..4).map(|wanted| (TIERS[wanted].0.to_owned(), json!(count(&|at| tier(at) == wanted))));
        let expected = json!({
            "total_members": here.len(), "active_members": count(&active), "totalMembers": here.len(),
            "inactive_members": count(&|at| !active(at)), "by_tier": Value::Object(tiers.collect()),
            "total_points": here.iter().map(|at| points(*at)).sum::<i64>(),
        });
        assert_says(&self.seen("/members/statistics/").await["data"], &expected);
        let me = self.shop.as_person(&self.shop.visitor, "GET", "/members/me/").send().await;
        match self.model.own() {
            Some(own) => assert_says(&me.expect(200).json["data"], &self.member(own)),
            None => drop(me.expect(404)),
        }
    }

    async fn ledgers_are_as_modelled(&self) {
        for (of, member) in self.model.members.iter().enumerate() {
            let shown = self.seen(&format!("/points/member/{}/", member.id)).await;
            let lines: Vec<Value> = (0..member.ledger.len()).rev().map(|at| self.line(of, at)).collect();
            assert_eq!(shown["count"], lines.len());
            for (shown, line) in shown["data"].as_array().unwrap().iter().zip(&lines) {
                assert_says(shown, line);
            }
            let path = format!("/points/?member={}&transaction_type=redeem", member.id);
            let redeemed = lines.iter().filter(|line| line["type"] == "redeem").cloned();
            assert_lists(&self.seen(&path).await, redeemed);
            let path = format!("/points/statistics/?member={}", member.id);
            assert_says(&self.seen(&path).await["data"], &figures(&[&member.ledger]));
        }
        let all: Vec<&Vec<Line>> = self.model.members.iter().map(|member| &member.ledger).collect();
        assert_says(&self.seen("/points/statistics/").await["data"], &figures(&all));
        let count: usize = all.iter().map(|ledger| ledger.len()).sum();
        assert_eq!(self.seen("/points/?page_size=1").await["count"], count);
    }

    async fn vouchers_are_as_modelled(&self) {
        let here: Vec<usize> =
            (0..self.model.vouchers.len()).rev().filter(|at| self.model.vouchers[*at].here).collect();
        assert_lists(&self.seen("/vouchers/").await, here.iter().map(|at| self.voucher(*at)));
        let shown = |at: &usize| self.model.vouchers[*at].shows(self.model.today());
        for status in ["Active", "Inactive", "Expired"] {
            let expected = here.iter().filter(|at| shown(at) == status).map(|at| self.voucher(*at));
            assert_lists(&self.seen(&format!("/vouchers/?status={status}")).await, expected);
        }
        let stock: i64 = here.iter().map(|at| self.model.vouchers[*at].terms.stock).sum();
        let kinds = KINDS.map(|kind| (kind.to_owned(), json!(if kind == KINDS[0] { here.len() } else { 0 })));
        let expected = json!({
            "total_vouchers": here.len(), "total_stock": stock, "by_type": Value::Object(kinds.into_iter().collect()),
            "active_vouchers": here.iter().filter(|at| shown(at) == "Active").count(),
        });
        assert_says(&self.seen("/vouchers/statistics/").await["data"], &expected);
        for voucher in self.model.vouchers.iter().filter(|voucher| !voucher.here) {
            self.shop.get(&format!("/vouchers/{}/", voucher.id)).await.expect(404);
        }
    }

    async fn redemptions_are_as_modelled(&self) {
        let all: Vec<usize> = (0..self.model.redemptions.len()).rev().collect();
        let shown = self.seen("/redeem/").await;
        assert_lists(&shown, all.iter().map(|at| self.redemption(*at)));
        for row in shown["results"].as_array().unwrap() {
            let path = format!("/redeem/by-code/{}/", row["redemption_code"].as_str().unwrap());
            assert_eq!(self.seen(&path).await["data"], *row);
        }
        for state in STATES {
            let expected = all.iter().filter(|at| self.model.redemptions[**at].state == state);
            let shown = self.seen(&format!("/redeem/?status={state}")).await;
            assert_lists(&shown, expected.map(|at| self.redemption(*at)));
        }
        for (of, member) in self.model.members.iter().enumerate() {
            let own: Vec<&Redemption> =
                self.model.redemptions.iter().filter(|one| one.member == of).collect();
            let path = format!("/redeem/statistics/?member={}", member.id);
            assert_says(&self.seen(&path).await["data"], &spent(&own));
        }
        let all: Vec<&Redemption> = self.model.redemptions.iter().collect();
        assert_says(&self.seen("/redeem/statistics/").await["data"], &spent(&all));
        let mine = self.shop.as_person(&self.shop.visitor, "GET", "/redeem/").send().await;
        let own = all.iter().filter(|one| Some(one.member) == self.model.own()).count();
        assert_eq!(mine.expect(200).json["count"], own);
    }
}

/// The figures of ledgers.
fn figures(ledgers: &[&Vec<Line>]) -> Value {
    let lines = || ledgers.iter().flat_map(|ledger| ledger.iter());
    let sum = |kind| lines().filter(|line| line.kind == kind).map(|line| line.points).sum::<i64>();
    json!({
        "total_earned": sum("earn"), "total_redeemed": sum("redeem").abs(), "total_expired": sum("expire").abs(),
        "total_adjusted": sum("adjustment"), "net_points": lines().map(|line| line.points).sum::<i64>(),
        "total_transactions": lines().count(),
    })
}

/// The figures of redemptions.
fn spent(all: &[&Redemption]) -> Value {
    let count = |state| all.iter().filter(|one| one.state == state).count();
    json!({
        "total_redeems": all.len(), "pending_redeems": count("Pending"), "completed_redeems": count("Completed"),
        "used_redeems": count("Used"), "cancelled_redeems": count("Cancelled"),
        "total_points_redeemed": all.iter().filter(|one| one.counts()).map(|one| one.cost).sum::<i64>(),
    })
}
