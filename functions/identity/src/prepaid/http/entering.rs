//! Registering, signing in, staying in, signing out.

use access::{Caller, Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Body, Device, Problem, Reply, Secret, Sent, Text, input};

use super::password::Told;
use super::profile::UserView;
use crate::Identity;
use crate::account::Account;
use crate::dialect::PREPAID;
use crate::session::enter::{Entered, Pair};
use crate::session::leave::leave;
use crate::session::sign_in::sign_in;
use crate::session::{Refusal, refresh};

mod register;

/// The routes of coming and going.
pub(super) fn routes() -> Routes<Identity> {
    Routes::new()
        .merge(register::routes())
        .route(Policy::counted(), routes!(login))
        .route(Policy::counted(), routes!(token))
        .route(Policy::anyone(), routes!(renew))
        .route(Policy::anyone(), routes!(renew).also_at("/auth/refresh", "short"))
        .route(Policy::own("sessions of the caller"), routes!(logout))
}

/// Sign in.
#[utoipa::path(post, path = "/auth/login", tag = "auth", operation_id = "prepaid_auth_login",
    request_body = Credentials, responses(
        (status = 200, body = SignedIn),
        (status = 400, description = "A field is missing, or no active account has these credentials."),
        (status = 429, description = "Too many attempts.")))]
async fn login(
    State(identity): State<Identity>,
    visit: Visit,
    Device(device): Device,
    once: Idempotency,
    Body(sent): Body<Credentials>,
) -> Reply<Json<SignedIn>> {
    let signing_in = Box::pin(async {
        let entered = entered(&identity, &visit, &device, &sent).await?;
        let Entered { account, tokens, .. } =
            entered.ok_or_else(|| Problem::non_field("Invalid credentials."))?;
        Ok(SignedIn::said("Login successful", &account, tokens))
    });
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, signing_in).await?))
}

/// Sign in, for clients that want nothing but tokens.
#[utoipa::path(post, path = "/auth/token", tag = "auth", operation_id = "prepaid_auth_token",
    request_body = Credentials, responses(
        (status = 200, body = Tokens), (status = 400, description = "A field is missing."),
        (status = 401, description = "No active account has these credentials."),
        (status = 429, description = "Too many attempts.")))]
async fn token(
    State(identity): State<Identity>,
    visit: Visit,
    Device(device): Device,
    once: Idempotency,
    Body(sent): Body<Credentials>,
) -> Reply<Json<Tokens>> {
    let signing_in = Box::pin(async {
        let entered = entered(&identity, &visit, &device, &sent).await?;
        Ok(Tokens::from(entered.ok_or(Refusal::NoEntry)?.tokens))
    });
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, signing_in).await?))
}

async fn entered(
    identity: &Identity,
    visit: &Visit,
    device: &str,
    sent: &Credentials,
) -> Reply<Option<Entered>> {
    sign_in(identity, PREPAID, visit, device, &sent.email, sent.password.expose()).await
}

/// Get another access token. The refresh token stays as good as it was.
#[utoipa::path(post, path = "/auth/token/refresh", tag = "auth", operation_id = "prepaid_auth_refresh",
    request_body = Refresh, responses(
        (status = 200, body = Tokens), (status = 400, description = "The token is missing."),
        (status = 401, description = "The token is invalid or expired.")))]
async fn renew(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    Body(sent): Body<Refresh>,
) -> Reply<Json<Tokens>> {
    let renewing =
        async { Ok(Tokens::from(refresh::refresh(&identity, &sent.refresh, false, visit.address()).await?)) };
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, renewing).await?))
}

/// Sign out: the session of the refresh token ends or, without one, that of the token that asks.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", operation_id = "prepaid_auth_logout",
    request_body = Logout, responses(
        (status = 200, body = Told), (status = 400, description = "The token is none, or somebody else's.")))]
async fn logout(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Told>> {
    let invalid = || Problem::said(StatusCode::BAD_REQUEST, "Invalid token");
    caller.alone().await?;
    let sent: Logout = sent.read().map_err(|_| invalid())?;
    let told = Told { message: "Logout successful" };
    let answered = once.answer(StatusCode::OK, &told)?;
    let left = leave(&identity, &caller, sent.refresh.as_deref(), answered).await?;
    if left { Ok(Json(told)) } else { Err(invalid()) }
}

input! {
    /// Who signs in.
    pub struct Credentials {
        /// The address. The user name leads in as well.
        email: Text<254>,
        password: Secret,
    }
}

input! {
    /// A refresh token, to be used.
    pub struct Refresh {
        /// The token.
        refresh: Text<4096>,
    }
}

input! {
    /// What to sign out of.
    pub struct Logout {
        /// The refresh token of the session to end.
        refresh: Option<Text<4096>> = None,
    }
}

/// Two tokens.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Tokens {
    /// To get another access token.
    refresh: String,
    /// To be sent as `Authorization: Bearer`.
    access: String,
}

impl From<Pair> for Tokens {
    fn from(pair: Pair) -> Self {
        Self { refresh: pair.refresh, access: pair.access }
    }
}

/// Somebody who is in.
#[derive(Debug, Serialize, ToSchema)]
struct SignedIn {
    user: UserView,
    #[serde(flatten)]
    tokens: Tokens,
    message: &'static str,
}

impl SignedIn {
    fn said(message: &'static str, account: &Account, tokens: Pair) -> Self {
        Self { user: UserView::of(account), tokens: tokens.into(), message }
    }
}
