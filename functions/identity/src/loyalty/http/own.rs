//! Looking after one's own account.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use wire::{Done, Email, Given, Problem, Reply, Secret, Sent, Success, Text, Username, input};

use super::UserView;
use crate::Identity;
use crate::account::rules::Edit;
use crate::account::{Account, own};
use crate::dialect::LOYALTY;
use crate::password::change::Change;
use crate::password::{Strong, change};

/// The routes of an account's owner.
pub(super) fn routes() -> Routes<Identity> {
    let owners = || Policy::own("the caller");
    Routes::new()
        .route(owners(), routes!(me))
        .route(owners(), routes!(replace))
        .route(owners(), routes!(edit))
        .route(owners(), routes!(password))
}

/// Tell the caller who they are.
#[utoipa::path(get, path = "/auth/me", tag = "auth", operation_id = "loyalty_auth_me",
    responses((status = 200, body = Success<UserView>)))]
async fn me(State(identity): State<Identity>, caller: Caller) -> Reply<Json<Success<UserView>>> {
    Ok(Json(Success::of(own::look(&identity, &caller).await?.into())))
}

/// Change the caller's names; what is not sent stays as it is, as with PATCH.
#[utoipa::path(put, path = "/auth/profile", tag = "auth", operation_id = "loyalty_auth_replace",
    request_body = ProfileEdit, responses(
        (status = 200, body = Success<UserView>), (status = 400, description = "What is wrong, by field.")))]
async fn replace(
    State(identity): State<Identity>,
    caller: Caller,
    sent: Sent,
) -> Reply<Json<Success<UserView>>> {
    edited(&identity, &caller, &sent).await
}

/// Change the caller's names; what is not sent stays as it is.
#[utoipa::path(patch, path = "/auth/profile", tag = "auth", operation_id = "loyalty_auth_edit",
    request_body = ProfileEdit, responses(
        (status = 200, body = Success<UserView>), (status = 400, description = "What is wrong, by field.")))]
async fn edit(
    State(identity): State<Identity>,
    caller: Caller,
    sent: Sent,
) -> Reply<Json<Success<UserView>>> {
    edited(&identity, &caller, &sent).await
}

async fn edited(identity: &Identity, caller: &Caller, sent: &Sent) -> Reply<Json<Success<UserView>>> {
    let wish = |before: &Account| Ok(sent.read::<ProfileEdit>()?.of(before));
    let edited = own::edit(identity, caller, wish).await;
    let found = edited.map_err(|problem| under(problem, "Failed to update profile"))?;
    Ok(Json(Success::said("Profile updated successfully", found.into())))
}

/// Change the caller's password. Every session and every token ends.
#[utoipa::path(post, path = "/auth/change-password", tag = "auth", operation_id = "loyalty_auth_password",
    request_body = PasswordChange, responses(
        (status = 200, body = Done), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many wrong old passwords.")))]
async fn password(
    State(identity): State<Identity>,
    caller: Caller,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Done>> {
    let done = Done::said("Password changed successfully");
    let answered = once.answer(StatusCode::OK, &done)?;
    let changing = async {
        let sent: PasswordChange = change::read(&sent.alias("confirm_password", "new_password2"), &caller)?;
        if sent.new_password.expose() != sent.new_password2.expose() {
            return Err(Problem::field("new_password", "New password fields didn't match."));
        }
        let (old, new, wrong) = (&sent.old_password, &sent.new_password, change::wrong_old);
        let wish = Change { dialect: LOYALTY, old, new, wrong, opening: None };
        change::change(&identity, &caller, wish, |_| Ok(answered.clone())).await
    };
    changing.await.map_err(|problem| under(problem, "Failed to change password"))?;
    Ok(Json(done))
}

/// What is wrong with a body, under a sentence about the whole; any other problem as it is.
fn under(problem: Problem, title: &'static str) -> Problem {
    if problem.status() == StatusCode::BAD_REQUEST { problem.titled(title) } else { problem }
}

input! {
    /// The names of an account.
    pub struct ProfileEdit {
        /// Leads to the account when signing in.
        username: Given<Username> = Given::default(),
        /// Leads to the account when signing in; another one is not verified.
        email: Given<Email> = Given::default(),
        /// First and last name, split at the first blank.
        full_name: Given<Text<255>> = Given::default(),
    }
}

impl ProfileEdit {
    /// The edit that this makes of an account.
    fn of(self, account: &Account) -> Edit {
        let before = Edit::nothing(account);
        Edit {
            username: self.username.0.map_or(before.username, Into::into),
            email: self.email.0.map_or(before.email, Into::into),
            full_name: self.full_name.0.map(Into::into),
            ..before
        }
    }
}

input! {
    /// The old password and the new. `new_password2` may be called `confirm_password` as well.
    pub struct PasswordChange {
        old_password: Secret,
        /// 8 to 128 characters that are not easily guessed.
        new_password: Strong,
        /// The same once more.
        new_password2: Secret,
    }
}
