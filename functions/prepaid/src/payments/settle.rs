//! Settling: what Stripe says of an intent becomes the state of its payment, and vouchers where it is paid.
//!
//! The customer's confirmation, the events of Stripe, and the jobs all end here; whoever comes first delivers.

use platform::metric;
use stripe::{Intent, NewIntent, Trouble};
use table::{Denied, Tx, again_on};
use wire::{Fault, Stamp};

use super::rules::{self, Verdict};
use super::{CURRENCY, Payment, Refusal, Status, store};
use crate::Prepaid;
use crate::letters::{Told, tell};
use crate::types::VoucherType;
use crate::vouchers::{Voucher, rules::issue};

/// What became of a payment.
pub struct Settled {
    /// The payment as it is now.
    pub payment: Payment,
    /// The vouchers, if they were delivered just now.
    pub delivered: Option<Vec<Voucher>>,
}

impl Prepaid {
    /// Makes of a payment what its intent says. `with` adds to the write what else depends on it.
    pub async fn settle<W>(
        &self,
        payment: Payment,
        intent: &Intent,
        with: W,
    ) -> Result<Settled, Denied<Refusal>>
    where
        W: Fn(Tx<Refusal>, &Payment, &[Voucher], &VoucherType) -> Result<Tx<Refusal>, Fault>,
    {
        let terms = self.terms.one(&self.table, payment.terms).await?;
        let id = payment.id.clone();
        let reload = || self.payment(&id);
        let settling = again_on(payment, reload, async |before| {
            let now = self.clock.now();
            match rules::judge(&before, intent, now).map_err(Denied::Refused)? {
                Verdict::Nothing => Ok(Settled { payment: before, delivered: None }),
                Verdict::Become(after) => {
                    let tx = told(store::change(&before, &after), &before, &after, now);
                    self.table.commit(with(tx, &after, &[], &terms)?).await?;
                    Ok(Settled { payment: after, delivered: None })
                }
                Verdict::Deliver(known) => {
                    let issued = issue(&known, &terms, now);
                    let after = rules::complete(&known, &issued, now);
                    let tx = delivered(store::deliver(&before, &after, &issued), &after, now);
                    self.table.commit(with(tx, &after, &issued, &terms)?).await?;
                    metric::count("PrepaidSales", now);
                    Ok(Settled { payment: after, delivered: Some(issued) })
                }
            }
        });
        let settled = settling.await;
        if matches!(settled, Err(Denied::Refused(Refusal::Mismatch))) {
            metric::count("PrepaidPaymentMismatch", self.clock.now());
            tracing::error!(target: "security", event = "payment_mismatch", payment = id, intent = intent.id);
        }
        settled
    }

    /// The same, where nothing else depends on it.
    pub async fn settle_alone(&self, payment: Payment, intent: &Intent) -> Result<Settled, Denied<Refusal>> {
        self.settle(payment, intent, |tx, _, _, _| Ok(tx)).await
    }

    /// The intent of a payment: the one it has, or the one that is made for it now. Asked twice, it is the same.
    pub async fn intent_of(&self, payment: &Payment, terms: &VoucherType) -> Result<Intent, Trouble> {
        match &payment.intent {
            Some(intent) => self.stripe.intent(intent).await,
            None => self.stripe.create_intent(&intent_key(payment), &new_intent(payment, terms)).await,
        }
    }

    /// A payment that is known to be there.
    pub async fn payment(&self, id: &str) -> Result<Payment, Fault> {
        let found = store::by_id(&self.table, id).await?;
        found.ok_or_else(|| Fault::bug("a payment that was there is there no more"))
    }
}

/// The key by which Stripe knows the making of a payment's intent again.
pub fn intent_key(payment: &Payment) -> String {
    format!("prepaid-pi-{}", payment.id)
}

/// What is asked of Stripe for a payment.
pub fn new_intent(payment: &Payment, terms: &VoucherType) -> NewIntent {
    let intent = unpaid_intent(payment, terms);
    match &payment.card {
        Some(card) => intent.paid_with(card),
        None => intent,
    }
}

/// The same, but for the customer's browser to pay.
pub fn unpaid_intent(payment: &Payment, terms: &VoucherType) -> NewIntent {
    NewIntent::new(payment.amount, CURRENCY)
        .describing(format!("{} x {}", payment.quantity, terms.name))
        .receipt_to(&payment.email)
        .noting("payment_id", &payment.id)
        .noting("user_id", payment.user.to_string())
        .noting("voucher_type", terms.id.to_string())
        .noting("quantity", payment.quantity.to_string())
}

/// What is told of vouchers that are delivered: the receipt, and the gift where it is not sent later.
pub fn delivered<R>(tx: Tx<R>, payment: &Payment, now: Stamp) -> Tx<R> {
    let tx = tx.tell(tell(&Told::Receipt { payment: payment.id.clone() }, now));
    match &payment.gift {
        Some(_) if payment.due.is_none() => tx.tell(tell(&Told::Gift { payment: payment.id.clone() }, now)),
        _ => tx,
    }
}

/// What is told of a payment that changes: only that an attempt to pay it failed.
fn told<R>(tx: Tx<R>, before: &Payment, after: &Payment, now: Stamp) -> Tx<R> {
    let failed = after.status == Status::Failed
        && (before.status != Status::Failed || before.failure_reason != after.failure_reason);
    if failed { tx.tell(tell(&Told::PaymentFailed { payment: after.id.clone() }, now)) } else { tx }
}
