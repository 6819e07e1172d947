//! The caller's own payments: confirming, listing, looking at one.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use stripe::{IntentStatus, Mode};
use table::Listing;
use utoipa::ToSchema;
use wire::{Choice, Id, Links, Page, Problem, Query, Reply, Sent, Stamp, Text, input};

use super::buy::unavailable;
use super::list::OF_ONE;
use super::{CURRENCY, Payment, PaymentView, Status, store};
use crate::refunds::{self, RefundView};
use crate::types::VoucherType;
use crate::vouchers::{Voucher, VoucherView, rules as vouchers};
use crate::{Prepaid, scope};

/// The routes of one's own payments.
pub fn routes() -> Routes<Prepaid> {
    let own = || Policy::own("the caller's payments");
    Routes::new()
        .route(Policy::anyone(), routes!(config))
        .route(own(), routes!(confirm))
        .route(own(), routes!(confirm).also_at("/payments/confirm", "short"))
        .route(own(), routes!(history).saying(|list| OF_ONE.describe(list)))
        .route(Policy::own("the caller's payments; staff see all"), routes!(transaction))
}

/// Look at what pages need to speak to Stripe.
#[utoipa::path(get, path = "/payments/config", tag = "payments", operation_id = "prepaid_payments_config",
    responses((status = 200, body = Config)))]
async fn config(State(prepaid): State<Prepaid>) -> Json<Config> {
    let (mode, settings) = (prepaid.stripe.mode(), &prepaid.settings);
    let api_base = match mode {
        // Behind the gateway's own origin, since no other is known here.
        Mode::Standin => "/api/prepaid/stripe".to_owned(),
        Mode::Live | Mode::Test => settings.stripe_base.clone(),
    };
    let publishable_key = settings.publishable_key.clone();
    Json(Config { publishable_key, currency: CURRENCY, mode: mode.as_str(), api_base })
}

/// Confirm that a payment was paid at Stripe, and get its vouchers.
///
/// Asked again, the vouchers are the same.
#[utoipa::path(post, path = "/payments/confirm-payment", tag = "payments", operation_id = "prepaid_payments_confirm",
    request_body = ConfirmForm, responses((status = 200, body = Confirmed),
        (status = 400, description = "It is not paid, or not as it should be."),
        (status = 404, description = "The caller has no such payment."),
        (status = 502, description = "Stripe does not answer; the payment is settled later.")))]
async fn confirm(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Confirmed>> {
    let intent = sent.id::<4096>("payment_intent_id");
    let found = async { Ok(store::by_intent(&prepaid.table, caller.id(), &intent).await?) };
    // A repeat ends with its first answer: not with that the vouchers were there already, as they are by then.
    let load = async { tokio::try_join!(found, once.begun(&prepaid.table)) };
    let (_, (found, _)) = caller.beside(load).await?;
    let bad = |text| Problem::said(StatusCode::BAD_REQUEST, text);
    if intent.is_empty() {
        return Err(bad("Payment intent ID is required"));
    }
    let payment = found.ok_or_else(|| Problem::said(StatusCode::NOT_FOUND, "Payment not found"))?;
    if let Some(vouchers) = prepaid.delivered(&payment).await? {
        return Ok(Json(Confirmed::again(&prepaid, &payment, &vouchers).await?));
    }
    let intent = prepaid.stripe.intent(&intent).await.map_err(|trouble| {
        tracing::warn!(target: "fault", %trouble, payment = payment.id, "Stripe does not answer as it should");
        unavailable()
    })?;
    let settling = prepaid.settle(payment, &intent, |tx, payment, vouchers, terms| {
        if vouchers.is_empty() {
            return Ok(tx);
        }
        let answer = Confirmed::new(payment, vouchers, terms, prepaid.clock.now());
        Ok(tx.answering(once.answer(StatusCode::OK, &answer)?))
    });
    let settled = settling.await.map_err(Problem::from)?;
    if let Some(vouchers) = settled.delivered {
        let terms = prepaid.terms.one(&prepaid.table, settled.payment.terms).await?;
        return Ok(Json(Confirmed::new(&settled.payment, &vouchers, &terms, prepaid.clock.now())));
    }
    match prepaid.delivered(&settled.payment).await? {
        // Somebody else settled it in the meantime.
        Some(vouchers) => Ok(Json(Confirmed::again(&prepaid, &settled.payment, &vouchers).await?)),
        None if settled.payment.status == Status::Cancelled && intent.status != IntentStatus::Succeeded => {
            Err(bad("Payment was cancelled"))
        }
        None => Err(bad("Payment not successful").with("status", intent.status.as_str())),
    }
}

/// List one's own payments, the newest first.
#[utoipa::path(get, path = "/payments/history", tag = "payments", operation_id = "prepaid_payments_list",
    responses((status = 200, body = Page<PaymentView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn history(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<PaymentView>>> {
    let listing = Listing::new(&query, &links, &caller.id()).of(&caller.id());
    let (_, page) = caller.beside(OF_ONE.page(&prepaid.table, &listing)).await?;
    Ok(Json(prepaid.terms.page(&prepaid.table, page, |payment| payment.terms, PaymentView::owners).await?))
}

/// Look at a payment, with its vouchers and its refund.
#[utoipa::path(get, path = "/payments/transaction/{id}", tag = "payments", operation_id = "prepaid_payments_get",
    params(("id" = String, Path, description = "The payment.")),
    responses((status = 200, body = Transaction), (status = 404, description = "The caller has no such payment.")))]
async fn transaction(State(prepaid): State<Prepaid>, caller: Caller, Id(id): Id) -> Reply<Json<Transaction>> {
    let now = prepaid.clock.now();
    let load = async { Ok(store::by_id(&prepaid.table, &id).await?) };
    let (principal, found) = caller.beside(load).await?;
    let staff = scope::is_staff(Some(&principal));
    let missing = || Problem::said(StatusCode::NOT_FOUND, "Transaction not found");
    let payment = found.filter(|payment| staff || payment.user == caller.id()).ok_or_else(missing)?;
    let (terms, vouchers, refund) = tokio::try_join!(
        prepaid.terms.one(&prepaid.table, payment.terms),
        prepaid.delivered(&payment),
        refunds::store::of_payment(&prepaid.table, &payment)
    )?;
    let view = if staff { PaymentView::staffs } else { PaymentView::owners };
    let brief = |voucher: Voucher| BriefVoucher {
        status: vouchers::shown(&voucher, now).as_str(),
        id: voucher.id,
        code: voucher.code,
    };
    Ok(Json(Transaction {
        payment: view(&payment, &terms),
        vouchers: vouchers.unwrap_or_default().into_iter().map(brief).collect(),
        refund: refund.map(RefundView::requesters),
    }))
}

/// What pages need to speak to Stripe.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Config {
    publishable_key: String,
    #[schema(example = "USD")]
    currency: &'static str,
    /// `live`, `test`, or `standin` where there is no Stripe.
    #[schema(example = "test")]
    mode: &'static str,
    /// Where Stripe is; what begins with a slash is at the gateway's own origin.
    #[schema(example = "https://api.stripe.com")]
    api_base: String,
}

input! {
    /// What was paid; whatever else is sent is ignored.
    pub struct ConfirmForm {
        /// The intent at Stripe: `pi_...`
        payment_intent_id: Text<255>,
    }
}

/// A payment that is paid, and its vouchers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Confirmed {
    message: &'static str,
    payment: PaymentView,
    voucher_codes: Vec<String>,
    vouchers: Vec<VoucherView>,
    /// Sent where the vouchers were there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    already_processed: Option<bool>,
}

impl Confirmed {
    fn new(payment: &Payment, vouchers: &[Voucher], terms: &VoucherType, now: Stamp) -> Self {
        Self {
            message: "Payment confirmed and vouchers created",
            payment: PaymentView::owners(payment, terms),
            voucher_codes: payment.voucher_codes.clone(),
            vouchers: vouchers.iter().map(|voucher| VoucherView::owners(voucher, terms, now)).collect(),
            already_processed: None,
        }
    }

    async fn again(prepaid: &Prepaid, payment: &Payment, vouchers: &[Voucher]) -> Reply<Self> {
        let terms = prepaid.terms.one(&prepaid.table, payment.terms).await?;
        let now = prepaid.clock.now();
        Ok(Self { already_processed: Some(true), ..Self::new(payment, vouchers, &terms, now) })
    }
}

/// A payment, with what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Transaction {
    #[serde(flatten)]
    payment: PaymentView,
    vouchers: Vec<BriefVoucher>,
    refund: Option<RefundView>,
}

/// A voucher, in brief.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BriefVoucher {
    id: String,
    code: String,
    #[schema(example = "active")]
    status: &'static str,
}
