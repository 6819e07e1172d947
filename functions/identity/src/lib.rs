//! Identity: accounts, passwords, sessions and tokens, for every context.

pub mod account;
pub mod demo;
pub mod dialect;
mod hasher;
mod ids;
mod keys;
pub mod loyalty;
pub mod password;
pub mod prepaid;
pub mod session;
mod signer;
pub mod users;

use axum::Router;
use platform::{App, Edge, Function, Host, api};
use table::{Item, Row, Tallies, from_item, kind_of};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use wire::Fault;

use account::Account;
use dialect::{Dialect, PREPAID};
use hasher::Hasher;
use session::Sessions;
use signer::Signer;

/// Where the canonical paths begin.
pub const MOUNT: &str = "/api/auth";

/// What passwords are hashed with.
const PEPPER: &str = "identity/pepper";

/// The variable with the origin of prepaid's front end, where links in its letters lead.
const PREPAID_FRONTEND: &str = "MERCATO_PREPAID_FRONTEND_URL";

/// What identity holds: the shared parts, and the two secrets that only it may read.
#[derive(Clone)]
pub struct Identity {
    app: App,
    signer: Signer,
    hasher: Hasher,
    /// The origin of prepaid's front end.
    prepaid_frontend: String,
}

impl Identity {
    /// Opens everything that a request will need.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        let (app, own) = App::open_with(host, &[signer::KEYS, PEPPER]).await?;
        let signer = Signer::new(own.text(signer::KEYS)?, app.parameters.clone(), host.clock.clone())?;
        let hasher = Hasher::new(own.secret(PEPPER, 32)?);
        let prepaid_frontend = host.env.require(PREPAID_FRONTEND)?.trim_end_matches('/').to_owned();
        Ok(Self { app, signer, hasher, prepaid_frontend })
    }

    /// The origin that links in the letters of a dialect begin with.
    fn frontend(&self, dialect: Dialect) -> &str {
        if dialect.name == PREPAID.name { &self.prepaid_frontend } else { &self.app.base_url }
    }

    fn issuer(&self) -> String {
        access::issuer(self.app.stage.as_str())
    }
}

/// Starts the function.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let (identity, router) = api::beside(Identity::open(&host), router).await?;
    let edge = Edge::guarded(&identity.app, "identity").envelope_below(loyalty::PATH, wire::unsuccessful);
    Ok(edge.function(router.with_state(identity)))
}

fn router() -> Router<Identity> {
    api::router(MOUNT, routes)
        .merge(api::router(loyalty::MOUNT, loyalty::http::routes))
        .merge(api::router(prepaid::MOUNT, prepaid::http::routes))
}

/// The description of every operation below the canonical paths.
pub fn document() -> OpenApi {
    api::document(MOUNT, routes())
}

/// The description of every operation of loyalty's dialect.
pub fn loyalty_document() -> OpenApi {
    api::document(loyalty::MOUNT, loyalty::http::routes())
}

/// The description of every operation of prepaid's dialect.
pub fn prepaid_document() -> OpenApi {
    api::document(prepaid::MOUNT, prepaid::http::routes())
}

/// What a stored item counts into the figures of which scopes, for whoever counts them anew.
pub fn figures_of(item: &Item) -> Result<Tallies, Fault> {
    Ok(match kind_of(item) {
        Account::KIND => from_item::<Account>(item.clone())?.figures(),
        Sessions::KIND => from_item::<Sessions>(item.clone())?.figures(),
        _ => Tallies::default(),
    })
}

fn routes() -> OpenApiRouter<Identity> {
    api::routes(
        "Mercato identity",
        "One account for every context: registering, signing in, passwords, roles.",
    )
    .merge(account::http::routes())
    .merge(session::http::routes())
    .merge(password::http::routes())
    .merge(users::http::routes())
    .merge(keys::routes())
}
