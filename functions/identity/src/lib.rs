//! Identity: accounts, passwords, sessions and tokens, for every context.

pub mod account;
pub mod demo;
pub mod dialect;
mod hasher;
mod ids;
mod keys;
pub mod loyalty;
pub mod password;
pub mod session;
mod signer;
pub mod users;

use axum::Router;
use platform::{App, Edge, Function, Host, Parameters, api};
use table::{Item, Row, Tallies, from_item, kind_of};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use wire::Fault;

use account::Account;
use hasher::Hasher;
use signer::Signer;

/// Where the canonical paths begin.
pub const MOUNT: &str = "/api/auth";

/// What identity holds: the shared parts, and the two secrets that only it may read.
#[derive(Clone)]
pub struct Identity {
    app: App,
    signer: Signer,
    hasher: Hasher,
}

impl Identity {
    /// Opens everything that a request will need.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        let parameters = Parameters::open(host)?;
        let (app, pepper, signer) = tokio::try_join!(
            App::open_beside(host, parameters.clone()),
            parameters.secret("identity/pepper", 32),
            Signer::open(parameters.clone(), host.clock.clone())
        )?;
        Ok(Self { hasher: Hasher::new(pepper), signer, app })
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
    let (canonical, _) = api::mounted(MOUNT, routes());
    let (loyalty, _) = api::mounted(loyalty::MOUNT, loyalty::http::routes());
    canonical.merge(loyalty)
}

/// The description of every operation below the canonical paths.
pub fn document() -> OpenApi {
    api::mounted(MOUNT, routes()).1
}

/// The description of every operation of loyalty's dialect.
pub fn loyalty_document() -> OpenApi {
    api::mounted(loyalty::MOUNT, loyalty::http::routes()).1
}

/// What a stored item counts into the figures of which scopes, for whoever counts them anew.
pub fn figures_of(item: &Item) -> Result<Tallies, Fault> {
    let mut counted = Tallies::default();
    if kind_of(item) == Account::KIND {
        counted.add(account::FIGURES, from_item::<Account>(item.clone())?.figures());
    }
    Ok(counted)
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
