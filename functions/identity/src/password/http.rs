//! Changing a password, and getting another when it is forgotten.

use std::time::Duration;

use access::{Caller, Policy, Principal, Visit, guarded};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use outbox::Letter;
use platform::Idempotency;
use serde::Serialize;
use table::Denied;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Body, Email, Fault, Problem, Reply, Secret, Stamp, Text, folded, input};

use super::{Reset, Strong, store};
use crate::Identity;
use crate::account::rules::password_apart;
use crate::account::store::change_password;
use crate::account::{Account, Refusal};
use crate::hasher::Match;
use crate::session::store::{credential, newest_credential};
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
        (status = 200, body = Done), (status = 400, description = "What is wrong, by field.")))]
async fn change(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    Body(sent): Body<Change>,
) -> Reply<Json<Done>> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let account: Option<Account> = table.get_strong(&Principal::key_of(caller.id())).await?;
    caller.judge(account.as_ref().map(|account| account.principal.clone()))?;
    let account = account.ok_or_else(Problem::bad_token)?;
    let Principal { id, username, email, .. } = &account.principal;
    let known = newest_credential(table, &account.logins()[0]).await?;
    let hash = known.as_ref().map(|known| known.hash.as_str());
    if identity.hasher.compare(sent.old_password.expose(), hash).await? == Match::No {
        return Err(Problem::field("old_password", "Old password is incorrect"));
    }
    password_apart("new_password", sent.new_password.expose(), username, email)?;
    let hash = identity.hasher.hash(sent.new_password.expose()).await?;
    let done = Done { message: "Password changed successfully" };
    let tx = change_password(&account.logins(), *id, &hash, false)
        .tell(changed(&account.called(), email, now))
        .answering(once.answer(StatusCode::OK, &done)?);
    table.commit(tx).await.map_err(gone)?;
    tracing::info!(target: "security", event = "password_changed", user = *id);
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
    let known = async { Ok(credential(table, &sent.email.folded()).await?) };
    let (_, known) = visit.beside(known).await?;
    // A user name may look like an address; only the account's address gets mail.
    let key = Principal::key_of(known.as_ref().map_or(0, |known| known.account));
    let account = table.get::<Account>(&key).await?;
    let account = account.filter(|account| folded(&account.principal.email) == sent.email.folded());
    let secret = secret();
    let reset = Reset::promised(account.as_ref(), &secret, now + PROMISED);
    let letter = account.as_ref().map(|account| {
        Letter::new("identity/password-reset", &account.principal.email)
            .with("name", account.called())
            .with("link", format!("{}/reset-password?token={secret}", identity.app.base_url))
            .with("minutes", PROMISED.as_secs() / 60)
            .message("identity", now)
    });
    let done = Done { message: "If this address has an account, a mail is on its way." };
    let tx = store::promise(&reset, letter).answering(once.answer(StatusCode::ACCEPTED, &done)?);
    table.commit(tx).await.map_err(gone)?;
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
    let names = [reset.logins.first(), reset.logins.last()].map(|name| name.map_or("", String::as_str));
    password_apart("password", sent.password.expose(), names[0], names[1])?;
    let hash = identity.hasher.hash(sent.password.expose()).await?;
    let done = Done { message: "Password changed successfully" };
    let letter = changed(&reset.name, &reset.email, now);
    let tx = store::keep(&reset, &hash, letter).answering(once.answer(StatusCode::OK, &done)?);
    table.commit(tx).await.map_err(|denied| match denied {
        Denied::Refused(Refusal::Gone) => Denied::Refused(stale_link()),
        other => gone(other),
    })?;
    tracing::info!(target: "security", event = "password_reset", user = reset.account);
    Ok(Json(done))
}

fn stale_link() -> Problem {
    Problem::field("token", "This link is invalid or has expired.")
}

fn changed(name: &str, email: &str, now: Stamp) -> table::Message {
    let letter = Letter::new("identity/password-changed", email).with("name", name);
    letter.with("at", now.to_string()).message("identity", now)
}

/// What these writes refuse with words is refused before them; what is left changed under our hands.
fn gone(denied: Denied<Refusal>) -> Denied<Problem> {
    match denied {
        Denied::Refused(_) => Fault::busy("the account changed meanwhile").into(),
        Denied::Stale => Denied::Stale,
        Denied::Repeated(answer) => Denied::Repeated(answer),
        Denied::Fault(fault) => Denied::Fault(fault),
    }
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
