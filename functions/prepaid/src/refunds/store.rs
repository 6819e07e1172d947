//! Where refunds are kept.

use table::{Key, Table, Tx};
use wire::{Choice, Fault};

use super::{Refund, Status};
use crate::ids::{account_of, account_partition};
use crate::payments::{Payment, store as payments};
use crate::vouchers::{Voucher, store as vouchers};

/// The row of a refund.
pub fn refund_key(account: u64, id: &str) -> Key {
    Key::new(account_partition(account), format!("REFUND#{id}"))
}

/// The refunds in one state, in the index.
pub fn status_partition(status: Status) -> String {
    format!("PREPAID#REFUNDS#{}", status.as_str())
}

/// A refund by its id, as the newest write left it.
pub async fn by_id(table: &Table, id: &str) -> Result<Option<Refund>, Fault> {
    match account_of(id) {
        Some(account) => table.get_strong(&refund_key(account, id)).await,
        None => Ok(None),
    }
}

/// The refund of a payment that was asked for and not refused.
pub async fn of_payment(table: &Table, payment: &Payment) -> Result<Option<Refund>, Fault> {
    match &payment.refund {
        Some(id) => by_id(table, id).await,
        None => Ok(None),
    }
}

/// A new refund, which its payment knows of.
pub fn request<R>(payment: &Payment, refund: &Refund) -> Tx<R> {
    let known = Payment { refund: Some(refund.id.clone()), ..payment.clone() };
    payments::change(payment, &known).append(refund).moved(None, refund)
}

/// A change of a refund: what it was judged by must still be so.
pub fn change<R>(tx: Tx<R>, before: &Refund, after: &Refund) -> Tx<R> {
    tx.change(before, after, &["status"]).moved(Some(before), after)
}

/// A refusal: the payment is free for another request.
pub fn reject<R>(payment: &Payment, before: &Refund, after: &Refund) -> Tx<R> {
    let free = Payment { refund: None, ..payment.clone() };
    change(payments::change(payment, &free), before, after)
}

/// A change of a refund and of vouchers: all of them or none.
pub fn with_vouchers<R>(before: &Refund, after: &Refund, changed: &[(Voucher, Voucher)]) -> Tx<R> {
    let tx = change(Tx::new(), before, after);
    changed.iter().fold(tx, |tx, (before, after)| vouchers::change(tx, before, after))
}

/// The money is back: the refund is done, and its payment brought less.
pub fn give_back<R>(payment: (&Payment, &Payment), refund: (&Refund, &Refund)) -> Tx<R> {
    change(payments::change(payment.0, payment.1), refund.0, refund.1)
}
