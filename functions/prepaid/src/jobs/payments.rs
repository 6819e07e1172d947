//! Payments that nobody settled: events were lost, pages were closed, a function crashed.

use stripe::{Intent, Trouble};
use table::{Denied, Due, settled};
use wire::Fault;

use crate::Prepaid;
use crate::letters::{Told, tell};
use crate::payments::settle::{intent_key, new_intent, unpaid_intent};
use crate::payments::{Payment, Refusal, rules, store};

/// Makes of a payment what Stripe says of it; calls it off, if nobody paid for too long.
pub(super) async fn check(prepaid: &Prepaid, due: &Due) -> Result<(), Fault> {
    let Some(payment) = prepaid.table.get_strong::<Payment>(&due.key()).await? else { return Ok(()) };
    let now = prepaid.clock.now();
    if payment.due.is_none_or(|at| at > now) || payment.is_paid() {
        return Ok(());
    }
    let intent = match look_up(prepaid, &payment).await {
        Ok(intent) => intent,
        Err(trouble) => {
            tell_of(&trouble, &payment);
            // Stripe made no intent and says that it never will.
            let never = payment.intent.is_none() && trouble.refusal().is_some();
            return if never && rules::is_stale(&payment, now) {
                changed(prepaid, &payment, &rules::cancelled(&payment)).await
            } else {
                later(prepaid, &payment).await
            };
        }
    };
    let payment = match prepaid.settle_alone(payment.clone(), &intent).await {
        Ok(settled) => settled.payment,
        // It was told of, and nobody but a person can say what is right.
        Err(Denied::Refused(_)) => return later(prepaid, &payment).await,
        Err(denied) => return settled(Err(denied)),
    };
    if payment.due.is_none() || payment.is_paid() {
        return Ok(());
    }
    if !rules::is_stale(&payment, now) {
        return later(prepaid, &payment).await;
    }
    let called_off = prepaid.stripe.cancel_intent(&intent.id, &format!("prepaid-pix-{}", payment.id)).await;
    let intent = match called_off {
        // Somebody paid in the meantime, or called it off elsewhere.
        Err(trouble) if trouble.is_unexpected_state() => prepaid.stripe.intent(&intent.id).await,
        answer => answer,
    };
    match intent {
        Ok(intent) => match prepaid.settle_alone(payment, &intent).await {
            // Neither paid nor called off: Stripe has something to do with it first.
            Ok(settled) => later(prepaid, &settled.payment).await,
            Err(denied) => settled(Err(denied)),
        },
        Err(trouble) => {
            tell_of(&trouble, &payment);
            later(prepaid, &payment).await
        }
    }
}

/// Sends the codes of a gift, now that the time has come.
pub(super) async fn send_gift(prepaid: &Prepaid, due: &Due) -> Result<(), Fault> {
    let Some(payment) = prepaid.table.get_strong::<Payment>(&due.key()).await? else { return Ok(()) };
    let now = prepaid.clock.now();
    if !payment.is_paid() || payment.due.is_none_or(|at| at > now) {
        return Ok(());
    }
    let sent = Payment { due: None, ..payment.clone() };
    let tx =
        store::change::<()>(&payment, &sent).tell(tell(&Told::Gift { payment: payment.id.clone() }, now));
    settled(prepaid.table.commit(tx).await)
}

/// Asks Stripe for the intent of a payment; or finds out whether there ever was one, if its making was not answered.
///
/// Where a card was to be charged, an intent that does not exist yet is made without it: nobody is charged this late.
async fn look_up(prepaid: &Prepaid, payment: &Payment) -> Result<Intent, Trouble> {
    if let Some(intent) = &payment.intent {
        return prepaid.stripe.intent(intent).await;
    }
    let terms = prepaid.terms.one(&prepaid.table, payment.terms).await;
    let terms = terms.map_err(|fault| Trouble::Unavailable(fault.to_string()))?;
    let key = intent_key(payment);
    match prepaid.stripe.create_intent(&key, &unpaid_intent(payment, &terms)).await {
        // Stripe knows the key, with a card: the same again is answered as it was then.
        Err(trouble) if is_known_key(&trouble) => {
            let again = prepaid.stripe.create_intent(&key, &new_intent(payment, &terms)).await;
            match again {
                Err(Trouble::Declined(refusal)) => match refusal.intent.clone() {
                    Some(intent) => Ok(intent),
                    None => Err(Trouble::Declined(refusal)),
                },
                answer => answer,
            }
        }
        answer => answer,
    }
}

fn is_known_key(trouble: &Trouble) -> bool {
    trouble.refusal().is_some_and(|refusal| refusal.kind == "idempotency_error")
}

fn tell_of(trouble: &Trouble, payment: &Payment) {
    tracing::warn!(target: "fault", %trouble, payment = payment.id, "Stripe does not answer as it should");
}

/// Looks again after a while, unless there is nothing left to look for.
async fn later(prepaid: &Prepaid, payment: &Payment) -> Result<(), Fault> {
    if payment.due.is_none() || payment.is_paid() {
        return Ok(());
    }
    changed(prepaid, payment, &rules::look_again(payment, prepaid.clock.now())).await
}

async fn changed(prepaid: &Prepaid, before: &Payment, after: &Payment) -> Result<(), Fault> {
    settled(prepaid.table.commit::<Refusal>(store::change(before, after)).await)
}
