//! Changing a password, and getting another when it is forgotten.

use std::time::Duration;

use access::{Caller, Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Body, Email, Problem, Reply, Secret, Sent, Text, input};

use super::Strong;
use super::change::{self, Change};
use super::forgotten::{self, Forgotten, Right};
use crate::Identity;
use crate::dialect::CANONICAL;

/// The routes of passwords.
pub fn routes() -> Routes<Identity> {
    Routes::new()
        .route(Policy::own("the caller"), routes!(change))
        .route(Policy::counted(), routes!(ask))
        .route(Policy::counted(), routes!(confirm))
}

/// Change the caller's password.
///
/// Every session ends; the access token that asked lives on where no live record is asked for.
#[utoipa::path(post, path = "/change-password", tag = "password", operation_id = "identity_password_change",
    request_body = PasswordChange, responses(
        (status = 200, body = Done), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many wrong old passwords.")))]
async fn change(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Done>> {
    let sent: PasswordChange = change::read(&sent, &caller)?;
    let done = Done { message: "Password changed successfully" };
    let answered = once.answer(StatusCode::OK, &done)?;
    let (old, new, wrong) = (&sent.old_password, &sent.new_password, change::wrong_old);
    let wish = Change { dialect: CANONICAL, old, new, wrong, opening: None };
    change::change(&identity, &caller, wish, |_| Ok(answered.clone())).await?;
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
    let done = Done { message: "If this address has an account, a mail is on its way." };
    let answered = once.answer(StatusCode::ACCEPTED, &done)?;
    forgotten::ask(&identity, &FORGOTTEN, &visit, &sent.email, answered).await?;
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
    let done = Done { message: "Password changed successfully" };
    let answered = once.answer(StatusCode::OK, &done)?;
    let right = Right { token: &sent.token, of: None };
    forgotten::confirm(&identity, &FORGOTTEN, &visit, right, &sent.password, answered).await?;
    Ok(Json(done))
}

/// How a forgotten password is replaced here.
const FORGOTTEN: Forgotten = Forgotten {
    dialect: CANONICAL,
    promised: Duration::from_mins(30),
    most: None,
    link: |base, _, secret| format!("{base}/reset-password?token={secret}"),
    stale: stale_link,
};

fn stale_link() -> Problem {
    Problem::field("token", "This link is invalid or has expired.")
}

input! {
    /// The old password and the new.
    pub struct PasswordChange {
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
