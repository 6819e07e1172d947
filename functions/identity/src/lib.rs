//! Identity: accounts, passwords, sessions and tokens, for every context.

pub mod account;
pub mod demo;
pub mod dialect;
mod hasher;
mod ids;
mod keys;
pub mod password;
pub mod session;
mod signer;
pub mod users;

use platform::{App, Edge, Function, Host, api};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use wire::Fault;

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
        let app = App::open(host).await?;
        let signer = Signer::open(app.parameters.clone(), app.clock.clone());
        let (pepper, signer) = tokio::try_join!(app.parameters.secret("identity/pepper", 32), signer)?;
        Ok(Self { hasher: Hasher::new(pepper), signer, app })
    }

    fn issuer(&self) -> String {
        access::issuer(self.app.stage.as_str())
    }
}

/// Starts the function.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let identity = Identity::open(&host).await?;
    let (router, _) = api::mounted(MOUNT, routes());
    Ok(Edge::guarded(&identity.app.clone(), "identity").function(router.with_state(identity)))
}

/// The description of every operation.
pub fn document() -> OpenApi {
    api::mounted(MOUNT, routes()).1
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
