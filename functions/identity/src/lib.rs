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

use std::sync::Arc;

use access::Routes;
use platform::{App, Edge, Function, Host, beside};
use table::Kind;
use utoipa::openapi::OpenApi;
use wire::{Fault, Problem};

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
    app: Arc<App>,
    signer: Arc<Signer>,
    hasher: Hasher,
    /// The origin of prepaid's front end.
    prepaid_frontend: Arc<str>,
}

impl Identity {
    /// Opens everything that a request will need.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        let (app, own) = App::open_with(host, &[signer::KEYS, PEPPER]).await?;
        let signer = Signer::new(own.text(signer::KEYS)?, app.parameters.clone(), host.clock.clone())?;
        let hasher = Hasher::new(own.secret(PEPPER, 32)?);
        let prepaid_frontend = host.env.require(PREPAID_FRONTEND)?.trim_end_matches('/');
        Ok(Self {
            app: Arc::new(app),
            signer: Arc::new(signer),
            hasher,
            prepaid_frontend: prepaid_frontend.into(),
        })
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
    let all = || routes().merge(loyalty::http::routes()).merge(prepaid::http::routes());
    let (identity, router) = beside(Identity::open(&host), || all().router()).await?;
    let edge = Edge::guarded(&identity.app, "identity").envelope_below(loyalty::PATH, wire::unsuccessful);
    Ok(edge.function(router.with_state(identity)))
}

/// The description of every operation below the canonical paths.
pub fn document() -> OpenApi {
    let about = "One account for every context: registering, signing in, passwords, roles.";
    routes().document::<Problem>("Mercato identity", about)
}

/// The description of every operation of loyalty's dialect.
pub fn loyalty_document() -> OpenApi {
    let about = "How the clients of the loyalty desk register, sign in and administer accounts.";
    loyalty::http::routes().document::<wire::Unsuccessful>("Mercato loyalty", about)
}

/// The description of every operation of prepaid's dialect.
pub fn prepaid_document() -> OpenApi {
    let about = "How the clients of the voucher shop register, sign in and look after their accounts.";
    prepaid::http::routes().document::<Problem>("Mercato prepaid", about)
}

/// The kinds of rows that identity has, with what they count into figures.
pub const KINDS: [Kind; 5] = [
    Kind::counting::<Account>(),
    Kind::of::<session::Credential>(),
    Kind::counting::<Sessions>(),
    Kind::of::<password::Reset>(),
    Kind::of::<users::Audit>(),
];

fn routes() -> Routes<Identity> {
    Routes::new()
        .merge(account::http::routes())
        .merge(session::http::routes())
        .merge(password::http::routes())
        .merge(users::http::routes())
        .merge(keys::routes())
        .below(MOUNT)
}
