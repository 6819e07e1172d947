//! Letters that were promised: looked up, written, and handed to the mailer.

use access::contact;
use outbox::Letter;
use table::{Denied, Message, Tx};
use wire::Fault;

use crate::letters::{self, Told};
use crate::vouchers::{Voucher, rules};
use crate::{CONTEXT, Prepaid, refunds, usages};

/// Writes a letter. What is told twice is written once, since the letter has the number of what was told.
pub(super) async fn write(prepaid: &Prepaid, id: &str, told: Told) -> Result<(), Fault> {
    let letters = match told {
        Told::Receipt { payment } => receipt(prepaid, &payment).await?,
        Told::PaymentFailed { payment } => payment_failed(prepaid, &payment).await?,
        Told::Gift { payment } => gift(prepaid, &payment).await?,
        Told::Redeemed { usage } => redeemed(prepaid, &usage).await?,
        Told::RefundRequested { refund } => refund_requested(prepaid, &refund).await?,
        Told::RefundDecided { refund } => refund_decided(prepaid, &refund).await?,
    };
    let now = prepaid.clock.now();
    for (place, letter) in letters.into_iter().enumerate() {
        let message = Message { id: format!("{id}-{place}"), ..letter.message(CONTEXT.name, now) };
        match prepaid.table.commit(Tx::<()>::new().tell(message)).await {
            // Its row is there: it was written before.
            Ok(()) | Err(Denied::Stale) => {}
            Err(Denied::Fault(fault)) => return Err(fault),
            Err(_) => return Err(Fault::bug("a letter was refused")),
        }
    }
    Ok(())
}

async fn receipt(prepaid: &Prepaid, id: &str) -> Result<Vec<Letter>, Fault> {
    let payment = prepaid.payment(id).await?;
    let (to, vouchers, terms) = tokio::try_join!(
        contact(&prepaid.table, payment.user),
        prepaid.bought(&payment),
        prepaid.terms.one(&prepaid.table, payment.terms)
    )?;
    let to = to.filter(|to| to.wants("purchase_email"));
    Ok(to.map(|to| letters::receipt(&to, &payment, &vouchers, &terms)).into_iter().collect())
}

async fn payment_failed(prepaid: &Prepaid, id: &str) -> Result<Vec<Letter>, Fault> {
    let payment = prepaid.payment(id).await?;
    if payment.is_paid() {
        return Ok(Vec::new());
    }
    let (to, terms) = tokio::try_join!(
        contact(&prepaid.table, payment.user),
        prepaid.terms.one(&prepaid.table, payment.terms)
    )?;
    let to = to.filter(|to| to.wants("purchase_email"));
    Ok(to.map(|to| letters::payment_failed(&to, &payment, &terms, &prepaid.settings)).into_iter().collect())
}

async fn gift(prepaid: &Prepaid, id: &str) -> Result<Vec<Letter>, Fault> {
    let payment = prepaid.payment(id).await?;
    let (from, vouchers, terms) = tokio::try_join!(
        contact(&prepaid.table, payment.user),
        prepaid.bought(&payment),
        prepaid.terms.one(&prepaid.table, payment.terms)
    )?;
    let now = prepaid.clock.now();
    // Until it is sent, the money may come back to the buyer, or the bank take it, and the codes be dead.
    let good: Vec<Voucher> = vouchers.into_iter().filter(|voucher| rules::is_valid(voucher, now)).collect();
    let from = from.filter(|_| !good.is_empty());
    let letter = from.and_then(|from| letters::gift(&payment, &from, &good, &terms, &prepaid.settings));
    Ok(letter.into_iter().collect())
}

async fn redeemed(prepaid: &Prepaid, id: &str) -> Result<Vec<Letter>, Fault> {
    let Some(usage) = usages::store::by_id(&prepaid.table, id).await? else { return Ok(Vec::new()) };
    let owner = contact(&prepaid.table, usage.owner).await?.filter(|to| to.wants("redemption_email"));
    Ok(owner.map(|owner| letters::redeemed(&owner, &usage)).into_iter().collect())
}

/// Money matters cannot be switched off.
async fn refund_requested(prepaid: &Prepaid, id: &str) -> Result<Vec<Letter>, Fault> {
    let Some(refund) = refunds::store::by_id(&prepaid.table, id).await? else { return Ok(Vec::new()) };
    let to = contact(&prepaid.table, refund.user).await?;
    let staff =
        prepaid.settings.staff_email.as_deref().map(|staff| letters::refund_to_decide(staff, &refund));
    Ok(to.map(|to| letters::refund_requested(&to, &refund)).into_iter().chain(staff).collect())
}

async fn refund_decided(prepaid: &Prepaid, id: &str) -> Result<Vec<Letter>, Fault> {
    let Some(refund) = refunds::store::by_id(&prepaid.table, id).await? else { return Ok(Vec::new()) };
    let to = contact(&prepaid.table, refund.user).await?;
    let failed = refund.status == refunds::Status::Failed;
    let staff = prepaid.settings.staff_email.as_deref().filter(|_| failed);
    let staff = staff.map(|staff| letters::refund_failed(staff, &refund));
    Ok(to.map(|to| letters::refund_decided(&to, &refund)).into_iter().chain(staff).collect())
}
