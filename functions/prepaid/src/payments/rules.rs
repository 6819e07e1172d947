//! What a payment costs, and what may become of it.

use std::time::Duration;

use stripe::{Intent, IntentStatus};
use wire::{Money, Stamp};

use super::{CURRENCY, Gift, Method, Payment, Refusal, Status};
use crate::discounts::{Discount, rules::taken_off};
use crate::jobs;
use crate::types::VoucherType;
use crate::vouchers::Voucher;

/// The least that a card is charged.
const LEAST: Money = Money::from_minor(50);

/// The most that Stripe charges at once.
const MOST: Money = Money::from_minor(99_999_999);

/// How long after it was made a payment is looked at, and how often from then on.
const FIRST_LOOK: Duration = Duration::from_mins(5);
const NEXT_LOOK: Duration = Duration::from_mins(10);

/// How long somebody may take to pay.
const PATIENCE: Duration = Duration::from_hours(1);

/// What somebody wants to buy.
#[derive(Clone, Debug)]
pub struct Order {
    /// What.
    pub sold: VoucherType,
    /// How many.
    pub quantity: u32,
    /// With which discount.
    pub discount: Option<Discount>,
    /// On which card, where it is charged at once.
    pub card: Option<String>,
    /// For whom, if not for the buyer.
    pub gift: Option<Gift>,
}

/// A payment for an order: pending, or completed where there is nothing to pay.
pub fn open(id: String, user: u64, email: &str, order: &Order, now: Stamp) -> Result<Payment, Refusal> {
    let unit_price = order.sold.price;
    // Ten times the highest price is far below what the type holds.
    let subtotal = unit_price.times(i64::from(order.quantity)).unwrap_or(unit_price);
    let discount_amount =
        order.discount.as_ref().map_or(Money::ZERO, |discount| taken_off(discount, subtotal));
    let amount = subtotal.checked_sub(discount_amount).unwrap_or_default();
    let free = amount == Money::ZERO;
    if !free && amount < LEAST {
        return Err(Refusal::TooSmall);
    }
    if amount > MOST {
        return Err(Refusal::TooLarge);
    }
    Ok(Payment {
        id,
        user,
        email: email.to_owned(),
        terms: order.sold.terms(),
        quantity: order.quantity,
        unit_price,
        discount_amount,
        discount_code: order.discount.as_ref().map(|discount| discount.code.clone()),
        amount,
        refunded_amount: Money::ZERO,
        status: Status::Pending,
        method: if free { Method::Free } else { Method::Stripe },
        card: order.card.clone().filter(|_| !free),
        intent: None,
        charge: None,
        failure_reason: None,
        voucher_codes: Vec::new(),
        gift: order.gift.clone(),
        refund: None,
        disputed: false,
        due: Some(now + FIRST_LOOK),
        created_at: now,
        updated_at: now,
        completed_at: None,
    })
}

/// The payment after its vouchers were delivered.
pub fn complete(payment: &Payment, vouchers: &[Voucher], now: Stamp) -> Payment {
    Payment {
        status: Status::Completed,
        voucher_codes: vouchers.iter().map(|voucher| voucher.code.clone()).collect(),
        failure_reason: None,
        due: payment.gift.as_ref().and_then(|gift| gift.send_at).filter(|at| *at > now),
        completed_at: Some(now),
        updated_at: now,
        ..payment.clone()
    }
}

/// What an intent means for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is paid: deliver, and complete this.
    Deliver(Payment),
    /// It becomes this.
    Become(Payment),
    /// Nothing new.
    Nothing,
}

/// Judges a payment by the intent as Stripe tells it. Events come late, twice and in any order; this does not mind.
pub fn judge(payment: &Payment, intent: &Intent, now: Stamp) -> Result<Verdict, Refusal> {
    if payment.is_paid() {
        return Ok(Verdict::Nothing);
    }
    if !belongs(payment, intent) {
        return Err(Refusal::Mismatch);
    }
    let known = Payment {
        intent: Some(intent.id.clone()),
        charge: intent.latest_charge.clone().or_else(|| payment.charge.clone()),
        ..payment.clone()
    };
    let waiting = matches!(payment.status, Status::Pending | Status::Processing | Status::Failed);
    let becomes = match &intent.status {
        // Stripe is the truth: also what was called off here is delivered when it was paid all the same.
        IntentStatus::Succeeded if intent.amount_received == payment.amount => {
            return Ok(Verdict::Deliver(known));
        }
        IntentStatus::Succeeded => return Err(Refusal::Mismatch),
        IntentStatus::Canceled if waiting => cancelled(&known),
        IntentStatus::Processing if waiting => Payment { status: Status::Processing, ..known },
        IntentStatus::RequiresPaymentMethod if waiting => match &intent.last_error {
            Some(error) => failed(&known, error.message.as_deref()),
            None => known,
        },
        _ => known,
    };
    Ok(if becomes == *payment {
        Verdict::Nothing
    } else {
        Verdict::Become(Payment { updated_at: now, ..becomes })
    })
}

/// Whether an intent is this payment's: by what we noted in it, what it is for, and in which currency.
fn belongs(payment: &Payment, intent: &Intent) -> bool {
    payment.intent.as_ref().is_none_or(|known| *known == intent.id)
        && intent.metadata.get("payment_id") == Some(&payment.id)
        && intent.amount == payment.amount
        && intent.currency.eq_ignore_ascii_case(CURRENCY)
}

/// The payment after an attempt to pay failed.
pub fn failed(payment: &Payment, why: Option<&str>) -> Payment {
    let why = why.unwrap_or("Your card was declined.").chars().take(500).collect();
    Payment { status: Status::Failed, failure_reason: Some(why), ..payment.clone() }
}

/// The payment after it was called off.
pub fn cancelled(payment: &Payment) -> Payment {
    Payment { status: Status::Cancelled, due: None, ..payment.clone() }
}

/// Whether somebody has taken too long to pay.
pub fn is_stale(payment: &Payment, now: Stamp) -> bool {
    matches!(payment.status, Status::Pending | Status::Failed) && now >= payment.created_at + PATIENCE
}

/// The payment that is looked at again after a while.
pub fn look_again(payment: &Payment, now: Stamp) -> Payment {
    let pause = if now >= payment.created_at + PATIENCE { PATIENCE } else { NEXT_LOOK };
    Payment { due: Some(now + pause), ..payment.clone() }
}

/// What is to be done for a payment when its time comes.
pub fn due_for(payment: &Payment) -> &'static str {
    if payment.is_paid() { jobs::GIFT_SEND } else { jobs::PAYMENT_CHECK }
}

#[cfg(test)]
mod tests;
