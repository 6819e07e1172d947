//! What every list promises, for each list there is.

mod payments;
mod rest;
mod vouchers;

use std::cmp::Reverse;

use serde_json::{Value, json};
use table::{Row, from_item};
use wire::Stamp;

use prepaid::payments::Payment;
use prepaid::refunds::Refund;
use prepaid::usages::Usage;
use prepaid::vouchers::Voucher;
use testkit::Person;

use crate::till::Till;

/// A shop in which some things happened, of which many at the same moment.
pub(super) struct Stocked {
    pub(super) till: Till,
    pub(super) vouchers: Vec<Voucher>,
    pub(super) payments: Vec<Payment>,
    pub(super) refunds: Vec<Refund>,
    pub(super) usages: Vec<Usage>,
}

impl Stocked {
    /// Two customers buy of two types, want money back, use their vouchers and lose them.
    pub(super) async fn shop() -> Self {
        let mut shop = Self {
            till: Till::open().await,
            vouchers: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            usages: Vec::new(),
        };
        let school = shop.till.sells("School", "school", "25.00", json!({})).await;
        for round in 0..6_usize {
            shop.round(round, &school).await;
        }
        shop.till.world.settle().await;
        shop.read().await;
        shop
    }

    async fn round(&self, round: usize, school: &str) {
        let till = &self.till;
        // Every other round is at the same moment as the one before.
        let moment = format!("2026-03-01T08:{}:00Z", 31 + round / 2);
        till.world.clock.set(Stamp::parse_from(&moment).unwrap());
        let who: &Person = [&till.ama, &till.kofi, &till.kofi][round % 3];
        let (sold, service) = if round % 4 < 2 { (&*till.exam, "result_check") } else { (school, "school") };
        let order = json!({ "voucher_type_id": sold, "quantity": 1 + round % 3 });
        let bought = till.post(who, "/vouchers/purchase/", order.clone()).await.expect(201).json;
        let code = |place: usize| bought["vouchers"][place]["code"].as_str().unwrap();
        if round.is_multiple_of(2) {
            till.post(who, "/payments/create-intent/", order).await.expect(201);
            let declined =
                json!({ "voucher_type_id": sold, "payment_method_id": "pm_card_visa_chargeDeclined" });
            till.post(who, "/vouchers/purchase/", declined).await.expect(402);
        }
        let ask = json!({ "payment_id": bought["payment"]["id"], "reason": "other" });
        let refund = till.post(who, "/payments/refund/request/", ask).await.expect(201).text_at("refund.id");
        let decide = match round % 4 {
            0 => "approve",
            1 => "reject",
            _ => {
                let body = json!({ "code": code(0), "service_type": service });
                till.post(&till.kofi, "/vouchers/redeem/", body.clone()).await.expect(200);
                if round == 2 {
                    let late = json!({ "expires_at": "2026-02-01T00:00:00Z" });
                    till.patch(&format!("/admin/vouchers/{}/", code(1)), late).await.expect(200);
                }
                return;
            }
        };
        till.post(&till.staff, &format!("/admin/refunds/{refund}/{decide}/"), json!({})).await.expect(200);
        if decide == "reject" {
            let body = json!({ "code": code(0), "service_type": service });
            till.post(&till.ama, "/vouchers/redeem/", body).await.expect(200);
        }
    }

    /// Reads what is stored now, the newest first.
    async fn read(&mut self) {
        let shelf = self.till.world.shelf().await;
        self.vouchers = rows(&self.till, shelf.of_kind("voucher")).await;
        self.vouchers.sort_by_key(|voucher| Reverse((voucher.issued_at, voucher.id.clone())));
        self.payments = rows(&self.till, shelf.of_kind("payment")).await;
        self.payments.sort_by_key(|payment| Reverse((payment.created_at, payment.id.clone())));
        self.refunds = rows(&self.till, shelf.of_kind("refund")).await;
        self.refunds.sort_by_key(|refund| Reverse((refund.created_at, refund.id.clone())));
        self.usages = rows(&self.till, shelf.of_kind("usage")).await;
        self.usages.sort_by_key(|usage| Reverse((usage.used_at, usage.id.clone())));
    }

    pub(super) fn account(&self, who: &Person) -> u64 {
        assert!([&self.till.ama.id, &self.till.kofi.id].contains(&&who.id));
        who.id.parse().unwrap()
    }
}

async fn rows<'i, R: Row>(till: &Till, items: impl Iterator<Item = &'i Value>) -> Vec<R> {
    let mut rows = Vec::new();
    for item in items {
        let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
        let item = till.world.item(&table::Key::new(text("pk"), text("sk"))).await.unwrap();
        rows.push(from_item(item).unwrap());
    }
    rows
}

/// The ids of the rows that `keep` keeps, as they stand.
pub(super) fn ids<R>(rows: &[R], id: fn(&R) -> String, keep: impl Fn(&R) -> bool) -> Vec<String> {
    rows.iter().filter(|row| keep(row)).map(id).collect()
}

/// The same, the other way round.
pub(super) fn oldest(mut ids: Vec<String>) -> Vec<String> {
    ids.reverse();
    ids
}

pub(super) fn choice(value: &str) -> Value {
    json!([format!("Select a valid choice. {value} is not one of the available choices.")])
}
