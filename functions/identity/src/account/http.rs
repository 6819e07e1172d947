//! Registering, and looking after one's own account.

use std::collections::BTreeMap;

use access::{Caller, Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Day, Device, Email, Given, Prose, Reply, Sent, Stamp, Username, input};

use super::register::{self, Newcomer};
use super::rules::{Edit, Wish};
use super::{Account, Found, Profile, own};
use crate::Identity;
use crate::dialect::CANONICAL;
use crate::password::Strong;
use crate::session::enter::Opening;
use crate::session::http::SignedIn;
use crate::users::roles_of;

/// The routes of an account's owner.
pub fn routes() -> Routes<Identity> {
    Routes::new()
        .route(Policy::counted(), routes!(register))
        .route(Policy::own("the caller"), routes!(me))
        .route(Policy::own("the caller"), routes!(edit))
}

/// Make an account, and sign in.
#[utoipa::path(post, path = "/register", tag = "account", operation_id = "identity_account_register",
    request_body = NewAccount, responses(
        (status = 201, body = SignedIn), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many requests.")))]
async fn register(
    State(identity): State<Identity>,
    visit: Visit,
    Device(device): Device,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<SignedIn>)> {
    let new: NewAccount = register::read(&sent)?;
    visit.beside(async { Ok(()) }).await?;
    let now = identity.app.clock.now();
    let wish = Wish {
        username: new.username.into(),
        email: new.email.into(),
        first_name: new.first_name.into(),
        last_name: new.last_name.into(),
        phone_number: new.phone_number.into(),
    };
    let newcomer = Newcomer::of(&identity, CANONICAL, wish, &new.password, now).await?;
    let opening = Opening::new(CANONICAL, &device, now);
    let principal = &newcomer.account.principal;
    let tokens = opening.tokens(&identity, principal, principal.ver).await?;
    let answer = SignedIn::new(&newcomer.account, tokens, now);
    let answered = once.answer(StatusCode::CREATED, &answer)?;
    newcomer.join(&identity, Some(&opening), answered).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Tell the caller who they are.
#[utoipa::path(get, path = "/me", tag = "account", operation_id = "identity_account_me",
    responses((status = 200, body = UserView)))]
async fn me(State(identity): State<Identity>, caller: Caller) -> Reply<Json<UserView>> {
    let Found { account, last_login } = own::look(&identity, &caller).await?;
    Ok(Json(UserView::new(&account, last_login)))
}

/// Change what an account tells of itself; what is not sent stays as it is.
#[utoipa::path(patch, path = "/profile", tag = "account", operation_id = "identity_account_edit",
    request_body = ProfileEdit, responses(
        (status = 200, body = UserView), (status = 400, description = "What is wrong, by field.")))]
async fn edit(State(identity): State<Identity>, caller: Caller, sent: Sent) -> Reply<Json<UserView>> {
    let wish = |before: &Account| Ok(sent.read::<ProfileEdit>()?.of(before));
    let Found { account, last_login } = own::edit(&identity, &caller, wish).await?;
    Ok(Json(UserView::new(&account, last_login)))
}

input! {
    /// Who wants an account. Roles and status are not asked for: they are given.
    pub struct NewAccount {
        /// 1 to 150 letters, digits and `@.+-_`; nobody else's, without case.
        username: Username,
        /// An address; nobody else's, without case.
        email: Email,
        /// 8 to 128 characters that are not easily guessed.
        password: Strong,
        first_name: Prose<150> = Prose::default(),
        last_name: Prose<150> = Prose::default(),
        phone_number: Prose<32> = Prose::default(),
    }
}

input! {
    /// What an account tells of itself; what is not sent stays as it is.
    pub struct ProfileEdit {
        /// Leads to the account when signing in.
        username: Given<Username> = Given::default(),
        /// Leads to the account when signing in; another one is not verified.
        email: Given<Email> = Given::default(),
        first_name: Given<Prose<150>> = Given::default(),
        last_name: Given<Prose<150>> = Given::default(),
        /// Goes before first and last name; split at the first blank.
        full_name: Given<Option<Prose<300>>> = Given::default(),
        phone_number: Given<Prose<32>> = Given::default(),
        address: Given<Prose<500>> = Given::default(),
        date_of_birth: Given<Option<Day>> = Given::default(),
        /// Where the picture is.
        picture: Given<Prose<500>> = Given::default(),
        bio: Given<Prose<1000>> = Given::default(),
    }
}

impl ProfileEdit {
    /// The edit that this makes of an account, whose other dialects may have let it say more at a time.
    fn of(self, account: &Account) -> Edit {
        let before = Edit::nothing(account);
        let told = before.profile;
        let profile = Profile {
            phone_number: self.phone_number.0.map_or(told.phone_number, Into::into),
            address: self.address.0.map_or(told.address, Into::into),
            date_of_birth: self.date_of_birth.0.unwrap_or(told.date_of_birth),
            picture: self.picture.0.map_or(told.picture, Into::into),
            bio: self.bio.0.map_or(told.bio, Into::into),
            ..told
        };
        Edit {
            username: self.username.0.map_or(before.username, Into::into),
            email: self.email.0.map_or(before.email, Into::into),
            first_name: self.first_name.0.map_or(before.first_name, Into::into),
            last_name: self.last_name.0.map_or(before.last_name, Into::into),
            full_name: self.full_name.0.flatten().map(Into::into),
            profile,
        }
    }
}

/// An account as its owner and the administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    id: String,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    full_name: String,
    phone_number: String,
    address: String,
    date_of_birth: Option<Day>,
    picture: String,
    bio: String,
    /// The role in each context.
    roles: BTreeMap<&'static str, String>,
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    email_verified: bool,
    date_joined: Stamp,
    last_login: Option<Stamp>,
}

impl UserView {
    /// The view of an account that last signed in then.
    pub fn new(account: &Account, last_login: Option<Stamp>) -> Self {
        let (principal, profile) = (account.principal.clone(), account.profile.clone());
        Self {
            id: principal.id.to_string(),
            full_name: account.full_name(),
            roles: roles_of(&principal),
            status: principal.status.as_str(),
            username: principal.username,
            email: principal.email,
            first_name: principal.first_name,
            last_name: principal.last_name,
            phone_number: profile.phone_number,
            address: profile.address,
            date_of_birth: profile.date_of_birth,
            picture: profile.picture,
            bio: profile.bio,
            email_verified: account.email_verified,
            date_joined: account.joined,
            last_login,
        }
    }
}
