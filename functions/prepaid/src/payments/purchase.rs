//! Buying at one go: the card is charged here, and the vouchers come with the answer.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use stripe::{Intent, IntentStatus, Mode, Trouble};
use table::{Denied, Tx};
use wire::{Fault, Problem, Reply, Sent};

use super::buy::{self, Named, Opened, OrderForm, Purchased};
use super::{Payment, Refusal, Status, rules, store};
use crate::Prepaid;
use crate::types::VoucherType;
use crate::vouchers::Voucher;

/// What the stand-in is paid with where nothing is said, so that a shop can be tried without a card.
const STANDIN_CARD: &str = "pm_card_visa";

/// The route of buying.
pub fn routes() -> Routes<Prepaid> {
    Routes::new().route(Policy::own("the caller's payments"), routes!(purchase))
}

/// Buy vouchers with a card that is charged at once.
///
/// Without `payment_method_id` the answer is a 402 with what the customer's browser needs to pay.
#[utoipa::path(post, path = "/vouchers/purchase", tag = "payments", operation_id = "prepaid_payments_purchase",
    request_body = OrderForm, responses((status = 201, body = Purchased),
        (status = 400, description = "What is wrong, by field."),
        (status = 402, description = "It is not paid: declined, to be authenticated, or to be paid in the browser."),
        (status = 502, description = "Stripe does not answer; the payment is settled later.")))]
async fn purchase(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Purchased>)> {
    let load = async {
        tokio::try_join!(async { Ok(prepaid.named(&sent, caller.id()).await?) }, once.begun(&prepaid.table))
    };
    let (principal, (named, begun)) = caller.beside(load).await?;
    let form: OrderForm = sent.read()?;
    let card = form.payment_method_id.as_ref().map(wire::Checked::as_str);
    let card = card.or_else(|| (prepaid.stripe.mode() == Mode::Standin).then_some(STANDIN_CARD));
    let opened = if let Some(payment) = begun {
        prepaid.resumed(&payment).await?
    } else {
        let order = |named: &Named| {
            if named.sold.is_none() {
                return Err(Problem::field("voucher_type_id", "Invalid or inactive voucher type."));
            }
            buy::order(&form, named, card, prepaid.clock.now())
        };
        let free = |payment: &Payment, vouchers: &[_], terms: &VoucherType| {
            let answer = Purchased::new(payment, vouchers, terms, prepaid.clock.now());
            once.answer(StatusCode::CREATED, &answer)
        };
        prepaid.opened(&principal, named, &sent, order, &once, free).await?
    };
    let Opened { payment, terms, delivered } = opened;
    let (payment, vouchers) = match delivered {
        Some(vouchers) => (payment, vouchers),
        None => prepaid.charged(&once, payment, &terms).await?,
    };
    Ok((StatusCode::CREATED, Json(Purchased::new(&payment, &vouchers, &terms, prepaid.clock.now()))))
}

impl Prepaid {
    /// Charges the card of a payment, and answers with its vouchers or with why there are none.
    async fn charged(
        &self,
        once: &Idempotency,
        payment: Payment,
        terms: &VoucherType,
    ) -> Reply<(Payment, Vec<Voucher>)> {
        let intent = match self.intent_of(&payment, terms).await {
            Ok(intent) => intent,
            Err(Trouble::Declined(refusal)) => match refusal.intent.clone() {
                Some(intent) => intent,
                None => return Err(self.without_intent(once, &payment, refusal.message.as_deref()).await?),
            },
            Err(trouble) if names_no_card(&trouble) => {
                let tx = store::change(&payment, &rules::cancelled(&payment));
                self.table.commit::<Refusal>(tx.forgetting(once.request(), &payment.id)).await?;
                return Err(Problem::field("payment_method_id", "Invalid payment method."));
            }
            Err(trouble) => return Err(self.unavailable(once, &payment, &trouble).await),
        };
        let settled = self.settle(payment, &intent, |tx, payment, vouchers, terms| {
            self.kept(tx, once, payment, vouchers, terms)
        });
        let settled = settled.await?;
        let (payment, delivered) = (settled.payment, settled.delivered);
        let vouchers = match delivered {
            Some(vouchers) => Some(vouchers),
            None => self.delivered(&payment).await?,
        };
        match vouchers {
            Some(vouchers) => Ok((payment, vouchers)),
            None if payment.status == Status::Failed => Err(declined(&payment, &intent)),
            None => Err(unpaid(&payment, &intent)),
        }
    }

    /// What is kept for a repeat of the request, with whatever becomes of its payment: the answer, if there are
    /// vouchers; nothing, if the card was declined; and otherwise that the next try may go on at once.
    fn kept(
        &self,
        tx: Tx<Refusal>,
        once: &Idempotency,
        payment: &Payment,
        vouchers: &[Voucher],
        terms: &VoucherType,
    ) -> Result<Tx<Refusal>, Fault> {
        if !vouchers.is_empty() {
            let answer = Purchased::new(payment, vouchers, terms, self.clock.now());
            return Ok(tx.answering(once.ends(&payment.id, StatusCode::CREATED, &answer)?));
        }
        if payment.status == Status::Failed {
            return Ok(tx.forgetting(once.request(), &payment.id));
        }
        Ok(once.request().into_iter().fold(tx, |tx, request| tx.amend(request.pause(&payment.id))))
    }

    /// A card that was declined before there was an intent.
    async fn without_intent(
        &self,
        once: &Idempotency,
        payment: &Payment,
        why: Option<&str>,
    ) -> Result<Problem, Denied<Refusal>> {
        let after = rules::failed(payment, why);
        let tx = store::change(payment, &after).forgetting(once.request(), &payment.id);
        self.table.commit(tx).await?;
        let why = after.failure_reason.unwrap_or_default();
        Ok(Problem::said(StatusCode::PAYMENT_REQUIRED, &why).with("payment_id", payment.id.as_str()))
    }
}

/// Whether Stripe does not know the card.
fn names_no_card(trouble: &Trouble) -> bool {
    let refusal = matches!(trouble, Trouble::Refused(_)).then(|| trouble.refusal()).flatten();
    refusal.is_some_and(|refusal| refusal.param.as_deref() == Some("payment_method"))
}

/// The answer when the bank said no.
fn declined(payment: &Payment, intent: &Intent) -> Problem {
    let error = intent.last_error.clone().unwrap_or_default();
    let why = payment.failure_reason.as_deref().unwrap_or("Your card was declined.");
    Problem::said(StatusCode::PAYMENT_REQUIRED, why)
        .with("code", error.code)
        .with("decline_code", error.decline_code)
        .with("payment_id", payment.id.as_str())
}

/// The answer when the customer has something to do: with what their browser needs for it.
fn unpaid(payment: &Payment, intent: &Intent) -> Problem {
    let text = match intent.status {
        IntentStatus::RequiresAction => "Authentication required",
        IntentStatus::Processing => "Payment is being processed",
        IntentStatus::Canceled => "Payment was cancelled",
        _ => "Payment required",
    };
    let secret = intent.client_secret.as_ref().map(|secret| secret.reveal().to_owned());
    Problem::said(StatusCode::PAYMENT_REQUIRED, text)
        .with("payment_id", payment.id.as_str())
        .with("payment_intent_id", intent.id.as_str())
        .with("client_secret", secret)
}
