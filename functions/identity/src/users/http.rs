//! The administrators' view of accounts.

use std::collections::BTreeMap;

use access::{Caller, PLATFORM, Policy, Status, guarded};
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};
use table::{Denied, Listing, Table, again_on};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{FieldErrors, Id, Links, Page, Patch, Problem, Query, Reply, Sent, Stamp, input};

use super::list::ACCOUNTS;
use super::rules::{self, Wish};
use super::{Refusal, store};
use crate::Identity;
use crate::account::Account;
use crate::account::http::UserView;
use crate::account::store::account;
use crate::session::store::{last_logins, sessions};

/// The routes of the platform's administrators.
pub fn routes() -> OpenApiRouter<Identity> {
    let admins = || Policy::roles(PLATFORM, &["admin"]).live();
    OpenApiRouter::new()
        .routes(guarded(admins(), ACCOUNTS.described(routes!(list))))
        .routes(guarded(admins(), routes!(get)))
        .routes(guarded(admins(), routes!(change)))
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
    let owner = caller.id().to_string();
    let listing = Listing::new(&query, &links, &owner);
    let (_, page) = caller.beside(ACCOUNTS.page(table, &listing)).await?;
    let last = last_logins(table, page.results.iter().map(Account::id)).await?;
    Ok(Json(page.map(|account| UserView::new(&account, last.get(&account.id()).copied()))))
}

/// Look at an account.
#[utoipa::path(get, path = "/users/{id}", tag = "users", operation_id = "identity_users_get",
    params(("id" = String, Path, description = "The account.")),
    responses((status = 200, body = UserView), (status = 404, description = "No such account.")))]
async fn get(State(identity): State<Identity>, caller: Caller, Id(id): Id) -> Reply<Json<UserView>> {
    let (_, found) = caller.beside(find(&identity, &id)).await?;
    Ok(Json(found.view()))
}

/// Change an account's roles and status. Its tokens end, and the change is on record.
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
    let (_, Found { account, last_login }) = caller.beside(find(&identity, &id)).await?;
    let wish: Wish = sent.read::<StandingEdit>()?.try_into()?;
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let reload = || async { Ok(find(&identity, &id).await.map_err(Denied::Refused)?.account) };
    let decided = |before| decide(table, before, wish.clone(), caller.id(), now);
    let account = again_on(account, reload, decided).await?;
    Ok(Json(Found { account, last_login }.view()))
}

async fn decide(
    table: &Table,
    before: Account,
    wish: Wish,
    by: u64,
    now: Stamp,
) -> Result<Account, Denied<Problem>> {
    let after = rules::change(&before, wish, by, now).map_err(|refusal| Denied::Refused(refusal.into()))?;
    if after != before {
        table.commit(store::change(&before, &after, by, now)).await?;
        tracing::info!(target: "security", event = "standing_changed", user = after.id(), by);
    }
    Ok(after)
}

/// An account, and what is shown of its sessions.
struct Found {
    account: Account,
    last_login: Option<Stamp>,
}

impl Found {
    fn view(&self) -> UserView {
        UserView::new(&self.account, self.last_login)
    }
}

async fn find(identity: &Identity, id: &str) -> Reply<Found> {
    let (table, id) = (&identity.app.table, number(id)?);
    let (account, sessions) = tokio::try_join!(account(table, id), sessions(table, id))?;
    let account = account.ok_or_else(Problem::not_found)?;
    Ok(Found { account, last_login: sessions.and_then(|sessions| sessions.last_login) })
}

fn number(id: &str) -> Reply<u64> {
    id.parse().map_err(|_| Problem::not_found())
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
        Ok(Self { roles: roles?, status: sent.status })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Oneself => Self::bad_request("You cannot demote or suspend yourself."),
            Refusal::Context(context) => {
                Self::field("roles", format!("\"{context}\" is not a valid choice."))
            }
            Refusal::Role(context, role) => {
                Self::field("roles", format!("\"{role}\" is not a valid choice for {context}."))
            }
        }
    }
}
