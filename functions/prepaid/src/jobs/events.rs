//! What Stripe tells. It tells it twice, late and in any order, so each notice only says where to look.

use platform::metric;
use stripe::{Happening, Intent, Notice, Trouble};
use table::{Condition, Denied, Tx, Update, again, settled};
use wire::Fault;

use crate::Prepaid;
use crate::payments::Payment;
use crate::payments::store::{self as payments, by_id, event_key};
use crate::refunds::{Status, store as refunds};
use crate::vouchers::{Voucher, rules, store::change};

/// Does what follows from an event, and notes that it was done.
pub(super) async fn take(prepaid: &Prepaid, notice: &Notice) -> Result<(), Fault> {
    match &notice.happening {
        Happening::IntentSucceeded
        | Happening::IntentFailed
        | Happening::IntentProcessing
        | Happening::IntentCanceled => intent_changed(prepaid, notice).await?,
        Happening::ChargeRefunded | Happening::RefundUpdated | Happening::RefundFailed => {
            refund_changed(prepaid, notice).await?;
        }
        Happening::DisputeCreated => disputed(prepaid, notice).await?,
        Happening::Other(_) => {}
    }
    let row = Update::when(event_key(&notice.event), Condition::exists());
    settled(prepaid.table.apply(row.set("processed_at", prepaid.clock.now()), ()).await.map(drop))
}

async fn intent_changed(prepaid: &Prepaid, notice: &Notice) -> Result<(), Fault> {
    let Some((intent, payment)) = looked_up(prepaid, notice).await? else { return Ok(()) };
    match prepaid.settle_alone(payment, &intent).await {
        // What does not match was told of where that was found.
        Ok(_) | Err(Denied::Refused(_)) => Ok(()),
        Err(denied) => settled(Err(denied)),
    }
}

async fn refund_changed(prepaid: &Prepaid, notice: &Notice) -> Result<(), Fault> {
    let named = match notice.metadata.get("refund_id") {
        Some(id) => refunds::by_id(&prepaid.table, id).await?,
        None => match looked_up(prepaid, notice).await? {
            Some((_, payment)) => refunds::of_payment(&prepaid.table, &payment).await?,
            None => None,
        },
    };
    let Some(refund) = named else {
        tracing::warn!(target: "prepaid", event = "refund_unknown", notice = notice.event);
        return Ok(());
    };
    // The bank sent back what had arrived. Whose the money is now, a person has to find out.
    if refund.status == Status::Completed && notice.happening == Happening::RefundFailed {
        metric::count("PrepaidRefundFailed", prepaid.clock.now());
        tracing::error!(target: "prepaid", event = "refund_came_back", refund = refund.id);
    }
    prepaid.advance_refund(refund).await.map(drop)
}

/// A customer asks their bank for the money: what was not used of it is good no more.
async fn disputed(prepaid: &Prepaid, notice: &Notice) -> Result<(), Fault> {
    let Some((intent, payment)) = looked_up(prepaid, notice).await? else { return Ok(()) };
    metric::count("PrepaidDispute", prepaid.clock.now());
    tracing::error!(target: "security", event = "payment_disputed", payment = payment.id);
    // That it was paid may not have been told yet: what is delivered later would stay good.
    let id = match prepaid.settle_alone(payment, &intent).await {
        Ok(settled) => settled.payment.id,
        Err(Denied::Refused(_)) => return Ok(()),
        Err(denied) => return settled(Err(denied)),
    };
    let done = again(async || {
        let payment = prepaid.payment(&id).await?;
        let bought = prepaid.bought(&payment).await?;
        // Also what is held: holding a use again and again would else keep it from being called off.
        let unused = bought.iter().filter(|voucher| rules::is_unused(voucher));
        let called_off: Vec<(&Voucher, Voucher)> =
            unused.map(|voucher| (voucher, rules::called_off(voucher))).collect();
        if called_off.is_empty() && payment.disputed {
            return Ok(());
        }
        let noted = payments::change(&payment, &Payment { disputed: true, ..payment.clone() });
        let tx = called_off.iter().fold(noted, |tx: Tx<()>, (before, after)| change(tx, before, after));
        prepaid.table.commit(tx).await
    });
    settled(done.await)
}

/// The intent that an event is about, as it is now, and its payment. What should be ours and is not is told of; an
/// intent in which no payment is noted was made by somebody else with the same account at Stripe.
async fn looked_up(prepaid: &Prepaid, notice: &Notice) -> Result<Option<(Intent, Payment)>, Fault> {
    let Some(id) = &notice.intent else { return Ok(None) };
    let intent = match prepaid.stripe.intent(id).await {
        Ok(intent) => intent,
        Err(trouble @ Trouble::Unavailable(_)) => return Err(trouble.into()),
        Err(_) => return Ok(unknown(prepaid, notice)),
    };
    let Some(payment) = intent.metadata.get("payment_id") else { return Ok(None) };
    match by_id(&prepaid.table, payment).await? {
        Some(payment) => Ok(Some((intent, payment))),
        None => Ok(unknown(prepaid, notice)),
    }
}

fn unknown<T>(prepaid: &Prepaid, notice: &Notice) -> Option<T> {
    metric::count("PrepaidPaymentUnknown", prepaid.clock.now());
    tracing::error!(target: "security", event = "payment_unknown", notice = notice.event);
    None
}
