//! Buying with the customer's browser: the payment is made here and paid there.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use serde_json::Number;
use stripe::Intent;
use utoipa::ToSchema;
use wire::{Problem, Reply, Sent};

use super::buy::{self, Named, OrderForm};
use super::{CURRENCY, Payment, PaymentView};
use crate::Prepaid;
use crate::types::VoucherType;

/// The routes of making a payment.
pub fn routes() -> Routes<Prepaid> {
    let own = || Policy::own("the caller's payments");
    Routes::new()
        .route(own(), routes!(create_intent))
        .route(own(), routes!(create_intent).also_at("/payments/create-intent", "short"))
}

/// Make a payment that the customer's browser pays at Stripe.
///
/// Price and quantity are fixed with it.
#[utoipa::path(post, path = "/payments/create-payment-intent", tag = "payments", operation_id = "prepaid_payments_create",
    request_body = OrderForm, responses((status = 201, body = Created),
        (status = 400, description = "What is wrong, by field."), (status = 404, description = "The type is not sold."),
        (status = 502, description = "Stripe does not answer; the same request may be sent again.")))]
async fn create_intent(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Created>)> {
    let named = async { Ok(prepaid.named(&sent, caller.id()).await?) };
    let load = async { tokio::try_join!(named, once.begun(&prepaid.table)) };
    let (principal, (named, begun)) = caller.beside(load).await?;
    let form: OrderForm = sent.read()?;
    let opened = if let Some(payment) = begun {
        prepaid.resumed(&payment).await?
    } else {
        let order = |named: &Named| buy::order(&form, named, None, prepaid.clock.now());
        let free = |payment: &Payment, _: &[_], terms: &VoucherType| {
            once.answer(StatusCode::CREATED, &Created::new(payment, None, terms))
        };
        prepaid.opened(&principal, named, &sent, order, &once, free).await?
    };
    let (payment, terms) = (opened.payment, opened.terms);
    if opened.delivered.is_some() {
        return Ok((StatusCode::CREATED, Json(Created::new(&payment, None, &terms))));
    }
    let intent = match prepaid.intent_of(&payment, &terms).await {
        Ok(intent) => intent,
        Err(trouble) => return Err(prepaid.unavailable(&once, &payment, &trouble).await),
    };
    let settled = prepaid.settle(payment, &intent, |tx, payment, _, terms| {
        let answer = Created::new(payment, Some(&intent), terms);
        Ok(tx.answering(once.ends(&payment.id, StatusCode::CREATED, &answer)?))
    });
    let settled = settled.await.map_err(Problem::from)?;
    Ok((StatusCode::CREATED, Json(Created::new(&settled.payment, Some(&intent), &terms))))
}

/// A payment, and what the customer's browser needs to pay it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Created {
    payment_id: String,
    /// None, if there is nothing to pay.
    payment_intent_id: Option<String>,
    /// For Stripe.js; for the customer alone.
    client_secret: Option<String>,
    #[schema(value_type = f64, example = 20.0)]
    amount: Number,
    #[schema(example = "USD")]
    currency: &'static str,
    payment: PaymentView,
}

impl Created {
    fn new(payment: &Payment, intent: Option<&Intent>, terms: &VoucherType) -> Self {
        let secret = intent.and_then(|intent| intent.client_secret.as_ref());
        Self {
            payment_id: payment.id.clone(),
            payment_intent_id: payment.intent.clone(),
            client_secret: secret.map(|secret| secret.reveal().to_owned()),
            amount: payment.amount.to_number(),
            currency: CURRENCY,
            payment: PaymentView::owners(payment, terms),
        }
    }
}
