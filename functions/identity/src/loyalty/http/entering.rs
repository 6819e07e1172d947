//! Registering, signing in, staying in.

use access::{Policy, Principal, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use platform::Idempotency;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use wire::{Choice, Device, Email, Problem, Reply, Secret, Sent, Success, Text, Username, input};

use super::UserView;
use crate::Identity;
use crate::account::register::{self, Newcomer};
use crate::account::rules::Wish;
use crate::account::split_name;
use crate::dialect::LOYALTY;
use crate::loyalty::{CONTEXT, Role};
use crate::password::Strong;
use crate::session::enter::{Entered, Pair};
use crate::session::refresh;
use crate::session::sign_in::sign_in;

/// The routes of those who are not in yet.
pub(super) fn routes() -> Routes<Identity> {
    Routes::new()
        .route(Policy::counted(), routes!(register))
        .route(Policy::counted(), routes!(login))
        .route(Policy::anyone(), routes!(renew))
}

/// Make an account.
///
/// With an administrator's token the account gets the role that is asked for; otherwise it is a member's, whatever is
/// asked.
#[utoipa::path(post, path = "/auth/register", tag = "auth", operation_id = "loyalty_auth_register",
    request_body = NewUser, responses(
        (status = 201, body = Success<UserView>), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many requests.")))]
async fn register(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<Success<UserView>>)> {
    let (_, giver) = visit.beside(giver(&visit, &sent)).await?;
    let sent = if giver.is_some() { sent } else { sent.without("role") };
    let new: NewUser = register::read(&sent)?;
    if new.password.expose() != new.password2.expose() {
        return Err(Problem::field("password", "Password fields didn't match."));
    }
    let (first_name, last_name) = split_name(&new.full_name);
    let (username, email) = (new.username.into(), new.email.into());
    let wish = Wish { username, email, first_name, last_name, phone_number: String::new() };
    let now = identity.app.clock.now();
    let newcomer = Newcomer::of(&identity, LOYALTY, wish, &new.password, now).await?;
    let newcomer = match (giver, new.role) {
        (Some(giver), Some(role)) if role != Role::Member => newcomer.given(CONTEXT, role.as_str(), giver.id),
        _ => newcomer,
    };
    let user = UserView::new(&newcomer.account, None);
    let answer = Success::said("User registered successfully", user);
    let answered = once.answer(StatusCode::CREATED, &answer)?;
    newcomer.join(&identity, None, answered).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

/// The administrator who asks for an account of a certain role, if it is one; looked for only where a role was sent.
async fn giver(visit: &Visit, sent: &Sent) -> Reply<Option<Principal>> {
    if !sent.has("role") {
        return Ok(None);
    }
    let visitor = visit.visitor().await?;
    Ok(visitor.filter(|visitor| CONTEXT.role(&visitor.roles) == CONTEXT.administrator))
}

/// Sign in with user name or address.
#[utoipa::path(post, path = "/auth/login", tag = "auth", operation_id = "loyalty_auth_login",
    request_body = SignIn, responses(
        (status = 200, body = Success<SignedIn>),
        (status = 401, body = NoEntry, description = "No active account has these credentials, or one of them is missing."),
        (status = 429, description = "Too many attempts.")))]
async fn login(
    State(identity): State<Identity>,
    visit: Visit,
    Device(device): Device,
    once: Idempotency,
    sent: Reply<Sent>,
) -> Reply<Json<Success<SignedIn>>> {
    let signing_in = Box::pin(async {
        let sent = credentials(sent)?;
        let (username, password) = (&sent.username, sent.password.expose());
        let entered = sign_in(&identity, LOYALTY, &visit, &device, username, password).await?;
        let Entered { account, tokens, at } = entered.ok_or_else(no_entry)?;
        let user = UserView::new(&account, Some(at));
        Ok(Success::said("Login successful", SignedIn { tokens: tokens.into(), user }))
    });
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, signing_in).await?))
}

/// The credentials that were sent. What is wrong with a body that can be read is not told: nobody enters by it.
fn credentials(sent: Reply<Sent>) -> Reply<SignIn> {
    sent.and_then(|sent| sent.read()).map_err(|problem| match problem.status() {
        StatusCode::BAD_REQUEST => no_entry(),
        _ => problem,
    })
}

/// The one answer to everybody who does not enter, in words of its own.
fn no_entry() -> Problem {
    let NoEntry { success, message, error } = NoEntry {
        success: false,
        message: "Invalid credentials",
        error: "No active account found with the given credentials",
    };
    let body = [("success", json!(success)), ("message", json!(message)), ("error", json!(error))];
    let body = body.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    Problem::verbatim(StatusCode::UNAUTHORIZED, body)
        .header(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="api""#))
}

/// Nobody enters by this.
#[derive(ToSchema)]
struct NoEntry {
    /// Always false.
    success: bool,
    message: &'static str,
    /// The reason, in a sentence.
    error: &'static str,
}

/// Get another pair of tokens; the refresh token that was sent is dead from then on.
#[utoipa::path(post, path = "/auth/token/refresh", tag = "auth", operation_id = "loyalty_auth_refresh",
    request_body = Refresh, responses(
        (status = 200, body = Refreshed), (status = 400, description = "The token is missing."),
        (status = 401, description = "The token is invalid or expired, or its account is not active.")))]
async fn renew(
    State(identity): State<Identity>,
    visit: Visit,
    once: Idempotency,
    sent: Sent,
) -> Reply<Json<Refreshed>> {
    let sent: Refresh = sent.alias("refreshToken", "refresh").read()?;
    let renewing = async {
        let tokens = refresh::refresh(&identity, &sent.refresh, true, visit.address()).await?;
        Ok(Refreshed::from(Tokens::from(tokens)))
    };
    Ok(Json(once.around(&identity.app.table, StatusCode::OK, renewing).await?))
}

input! {
    /// Who wants an account.
    pub struct NewUser {
        /// Leads to the account when signing in.
        username: Username,
        /// Leads to the account when signing in.
        email: Email,
        /// 8 to 128 characters that are not easily guessed.
        password: Strong,
        /// The same once more.
        password2: Secret,
        /// First and last name.
        full_name: Text<255>,
        /// Read from administrators only.
        role: Option<Role> = None,
    }
}

input! {
    /// Credentials.
    pub struct SignIn {
        /// User name or address.
        username: Text<254>,
        /// Password.
        password: Secret,
    }
}

input! {
    /// A refresh token, to be replaced. May be called `refreshToken` as well.
    pub struct Refresh {
        /// The token.
        refresh: Text<4096>,
    }
}

/// Two tokens, each under both names that clients know.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Tokens {
    /// To get another pair.
    refresh: String,
    /// To be sent as `Authorization: Bearer`.
    access: String,
    /// The same as `access`.
    #[serde(rename = "accessToken")]
    access_token: String,
    /// The same as `refresh`.
    #[serde(rename = "refreshToken")]
    refresh_token: String,
}

impl From<Pair> for Tokens {
    fn from(pair: Pair) -> Self {
        let Pair { access, refresh } = pair;
        Self { refresh_token: refresh.clone(), access_token: access.clone(), refresh, access }
    }
}

/// Somebody who signed in.
#[derive(Debug, Serialize, ToSchema)]
struct SignedIn {
    #[serde(flatten)]
    tokens: Tokens,
    user: UserView,
}

/// Another pair of tokens.
#[derive(Debug, Serialize, ToSchema)]
struct Refreshed {
    /// Always true.
    success: bool,
    access: String,
    refresh: String,
    /// The same, under both names.
    data: Tokens,
}

impl From<Tokens> for Refreshed {
    fn from(data: Tokens) -> Self {
        Self { success: true, access: data.access.clone(), refresh: data.refresh.clone(), data }
    }
}
