//! Signing in, staying in, signing out.

use access::{Caller, Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Body, Device, Id, Reply, Secret, Stamp, Text, input};

use super::enter::{Entered, Pair};
use super::leave::leave;
use super::sign_in::sign_in;
use super::{Family, Refusal, refresh, store};
use crate::Identity;
use crate::account::Account;
use crate::account::http::UserView;
use crate::dialect::CANONICAL;

/// The routes of sessions.
pub fn routes() -> Routes<Identity> {
    Routes::new()
        .route(Policy::counted(), routes!(login))
        .route(Policy::anyone(), routes!(renew))
        .route(Policy::signed_in().live(), routes!(logout))
        .route(Policy::own("sessions of the caller"), routes!(list))
        .route(Policy::own("sessions of the caller"), routes!(end))
}

/// Sign in with user name or address.
#[utoipa::path(post, path = "/login", tag = "sessions", operation_id = "identity_sessions_login",
    request_body = SignIn, responses(
        (status = 200, body = SignedIn), (status = 400, description = "A field is missing."),
        (status = 401, description = "No active account has these credentials."),
        (status = 429, description = "Too many attempts.")))]
async fn login(
    State(identity): State<Identity>,
    visit: Visit,
    Device(device): Device,
    once: Idempotency,
    Body(sent): Body<SignIn>,
) -> Reply<Json<SignedIn>> {
    let signing_in = Box::pin(async {
        let (username, password) = (&sent.username, sent.password.expose());
        let entered = sign_in(&identity, CANONICAL, &visit, &device, username, password).await?;
        let Entered { account, tokens, at } = entered.ok_or(Refusal::NoEntry)?;
        Ok(SignedIn::new(&account, tokens, at))
    });
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, signing_in).await?))
}

/// Get another access token.
#[utoipa::path(post, path = "/token/refresh", tag = "sessions", operation_id = "identity_sessions_refresh",
    request_body = Refresh, responses(
        (status = 200, body = Refreshed), (status = 400, description = "The token is missing."),
        (status = 401, description = "The token is invalid or expired.")))]
async fn renew(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    Body(sent): Body<Refresh>,
) -> Reply<Json<Refreshed>> {
    let renewing = async {
        let Pair { access, refresh } =
            refresh::refresh(&identity, &sent.refresh, sent.rotate, visit.address()).await?;
        Ok(Refreshed { access, refresh: sent.rotate.then_some(refresh) })
    };
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, renewing).await?))
}

/// Sign out: of this session, or everywhere.
#[utoipa::path(post, path = "/logout", tag = "sessions", operation_id = "identity_sessions_logout",
    request_body = Logout, responses((status = 205, description = "Signed out.")))]
async fn logout(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    Body(sent): Body<Logout>,
) -> Reply<StatusCode> {
    let table = &identity.app.table;
    let principal = caller.alone().await?;
    let answered = once.nothing(StatusCode::RESET_CONTENT)?;
    if sent.everywhere {
        // The token that asks dies by this: only the kept answer tells a repeat that it was done.
        table.commit(store::end_all(principal.id, &principal).answering(answered)).await?;
        tracing::info!(target: "security", event = "logout_everywhere", user = principal.id);
        return Ok(StatusCode::RESET_CONTENT);
    }
    // A dead token, or somebody else's, has nothing here to end.
    leave(&identity, &caller, sent.refresh.as_deref(), answered).await?;
    Ok(StatusCode::RESET_CONTENT)
}

/// List the caller's sessions, the newest first.
#[utoipa::path(get, path = "/sessions", tag = "sessions", operation_id = "identity_sessions_list",
    responses((status = 200, body = [SessionView])))]
async fn list(State(identity): State<Identity>, caller: Caller) -> Reply<Json<Vec<SessionView>>> {
    let now = identity.app.clock.now();
    let load = async { Ok(store::sessions(&identity.app.table, caller.id()).await?) };
    let (_, sessions) = caller.beside(load).await?;
    let families = sessions.map(|sessions| sessions.families).unwrap_or_default();
    let live = families.into_iter().rev().filter(|(_, family)| family.end > now);
    let current = caller.claims().family.as_deref();
    Ok(Json(live.map(|(id, family)| SessionView::new(id, family, current)).collect()))
}

/// End one of the caller's sessions.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", operation_id = "identity_sessions_end",
    params(("id" = String, Path, description = "The session.")),
    responses((status = 204, description = "Ended."), (status = 404, description = "No such session of the caller.")))]
async fn end(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    Id(id): Id,
) -> Reply<StatusCode> {
    caller.alone().await?;
    // An id is a member of a map here: anything but an id of ours names none.
    if uuid::Uuid::try_parse(&id).is_err() {
        return Err(Refusal::NoSession.into());
    }
    let answered = once.nothing(StatusCode::NO_CONTENT)?;
    identity.app.table.apply_once(store::ending(caller.id(), &id), Refusal::NoSession, answered).await?;
    Ok(StatusCode::NO_CONTENT)
}

input! {
    /// Credentials.
    pub struct SignIn {
        /// User name or address.
        username: Text<254>,
        /// Password.
        password: Secret,
    }
}

input! {
    /// A refresh token, to be used.
    pub struct Refresh {
        /// The token.
        refresh: Text<4096>,
        /// Whether to replace it: the answer then carries its successor.
        rotate: bool = false,
    }
}

input! {
    /// What to sign out of; nothing means the session of the access token, or the opaque token itself.
    pub struct Logout {
        /// The refresh token of the session to end.
        refresh: Option<Text<4096>> = None,
        /// Whether to end every session and every token of the account.
        everywhere: bool = false,
    }
}

/// Somebody who signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    user: UserView,
    /// To be sent as `Authorization: Bearer`.
    access: String,
    /// To get another access token.
    refresh: String,
}

impl SignedIn {
    /// The answer to a login or a registration.
    pub fn new(account: &Account, tokens: Pair, now: Stamp) -> Self {
        Self { user: UserView::new(account, Some(now)), access: tokens.access, refresh: tokens.refresh }
    }
}

/// Another access token.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refreshed {
    access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

/// A session, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    id: String,
    /// Where it was opened: a context's name, or `identity`.
    dialect: String,
    /// What the client called itself.
    device: String,
    created_at: Stamp,
    last_used_at: Stamp,
    expires_at: Stamp,
    /// Whether this very request belongs to it.
    current: bool,
}

impl SessionView {
    fn new(id: String, family: Family, current: Option<&str>) -> Self {
        Self {
            current: current == Some(&id),
            id,
            dialect: family.dialect,
            device: family.device,
            created_at: family.created,
            last_used_at: family.used,
            expires_at: family.end,
        }
    }
}
