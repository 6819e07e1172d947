//! Changing a password, and getting another when it is forgotten.

use std::time::Duration;

use access::{Caller, Policy, Principal, Visit, guarded};
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
use wire::{Body, Email, Problem, Reply, Secret, Stamp, Text, folded, input};

use super::{Reset, Strong, store};
use crate::Identity;
use crate::account::rules::password_apart;
use crate::account::store::{account as account_of, change_password};
use crate::account::{Account, Refusal};
use crate::hasher::Match;
use crate::session::store::newest_credential;
use crate::session::tokens::{hashed, secret};
use crate::session::{Credential, failures};

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
    Body(sent): Body<Change>,
) -> Reply<Json<Done>> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let done = Done { message: "Password changed successfully" };
    let answered = once.answer(StatusCode::OK, &done)?;
    let changing = again(|| async {
        let (account, failures) =
            tokio::try_join!(account_of(table, caller.id()), failures::of_changes(table, caller.id(), now))?;
        caller.judge(account.as_ref().map(|account| account.principal.clone())).map_err(Denied::Refused)?;
        let account = account.ok_or_else(|| Denied::Refused(Problem::bad_token()))?;
        failures::admit_change(failures, now).map_err(Denied::Refused)?;
        let known = compared(&identity, &account, &sent, now).await?;
        let hash = hash_of(&identity, "new_password", &sent.new_password, &account).await;
        let tx = change_password(&account, known.password, &hash.map_err(Denied::Refused)?, false)
            .tell(changed(&account, now))
            .answering(answered.clone());
        let written = table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Stale));
        if let Err(Denied::Stale) = written
            && let Some(account) = account_of(table, account.id()).await?
        {
            // Who lost against another change hears so, and not that their token ended by it.
            compared(&identity, &account, &sent, now).await?;
        }
        written
    });
    changing.await?;
    tracing::info!(target: "security", event = "password_changed", user = caller.id());
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

/// What the old password was compared with, as the newest write left it; a wrong one is refused and counted.
async fn compared(
    identity: &Identity,
    account: &Account,
    sent: &Change,
    now: Stamp,
) -> Result<Credential, Denied<Problem>> {
    let table = &identity.app.table;
    let known = newest_credential(table, &account.logins()[0]).await?;
    // A login that leads elsewhere by now was moved between two reads.
    let known = known.filter(|known| known.account == account.id()).ok_or(Denied::Stale)?;
    if identity.hasher.compare(sent.old_password.expose(), Some(&known.hash)).await? == Match::No {
        failures::note_change(table, account.id(), now).await.map_err(Denied::Refused)?;
        return Err(Denied::Refused(Problem::field("old_password", "Old password is incorrect")));
    }
    Ok(known)
}

/// The hash of a new password, which must not say too much of its owner.
async fn hash_of(identity: &Identity, field: &str, password: &Strong, owner: &Account) -> Reply<String> {
    let Principal { username, email, .. } = &owner.principal;
    password_apart(field, password.expose(), username, email).or(())?;
    Ok(identity.hasher.hash(password.expose()).await?)
}

fn stale_link() -> Problem {
    Problem::field("token", "This link is invalid or has expired.")
}

fn changed(account: &Account, now: Stamp) -> table::Message {
    let letter =
        Letter::new("identity/password-changed", &account.principal.email).with("name", account.called());
    letter.with("at", now.to_string()).message("identity", now)
}

/// What a denied write means where a refused one means this.
fn otherwise(denied: Denied<Refusal>, refused: Denied<Problem>) -> Denied<Problem> {
    match denied {
        Denied::Refused(_) => refused,
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
