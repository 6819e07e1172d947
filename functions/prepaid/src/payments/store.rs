//! Where payments are kept.

use serde::{Deserialize, Serialize};
use table::{Key, Row, Table, Tx};
use wire::{Choice, Fault};

use super::{Payment, Refusal, Status};
use crate::discounts::{Discount, store as discounts};
use crate::ids::{account_of, account_partition};
use crate::vouchers::{Voucher, store as vouchers};

/// The row of a payment.
pub fn payment_key(account: u64, id: &str) -> Key {
    Key::new(account_partition(account), format!("PAYMENT#{id}"))
}

/// The row of an event of Stripe's, which the function behind the webhook made.
pub fn event_key(event: &str) -> Key {
    Key::new(format!("PREPAID#WEBHOOK#{event}"), "EVENT")
}

/// The payments in one state, in the index.
pub fn status_partition(status: Status) -> String {
    format!("PREPAID#PAYMENTS#{}", status.as_str())
}

/// The payment that an account's intent at Stripe is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OfIntent {
    intent: String,
    user: u64,
    payment: String,
}

impl Row for OfIntent {
    const KIND: &'static str = "intent";

    fn key(&self) -> Key {
        intent_key(self.user, &self.intent)
    }
}

fn intent_key(account: u64, intent: &str) -> Key {
    Key::new(account_partition(account), format!("INTENT#{intent}"))
}

/// A payment by its id, as the newest write left it.
pub async fn by_id(table: &Table, id: &str) -> Result<Option<Payment>, Fault> {
    match account_of(id) {
        Some(account) => table.get_strong(&payment_key(account, id)).await,
        None => Ok(None),
    }
}

/// The payment of an account for which an intent is, as the newest write left it.
pub async fn by_intent(table: &Table, account: u64, intent: &str) -> Result<Option<Payment>, Fault> {
    // Ids of Stripe's are short; what is longer might be too long for a key.
    if intent.len() > 255 {
        return Ok(None);
    }
    let found: Option<OfIntent> = table.get_strong(&intent_key(account, intent)).await?;
    match found {
        Some(found) => table.get_strong(&payment_key(account, &found.payment)).await,
        None => Ok(None),
    }
}

/// A new payment, which reserves a use of its discount.
pub fn open(payment: &Payment, discount: Option<&Discount>) -> Tx<Refusal> {
    let tx = Tx::new().append(payment).moved(None, payment);
    match discount {
        Some(discount) => discounts::reserve(tx, discount, payment.user, Refusal::UsedAlready),
        None => tx,
    }
}

/// A change of a payment: what it was judged by must still be so. What it reserved is free again once it is called off,
/// and is taken again should it be paid all the same.
pub fn change<R>(before: &Payment, after: &Payment) -> Tx<R> {
    let judged = ["status", "intent", "refunded_amount", "refund", "disputed", "due"];
    let tx = Tx::new().change(before, after, &judged).moved(Some(before), after);
    let tx = if before.intent.is_none() { named(tx, after) } else { tx };
    let is_off = |payment: &Payment| payment.status == Status::Cancelled;
    match (&after.discount_code, is_off(before), is_off(after)) {
        (Some(code), false, true) => discounts::release(tx, code, after.user),
        (Some(code), true, false) => discounts::take_again(tx, code, after.user),
        _ => tx,
    }
}

/// The delivery: the payment is complete and its vouchers are there, both or neither.
pub fn deliver<R>(before: &Payment, after: &Payment, issued: &[Voucher]) -> Tx<R> {
    vouchers::issue(change(before, after), issued)
}

/// The delivery of what costs nothing, which is a payment made and completed at once.
pub fn give(payment: &Payment, discount: Option<&Discount>, issued: &[Voucher]) -> Tx<Refusal> {
    vouchers::issue(open(payment, discount), issued)
}

/// An intent leads to its payment from the moment at which the payment knows it.
fn named<R>(tx: Tx<R>, payment: &Payment) -> Tx<R> {
    let Some(intent) = payment.intent.clone() else { return tx };
    tx.append(&OfIntent { intent, user: payment.user, payment: payment.id.clone() })
}
