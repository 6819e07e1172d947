//! What is shown of a shop, and that it is what the model has.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{assert_lists, assert_says};

use super::codes::{Usage, Voucher};
use super::shop::Payment;
use super::steps::SERVICES;
use super::{Life, money, stamp};

/// Money that is told as a number.
pub fn cents(told: &Value) -> i64 {
    let text = format!("{:.2}", told.as_f64().unwrap());
    text.replace('.', "").parse().unwrap()
}

/// How many there are of some.
fn count<'a, T: 'a>(all: impl IntoIterator<Item = &'a T>, of: impl Fn(&T) -> bool) -> usize {
    all.into_iter().filter(|one| of(one)).count()
}

fn day(time: Duration) -> u64 {
    time.as_secs() / 86_400
}

impl Life {
    /// A voucher, as its owner sees it.
    pub fn voucher(&self, at: usize) -> Value {
        let (voucher, now) = (&self.model.vouchers[at], self.model.now);
        let status = voucher.shows(now);
        json!({
            "code": voucher.code, "user": self.who(voucher.owner).id, "status": status,
            "is_active": status == "active", "is_valid": voucher.left(now) > 0, "usage_count": voucher.used,
            "total_uses": voucher.uses, "uses_remaining": voucher.left(now), "issued_at": stamp(voucher.issued),
            "expires_at": stamp(voucher.ends), "transaction_id": self.model.payments[voucher.payment].id,
        })
    }

    /// A payment, as who pays sees it.
    pub fn payment(&self, at: usize) -> Value {
        let payment = &self.model.payments[at];
        let code = payment.order.discount.map(|which| self.model.discounts[which].code);
        json!({
            "id": payment.id, "user": self.who(payment.order.who).id, "quantity": payment.order.quantity,
            "unit_price": money(payment.terms.price), "discount_amount": money(payment.off), "discount_code": code,
            "amount": money(payment.total), "total_amount": money(payment.total), "status": payment.state,
            "refunded_amount": money(payment.back), "completed_at": payment.paid_at.map(stamp),
            "payment_method": if payment.total == 0 { "free" } else { "stripe" },
        })
    }

    /// A use, as who used it sees it.
    pub fn usage(&self, at: usize) -> Value {
        let usage = &self.model.usages[at];
        json!({
            "id": usage.id, "voucher_code": self.model.vouchers[usage.of].code, "service_type": usage.service,
            "used_at": stamp(usage.at),
        })
    }

    /// A refund, as who asked for it sees it. Which vouchers it took is compared where they are.
    pub fn refund(&self, at: usize) -> Value {
        let refund = &self.model.refunds[at];
        json!({
            "id": refund.id, "payment": self.model.payments[refund.payment].id, "amount": money(refund.amount),
            "status": refund.state,
        })
    }

    pub async fn look(&self, where_to: usize) {
        match where_to {
            0 | 1 => self.person_sees_what_is_modelled(where_to).await,
            _ => self.staff_see_what_is_modelled().await,
        }
    }

    /// What is there in the end is what the model has: on the wire, at the bank, and in every row, counted anew.
    pub async fn is_as_modelled(&mut self) {
        self.hear().await;
        self.learn().await;
        for where_to in 0..3 {
            self.look(where_to).await;
        }
        let sold = self.till.world.recount_prepaid_with_the_bank().await;
        let model = &self.model;
        assert_eq!(sold.paid, count(&model.payments, Payment::is_paid));
        assert_eq!(sold.vouchers, model.vouchers.len());
        assert_eq!(sold.uses, count(&model.usages, |usage| !usage.given_back));
        assert_eq!(sold.given_back, model.payments.iter().map(|payment| payment.back).sum::<i64>());
    }

    async fn person_sees_what_is_modelled(&self, who: usize) {
        let (model, person) = (&self.model, self.who(who));
        let see = |path: String| async move { self.till.get(person, &path).await.expect(200).json };
        let mut own = Vec::new();
        for (at, voucher) in model.vouchers.iter().enumerate() {
            let path = format!("/vouchers/detail/{}/", voucher.code);
            if voucher.owner == who {
                assert_says(&see(path).await, &self.voucher(at));
                own.push(voucher);
            } else {
                let answer = self.till.get(person, &path).await.expect(404);
                assert_eq!(answer.text_at("error"), "Voucher not found");
            }
            let wish = json!({ "code": voucher.code, "service_type": SERVICES[0] });
            let valid = self.till.post(person, "/vouchers/validate/", wish).await.expect(200).json;
            let admitted = model.admits(at, SERVICES[0]);
            let reason = admitted.as_ref().err().map(|no| no.2.clone());
            let left = voucher.left(model.now);
            assert_says(
                &valid,
                &json!({ "valid": reason.is_none(), "reason": reason, "uses_remaining": left }),
            );
        }
        let is =
            |status: &'static str| count(own.iter().copied(), |one: &Voucher| one.shows(model.now) == status);
        for status in ["active", "used", "expired", "cancelled"] {
            let page = see(format!("/vouchers/my-vouchers/?status={status}&page_size=100")).await;
            assert_eq!(page["count"], is(status), "{status}");
        }
        let expected = json!({
            "total_vouchers": own.len(), "active_vouchers": is("active"), "used_vouchers": is("used"),
            "expired_vouchers": is("expired"), "cancelled_vouchers": is("cancelled"),
            "total_value": money(own.iter().map(|voucher| voucher.price).sum()),
        });
        assert_eq!(see("/vouchers/stats/".to_owned()).await, expected);
        self.person_paid_what_is_modelled(who, own.len()).await;
    }

    /// Payments, uses and refunds of somebody who has so many vouchers.
    async fn person_paid_what_is_modelled(&self, who: usize, has: usize) {
        let (model, person) = (&self.model, self.who(who));
        let see = |path: String| async move { self.till.get(person, &path).await.expect(200).json };
        let paid = (0..model.payments.len()).rev().filter(|at| model.payments[*at].order.who == who);
        let paid: Vec<usize> = paid.collect();
        let history = see("/payments/history/?page_size=100".to_owned()).await;
        assert_lists(&history, paid.iter().map(|at| self.payment(*at)));
        for at in &paid {
            let shown = see(format!("/payments/transaction/{}/", model.payments[*at].id)).await;
            let refund = model.payments[*at].refund;
            assert_eq!(shown["refund"].is_null(), refund.is_none());
            if let Some(refund) = refund {
                assert_says(&shown["refund"], &self.refund(refund));
                let mut took: Vec<&str> =
                    model.refunds[refund].took.iter().map(|of| model.vouchers[*of].code.as_str()).collect();
                let told = shown["refund"]["vouchers_cancelled"].as_array().unwrap();
                let mut told: Vec<&str> = told.iter().map(|code| code.as_str().unwrap()).collect();
                took.sort_unstable();
                told.sort_unstable();
                assert_eq!(told, took);
            }
        }
        let usages = (0..model.usages.len()).rev().filter(|at| model.usages[*at].by == who);
        let history = see("/vouchers/usage-history/?page_size=100".to_owned()).await;
        assert_lists(&history, usages.map(|at| self.usage(at)));
        let refunds = (0..model.refunds.len()).rev();
        let refunds = refunds.filter(|at| model.payments[model.refunds[*at].payment].order.who == who);
        assert_lists(
            &see("/payments/refunds/?page_size=100".to_owned()).await,
            refunds.map(|at| self.refund(at)),
        );

        let own = see("/analytics/user/".to_owned()).await;
        let brought: i64 = paid.iter().map(|at| model.payments[*at].brought()).sum();
        assert_eq!(cents(&own["spending"]["total"]), brought);
        let many = i64::try_from(has.max(1)).unwrap();
        assert_eq!(
            cents(&own["spending"]["average_per_voucher"]),
            if has == 0 { 0 } else { (2 * brought + many) / (2 * many) }
        );
        assert_eq!(own["voucher_summary"]["total"], has);
        let used =
            own["usage_by_type"].as_array().unwrap().iter().map(|of| of["usage_count"].as_u64().unwrap());
        let uses = count(&model.usages, |usage| usage.by == who && !usage.given_back);
        assert_eq!(used.sum::<u64>(), uses as u64);
    }

    async fn staff_see_what_is_modelled(&self) {
        let (model, now) = (&self.model, self.model.now);
        for (at, id) in self.discounts.iter().enumerate() {
            assert_eq!(self.till.uses_of(id).await, i64::try_from(model.uses_of(at, None)).unwrap());
        }
        let board = self.till.get(&self.till.staff, "/analytics/dashboard/").await.expect(200).json;
        let since = |days: u64| move |time: Duration| day(time) + days >= day(now);
        let is = |status: &'static str| count(&model.vouchers, |voucher| voucher.shows(now) == status);
        let live = |usage: &Usage| !usage.given_back;
        let expected = json!({
            "total": model.vouchers.len(), "active": is("active"), "used": is("used"), "expired": is("expired"),
            "cancelled": is("cancelled"),
            "issued_this_week": count(&model.vouchers, |voucher| since(7)(voucher.issued)),
            "used_this_week": count(&model.usages, |usage| live(usage) && since(7)(usage.at)),
        });
        assert_eq!(board["vouchers"], expected);
        let brought = |of: &dyn Fn(&Payment) -> bool| {
            model.payments.iter().filter(|payment| of(payment)).map(Payment::brought).sum::<i64>()
        };
        let paid_since = |days| move |payment: &Payment| payment.paid_at.is_some_and(since(days));
        assert_eq!(cents(&board["revenue"]["total"]), brought(&|_| true));
        assert_eq!(cents(&board["revenue"]["this_week"]), brought(&paid_since(7)));
        assert_eq!(cents(&board["revenue"]["this_month"]), brought(&paid_since(30)));
        let paid = count(&model.payments, paid_since(7));
        assert_eq!(board["recent_activity"]["payments_this_week"], paid);
        for row in board["voucher_types"].as_array().unwrap() {
            let of = self.types.iter().position(|id| row["id"] == id.as_str()).unwrap();
            let expected = json!({
                "total_purchased": count(&model.vouchers, |voucher| voucher.of == of),
                "total_used": count(&model.usages, |usage| live(usage) && model.vouchers[usage.of].of == of),
            });
            assert_says(row, &expected);
            assert_eq!(cents(&row["revenue"]), brought(&|payment| payment.order.of == of));
        }
    }
}
