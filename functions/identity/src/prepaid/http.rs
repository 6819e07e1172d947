//! The shapes of prepaid's dialect, and the routes that speak it.

mod entering;
mod own;
mod password;
mod profile;

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use table::Listing;
use wire::{Links, Page, Query, Reply};

use super::CONTEXT;
use super::list::ACCOUNTS;
use crate::Identity;
use crate::account::Account;

use profile::UserView;

/// The routes of the dialect.
pub fn routes() -> Routes<Identity> {
    let staff = Policy::roles(CONTEXT, &["staff"]);
    Routes::new()
        .merge(entering::routes())
        .merge(own::routes())
        .merge(password::routes())
        .route(staff, routes!(list).saying(|list| ACCOUNTS.describe(list)))
        .below(super::MOUNT)
}

/// List accounts, the newest first.
#[utoipa::path(get, path = "/admin/users", tag = "admin", operation_id = "prepaid_admin_users",
    responses((status = 200, body = Page<UserView>), (status = 404, description = "There is no such page.")))]
async fn list(
    State(identity): State<Identity>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<UserView>>> {
    let listing = Listing::new(&query, &links, &caller.id());
    let (_, page) = caller.beside(ACCOUNTS.page(&identity.app.table, &listing)).await?;
    Ok(Json(page.map(|account: Account| UserView::of(&account))))
}
