//! Vouchers, for staff.

use access::{Caller, guarded};
use axum::Json;
use axum::extract::State;
use platform::{Idempotency, routes};
use table::{Denied, Listing, Tx, again_on};
use utoipa_axum::router::OpenApiRouter;
use wire::{Given, Id, Links, Object, Page, Query, Reply, Sent, Stamp, Text, input};

use super::http::not_found;
use super::list::OF_ALL;
use super::{Refusal, Voucher, VoucherView, rules, store};
use crate::{NOTES, Prepaid, scope};

/// The routes of vouchers for staff.
pub fn routes() -> OpenApiRouter<Prepaid> {
    OpenApiRouter::new()
        .routes(guarded(scope::staff(), OF_ALL.described(routes!(list))))
        .routes(guarded(scope::staff(), routes!(edit)))
        .routes(guarded(scope::staff(), routes!(cancel)))
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
    let (table, owner, now) = (&prepaid.app.table, caller.id().to_string(), prepaid.app.clock.now());
    let listing = Listing::new(&query, &links, &owner).at(now);
    let (_, page) = caller.beside(OF_ALL.page(table, &listing)).await?;
    let show = |voucher: &Voucher, terms: &_| VoucherView::staffs(voucher, terms, now);
    Ok(Json(prepaid.shop.terms.page(table, page, |voucher| voucher.terms, show).await?))
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
    let now = prepaid.app.clock.now();
    let sent = sent.alias("expiry_date", "expires_at");
    let edited = changed(&prepaid, &caller, &code, |before| {
        let patch: VoucherPatch = sent.read()?;
        let after = match patch.expires_at.0 {
            Some(end) if end != before.expires_at => rules::reschedule(before, end, now)?,
            _ => before.clone(),
        };
        let metadata = patch.metadata.0.map_or_else(|| before.metadata.clone(), Into::into);
        Ok((Voucher { metadata, ..after }, Tx::new()))
    });
    staffs(&prepaid, &edited.await?).await
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
    let (table, now) = (&prepaid.app.table, prepaid.app.clock.now());
    let (_, found) = caller.beside(find(&prepaid, &code)).await?;
    let reason = String::from(sent.read::<CancelForm>()?.reason);
    let reload = async || find(&prepaid, &code).await.map_err(Denied::Refused);
    let by = caller.id();
    let cancelling = again_on(found, reload, async |before| {
        let mut after = rules::cancel(&before, now).map_err(|refusal| Denied::Refused(refusal.into()))?;
        let note = serde_json::json!({ "reason": reason, "by": by.to_string(), "at": now });
        after.metadata.insert("cancelled".to_owned(), note);
        let terms = prepaid.shop.terms.one(table, after.terms).await?;
        let answer = VoucherView::staffs(&after, &terms, now);
        let tx = store::change(Tx::new(), &before, &after);
        let tx = tx.answering(once.answer(http::StatusCode::OK, &answer)?);
        table.commit(tx).await.map_err(|denied: Denied<Refusal>| denied.map(Into::into))?;
        Ok(answer)
    });
    Ok(Json(cancelling.await?))
}

async fn find(prepaid: &Prepaid, code: &str) -> Reply<Voucher> {
    store::by_code(&prepaid.app.table, code).await?.ok_or_else(not_found)
}

/// Writes what `decide` makes of a voucher, and of it anew while it changes meanwhile.
async fn changed(
    prepaid: &Prepaid,
    caller: &Caller,
    code: &str,
    decide: impl Fn(&Voucher) -> Reply<(Voucher, Tx<Refusal>)>,
) -> Reply<Voucher> {
    let (_, found) = caller.beside(find(prepaid, code)).await?;
    let reload = async || find(prepaid, code).await.map_err(Denied::Refused);
    let changing = again_on(found, reload, async |before| {
        let (after, tx) = decide(&before).map_err(Denied::Refused)?;
        let tx = store::change(tx, &before, &after);
        prepaid.app.table.commit(tx).await.map_err(|denied| denied.map(Into::into))?;
        Ok(after)
    });
    Ok(changing.await?)
}

async fn staffs(prepaid: &Prepaid, voucher: &Voucher) -> Reply<Json<VoucherView>> {
    let terms = prepaid.shop.terms.one(&prepaid.app.table, voucher.terms).await?;
    Ok(Json(VoucherView::staffs(voucher, &terms, prepaid.app.clock.now())))
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
