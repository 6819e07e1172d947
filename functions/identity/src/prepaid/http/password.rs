//! Changing a password, and getting another when it is forgotten.

use access::{Caller, Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Body, Device, Email, Fault, Problem, Reply, Secret, Sent, Text, input};

use crate::Identity;
use crate::dialect::PREPAID;
use crate::password::Strong;
use crate::password::change::{self, Change};
use crate::password::forgotten::{self, Right};
use crate::prepaid::FORGOTTEN;
use crate::session::enter::{Opening, Pair};

/// The routes of passwords.
pub(super) fn routes() -> Routes<Identity> {
    Routes::new()
        .route(Policy::own("the caller"), routes!(change))
        .route(Policy::counted(), routes!(ask))
        .route(Policy::counted(), routes!(confirm))
}

/// Change the caller's password.
///
/// Every session and every token ends; the answer carries the tokens of a new session.
#[utoipa::path(post, path = "/users/change-password", tag = "users", operation_id = "prepaid_users_password",
    request_body = PasswordChange, responses(
        (status = 200, body = Changed), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many wrong old passwords.")))]
async fn change(
    State(identity): State<Identity>,
    caller: Caller,
    Device(device): Device,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Changed>> {
    let sent: PasswordChange = change::read(&sent, &caller)?;
    if sent.new.expose() != sent.confirmed.expose() {
        return Err(Problem::non_field("New passwords don't match."));
    }
    let opening = Opening::new(PREPAID, &device, identity.app.clock.now());
    let (old, new, wrong) = (&sent.old, &sent.new, wrong_old);
    let wish = Change { dialect: PREPAID, old, new, wrong, opening: Some(&opening) };
    let answered = |tokens: Option<&Pair>| {
        Ok(tokens.map(|tokens| once.answer(StatusCode::OK, &Changed::with(tokens))).transpose()?.flatten())
    };
    let tokens = change::change(&identity, &caller, wish, answered).await?;
    Ok(Json(Changed::with(&tokens.ok_or_else(|| Fault::bug("a session was opened without tokens"))?)))
}

fn wrong_old() -> Problem {
    Problem::said(StatusCode::BAD_REQUEST, "Old password is incorrect.")
}

/// Ask for a mail that lets its reader set a new password: three an hour at most.
///
/// The answer is the same whoever asks.
#[utoipa::path(post, path = "/auth/password-reset", tag = "auth", operation_id = "prepaid_auth_ask",
    request_body = Forgetful, responses(
        (status = 200, body = Told), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many requests.")))]
async fn ask(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    Body(sent): Body<Forgetful>,
) -> Reply<Json<Told>> {
    let told = Told { message: "Password reset email sent successfully" };
    let answered = once.answer(StatusCode::OK, &told)?;
    forgotten::ask(&identity, &FORGOTTEN, &visit, &sent.email, answered).await?;
    Ok(Json(told))
}

/// Set a new password with what the link of that mail holds.
///
/// Every session and every token ends.
#[utoipa::path(post, path = "/auth/password-reset-confirm", tag = "auth", operation_id = "prepaid_auth_confirm",
    request_body = NewPassword, responses(
        (status = 200, body = Told),
        (status = 400, description = "What is wrong, by field; or the link is."),
        (status = 429, description = "Too many requests.")))]
async fn confirm(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Told>> {
    // What is wrong with the passwords is told whatever the link is worth.
    let new: NewPassword = sent.clone().without("uid").without("token").read()?;
    if new.password.expose() != new.password_confirm.expose() {
        return Err(Problem::non_field("Passwords don't match."));
    }
    let link = sent.read::<NewPassword>().ok().and_then(|link| Some((link.uid?.parse().ok()?, link.token?)));
    // A link that cannot be read is a visit as well, and no promise has an empty secret.
    let (of, token) = link.map_or((None, String::new()), |(uid, token)| (Some(uid), token.into()));
    let told = Told { message: "Password reset successful" };
    let answered = once.answer(StatusCode::OK, &told)?;
    let right = Right { token: &token, of };
    forgotten::confirm(&identity, &FORGOTTEN, &visit, right, &new.password, answered).await?;
    Ok(Json(told))
}

input! {
    /// The old password and the new.
    pub struct PasswordChange {
        old as "old_password": Secret,
        /// 8 to 128 characters that are not easily guessed.
        new as "new_password": Strong,
        /// The same once more.
        confirmed as "confirm_password": Secret,
    }
}

input! {
    /// Whose password was forgotten.
    pub struct Forgetful {
        email: Email,
    }
}

input! {
    /// The two parts of the link, and the new password.
    pub struct NewPassword {
        uid: Option<Text<20>> = None,
        token: Option<Text<200>> = None,
        /// 8 to 128 characters that are not easily guessed.
        password: Strong,
        /// The same once more.
        password_confirm: Secret,
    }
}

/// The password is another now.
#[derive(Debug, Serialize, ToSchema)]
struct Changed {
    message: &'static str,
    /// To be sent as `Authorization: Bearer` from now on.
    access: String,
    /// To get another access token.
    refresh: String,
}

impl Changed {
    fn with(tokens: &Pair) -> Self {
        let Pair { access, refresh } = tokens;
        let (access, refresh) = (access.clone(), refresh.clone());
        Self { message: "Password changed successfully.", access, refresh }
    }
}

/// It is done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Told {
    pub(super) message: &'static str,
}
