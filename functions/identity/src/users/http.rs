//! The administrators' view of accounts.

use std::collections::BTreeMap;

use access::{Caller, PLATFORM, Policy, Routes, Status, routes};
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};
use table::Listing;
use wire::{FieldErrors, Id, Links, Page, Patch, Problem, Query, Reply, Sent, input};

use super::Refusal;
use super::change::{self, find};
use super::list::ACCOUNTS;
use super::rules::{Administrator, Wish};
use crate::Identity;
use crate::account::http::UserView;
use crate::account::{Account, Found};
use crate::session::store::last_logins;

/// The routes of the platform's administrators.
pub fn routes() -> Routes<Identity> {
    let admins = || Policy::roles(PLATFORM, &["admin"]);
    Routes::new()
        .route(admins(), routes!(list).saying(|list| ACCOUNTS.describe(list)))
        .route(admins(), routes!(get))
        .route(admins(), routes!(change))
}

/// List accounts, the newest first.
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "identity_users_list",
    responses((status = 200, body = Page<UserView>), (status = 400, description = "A filter has a bad value."),
        (status = 404, description = "There is no such page.")))]
async fn list(
    State(identity): State<Identity>,
    caller: Caller,
    links: Links,
    query: Query,
) -> Reply<Json<Page<UserView>>> {
    let table = &identity.app.table;
    let listing = Listing::new(&query, &links, &caller.id());
    let (_, page) = caller.beside(ACCOUNTS.page(table, &listing)).await?;
    let last = last_logins(table, page.results.iter().map(Account::id)).await?;
    Ok(Json(page.map(|account| UserView::new(&account, last.get(&account.id()).copied()))))
}

/// Look at an account.
#[utoipa::path(get, path = "/users/{id}", tag = "users", operation_id = "identity_users_get",
    params(("id" = String, Path, description = "The account.")),
    responses((status = 200, body = UserView), (status = 404, description = "No such account.")))]
async fn get(State(identity): State<Identity>, caller: Caller, Id(id): Id) -> Reply<Json<UserView>> {
    let (_, Found { account, last_login }) = caller.beside(find(&identity, &id)).await?;
    Ok(Json(UserView::new(&account, last_login)))
}

/// Change an account's roles and status.
///
/// The change acts at once and is on record. Whoever may not enter any more loses every token.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", operation_id = "identity_users_change",
    params(("id" = String, Path, description = "The account.")), request_body = StandingPatch,
    responses((status = 200, body = UserView), (status = 400, description = "What is wrong, by field."),
        (status = 404, description = "No such account.")))]
async fn change(
    State(identity): State<Identity>,
    caller: Caller,
    Id(id): Id,
    sent: Sent,
) -> Reply<Json<UserView>> {
    // The caller and the object come before the body, as everywhere on updates.
    let (caller, found) = caller.beside(find(&identity, &id)).await?;
    let wish: Wish = sent.read::<StandingEdit>()?.try_into()?;
    let by = Administrator { principal: &caller, context: PLATFORM };
    let Found { account, last_login } = change::change(&identity, found, by, |_| wish.clone()).await?;
    Ok(Json(UserView::new(&account, last_login)))
}

/// The same, nothing of which need be sent.
type StandingPatch = Patch<StandingEdit>;

input! {
    /// Roles and status.
    pub struct StandingEdit {
        /// Roles by context, such as `{"loyalty": "staff"}`; null takes a role away.
        roles: Map<String, Value> = Map::new(),
        status: Option<Status> = None,
    }
}

impl TryFrom<StandingEdit> for Wish {
    type Error = FieldErrors;

    fn try_from(sent: StandingEdit) -> Result<Self, FieldErrors> {
        let roles: Result<BTreeMap<_, _>, _> = sent
            .roles
            .into_iter()
            .map(|(context, role)| match role {
                Value::Null => Ok((context, None)),
                Value::String(role) => Ok((context, Some(role))),
                _ => Err(FieldErrors::new().and("roles", "Not a valid string.")),
            })
            .collect();
        Ok(Self { roles: roles?, status: sent.status, ..Self::default() })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Oneself => Self::bad_request("You cannot demote or suspend yourself."),
            Refusal::Elsewhere => Self::forbidden(),
            Refusal::Names(errors) => errors.into(),
            Refusal::Context(context) => {
                Self::field("roles", format!("\"{context}\" is not a valid choice."))
            }
            Refusal::Role(context, role) => {
                Self::field("roles", format!("\"{role}\" is not a valid choice for {context}."))
            }
        }
    }
}
