//! Registering.

use access::{Policy, Routes, Visit, routes};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use platform::Idempotency;
use serde_json::Value;
use uuid::Uuid;
use wire::{
    Device, Email, Fault, FieldErrors, NON_FIELD, Problem, Prose, Reply, Secret, Sent, Username, input,
};

use super::SignedIn;
use crate::Identity;
use crate::account::register::{self, Newcomer};
use crate::account::rules::{self, Wish};
use crate::account::store;
use crate::dialect::PREPAID;
use crate::password::Strong;
use crate::prepaid::named_after;
use crate::session::enter::Opening;

/// How many user names are tried for somebody who chose none.
const NAMES: usize = 5;

/// The route of those who have no account.
pub(super) fn routes() -> Routes<Identity> {
    Routes::new().route(Policy::counted(), routes!(register))
}

/// Make an account, and sign in.
///
/// Whoever chooses no user name gets one like their address.
#[utoipa::path(post, path = "/auth/register", tag = "auth", operation_id = "prepaid_auth_register",
    request_body = NewUser, responses(
        (status = 201, body = SignedIn), (status = 400, description = "What is wrong, by field."),
        (status = 429, description = "Too many requests.")))]
async fn register(
    State(identity): State<Identity>,
    visit: Visit,
    Device(device): Device,
    once: Idempotency,
    sent: Sent,
) -> Reply<(StatusCode, Json<SignedIn>)> {
    visit.beside(async { Ok(()) }).await?;
    let new = match read(&sent) {
        Ok(new) => new,
        Err(problem) => return Err(with_names_taken(&identity, &sent, problem).await?),
    };
    let now = identity.app.clock.now();
    let chosen = new.username.map(String::from);
    let wish = Wish {
        username: chosen.clone().unwrap_or_else(|| named_after(&new.email)),
        email: new.email.folded(),
        first_name: new.first_name.into(),
        last_name: new.last_name.into(),
        phone_number: new.phone_number.map(String::from).unwrap_or_default(),
    };
    let mut newcomer = Newcomer::of(&identity, PREPAID, wish, &new.password, now).await?;
    let opening = Opening::new(PREPAID, &device, now);
    let first = newcomer.account.principal.username.clone();
    for _ in 0..NAMES {
        let principal = &newcomer.account.principal;
        let tokens = opening.tokens(&identity, principal, principal.ver).await?;
        let answer = SignedIn::said("User registered successfully", &newcomer.account, tokens);
        let answered = once.answer(StatusCode::CREATED, &answer)?;
        match newcomer.join(&identity, Some(&opening), answered).await {
            Ok(()) => return Ok((StatusCode::CREATED, Json(answer))),
            Err(problem) if chosen.is_none() && names(&problem, "username") => {
                // Nobody is told of a name that they did not choose.
                if names(&problem, "email") {
                    return Err(Problem::field("email", PREPAID.address_taken));
                }
                let number = Uuid::new_v4().as_u128() % 10_000;
                newcomer.account.principal.username = format!("{first}{number:04}");
            }
            Err(problem) => return Err(problem),
        }
    }
    Err(Fault::busy("every user name that was tried is taken").into())
}

/// Whether a refusal is about this field.
fn names(problem: &Problem, field: &str) -> bool {
    problem.status() == StatusCode::BAD_REQUEST && problem.members().contains_key(field)
}

fn read(sent: &Sent) -> Reply<NewUser> {
    let new: NewUser = register::read(sent)?;
    if new.password.expose() == new.password_confirm.expose() {
        Ok(new)
    } else {
        Err(Problem::non_field("Passwords don't match."))
    }
}

/// What is wrong with a body, together with the names in it that lead to somebody else; these go before whatever belongs
/// to no field.
async fn with_names_taken(identity: &Identity, sent: &Sent, problem: Problem) -> Reply<Problem> {
    let text = |name| sent.get(name).and_then(Value::as_str).unwrap_or_default();
    let username = Username::parse(text("username")).map(|name| name.folded()).unwrap_or_default();
    let email = Email::parse(text("email")).map(|email| email.folded()).unwrap_or_default();
    let taken = store::taken(&identity.app.table, &username, &email, None).await?;
    let taken = rules::taken(&taken, PREPAID).into_map();
    if taken.is_empty() {
        return Ok(problem);
    }
    let problem = if names(&problem, NON_FIELD) { Problem::fields(FieldErrors::new()) } else { problem };
    Ok(taken.into_iter().fold(problem, |problem, (field, texts)| problem.with(&field, texts)))
}

input! {
    /// Who wants an account.
    pub struct NewUser {
        /// 1 to 150 letters, digits and `@.+-_`; nobody else's, without case.
        username: Option<Username> = None,
        /// Nobody else's, without case.
        email: Email,
        /// 8 to 128 characters that are not easily guessed.
        password: Strong,
        /// The same once more.
        password_confirm: Secret,
        first_name: Prose<150> = Prose::default(),
        last_name: Prose<150> = Prose::default(),
        phone_number: Option<Prose<20>> = None,
    }
}
