//! The caller's own vouchers.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use table::Listing;
use wire::{Id, Links, Page, Problem, Query, Reply};

use super::list::OF_ONE;
use super::statistics::{VoucherStats, of_one};
use super::{Voucher, VoucherView, store};
use crate::{Prepaid, scope};

/// The routes of one's own vouchers.
pub fn routes() -> Routes<Prepaid> {
    let own = || Policy::own("the caller's vouchers");
    Routes::new()
        .route(own(), routes!(list).saying(|list| OF_ONE.describe(list)))
        .route(own(), routes!(stats))
        .route(holders(), routes!(detail))
}

/// Owners see their own, and staff see all: which of both somebody is, the record says.
fn holders() -> Policy {
    Policy::own("the caller's vouchers; staff see all")
}

/// List one's own vouchers, the newest first.
#[utoipa::path(get, path = "/vouchers/my-vouchers", tag = "vouchers", operation_id = "prepaid_vouchers_list",
    responses((status = 200, body = Page<VoucherView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<VoucherView>>> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let listing = Listing::new(&query, &links, &caller.id()).of(&caller.id()).at(now);
    let (_, page) = caller.beside(OF_ONE.page(table, &listing)).await?;
    let show = |voucher: &Voucher, terms: &_| VoucherView::owners(voucher, terms, now);
    Ok(Json(prepaid.terms.page(table, page, |voucher| voucher.terms, show).await?))
}

/// Figures about one's own vouchers.
#[utoipa::path(get, path = "/vouchers/stats", tag = "vouchers", operation_id = "prepaid_vouchers_stats",
    responses((status = 200, body = VoucherStats)))]
async fn stats(State(prepaid): State<Prepaid>, caller: Caller) -> Reply<Json<VoucherStats>> {
    let load = async { Ok(of_one(&prepaid.table, caller.id(), prepaid.clock.now()).await?) };
    let (_, (figures, states)) = caller.beside(load).await?;
    Ok(Json(VoucherStats::new(&figures, states)))
}

/// Look at a voucher by its code.
#[utoipa::path(get, path = "/vouchers/detail/{code}", tag = "vouchers", operation_id = "prepaid_vouchers_get",
    params(("code" = String, Path, description = "The code, in either case.")),
    responses((status = 200, body = VoucherView), (status = 404, description = "The caller has no such voucher.")))]
async fn detail(State(prepaid): State<Prepaid>, caller: Caller, Id(code): Id) -> Reply<Json<VoucherView>> {
    let (table, now) = (&prepaid.table, prepaid.clock.now());
    let load = async { Ok(store::by_code(table, &code).await?) };
    let (principal, found) = caller.beside(load).await?;
    let staff = scope::is_staff(Some(&principal));
    let voucher = found.filter(|voucher| staff || voucher.user == caller.id()).ok_or_else(not_found)?;
    let terms = prepaid.terms.one(table, voucher.terms).await?;
    let view = if staff { VoucherView::staffs } else { VoucherView::owners };
    Ok(Json(view(&voucher, &terms, now)))
}

/// What is said of a code that leads nowhere, or to somebody else's voucher.
pub fn not_found() -> Problem {
    Problem::said(StatusCode::NOT_FOUND, "Voucher not found")
}
