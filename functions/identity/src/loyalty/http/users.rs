//! The administrators' view of accounts.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use table::Listing;
use wire::{Choice, Email, Given, Id, Links, Query, Reply, Sent, Success, SuccessPage, Text, input};

use super::UserView;
use crate::Identity;
use crate::account::Account;
use crate::loyalty::list::ACCOUNTS;
use crate::loyalty::{CONTEXT, Role, Status};
use crate::session::store::last_logins;
use crate::users::change::{self, find};
use crate::users::rules::{Administrator, Wish};

/// The routes of loyalty's administrators.
pub(super) fn routes() -> Routes<Identity> {
    let admins = || Policy::roles(CONTEXT, &["admin"]);
    Routes::new()
        .route(admins(), routes!(list).saying(|list| ACCOUNTS.describe(list)))
        .route(admins(), routes!(get))
        .route(admins(), routes!(replace))
        .route(admins(), routes!(change))
}

/// List accounts, the newest first.
#[utoipa::path(get, path = "/auth/users", tag = "auth", operation_id = "loyalty_auth_list",
    responses((status = 200, body = SuccessPage<UserView>),
        (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(identity): State<Identity>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<SuccessPage<UserView>>> {
    let table = &identity.app.table;
    let listing = Listing::new(&query, &links, &caller.id());
    let (_, page) = caller.beside(ACCOUNTS.page(table, &listing)).await?;
    let last = last_logins(table, page.results.iter().map(Account::id)).await?;
    let view = |account: Account| UserView::new(&account, last.get(&account.id()).copied());
    Ok(Json(page.map(view).into()))
}

/// Look at an account.
#[utoipa::path(get, path = "/auth/users/{id}", tag = "auth", operation_id = "loyalty_auth_get",
    params(("id" = String, Path, description = "The account.")),
    responses((status = 200, body = Success<UserView>), (status = 404, description = "No such account.")))]
async fn get(State(identity): State<Identity>, caller: Caller, Id(id): Id) -> Reply<Json<Success<UserView>>> {
    let (_, found) = caller.beside(find(&identity, &id)).await?;
    Ok(Json(Success::of(found.into())))
}

/// Change an account; what is not sent stays as it is, as with PATCH.
#[utoipa::path(put, path = "/auth/users/{id}", tag = "auth", operation_id = "loyalty_auth_put",
    params(("id" = String, Path, description = "The account.")), request_body = UserEdit,
    responses((status = 200, body = Success<UserView>), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such account.")))]
async fn replace(
    State(identity): State<Identity>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<UserView>>> {
    changed(&identity, &caller, &id, &sent).await
}

/// Change an account; what is not sent stays as it is.
///
/// The change acts at once and is on record. Whoever may not enter any more loses every token. Address and status of
/// another context's staff are refused with 403.
#[utoipa::path(patch, path = "/auth/users/{id}", tag = "auth", operation_id = "loyalty_auth_change",
    params(("id" = String, Path, description = "The account.")), request_body = UserEdit,
    responses((status = 200, body = Success<UserView>), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such account.")))]
async fn change(
    State(identity): State<Identity>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<Success<UserView>>> {
    changed(&identity, &caller, &id, &sent).await
}

async fn changed(
    identity: &Identity,
    caller: &Caller,
    id: &str,
    sent: &Sent,
) -> Reply<Json<Success<UserView>>> {
    // The caller and the object come before the body, as everywhere on updates.
    let (caller, found) = caller.beside(find(identity, id)).await?;
    let edit: UserEdit = sent.read()?;
    let by = Administrator { principal: &caller, context: CONTEXT };
    let found = change::change(identity, found, by, |before| edit.wish(before)).await?;
    Ok(Json(Success::said("User updated successfully", found.into())))
}

input! {
    /// What loyalty's administrators decide on.
    pub struct UserEdit {
        email: Given<Email> = Given::default(),
        /// First and last name, split at the first blank.
        full_name: Given<Text<255>> = Given::default(),
        role: Given<Role> = Given::default(),
        status: Given<Status> = Given::default(),
    }
}

impl UserEdit {
    /// What is wanted of an account.
    fn wish(&self, account: &Account) -> Wish {
        let role = self.role.0.map(|role| (CONTEXT.name.to_owned(), Some(role.as_str().to_owned())));
        Wish {
            roles: role.into_iter().collect(),
            status: self.status.0.map(|status| status.given_to(&account.principal)),
            email: self.email.0.as_ref().map(ToString::to_string),
            full_name: self.full_name.0.as_ref().map(ToString::to_string),
        }
    }
}
