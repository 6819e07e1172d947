//! Looking after one's own account.

use access::{Caller, Policy, Routes, routes};
use axum::Json;
use axum::extract::State;
use wire::{Reply, Sent};

use super::profile::{ExtendedEdit, ExtendedView, UserEdit, UserView};
use crate::Identity;
use crate::account::rules::Edit;
use crate::account::{Account, own};

/// The routes of an account's owner.
pub(super) fn routes() -> Routes<Identity> {
    let owners = || Policy::own("the caller");
    Routes::new()
        .route(owners(), routes!(me, replace, edit))
        .route(owners(), routes!(me, replace, edit).also_at("/users/profile", "users"))
        .route(owners(), routes!(me, replace, edit).also_at("/users/profile/update", "update"))
        .route(owners(), routes!(extended, replace_extended, edit_extended))
}

/// Tell the caller who they are.
#[utoipa::path(get, path = "/auth/profile", tag = "auth", operation_id = "prepaid_auth_profile",
    responses((status = 200, body = UserView)))]
async fn me(State(identity): State<Identity>, caller: Caller) -> Reply<Json<UserView>> {
    Ok(Json(UserView::of(&own::look(&identity, &caller).await?.account)))
}

/// Change what the caller tells of themselves; what is not sent stays as it is, as with PATCH.
#[utoipa::path(put, path = "/auth/profile", tag = "auth", operation_id = "prepaid_auth_replace",
    request_body = UserEdit, responses(
        (status = 200, body = UserView), (status = 400, description = "What is wrong, by field.")))]
async fn replace(State(identity): State<Identity>, caller: Caller, sent: Sent) -> Reply<Json<UserView>> {
    edited(&identity, &caller, &sent).await
}

/// Change what the caller tells of themselves; what is not sent stays as it is.
#[utoipa::path(patch, path = "/auth/profile", tag = "auth", operation_id = "prepaid_auth_edit",
    request_body = UserEdit, responses(
        (status = 200, body = UserView), (status = 400, description = "What is wrong, by field.")))]
async fn edit(State(identity): State<Identity>, caller: Caller, sent: Sent) -> Reply<Json<UserView>> {
    edited(&identity, &caller, &sent).await
}

async fn edited(identity: &Identity, caller: &Caller, sent: &Sent) -> Reply<Json<UserView>> {
    let today = identity.app.clock.now().day();
    let wish = |before: &Account| Ok(sent.read::<UserEdit>()?.of(before, today)?);
    Ok(Json(UserView::of(&own::edit(identity, caller, wish).await?.account)))
}

/// Show the part of the caller's account that is called its profile.
#[utoipa::path(get, path = "/users/profile/extended", tag = "users", operation_id = "prepaid_users_profile",
    responses((status = 200, body = ExtendedView)))]
async fn extended(State(identity): State<Identity>, caller: Caller) -> Reply<Json<ExtendedView>> {
    Ok(Json(ExtendedView::of(&own::look(&identity, &caller).await?.account)))
}

/// Change that part; what is not sent stays as it is, as with PATCH.
#[utoipa::path(put, path = "/users/profile/extended", tag = "users", operation_id = "prepaid_users_replace",
    request_body = ExtendedEdit, responses(
        (status = 200, body = ExtendedView), (status = 400, description = "What is wrong, by field.")))]
async fn replace_extended(
    State(identity): State<Identity>,
    caller: Caller,
    sent: Sent,
) -> Reply<Json<ExtendedView>> {
    extended_after(&identity, &caller, &sent).await
}

/// Change that part; what is not sent stays as it is.
#[utoipa::path(patch, path = "/users/profile/extended", tag = "users", operation_id = "prepaid_users_edit",
    request_body = ExtendedEdit, responses(
        (status = 200, body = ExtendedView), (status = 400, description = "What is wrong, by field.")))]
async fn edit_extended(
    State(identity): State<Identity>,
    caller: Caller,
    sent: Sent,
) -> Reply<Json<ExtendedView>> {
    extended_after(&identity, &caller, &sent).await
}

async fn extended_after(identity: &Identity, caller: &Caller, sent: &Sent) -> Reply<Json<ExtendedView>> {
    let wish = |before: &Account| {
        let profile = sent.read::<ExtendedEdit>()?.of(&before.profile);
        Ok(Edit { profile, ..Edit::nothing(before) })
    };
    Ok(Json(ExtendedView::of(&own::edit(identity, caller, wish).await?.account)))
}
