//! The letters that customers get.
//!
//! A write only promises that a letter is written: whom it is for, where they read mail and whether they want it, is
//! looked up when it is. So no request waits for that, and no row carries an address for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Contact;
use outbox::Letter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use table::Message;
use wire::{Choice, Money, Stamp};

use crate::payments::{CURRENCY, Payment};
use crate::refunds::{self, Refund};
use crate::types::{TermsId, VoucherType};
use crate::usages::Usage;
use crate::vouchers::{Voucher, code, rules};
use crate::{CONTEXT, Settings};

/// What a letter is to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Told {
    /// A payment completed.
    Receipt {
        /// The payment.
        payment: String,
    },
    /// An attempt to pay failed.
    PaymentFailed {
        /// The payment.
        payment: String,
    },
    /// Vouchers were bought for somebody.
    Gift {
        /// The payment.
        payment: String,
    },
    /// A voucher was used.
    Redeemed {
        /// The usage.
        usage: String,
    },
    /// Money was asked back.
    RefundRequested {
        /// The refund.
        refund: String,
    },
    /// That was decided, one way or the other.
    RefundDecided {
        /// The refund.
        refund: String,
    },
}

/// The promise of a letter, to be told in the transaction that is its reason.
pub fn tell(told: &Told, now: Stamp) -> Message {
    Message::new(CONTEXT.name, CONTEXT.name, json!({ "letter": told }), now)
}

/// To who bought something: the receipt with the codes.
pub fn receipt(to: &Contact, payment: &Payment, vouchers: &[Voucher], terms: &VoucherType) -> Letter {
    let codes: Vec<Value> = vouchers.iter().map(|voucher| shown(voucher, terms)).collect();
    about(to, payment, terms, "prepaid/receipt")
        .with("vouchers", codes)
        .with("unit_price", text(payment.unit_price))
        .with("discount", text(payment.discount_amount))
        .with("discounted", payment.discount_amount > Money::ZERO)
        .with("payment", payment.id.as_str())
        .with("recipient", payment.gift.as_ref().map(|gift| gift.email.clone()))
}

/// To who could not pay.
pub fn payment_failed(to: &Contact, payment: &Payment, terms: &VoucherType, settings: &Settings) -> Letter {
    about(to, payment, terms, "prepaid/payment-failed")
        .with("reason", payment.failure_reason.clone().unwrap_or_default())
        .with("link", format!("{}/payments/{}", settings.frontend, payment.id))
}

/// To somebody whom vouchers were bought for.
pub fn gift(
    payment: &Payment,
    from: &Contact,
    vouchers: &[Voucher],
    terms: &VoucherType,
    settings: &Settings,
) -> Option<Letter> {
    let gift = payment.gift.as_ref()?;
    let codes: Vec<Value> = vouchers.iter().map(|voucher| shown(voucher, terms)).collect();
    let letter = Letter::new("prepaid/gift", &gift.email)
        .with("name", gift.email.as_str())
        .with("from", from.called())
        .with("message", gift.message.as_str())
        .with("vouchers", codes)
        .with("link", format!("{}/vouchers/claim", settings.frontend));
    Some(letter)
}

/// To the owner of a voucher that was used.
pub fn redeemed(to: &Contact, usage: &Usage) -> Letter {
    letter(to, "prepaid/redeemed")
        .with("code", code::hint(&usage.voucher_code))
        .with("service", usage.service_type.as_str())
        .with("at", usage.used_at.to_string())
        .with("left", usage.left)
        .with("by_other", usage.user != usage.owner)
        .with("reference", usage.id.as_str())
}

/// To the owner of vouchers that end soon.
pub fn expiring<'v>(
    to: &Contact,
    vouchers: impl Iterator<Item = &'v Voucher>,
    terms: &BTreeMap<TermsId, Arc<VoucherType>>,
    now: Stamp,
) -> Message {
    let shown = |voucher: &Voucher| {
        let name = terms.get(&voucher.terms).map_or_else(String::new, |terms| terms.name.clone());
        json!({ "code": voucher.code, "name": name, "uses": rules::uses_remaining(voucher, now),
            "end": voucher.expires_at.to_string() })
    };
    let vouchers: Vec<Value> = vouchers.map(shown).collect();
    letter(to, "prepaid/expiring").with("vouchers", vouchers).message(CONTEXT.name, now)
}

/// To who asked for money back.
pub fn refund_requested(to: &Contact, refund: &Refund) -> Letter {
    asked(letter(to, "prepaid/refund-requested"), refund)
}

/// To the staff, who decide about it.
pub fn refund_to_decide(address: &str, refund: &Refund) -> Letter {
    asked(Letter::new("prepaid/refund-requested", address).with("name", "all"), refund)
}

/// To who asked for money back, once that is decided.
pub fn refund_decided(to: &Contact, refund: &Refund) -> Letter {
    concluded(letter(to, "prepaid/refund-decided"), refund)
}

/// To the staff, when money could not be given back.
pub fn refund_failed(address: &str, refund: &Refund) -> Letter {
    concluded(Letter::new("prepaid/refund-decided", address).with("name", "all"), refund)
}

fn asked(letter: Letter, refund: &Refund) -> Letter {
    letter
        .with("payment", refund.payment.as_str())
        .with("amount", text(refund.amount))
        .with("currency", CURRENCY)
        .with("reason", refund.reason.as_str().replace('_', " "))
        .with("notes", refund.notes.as_str())
}

fn concluded(letter: Letter, refund: &Refund) -> Letter {
    let decision = match refund.status {
        refunds::Status::Completed => "completed",
        refunds::Status::Cancelled => "rejected",
        refunds::Status::Failed => "failed",
        refunds::Status::Pending | refunds::Status::Processing => "on its way",
    };
    asked(letter, refund)
        .with("decision", decision)
        .with("note", refund.admin_notes.as_str())
        .with("codes", refund.vouchers_cancelled.clone())
}

fn about(to: &Contact, payment: &Payment, terms: &VoucherType, template: &str) -> Letter {
    letter(to, template)
        .with("service", terms.name.as_str())
        .with("quantity", payment.quantity)
        .with("total", text(payment.amount))
        .with("currency", CURRENCY)
}

fn shown(voucher: &Voucher, terms: &VoucherType) -> Value {
    json!({ "code": voucher.code, "name": terms.name, "uses": voucher.total_uses - voucher.usage_count,
        "end": voucher.expires_at.to_string() })
}

fn letter(to: &Contact, template: &str) -> Letter {
    Letter::new(template, &to.email).with("name", to.called())
}

fn text(amount: Money) -> String {
    amount.to_string()
}
