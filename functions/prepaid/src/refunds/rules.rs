//! How much can be given back, and what becomes of a refund.

use std::time::Duration;

use stripe::RefundStatus;
use wire::{Money, Stamp};

use super::{Reason, Refund, Refusal, Status};
use crate::payments::{self, Method, Payment};
use crate::vouchers::{Voucher, rules as vouchers};

/// How long after it was paid money can be asked back.
const PERIOD: Duration = Duration::from_hours(90 * 24);

/// How long after the approval Stripe is asked about it, and how often from then on.
const FIRST_LOOK: Duration = Duration::from_mins(5);
const NEXT_LOOK: Duration = Duration::from_hours(1);

/// What somebody wants back.
#[derive(Clone, Debug)]
pub struct Wish {
    /// How much; all that can be, where nothing is said.
    pub amount: Option<Money>,
    /// Why.
    pub reason: Reason,
    /// What else they say.
    pub notes: String,
}

/// A refund as it is asked for.
pub fn request(
    id: String,
    payment: &Payment,
    bought: &[Voucher],
    wish: Wish,
    now: Stamp,
) -> Result<Refund, Refusal> {
    let paid = payment.completed_at.filter(|_| payment.is_paid()).ok_or(Refusal::NoPayment)?;
    if payment.method == Method::Free {
        return Err(Refusal::Free);
    }
    if payment.refund.is_some() {
        return Err(Refusal::Twice);
    }
    if now > paid + PERIOD {
        return Err(Refusal::TooLate);
    }
    let most = refundable(payment, bought, now);
    if most == Money::ZERO {
        return Err(Refusal::NothingLeft);
    }
    let amount = wish.amount.unwrap_or(most);
    if amount <= Money::ZERO || amount > most {
        return Err(Refusal::TooMuch(most));
    }
    Ok(Refund {
        id,
        user: payment.user,
        email: payment.email.clone(),
        payment: payment.id.clone(),
        amount,
        reason: wish.reason,
        status: Status::Pending,
        notes: wish.notes,
        admin_notes: String::new(),
        vouchers_cancelled: Vec::new(),
        at_stripe: None,
        processed_by: None,
        due: None,
        created_at: now,
        processed_at: None,
    })
}

/// How much of a payment can be given back: the part of the unused vouchers, rounded down to the cent. A gift that was
/// claimed is not the buyer's any more.
pub fn refundable(payment: &Payment, bought: &[Voucher], now: Stamp) -> Money {
    let mine = bought.iter().filter(|voucher| voucher.user == payment.user);
    let unused = mine.filter(|voucher| vouchers::is_refundable(voucher, now)).count();
    let unused = i64::try_from(unused).unwrap_or_default();
    Money::from_minor(payment.amount.minor() * unused / i64::from(payment.quantity))
}

/// How many vouchers an amount takes: as many as it pays for, the last one in part.
fn taken_by(amount: Money, payment: &Payment) -> usize {
    let (parts, whole) = (amount.minor() * i64::from(payment.quantity), payment.amount.minor().max(1));
    usize::try_from((parts + whole - 1) / whole).unwrap_or_default()
}

/// A refund that is approved, and the vouchers it takes: before and after, the newest first.
///
/// Whether it was asked for in time was judged when it was: nobody loses it by waiting for the staff.
pub fn approve(
    refund: &Refund,
    payment: &Payment,
    bought: &[Voucher],
    (by, notes): (u64, String),
    now: Stamp,
) -> Result<(Refund, Vec<(Voucher, Voucher)>), Refusal> {
    if refund.status != Status::Pending {
        return Err(Refusal::NotPending);
    }
    let wanted = taken_by(refund.amount, payment);
    let mine = bought.iter().rev().filter(|voucher| voucher.user == payment.user);
    let unused = mine.filter(|voucher| vouchers::is_untouched(voucher, now));
    let taken: Vec<_> =
        unused.take(wanted).map(|voucher| (voucher.clone(), vouchers::called_off(voucher))).collect();
    if taken.len() < wanted {
        return Err(Refusal::Used);
    }
    let approved = Refund {
        status: Status::Processing,
        admin_notes: notes,
        vouchers_cancelled: taken.iter().map(|(voucher, _)| voucher.code.clone()).collect(),
        processed_by: Some(by),
        due: Some(now + FIRST_LOOK),
        ..refund.clone()
    };
    Ok((approved, taken))
}

/// A refund that is refused. Another one may be asked for.
pub fn reject(refund: &Refund, (by, notes): (u64, String), now: Stamp) -> Result<Refund, Refusal> {
    if refund.status != Status::Pending {
        return Err(Refusal::NotPending);
    }
    let admin_notes = if notes.is_empty() { refund.admin_notes.clone() } else { notes };
    Ok(Refund {
        status: Status::Cancelled,
        admin_notes,
        processed_by: Some(by),
        processed_at: Some(now),
        ..refund.clone()
    })
}

/// What Stripe says of a refund that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The money is back.
    Done(Refund),
    /// It could not be given back.
    Failed(Refund),
    /// It is still on its way: look again then.
    Waiting(Refund),
}

/// What Stripe says of a refund.
#[derive(Clone, Copy, Debug)]
pub enum AtStripe<'a> {
    /// It has this id, and is that far.
    Is(&'a str, &'a RefundStatus),
    /// The money was given back before.
    DoneBefore,
    /// It does not give the money back.
    Refused,
}

/// Judges a refund by what Stripe says of it; nothing is left to judge of one that is not on its way.
pub fn judge(refund: &Refund, said: &AtStripe<'_>, now: Stamp) -> Option<Verdict> {
    if refund.status != Status::Processing {
        return None;
    }
    let (id, status) = match said {
        AtStripe::Is(id, status) => (*id, *status),
        AtStripe::DoneBefore => return Some(Verdict::Done(over(refund, Status::Completed, now))),
        AtStripe::Refused => return Some(Verdict::Failed(over(refund, Status::Failed, now))),
    };
    let known = Refund { at_stripe: Some(id.to_owned()), ..refund.clone() };
    Some(match status {
        RefundStatus::Succeeded => Verdict::Done(over(&known, Status::Completed, now)),
        RefundStatus::Failed | RefundStatus::Canceled => Verdict::Failed(over(&known, Status::Failed, now)),
        _ => Verdict::Waiting(Refund { due: Some(now + NEXT_LOOK), ..known }),
    })
}

fn over(refund: &Refund, status: Status, now: Stamp) -> Refund {
    Refund { status, due: None, processed_at: Some(now), ..refund.clone() }
}

/// The payment after so much was given back.
pub fn given_back(payment: &Payment, amount: Money, now: Stamp) -> Payment {
    let refunded_amount =
        payment.refunded_amount.checked_add(amount).unwrap_or(payment.amount).min(payment.amount);
    let all = refunded_amount == payment.amount;
    let status = if all { payments::Status::Refunded } else { payment.status };
    Payment { refunded_amount, status, updated_at: now, ..payment.clone() }
}

#[cfg(test)]
mod tests;
