//! What may become of a voucher, and when.

use std::time::Duration;

use wire::Stamp;

use super::{Hold, Refusal, Status, Voucher, code};
use crate::jobs;
use crate::payments::Payment;
use crate::types::VoucherType;

const DAY: Duration = Duration::from_hours(24);

/// How long before the end an owner is reminded, the first time first.
pub const REMINDERS: [Duration; 2] = [Duration::from_hours(7 * 24), DAY];

/// The vouchers of a payment that is completed now.
pub fn issue(payment: &Payment, terms: &VoucherType, now: Stamp) -> Vec<Voucher> {
    let issued = |_| Voucher {
        id: uuid::Uuid::new_v4().to_string(),
        code: code::fresh(),
        user: payment.user,
        email: payment.email.clone(),
        terms: payment.terms,
        type_code: terms.type_code.clone(),
        accepts: terms.accepted_services.clone(),
        price: payment.unit_price,
        status: Status::Active,
        usage_count: 0,
        total_uses: terms.usage_limit,
        holds: Vec::new(),
        last_used_at: None,
        issued_at: now,
        expires_at: now + DAY * terms.validity_days,
        payment: payment.id.clone(),
        recipient: payment.gift.as_ref().map(|gift| gift.email.clone()),
        metadata: serde_json::Map::new(),
        reminders: 0,
    };
    (0..payment.quantity).map(issued).collect()
}

/// The state at a time: what is stored, unless time has moved on.
pub fn shown(voucher: &Voucher, now: Stamp) -> Status {
    match voucher.status {
        Status::Active if now > voucher.expires_at => Status::Expired,
        stored => stored,
    }
}

/// How many uses are neither spent nor held.
fn free(voucher: &Voucher, now: Stamp) -> u32 {
    let held = voucher.holds.iter().filter(|hold| hold.until > now).count();
    let taken = voucher.usage_count.saturating_add(u32::try_from(held).unwrap_or(u32::MAX));
    voucher.total_uses.saturating_sub(taken)
}

/// Whether it can be used now, whatever for.
pub fn is_valid(voucher: &Voucher, now: Stamp) -> bool {
    shown(voucher, now) == Status::Active && voucher.usage_count < voucher.total_uses
}

/// What can still be used, as the owner sees it.
pub fn uses_remaining(voucher: &Voucher, now: Stamp) -> u32 {
    if shown(voucher, now) == Status::Active { voucher.total_uses - voucher.usage_count } else { 0 }
}

/// Whole days until the end.
pub fn days_left(voucher: &Voucher, now: Stamp) -> u64 {
    if now >= voucher.expires_at { 0 } else { voucher.expires_at.since(now).as_secs() / DAY.as_secs() }
}

/// Whether a use of it may be spent or held for a service now.
pub fn admits(voucher: &Voucher, service: &str, now: Stamp) -> Result<(), Refusal> {
    if !is_valid(voucher, now) || free(voucher, now) == 0 {
        return Err(Refusal::NotValid);
    }
    let accepted = voucher.accepts.is_empty() || voucher.accepts.iter().any(|accepted| accepted == service);
    if accepted { Ok(()) } else { Err(Refusal::OtherService) }
}

/// The voucher after one use for a service.
pub fn spend(voucher: &Voucher, service: &str, now: Stamp) -> Result<Voucher, Refusal> {
    admits(voucher, service, now)?;
    Ok(spent(voucher, now))
}

fn spent(voucher: &Voucher, now: Stamp) -> Voucher {
    let usage_count = voucher.usage_count + 1;
    let status = if usage_count >= voucher.total_uses { Status::Used } else { Status::Active };
    Voucher { usage_count, status, last_used_at: Some(now), holds: live(voucher, now), ..voucher.clone() }
}

/// The holds that have not ended.
fn live(voucher: &Voucher, now: Stamp) -> Vec<Hold> {
    voucher.holds.iter().filter(|hold| hold.until > now).cloned().collect()
}

/// The voucher with a use held, for so long or until it ends.
pub fn hold(voucher: &Voucher, hold: Hold, now: Stamp) -> Result<Voucher, Refusal> {
    admits(voucher, &hold.service, now)?;
    let until = hold.until.min(voucher.expires_at);
    let mut holds = live(voucher, now);
    holds.push(Hold { until, ..hold });
    Ok(Voucher { holds, ..voucher.clone() })
}

/// The voucher after what was held is spent, and for which service.
pub fn commit(voucher: &Voucher, id: &str, now: Stamp) -> Result<(Voucher, String), Refusal> {
    let (without, held) = taken_out(voucher, id, now)?;
    if shown(&without, now) != Status::Active {
        return Err(Refusal::HoldOver);
    }
    Ok((spent(&without, now), held.service))
}

/// The voucher after what was held is free again.
pub fn release(voucher: &Voucher, id: &str, now: Stamp) -> Result<Voucher, Refusal> {
    Ok(taken_out(voucher, id, now)?.0)
}

fn taken_out(voucher: &Voucher, id: &str, now: Stamp) -> Result<(Voucher, Hold), Refusal> {
    let mut holds = live(voucher, now);
    let place = holds.iter().position(|hold| hold.id == id).ok_or(Refusal::HoldOver)?;
    let held = holds.remove(place);
    Ok((Voucher { holds, ..voucher.clone() }, held))
}

/// The voucher after whom it was bought for makes it their own; who bought it has it no more.
pub fn claim(voucher: &Voucher, user: u64, email: &str) -> Result<Voucher, Refusal> {
    if voucher.recipient.is_none() {
        return Err(Refusal::NoGift);
    }
    Ok(Voucher { user, email: email.to_owned(), recipient: None, ..voucher.clone() })
}

/// The voucher after a use is given back. What ended or was called off meanwhile stays so.
pub fn give_back(voucher: &Voucher) -> Voucher {
    let status = if voucher.status == Status::Used { Status::Active } else { voucher.status };
    Voucher { usage_count: voucher.usage_count.saturating_sub(1), status, ..voucher.clone() }
}

/// The voucher after staff call it off.
pub fn cancel(voucher: &Voucher, now: Stamp) -> Result<Voucher, Refusal> {
    if shown(voucher, now) != Status::Active {
        return Err(Refusal::NotActive);
    }
    Ok(called_off(voucher))
}

/// The voucher after it was called off, whoever did.
pub fn called_off(voucher: &Voucher) -> Voucher {
    Voucher { status: Status::Cancelled, holds: Vec::new(), ..voucher.clone() }
}

/// The voucher after it comes back from a refund that failed.
pub fn restore(voucher: &Voucher, now: Stamp) -> Voucher {
    if voucher.status != Status::Cancelled {
        return voucher.clone();
    }
    let status = if now > voucher.expires_at { Status::Expired } else { Status::Active };
    Voucher { status, ..voucher.clone() }
}

/// The voucher with another end. Extending brings back what is over, and a past end ends what is active.
pub fn reschedule(voucher: &Voucher, expires_at: Stamp, now: Stamp) -> Result<Voucher, Refusal> {
    if matches!(voucher.status, Status::Used | Status::Cancelled) {
        return Err(Refusal::Terminal);
    }
    let status = if expires_at < now { Status::Expired } else { Status::Active };
    let reminders = if expires_at > voucher.expires_at { 0 } else { voucher.reminders };
    Ok(Voucher { status, expires_at, reminders, ..voucher.clone() })
}

/// The voucher after its end was noticed; none, if it has not come or something else became of it.
pub fn expire(voucher: &Voucher, now: Stamp) -> Option<Voucher> {
    let over = voucher.status == Status::Active && now > voucher.expires_at;
    over.then(|| Voucher { status: Status::Expired, holds: Vec::new(), ..voucher.clone() })
}

/// The voucher after its owner is reminded; none, if there is nothing to be reminded of yet.
///
/// Who is that late that the second reminder is due has no use for the first.
pub fn remind(voucher: &Voucher, now: Stamp) -> Option<Voucher> {
    if !is_valid(voucher, now) {
        return None;
    }
    let passed = REMINDERS.iter().filter(|before| voucher.expires_at - **before <= now).count();
    let reminders = u8::try_from(passed).unwrap_or(u8::MAX);
    (reminders > voucher.reminders).then(|| Voucher { reminders, ..voucher.clone() })
}

/// What time will bring next, and when: the reminders, then the end.
pub fn due(voucher: &Voucher) -> Option<(&'static str, Stamp)> {
    if voucher.status != Status::Active {
        return None;
    }
    let next = REMINDERS.get(usize::from(voucher.reminders));
    Some(match next {
        Some(before) => (jobs::VOUCHER_REMIND, voucher.expires_at - *before),
        None => (jobs::VOUCHER_EXPIRE, voucher.expires_at),
    })
}

/// Whether nobody used it, and it was not called off.
pub fn is_unused(voucher: &Voucher) -> bool {
    voucher.usage_count == 0 && matches!(voucher.status, Status::Active | Status::Expired)
}

/// Whether nobody used it or holds it.
pub fn is_untouched(voucher: &Voucher, now: Stamp) -> bool {
    is_unused(voucher) && live(voucher, now).is_empty()
}

/// Whether the money for it can be asked back: nobody touched it, and it is not over for too long.
pub fn is_refundable(voucher: &Voucher, now: Stamp) -> bool {
    is_untouched(voucher, now) && now <= voucher.expires_at + DAY * 30
}

#[cfg(test)]
mod tests;
