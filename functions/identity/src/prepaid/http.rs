//! The shapes of prepaid's dialect, and the routes that speak it.

mod entering;
mod own;
mod password;
mod profile;

use access::{Caller, Policy, guarded};
use axum::Json;
use axum::extract::State;
use platform::{api, routes};
use table::Listing;
use utoipa_axum::router::OpenApiRouter;
use wire::{Links, Page, Query, Reply};

use super::CONTEXT;
use super::list::ACCOUNTS;
use crate::Identity;
use crate::account::Account;

use profile::UserView;

/// The routes of the dialect.
pub fn routes() -> OpenApiRouter<Identity> {
    api::routes(
        "Mercato prepaid",
        "How the clients of the voucher shop register, sign in and look after their accounts.",
    )
    .merge(entering::routes())
    .merge(own::routes())
    .merge(password::routes())
    .routes(guarded(Policy::roles(CONTEXT, &["staff"]).live(), ACCOUNTS.described(routes!(list))))
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
    let owner = caller.id().to_string();
    let listing = Listing::new(&query, &links, &owner);
    let (_, page) = caller.beside(ACCOUNTS.page(&identity.app.table, &listing)).await?;
    Ok(Json(page.map(|account: Account| UserView::of(&account))))
}
