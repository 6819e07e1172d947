//! Payments, for staff.

use access::{Caller, Routes, routes};
use axum::Json;
use axum::extract::State;
use table::Listing;
use wire::{Links, Page, Query, Reply};

use super::PaymentView;
use super::list::OF_ALL;
use crate::{Prepaid, scope};

/// The route of payments for staff.
pub fn routes() -> Routes<Prepaid> {
    Routes::new().route(scope::staff(), routes!(list).saying(|list| OF_ALL.describe(list)))
}

/// List all payments, the newest first.
#[utoipa::path(get, path = "/admin/payments", tag = "payments", operation_id = "prepaid_payments_all",
    responses((status = 200, body = Page<PaymentView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(prepaid): State<Prepaid>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<PaymentView>>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let (_, page) = caller.beside(OF_ALL.page(&prepaid.table, &listing)).await?;
    Ok(Json(prepaid.terms.page(&prepaid.table, page, |payment| payment.terms, PaymentView::staffs).await?))
}
