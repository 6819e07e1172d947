//! Loyalty: members, their points, reward vouchers, and what was redeemed for them.

pub mod demo;
mod figures;
pub mod ids;
pub mod jobs;
mod letters;
pub mod members;
pub mod points;
pub mod redeem;
mod scope;
mod settings;
mod statistics;
pub mod tiers;
mod unique;
pub mod vouchers;

use std::sync::Arc;

use access::{Context, Routes};
use platform::{App, Edge, Function, Host, beside};
use table::{Item, Row, Tallies, counted, kind_of};
use utoipa::openapi::OpenApi;
use wire::Fault;

pub use settings::{Basis, Settings};

/// Where the paths begin.
pub const MOUNT: &str = "/api/loyalty";

/// How accounts are known here.
pub const CONTEXT: Context = Context { name: "loyalty", newcomer: "member", administrator: "admin" };

/// What loyalty holds.
#[derive(Clone)]
pub struct Loyalty {
    app: Arc<App>,
    settings: Settings,
}

impl Loyalty {
    /// Opens everything that a request will need.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        Ok(Self { app: Arc::new(App::open(host).await?), settings: Settings::read(&host.env)? })
    }
}

/// Starts the function behind the mount.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let (loyalty, router) = beside(Loyalty::open(&host), || routes().router()).await?;
    let edge = Edge::guarded(&loyalty.app, CONTEXT.name).envelope(wire::unsuccessful);
    Ok(edge.function(router.with_state(loyalty)))
}

/// Starts the function behind the queue.
pub async fn boot_events(host: Host) -> Result<Function, Fault> {
    let table = host.connected_table().await?;
    let desk = jobs::Desk { table, settings: Settings::read(&host.env)?, clock: host.clock };
    Ok(Function::messages(move |body| {
        let desk = desk.clone();
        async move { desk.work(body).await }
    }))
}

/// The description of every operation.
pub fn document() -> OpenApi {
    let about = "Members, points, reward vouchers and what was redeemed for them.";
    routes().document("Mercato loyalty", about)
}

/// What a stored item counts into the figures of which scopes, for whoever counts them anew.
pub fn figures_of(item: &Item) -> Result<Tallies, Fault> {
    match kind_of(item) {
        members::Member::KIND => counted::<members::Member>(item),
        points::Entry::KIND => counted::<points::Entry>(item),
        redeem::Redemption::KIND => counted::<redeem::Redemption>(item),
        _ => Ok(Tallies::default()),
    }
}

fn routes() -> Routes<Loyalty> {
    Routes::new()
        .merge(members::http::routes())
        .merge(points::http::routes())
        .merge(vouchers::http::routes())
        .merge(redeem::http::routes())
        .below(MOUNT)
}

/// What is said of an id that leads nowhere.
fn no_such(id: &str) -> String {
    format!(r#"Invalid pk "{id}" - object does not exist."#)
}
