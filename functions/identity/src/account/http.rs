//! Registering, and looking after one's own account.

use std::collections::BTreeMap;

use access::{Caller, Policy, Visit, guarded};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use outbox::Letter;
use platform::{Idempotency, metric};
use serde::Serialize;
use serde_json::{Map, Value, json};
use table::{Denied, Tx, again};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Body, Day, Email, Fault, Patch, Problem, Prose, Reply, Sent, Stamp, Username, folded, input};

use super::rules::{self, Edit, Wish};
use super::{Account, Refusal, store};
use crate::Identity;
use crate::dialect::CANONICAL;
use crate::ids;
use crate::password::Strong;
use crate::session::enter::Opening;
use crate::session::http::{Device, SignedIn};
use crate::session::store::sessions;
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
    Body(new): Body<NewAccount>,
) -> Reply<(StatusCode, Json<SignedIn>)> {
    let mut errors = rules::name_of_ones_own(&new.username, &new.email);
    errors.extend(rules::password_apart("password", new.password.expose(), &new.username, &new.email));
    errors.or(())?;
    visit.beside(async { Ok(()) }).await?;
    let now = identity.app.clock.now();
    let hash = identity.hasher.hash(new.password.expose()).await?;
    let wish = Wish {
        username: new.username.into(),
        email: new.email.into(),
        first_name: new.first_name.into(),
        last_name: new.last_name.into(),
        phone_number: new.phone_number.into(),
    };
    let account = rules::register(ids::account(now), wish, CANONICAL.name, now);
    let opening = Opening::new(CANONICAL, &device, now);
    let tx = store::register(&account, &hash, &opening, welcome(&identity, &account, now));
    let tokens = opening.tokens(&identity, &account.principal, account.principal.ver).await?;
    let answer = SignedIn::new(&account, tokens, now);
    let tx = tx.answering(once.answer(StatusCode::CREATED, &answer)?);
    if let Err(denied) = identity.app.table.commit(tx).await {
        return Err(refused(&identity, denied, &account, None).await?);
    }
    metric::count("Registrations", now);
    tracing::info!(target: "security", event = "registered", user = account.id());
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Tell the caller who they are.
#[utoipa::path(get, path = "/me", tag = "account", operation_id = "identity_account_me",
    responses((status = 200, body = UserView)))]
async fn me(State(identity): State<Identity>, caller: Caller) -> Reply<Json<UserView>> {
    let table = &identity.app.table;
    let (account, sessions) =
        tokio::try_join!(store::account(table, caller.id()), sessions(table, caller.id()))?;
    caller.judge(account.as_ref().map(|account| account.principal.clone()))?;
    let last_login = sessions.and_then(|sessions| sessions.last_login);
    let account = account.ok_or_else(Problem::bad_token)?;
    Ok(Json(UserView::new(&account, last_login)))
}

/// Change what an account tells of itself; what is not sent stays as it is.
#[utoipa::path(patch, path = "/profile", tag = "account", operation_id = "identity_account_edit",
    request_body = ProfilePatch, responses(
        (status = 200, body = UserView), (status = 400, description = "What is wrong, by field.")))]
async fn edit(State(identity): State<Identity>, caller: Caller, sent: Sent) -> Reply<Json<UserView>> {
    let table = &identity.app.table;
    let now = identity.app.clock.now();
    let edited = again(|| async {
        let before = store::account(table, caller.id()).await?;
        caller.judge(before.as_ref().map(|account| account.principal.clone())).map_err(Denied::Refused)?;
        let before = before.ok_or_else(|| Denied::Refused(Problem::bad_token()))?;
        let wish = sent.clone().over(stored(&before)).read::<ProfileEdit>().map_err(Denied::Refused)?;
        let after = rules::edit(&before, wish.into(), now);
        rules::renamed(&before, &after).map_err(|errors| Denied::Refused(errors.into()))?;
        let written = async {
            let tx = store::edit(table, &before, &after).await?;
            table.commit(moved(&before, &after, now).into_iter().fold(tx, Tx::tell)).await
        };
        match written.await {
            Ok(()) => Ok(after),
            // The password may have changed beside the names: both are judged anew.
            Err(Denied::Stale | Denied::Refused(Refusal::Gone)) => Err(Denied::Stale),
            Err(denied) => Err(Denied::Refused(refused(&identity, denied, &after, Some(after.id())).await?)),
        }
    });
    let (edited, sessions) = tokio::join!(edited, sessions(table, caller.id()));
    let last_login = sessions?.and_then(|sessions| sessions.last_login);
    Ok(Json(UserView::new(&edited?, last_login)))
}

/// What a denied write of an account means to its owner; names every name that is taken.
async fn refused(
    identity: &Identity,
    denied: Denied<Refusal>,
    account: &Account,
    own: Option<u64>,
) -> Result<Problem, Fault> {
    let refusal = match denied {
        Denied::Refused(refusal) => refusal,
        Denied::Fault(fault) => return Err(fault),
        Denied::Repeated(answer) => return Ok(answer),
        Denied::Stale => return Err(Fault::busy("an account kept changing")),
    };
    match refusal {
        Refusal::Taken(_) => {
            let (username, email) = (folded(&account.principal.username), folded(&account.principal.email));
            let errors = store::taken(&identity.app.table, &username, &email, own).await?;
            if errors.is_empty() {
                Err(Fault::busy("a name was taken and freed meanwhile"))
            } else {
                Ok(errors.into())
            }
        }
        // One number in four thousand, and only for accounts of the same millisecond.
        Refusal::Number => Err(Fault::busy("an account number was in use")),
        Refusal::Gone => Err(Fault::busy("the password changed meanwhile")),
    }
}

fn welcome(identity: &Identity, account: &Account, now: Stamp) -> table::Message {
    Letter::new("identity/welcome", &account.principal.email)
        .with("name", account.called())
        .with("username", account.principal.username.as_str())
        .with("link", identity.app.base_url.as_str())
        .message("identity", now)
}

/// Tells the address that an account leaves, whose reader may not have asked for that.
fn moved(before: &Account, after: &Account, now: Stamp) -> Option<table::Message> {
    let (old, new) = (&before.principal.email, &after.principal.email);
    let letter = Letter::new("identity/address-changed", old)
        .with("name", before.called())
        .with("at", now.to_string())
        .with("address", rules::masked(new));
    (old != new).then(|| letter.message("identity", now))
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

impl From<ProfileEdit> for Edit {
    fn from(sent: ProfileEdit) -> Self {
        Self {
            username: sent.username.into(),
            email: sent.email.into(),
            first_name: sent.first_name.into(),
            last_name: sent.last_name.into(),
            full_name: sent.full_name.map(Into::into),
            phone_number: sent.phone_number.into(),
            address: sent.address.into(),
            date_of_birth: sent.date_of_birth,
            picture: sent.picture.into(),
            bio: sent.bio.into(),
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
