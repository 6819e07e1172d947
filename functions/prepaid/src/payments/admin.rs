//! Payments, for staff.

use access::{Caller, guarded};
use axum::Json;
use axum::extract::State;
use platform::routes;
use table::Listing;
use utoipa_axum::router::OpenApiRouter;
use wire::{Links, Page, Query, Reply};

use super::PaymentView;
use super::list::OF_ALL;
use crate::{Prepaid, scope};

/// The route of payments for staff.
pub fn routes() -> OpenApiRouter<Prepaid> {
    OpenApiRouter::new().routes(guarded(scope::staff(), OF_ALL.described(routes!(list))))
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
    let (shop, owner) = (&prepaid.shop, caller.id().to_string());
    let (_, page) = caller.beside(OF_ALL.page(&shop.table, &Listing::new(&query, &links, &owner))).await?;
    Ok(Json(shop.terms.page(&shop.table, page, |payment| payment.terms, PaymentView::staffs).await?))
}
