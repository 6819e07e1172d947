//! Where staff find everything.

use access::{Caller, Routes, routes};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Links, Reply};

use crate::{MOUNT, Prepaid, scope};

/// The route of the overview.
pub fn routes() -> Routes<Prepaid> {
    Routes::new().route(scope::staff(), routes!(overview))
}

/// See where everything is that staff look after.
#[utoipa::path(get, path = "/admin", tag = "admin", operation_id = "prepaid_admin_overview",
    responses((status = 200, body = Overview)))]
async fn overview(caller: Caller, links: Links) -> Reply<Json<Overview>> {
    caller.alone().await?;
    let at = |path: &str| links.to(&format!("{MOUNT}{path}"));
    Ok(Json(Overview {
        voucher_types: at("/vouchers/types/"),
        vouchers: at("/admin/vouchers/"),
        payments: at("/admin/payments/"),
        refunds: at("/admin/refunds/"),
        discounts: at("/admin/discounts/"),
        users: at("/admin/users/"),
    }))
}

/// The addresses of what staff look after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Overview {
    voucher_types: String,
    vouchers: String,
    payments: String,
    refunds: String,
    discounts: String,
    users: String,
}
