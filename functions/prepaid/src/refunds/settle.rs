//! Giving the money back at Stripe, and taking note of what became of it.

use platform::metric;
use stripe::{NewRefund, RefundStatus, Trouble};
use table::{Denied, again_on};
use wire::{Fault, Stamp};

use super::rules::{self, AtStripe, Verdict};
use super::{Refund, Status, store};
use crate::Prepaid;
use crate::letters::{Told, tell};
use crate::payments::Payment;
use crate::vouchers::{Voucher, rules as vouchers, store::by_codes};

impl Prepaid {
    /// Asks Stripe to give the money back, or what became of that, and makes of the refund what it says.
    ///
    /// Asked twice, Stripe does it once. While it does not answer, the refund stays on its way. What is not on its way
    /// is not asked for: no event moves money that nobody approved, or moves it again.
    pub async fn advance_refund(&self, refund: Refund) -> Result<Refund, Fault> {
        if refund.status != Status::Processing {
            return Ok(refund);
        }
        let payment = self.payment(&refund.payment).await?;
        let asked = match (&refund.at_stripe, &payment.intent) {
            (Some(id), _) => self.stripe.find_refund(id).await,
            (None, Some(intent)) => {
                self.stripe.refund(&refund_key(&refund), &new_refund(&refund, intent)).await
            }
            (None, None) => return Err(Fault::bug("a refund of a payment without an intent")),
        };
        let answer = match &asked {
            Ok(told) => AtStripe::Is(&told.id, told.status.as_ref().unwrap_or(&RefundStatus::Pending)),
            // Somebody gave it back there by hand.
            Err(trouble) if trouble.is("charge_already_refunded") => AtStripe::DoneBefore,
            Err(Trouble::Refused(refusal)) if matches!(refusal.status, 400 | 402 | 404) => {
                tracing::error!(target: "fault", code = ?refusal.code, refund = refund.id, "Stripe refuses a refund");
                AtStripe::Refused
            }
            Err(trouble) => {
                tracing::warn!(target: "fault", %trouble, refund = refund.id, "Stripe does not answer as it should");
                return Ok(refund);
            }
        };
        let id = refund.id.clone();
        let reload = async || {
            let found = store::by_id(&self.table, &id).await?;
            found.ok_or_else(|| Fault::bug("a refund that was there is there no more"))
        };
        let settling = again_on(refund, reload, async |before| {
            let now = self.clock.now();
            match rules::judge(&before, &answer, now) {
                None => Ok(before),
                Some(Verdict::Waiting(after)) => {
                    self.table.commit::<()>(store::change(table::Tx::new(), &before, &after)).await?;
                    Ok(after)
                }
                Some(Verdict::Done(after)) => {
                    let payment = self.payment(&before.payment).await?;
                    let less = rules::given_back(&payment, before.amount, now);
                    let tx = store::give_back((&payment, &less), (&before, &after));
                    self.table.commit(tx.tell(decided(&after, now))).await?;
                    Ok(after)
                }
                Some(Verdict::Failed(after)) => {
                    let disputed = self.payment(&before.payment).await?.disputed;
                    // What the customer gets back from their bank does not come back to them as vouchers.
                    let restored = if disputed { Vec::new() } else { self.restored(&before, now).await? };
                    let left = if disputed { after.vouchers_cancelled } else { Vec::new() };
                    let after = Refund { vouchers_cancelled: left, ..after };
                    let tx = store::with_vouchers(&before, &after, &restored);
                    self.table.commit(tx.tell(decided(&after, now))).await?;
                    metric::count("PrepaidRefundFailed", now);
                    tracing::error!(target: "prepaid", event = "refund_failed", refund = after.id);
                    Ok(after)
                }
            }
        });
        settling.await.map_err(|denied| match denied {
            Denied::Fault(fault) => fault,
            _ => Fault::busy("a refund kept changing"),
        })
    }

    /// The vouchers that a refund took, before and after they are good again.
    async fn restored(&self, refund: &Refund, now: Stamp) -> Result<Vec<(Voucher, Voucher)>, Fault> {
        let taken = by_codes(&self.table, &refund.vouchers_cancelled).await?;
        let restored = |voucher: Voucher| {
            let after = vouchers::restore(&voucher, now);
            (voucher, after)
        };
        Ok(taken.into_iter().map(restored).collect())
    }

    /// The vouchers of a payment, in the order in which they were issued.
    pub async fn bought(&self, payment: &Payment) -> Result<Vec<Voucher>, Fault> {
        Ok(self.delivered(payment).await?.unwrap_or_default())
    }
}

/// What is told of a refund that is decided.
pub fn decided(refund: &Refund, now: Stamp) -> table::Message {
    tell(&Told::RefundDecided { refund: refund.id.clone() }, now)
}

/// The key by which Stripe knows a refund again.
fn refund_key(refund: &Refund) -> String {
    format!("prepaid-re-{}", refund.id)
}

fn new_refund(refund: &Refund, intent: &str) -> NewRefund {
    let wanted = NewRefund::of(intent, refund.amount).noting("refund_id", &refund.id);
    match refund.reason.at_stripe() {
        Some(reason) => wanted.because(reason),
        None => wanted,
    }
}
