//! Vouchers, for staff.

use access::{Caller, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde_json::json;
use table::{Listing, Tx, again_on};
use wire::{Given, Id, Links, Object, Page, Problem, Query, Reply, Sent, Stamp, Text, input};

use super::http::not_found;
use super::list::OF_ALL;
use super::{Voucher, VoucherView, rules, store};
use crate::{NOTES, Prepaid, scope};

/// The routes of vouchers for staff.
pub fn routes() -> Routes<Prepaid> {
    Routes::new()
        .route(scope::staff(), routes!(list).saying(|list| OF_ALL.describe(list)))
        .route(scope::staff(), routes!(edit))
        .route(scope::staff(), routes!(cancel))
}

/// List all vouchers, the newest first.
#[utoipa::path(get, path = "/admin/vouchers", tag = "vouchers", operation_id = "prepaid_vouchers_all",
    responses((status = 200, body = Page<VoucherView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<VoucherView>>> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let listing = Listing::new(&query, &links, &caller.id()).at(now);
    let (_, page) = caller.beside(OF_ALL.page(table, &listing)).await?;
    let show = |voucher: &Voucher, terms: &_| VoucherView::staffs(voucher, terms, now);
    Ok(Json(prepaid.terms.page(table, page, |voucher| voucher.terms, show).await?))
}

/// Give a voucher another end, or notes.
///
/// A later end brings back what is over and has uses left; a past one ends what is active.
#[utoipa::path(patch, path = "/admin/vouchers/{code}", tag = "vouchers", operation_id = "prepaid_vouchers_edit",
    params(("code" = String, Path, description = "The code.")), request_body = VoucherPatch,
    responses((status = 200, body = VoucherView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such voucher."), (status = 409, description = "It was used or cancelled.")))]
async fn edit(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    Id(code): Id,
    sent: Sent,
) -> Reply<Json<VoucherView>> {
    let now = prepaid.clock.now();
    let (_, found) = caller.beside(find(&prepaid, &code)).await?;
    let patch: VoucherPatch = sent.alias("expiry_date", "expires_at").read()?;
    let reload = || find(&prepaid, &code);
    let editing = again_on(found, reload, async |before| {
        let after = match patch.expires_at.0 {
            Some(end) if end != before.expires_at => {
                rules::reschedule(&before, end, now).map_err(Problem::from)?
            }
            _ => before.clone(),
        };
        let metadata = patch.metadata.0.clone().map_or_else(|| before.metadata.clone(), Into::into);
        let after = Voucher { metadata, ..after };
        prepaid.table.commit::<Problem>(store::change(Tx::new(), &before, &after)).await?;
        Ok(after)
    });
    let voucher = editing.await?;
    let terms = prepaid.terms.one(&prepaid.table, voucher.terms).await?;
    Ok(Json(VoucherView::staffs(&voucher, &terms, now)))
}

/// Call a voucher off. No money moves.
#[utoipa::path(post, path = "/admin/vouchers/{code}/cancel", tag = "vouchers", operation_id = "prepaid_vouchers_cancel",
    params(("code" = String, Path, description = "The code.")), request_body = CancelForm,
    responses((status = 200, body = VoucherView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such voucher."), (status = 409, description = "It is not active.")))]
async fn cancel(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    once: Idempotency,
    Id(code): Id,
    sent: Sent,
) -> Reply<Json<VoucherView>> {
    let now = prepaid.clock.now();
    let (_, found) = caller.beside(find(&prepaid, &code)).await?;
    let reason = String::from(sent.read::<CancelForm>()?.reason);
    let reload = || find(&prepaid, &code);
    let cancelling = again_on(found, reload, async |before| {
        let mut after = rules::cancel(&before, now).map_err(Problem::from)?;
        let note = json!({ "reason": reason, "by": caller.id().to_string(), "at": now });
        after.metadata.insert("cancelled".to_owned(), note);
        let terms = prepaid.terms.one(&prepaid.table, after.terms).await?;
        let answer = VoucherView::staffs(&after, &terms, now);
        let tx = store::change(Tx::new(), &before, &after);
        prepaid.table.commit::<Problem>(tx.answering(once.answer(StatusCode::OK, &answer)?)).await?;
        Ok(answer)
    });
    Ok(Json(cancelling.await?))
}

async fn find(prepaid: &Prepaid, code: &str) -> Reply<Voucher> {
    store::by_code(&prepaid.table, code).await?.ok_or_else(not_found)
}

input! {
    /// What staff change of a voucher. What is not sent stays as it is.
    pub struct VoucherPatch {
        /// The last moment at which it can be used. Also read as `expiry_date`.
        expires_at: Given<Stamp> = Given(None),
        /// Notes of the staff.
        metadata: Given<Object<NOTES>> = Given(None),
    }
}

input! {
    /// Why a voucher is called off.
    pub struct CancelForm {
        reason: Text<500>,
    }
}
