//! Asking for money back.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use table::{Listing, again_on};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat};
use uuid::Uuid;
use wire::{Amount, Checked, Links, Page, Problem, Prose, Query, Reply, Rule, Sent, input};

use super::list::OF_ONE;
use super::rules::{self, Wish};
use super::{Reason, RefundView, Refusal, store};
use crate::letters::{Told, tell};
use crate::payments::{Payment, store as payments};
use crate::vouchers::Voucher;
use crate::{Prepaid, ids};

/// The routes of asking for money back.
pub fn routes() -> Routes<Prepaid> {
    let own = || Policy::own("the caller's payments");
    Routes::new()
        .route(own(), routes!(request))
        .route(own(), routes!(list).saying(|list| OF_ONE.describe(list)))
}

/// Ask for money back, for vouchers that were not used.
///
/// Staff decide; until then the vouchers are good.
#[utoipa::path(post, path = "/payments/refund/request", tag = "refunds", operation_id = "prepaid_refunds_request",
    request_body = RefundForm, responses((status = 201, body = Requested),
        (status = 400, description = "What is wrong, by field, or why there is no refund."),
        (status = 404, description = "The caller has no such payment that was paid.")))]
async fn request(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Requested>)> {
    let now = prepaid.clock.now();
    let id = sent.id::<50>("payment_id");
    let (_, found) = caller.beside(find(&prepaid, &id, caller.id())).await?;
    let form: RefundForm = sent.read()?;
    let there = |found: Option<_>| found.ok_or_else(|| Problem::from(Refusal::NoPayment));
    let reload = async || there(find(&prepaid, &id, caller.id()).await?);
    let asking = again_on(there(found)?, reload, async |(payment, bought)| {
        let wish = Wish {
            amount: form.amount.map(Into::into),
            reason: form.reason,
            notes: form.notes.as_str().to_owned(),
        };
        let refund = rules::request(ids::fresh(caller.id(), now), &payment, &bought, wish, now)
            .map_err(Problem::from)?;
        let told = tell(&Told::RefundRequested { refund: refund.id.clone() }, now);
        let tx = store::request(&payment, &refund).tell(told);
        let answer = Requested {
            message: "Refund request submitted successfully",
            refund: RefundView::requesters(refund),
        };
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::CREATED, &answer)?)).await?;
        Ok(answer)
    });
    Ok((StatusCode::CREATED, Json(asking.await?)))
}

/// List one's own refunds, the newest first.
#[utoipa::path(get, path = "/payments/refunds", tag = "refunds", operation_id = "prepaid_refunds_list",
    responses((status = 200, body = Page<RefundView>), (status = 404, description = "There is no such page.")))]
async fn list(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<RefundView>>> {
    let listing = Listing::new(&query, &links, &caller.id()).of(&caller.id());
    let (_, page) = caller.beside(OF_ONE.page(&prepaid.table, &listing)).await?;
    Ok(Json(page.map(RefundView::requesters)))
}

/// A payment of the caller's that was paid, with its vouchers.
async fn find(prepaid: &Prepaid, id: &str, caller: u64) -> Reply<Option<(Payment, Vec<Voucher>)>> {
    let found = payments::by_id(&prepaid.table, id).await?;
    match found.filter(|payment| payment.user == caller && payment.is_paid()) {
        Some(payment) => {
            let bought = prepaid.bought(&payment).await?;
            Ok(Some((payment, bought)))
        }
        None => Ok(None),
    }
}

/// The rule of a payment's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaymentId;

impl Rule for PaymentId {
    const MAX: usize = 50;

    fn fault(text: &str) -> Option<&'static str> {
        Uuid::try_parse(text).is_err().then_some("Must be a valid UUID.")
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.format(Some(SchemaFormat::Custom("uuid".to_owned())))
    }
}

input! {
    /// What is to be given back, and why.
    pub struct RefundForm {
        payment_id: Checked<PaymentId>,
        reason: Reason,
        /// All that can be given back, by default.
        amount: Option<Amount<10>> = None,
        notes: Prose<2000> = Prose::default(),
    }
}

/// A refund that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Requested {
    message: &'static str,
    refund: RefundView,
}
