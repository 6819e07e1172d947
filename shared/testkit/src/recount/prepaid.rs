//! What must add up in the voucher shop: each payment and what it delivered, each voucher and its uses, each refund,
//! each discount, whatever is counted of them, and what the bank says of it all.

use std::collections::{BTreeMap, BTreeSet};

use prepaid::discounts::Discount;
use prepaid::payments::{self, Method, Payment};
use prepaid::refunds::{self, Refund};
use prepaid::usages::{Rollback, Usage};
use prepaid::vouchers::{Status, Voucher};
use serde_json::Value;
use table::{Key, Row};
use wire::Money;

use crate::{Shelf, World};

/// What a shop sold, and what is left of that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    /// Payments that were paid, whatever was given back since.
    pub paid: usize,
    /// Vouchers.
    pub vouchers: usize,
    /// Uses that were not given back.
    pub uses: usize,
    /// What was given back, in hundredths.
    pub given_back: i64,
}

/// All that a shop holds.
struct Holdings {
    payments: BTreeMap<String, Payment>,
    vouchers: BTreeMap<String, Voucher>,
    usages: Vec<Usage>,
    rollbacks: Vec<Rollback>,
    refunds: Vec<Refund>,
    discounts: Vec<Discount>,
    shelf: Shelf,
}

impl World {
    /// Counts the whole shop anew and insists that everything agrees. Tells what was sold.
    pub async fn recount_prepaid(&self) -> Sold {
        let holdings = self.holdings().await;
        self.figures_agree().await;
        holdings.each_payment_delivered_what_was_paid_for();
        holdings.each_voucher_was_used_as_often_as_it_says();
        holdings.each_refund_is_of_its_payment();
        holdings.each_discount_counts_its_payments();
        Sold {
            paid: holdings.payments.values().filter(|payment| payment.is_paid()).count(),
            vouchers: holdings.vouchers.len(),
            uses: holdings.usages.iter().filter(|usage| usage.rolled_back_at.is_none()).count(),
            given_back: holdings.payments.values().map(|payment| payment.refunded_amount.minor()).sum(),
        }
    }

    /// The same, and insists that the bank has charged and given back what the shop says, to the cent.
    ///
    /// To be asked when everything is settled: until then the bank may know more.
    pub async fn recount_prepaid_with_the_bank(&self) -> Sold {
        let holdings = self.holdings().await;
        let all = |kind: &str| self.stripe().all(kind).expect("the bank answers");
        let mut intents: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for intent in all("payment_intent") {
            let payment = intent["metadata"]["payment_id"].as_str().unwrap_or_default().to_owned();
            intents.entry(payment).or_default().push(intent);
        }
        for (payment, intents) in &intents {
            let found = holdings.payments.get(payment);
            let found = found.unwrap_or_else(|| panic!("the bank has an intent of nobody's: {intents:?}"));
            assert_eq!(intents.len(), 1, "intents of {found:?}");
            let charged = intents[0]["status"] == "succeeded";
            assert_eq!(charged, found.is_paid(), "{} at the bank, here {found:?}", intents[0]);
            assert_eq!(intents[0]["amount"], found.amount.minor(), "{found:?}");
            if found.status == payments::Status::Cancelled {
                assert_eq!(intents[0]["status"], "canceled", "it could still be paid: {found:?}");
            }
        }
        let refunds = all("refund");
        for payment in holdings.payments.values().filter(|payment| payment.method == Method::Stripe) {
            assert!(!payment.is_paid() || intents.contains_key(&payment.id), "never charged: {payment:?}");
            let back = refunds.iter().filter(|refund| {
                refund["status"] == "succeeded"
                    && refund["payment_intent"].as_str() == payment.intent.as_deref()
            });
            let back: i64 = back.filter_map(|refund| refund["amount"].as_i64()).sum();
            assert_eq!(payment.refunded_amount.minor(), back, "what was given back of {payment:?}");
        }
        self.recount_prepaid().await
    }

    async fn holdings(&self) -> Holdings {
        let shelf = self.shelf().await;
        let payments = self.all_of::<Payment>(&shelf).await.into_iter();
        let vouchers = self.all_of::<Voucher>(&shelf).await.into_iter();
        Holdings {
            payments: payments.map(|payment| (payment.id.clone(), payment)).collect(),
            vouchers: vouchers.map(|voucher| (voucher.code.clone(), voucher)).collect(),
            usages: self.all_of(&shelf).await,
            rollbacks: self.all_of(&shelf).await,
            refunds: self.all_of(&shelf).await,
            discounts: self.all_of(&shelf).await,
            shelf,
        }
    }

    /// The rows of a kind within the shop.
    async fn all_of<R: Row>(&self, shelf: &Shelf) -> Vec<R> {
        let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
        let keys = shelf.of_kind(R::KIND).map(|item| Key::new(text(item, "pk"), text(item, "sk")));
        let keys: Vec<Key> = keys.filter(|key| key.pk().starts_with("PREPAID#")).collect();
        let mut rows = Vec::new();
        for keys in keys.chunks(100) {
            rows.extend(self.table.rows(keys).await.expect("the rows read"));
        }
        assert_eq!(rows.len(), keys.len(), "rows of the kind {}", R::KIND);
        rows
    }
}

impl Holdings {
    /// So many vouchers as were paid for, each of one payment; and nothing of what was not paid.
    fn each_payment_delivered_what_was_paid_for(&self) {
        let mut delivered: BTreeSet<&str> = BTreeSet::new();
        for payment in self.payments.values() {
            let expected = if payment.is_paid() { payment.quantity as usize } else { 0 };
            assert_eq!(payment.voucher_codes.len(), expected, "{payment:?}");
            assert_eq!(payment.completed_at.is_some(), payment.is_paid(), "{payment:?}");
            for code in &payment.voucher_codes {
                let voucher = self.vouchers.get(code).unwrap_or_else(|| panic!("no {code} of {payment:?}"));
                assert_eq!(voucher.payment, payment.id, "{voucher:?}");
                assert!(delivered.insert(code), "{code} is of two payments");
            }
            let subtotal = payment.unit_price.times(i64::from(payment.quantity));
            let total = payment.amount.checked_add(payment.discount_amount);
            assert_eq!(subtotal, total, "what {payment:?} costs");
            assert!(
                Money::ZERO <= payment.amount && payment.refunded_amount <= payment.amount,
                "{payment:?}"
            );
            let all_back = payment.amount > Money::ZERO && payment.refunded_amount == payment.amount;
            assert_eq!(payment.status == payments::Status::Refunded, all_back, "{payment:?}");
        }
        assert_eq!(delivered.len(), self.vouchers.len(), "there are vouchers that nobody paid for");
    }

    /// Each use has its record, none was more than there are, and none came after the end.
    fn each_voucher_was_used_as_often_as_it_says(&self) {
        let given_back: BTreeSet<&str> = self.rollbacks.iter().map(|one| one.usage.as_str()).collect();
        let marked = self.usages.iter().filter(|usage| usage.rolled_back_at.is_some());
        let marked: BTreeSet<&str> = marked.map(|usage| usage.id.as_str()).collect();
        assert_eq!(marked, given_back, "uses that were given back, and the records of that");
        for voucher in self.vouchers.values() {
            let of = self.usages.iter().filter(|usage| usage.voucher_code == voucher.code);
            let live: Vec<&Usage> = of.filter(|usage| usage.rolled_back_at.is_none()).collect();
            assert_eq!(voucher.usage_count as usize, live.len(), "{voucher:?} and {live:?}");
            assert!(
                voucher.usage_count as usize + voucher.holds.len() <= voucher.total_uses as usize,
                "{voucher:?}"
            );
            for usage in live {
                assert!(usage.used_at <= voucher.expires_at, "used after its end: {usage:?}");
            }
            let used_up = voucher.usage_count == voucher.total_uses;
            match voucher.status {
                Status::Active | Status::Expired => assert!(!used_up, "{voucher:?}"),
                Status::Used => assert!(used_up, "{voucher:?}"),
                Status::Cancelled => assert!(voucher.holds.is_empty(), "{voucher:?}"),
            }
        }
        let sold = |usage: &Usage| self.vouchers.contains_key(&usage.voucher_code);
        assert!(self.usages.iter().all(sold), "something was used that was never sold");
    }

    /// At most one that stands for each payment; it took what it gives money for, and gave back what it says.
    fn each_refund_is_of_its_payment(&self) {
        for payment in self.payments.values() {
            let of = self.refunds.iter().filter(|refund| refund.payment == payment.id);
            let standing: Vec<&Refund> =
                of.filter(|refund| refund.status != refunds::Status::Cancelled).collect();
            let ids: Vec<&String> = standing.iter().map(|refund| &refund.id).collect();
            assert_eq!(ids, payment.refund.iter().collect::<Vec<_>>(), "the refunds of {payment:?}");
            let done = standing.iter().filter(|refund| refund.status == refunds::Status::Completed);
            let back: i64 = done.map(|refund| refund.amount.minor()).sum();
            assert_eq!(payment.refunded_amount.minor(), back, "what was given back of {payment:?}");
        }
        for refund in &self.refunds {
            assert!(self.payments.contains_key(&refund.payment), "a refund of nothing: {refund:?}");
            let on_its_way = refund.status == refunds::Status::Processing;
            assert_eq!(refund.due.is_some(), on_its_way, "{refund:?}");
            let gone = on_its_way || refund.status == refunds::Status::Completed;
            let disputed = self.payments[&refund.payment].disputed;
            let kept = refund.status == refunds::Status::Failed && disputed;
            assert_eq!(refund.vouchers_cancelled.is_empty(), !gone && !kept, "{refund:?}");
            for code in &refund.vouchers_cancelled {
                let voucher = &self.vouchers[code];
                let dead = (voucher.status, voucher.usage_count) == (Status::Cancelled, 0);
                assert!(dead, "its money is given back: {voucher:?}");
            }
        }
    }

    /// A use for each payment that was not called off, altogether and for each account.
    fn each_discount_counts_its_payments(&self) {
        let mut counted: BTreeMap<(&str, u64), i64> = BTreeMap::new();
        for payment in self.payments.values().filter(|one| one.status != payments::Status::Cancelled) {
            if let Some(code) = &payment.discount_code {
                *counted.entry((code, payment.user)).or_default() += 1;
            }
        }
        for discount in &self.discounts {
            let uses = counted.iter().filter(|((code, _), _)| *code == discount.code);
            assert_eq!(discount.current_uses, uses.map(|(_, uses)| uses).sum::<i64>(), "{discount:?}");
            assert!(discount.max_uses.is_none_or(|most| discount.current_uses <= most), "{discount:?}");
        }
        for kept in self.shelf.of_kind("discount_use") {
            let text = |name: &str| kept[name]["S"].as_str().unwrap_or_default();
            let account = text("pk").rsplit('#').next().and_then(|number| number.parse().ok());
            let code = text("sk").trim_start_matches("DISCOUNT#");
            let uses = account.and_then(|account| counted.remove(&(code, account))).unwrap_or_default();
            assert_eq!(super::number(kept, "uses"), uses, "{kept}");
        }
        assert!(counted.is_empty(), "uses that no account counts: {counted:?}");
    }
}
