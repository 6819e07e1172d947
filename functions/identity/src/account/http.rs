//! Registering, and looking after one's own account.

use std::collections::BTreeMap;

use access::{Caller, Policy, Visit, guarded};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::{Idempotency, routes};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use wire::{Day, Device, Email, Patch, Prose, Reply, Sent, Stamp, Username, input};

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
pub fn routes() -> OpenApiRouter<Identity> {
    OpenApiRouter::new()
        .routes(guarded(Policy::anyone().counted(), routes!(register)))
        .routes(guarded(Policy::signed_in().live().owner("the caller"), routes!(me)))
        .routes(guarded(Policy::signed_in().live().owner("the caller"), routes!(edit)))
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
    request_body = ProfilePatch, responses(
        (status = 200, body = UserView), (status = 400, description = "What is wrong, by field.")))]
async fn edit(State(identity): State<Identity>, caller: Caller, sent: Sent) -> Reply<Json<UserView>> {
    let wish = |before: &Account| Ok(sent.clone().over(stored(before)).read::<ProfileEdit>()?.of(before));
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

/// The same, nothing of which need be sent.
type ProfilePatch = Patch<ProfileEdit>;

input! {
    /// What an account tells of itself.
    pub struct ProfileEdit {
        /// Leads to the account when signing in.
        username: Username,
        /// Leads to the account when signing in; another one is not verified.
        email: Email,
        first_name: Prose<150> = Prose::default(),
        last_name: Prose<150> = Prose::default(),
        /// Goes before first and last name; split at the first blank.
        full_name: Option<Prose<300>> = None,
        phone_number: Prose<32> = Prose::default(),
        address: Prose<500> = Prose::default(),
        date_of_birth: Option<Day> = None,
        /// Where the picture is.
        picture: Prose<500> = Prose::default(),
        bio: Prose<1000> = Prose::default(),
    }
}

impl ProfileEdit {
    /// The edit that this makes of an account, which tells more of itself where other clients ask for it.
    fn of(self, account: &Account) -> Edit {
        let profile = Profile {
            phone_number: self.phone_number.into(),
            address: self.address.into(),
            date_of_birth: self.date_of_birth,
            picture: self.picture.into(),
            bio: self.bio.into(),
            ..account.profile.clone()
        };
        Edit {
            username: self.username.into(),
            email: self.email.into(),
            first_name: self.first_name.into(),
            last_name: self.last_name.into(),
            full_name: self.full_name.map(Into::into),
            profile,
        }
    }
}

/// An account as an edit would have sent it.
fn stored(account: &Account) -> Map<String, Value> {
    let (principal, profile) = (&account.principal, &account.profile);
    let stored = json!({
        "username": principal.username,
        "email": principal.email,
        "first_name": principal.first_name,
        "last_name": principal.last_name,
        "phone_number": profile.phone_number,
        "address": profile.address,
        "date_of_birth": profile.date_of_birth,
        "picture": profile.picture,
        "bio": profile.bio,
    });
    match stored {
        Value::Object(stored) => stored,
        _ => Map::new(),
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
