//! Changing a password, and getting another when it is forgotten.

use std::time::Duration;

use access::{Caller, Policy, Visit, guarded};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use outbox::Letter;
use platform::Idempotency;
use serde::Serialize;
use table::{Denied, again};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Body, Email, Problem, Reply, Secret, Sent, Text, folded, input};

use super::change::{self, changed, hash_of, otherwise};
use super::{Reset, Strong, store};
use crate::Identity;
use crate::account::store::account as account_of;
use crate::session::store::newest_credential;
use crate::session::tokens::{hashed, secret};

/// How long a promise of a new password holds.
const PROMISED: Duration = Duration::from_mins(30);

/// The routes of passwords.
pub fn routes() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(guarded(Policy::signed_in().live().owner("the caller"), routes!(change)))
        .routes(guarded(Policy::anyone().counted(), routes!(ask)))
        .routes(guarded(Policy::anyone().counted(), routes!(confirm)))
}

/// Change the caller's password.
///
/// Every session ends; the access token that asked lives on where no live record is asked for.
#[utoipa::path(post, path = "/change-password", tag = "password", operation_id = "identity_password_change",
    request_body = Change, responses(
        (status = 200, body = Done), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many wrong old passwords.")))]
async fn change(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Done>> {
    let sent: Change = change::read(&sent, &caller)?;
    let done = Done { message: "Password changed successfully" };
    let answered = once.answer(StatusCode::OK, &done)?;
    change::change(&identity, &caller, &sent.old_password, &sent.new_password, answered).await?;
    Ok(Json(done))
}

/// Ask for a mail that lets its reader set a new password.
///
/// The answer is the same whoever asks.
#[utoipa::path(post, path = "/password-reset", tag = "password", operation_id = "identity_password_ask",
    request_body = Ask, responses(
        (status = 202, body = Done), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many requests.")))]
async fn ask(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    Body(sent): Body<Ask>,
) -> Reply<(StatusCode, Json<Done>)> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let known = async { Ok(newest_credential(table, &sent.email.folded()).await?) };
    let (_, known) = visit.beside(known).await?;
    let (id, password) = known.map_or((0, 0), |known| (known.account, known.password));
    // A user name may look like an address; only the account's address gets mail.
    let account = account_of(table, id).await?;
    let account = account.filter(|account| folded(&account.principal.email) == sent.email.folded());
    let secret = secret();
    let reset = Reset::promised(account.as_ref(), password, &secret, now + PROMISED);
    let letter = account.as_ref().map(|account| {
        Letter::new("identity/password-reset", &account.principal.email)
            .with("name", account.called())
            .with("link", format!("{}/reset-password?token={secret}", identity.app.base_url))
            .with("minutes", PROMISED.as_secs() / 60)
            .message("identity", now)
    });
    let done = Done { message: "If this address has an account, a mail is on its way." };
    let tx = store::promise(&reset, letter).answering(once.answer(StatusCode::ACCEPTED, &done)?);
    table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Stale))?;
    Ok((StatusCode::ACCEPTED, Json(done)))
}

/// Set a new password with the token of that mail.
///
/// Every session ends.
#[utoipa::path(post, path = "/password-reset/confirm", tag = "password", operation_id = "identity_password_confirm",
    request_body = Confirm, responses(
        (status = 200, body = Done), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many requests.")))]
async fn confirm(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    Body(sent): Body<Confirm>,
) -> Reply<Json<Done>> {
    let (table, now, token) = (&identity.app.table, identity.app.clock.now(), hashed(&sent.token));
    let promised = async { Ok(store::reset(table, &token, now).await?) };
    let (_, reset) = visit.beside(promised).await?;
    let reset = reset.ok_or_else(stale_link)?;
    let done = Done { message: "Password changed successfully" };
    let answered = once.answer(StatusCode::OK, &done)?;
    let keeping = again(|| async {
        let account = account_of(table, reset.account).await?;
        let account = account.filter(|account| account.principal.email == reset.email).ok_or_else(stale_link);
        let account = account.map_err(Denied::Refused)?;
        let hash = hash_of(&identity, "password", &sent.password, &account).await.map_err(Denied::Refused)?;
        let tx = store::keep(&reset, &account, &hash, changed(&account, now)).answering(answered.clone());
        table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Refused(stale_link())))
    });
    keeping.await?;
    tracing::info!(target: "security", event = "password_reset", user = reset.account);
    Ok(Json(done))
}

fn stale_link() -> Problem {
    Problem::field("token", "This link is invalid or has expired.")
}

input! {
    /// The old password and the new.
    pub struct Change {
        old_password: Secret,
        /// 8 to 128 characters that are not easily guessed.
        new_password: Strong,
    }
}

input! {
    /// Whose password was forgotten.
    pub struct Ask {
        email: Email,
    }
}

input! {
    /// The token of the mail and the new password.
    pub struct Confirm {
        token: Text<200>,
        /// 8 to 128 characters that are not easily guessed.
        password: Strong,
    }
}

/// It is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    message: &'static str,
}
