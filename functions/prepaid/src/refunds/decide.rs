//! Deciding about refunds, for staff.

use std::collections::BTreeMap;

use access::{Caller, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use table::{Denied, Listing, again_on};
use wire::{Id, Links, Page, Problem, Prose, Query, Reply, Sent, input};

use super::list::OF_ALL;
use super::settle::decided;
use super::{Refund, RefundView, Refusal, rules, store};
use crate::ids::account_of;
use crate::payments::buy::AT_WORK;
use crate::payments::{Payment, PaymentView, store as payments};
use crate::vouchers::Voucher;
use crate::{Prepaid, scope};

/// The routes of deciding.
pub fn routes() -> Routes<Prepaid> {
    Routes::new()
        .route(scope::staff(), routes!(list).saying(|list| OF_ALL.describe(list)))
        .route(scope::staff(), routes!(approve))
        .route(scope::staff(), routes!(reject))
}

/// List all refunds with their payments, the newest first.
#[utoipa::path(get, path = "/admin/refunds", tag = "refunds", operation_id = "prepaid_refunds_all",
    responses((status = 200, body = Page<RefundView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<RefundView>>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let (_, page) = caller.beside(OF_ALL.page(&prepaid.table, &listing)).await?;
    let keys: Vec<_> = page
        .results
        .iter()
        .map(|refund| payments::payment_key(account_of(&refund.payment).unwrap_or_default(), &refund.payment))
        .collect();
    let paid: Vec<Payment> = if keys.is_empty() { Vec::new() } else { prepaid.table.rows(&keys).await? };
    let terms = prepaid.terms.of(&prepaid.table, paid.iter().map(|payment| payment.terms)).await?;
    let mut views: BTreeMap<&str, PaymentView> = paid
        .iter()
        .filter_map(|payment| {
            Some((payment.id.as_str(), PaymentView::staffs(payment, terms.get(&payment.terms)?)))
        })
        .collect();
    Ok(Json(page.map(|refund| {
        let payment = views.remove(refund.payment.as_str());
        RefundView::staffs(refund, payment)
    })))
}

/// Approve a refund: its vouchers are gone at once, and the money is given back at Stripe.
#[utoipa::path(post, path = "/admin/refunds/{id}/approve", tag = "refunds", operation_id = "prepaid_refunds_approve",
    params(("id" = String, Path, description = "The refund.")), request_body = DecisionForm,
    responses((status = 200, body = RefundView), (status = 404, description = "No such refund."),
        (status = 409, description = "It was decided already, or its vouchers were used since.")))]
async fn approve(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<RefundView>> {
    let load = async { tokio::try_join!(find(&prepaid, &id), once.begun(&prepaid.table)) };
    let (_, (found, begun)) = caller.beside(load).await?;
    let notes = String::from(sent.read::<DecisionForm>()?.admin_notes);
    let approved = match begun {
        // An earlier try of this request approved it, and came no further.
        Some(_) => found.0,
        None => approved(&prepaid, found, (caller.id(), notes), &once).await?,
    };
    // The decision stands; should Stripe be away, the money follows by itself.
    let answer = RefundView::requesters(prepaid.advance_refund(approved).await?);
    once.ended(&prepaid.table, &id, StatusCode::OK, &answer).await?;
    Ok(Json(answer))
}

async fn approved(prepaid: &Prepaid, found: Judged, by: (u64, String), once: &Idempotency) -> Reply<Refund> {
    let now = prepaid.clock.now();
    let id = found.0.id.clone();
    let reload = || find(prepaid, &id);
    let approving = again_on(found, reload, async |(refund, payment, bought)| {
        let judged = rules::approve(&refund, &payment, &bought, by.clone(), now);
        // The vouchers were read after the refund: what another approval took meanwhile was not used.
        if matches!(judged, Err(Refusal::Used)) && find(prepaid, &id).await?.0 != refund {
            return Err(Denied::Stale);
        }
        let (approved, taken) = judged.map_err(Problem::from)?;
        let tx = store::with_vouchers(&refund, &approved, &taken).answering(once.begins(&id, AT_WORK));
        prepaid.table.commit::<Problem>(tx).await?;
        Ok(approved)
    });
    Ok(approving.await?)
}

/// Refuse a refund. Another one may be asked for.
#[utoipa::path(post, path = "/admin/refunds/{id}/reject", tag = "refunds", operation_id = "prepaid_refunds_reject",
    params(("id" = String, Path, description = "The refund.")), request_body = DecisionForm,
    responses((status = 200, body = RefundView), (status = 404, description = "No such refund."),
        (status = 409, description = "It was decided already.")))]
async fn reject(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<RefundView>> {
    let now = prepaid.clock.now();
    let (_, found) = caller.beside(find(&prepaid, &id)).await?;
    let notes = String::from(sent.read::<DecisionForm>()?.admin_notes);
    let reload = || find(&prepaid, &id);
    let rejecting = again_on(found, reload, async |(refund, payment, _)| {
        let rejected = rules::reject(&refund, (caller.id(), notes.clone()), now).map_err(Problem::from)?;
        let answer = RefundView::requesters(rejected.clone());
        let tx = store::reject(&payment, &refund, &rejected).tell(decided(&rejected, now));
        let tx = tx.answering(once.answer(StatusCode::OK, &answer)?);
        prepaid.table.commit::<Problem>(tx).await?;
        Ok(answer)
    });
    Ok(Json(rejecting.await?))
}

/// What is decided about: a refund, with its payment and the vouchers that were bought by it.
type Judged = (Refund, Payment, Vec<Voucher>);

async fn find(prepaid: &Prepaid, id: &str) -> Reply<Judged> {
    let refund = store::by_id(&prepaid.table, id).await?.ok_or_else(Problem::not_found)?;
    let payment = prepaid.payment(&refund.payment).await?;
    let bought = prepaid.bought(&payment).await?;
    Ok((refund, payment, bought))
}

input! {
    /// What staff say of their decision.
    pub struct DecisionForm {
        admin_notes: Prose<2000> = Prose::default(),
    }
}
