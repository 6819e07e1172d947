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

use access::Context;
use platform::{App, Edge, Function, Host, api};
use table::{Item, Row, Tallies, from_item, kind_of};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use wire::{Fault, Field, Sent, Text};

use figures::FIGURES;
pub use settings::{Basis, Settings};

/// Where the paths begin.
pub const MOUNT: &str = "/api/loyalty";

/// How accounts are known here.
pub const CONTEXT: Context = Context { name: "loyalty", newcomer: "member", administrator: "admin" };

/// What loyalty holds.
#[derive(Clone)]
pub struct Loyalty {
    app: App,
    settings: Settings,
}

impl Loyalty {
    /// Opens everything that a request will need.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        Ok(Self { app: App::open(host).await?, settings: Settings::read(&host.env)? })
    }
}

/// Starts the function behind the mount.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let router = || api::router(MOUNT, routes);
    let (loyalty, router) = api::beside(Loyalty::open(&host), router).await?;
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
    api::document(MOUNT, routes())
}

/// What a stored item counts into the figures of which scopes, for whoever counts them anew.
pub fn figures_of(item: &Item) -> Result<Tallies, Fault> {
    let (item, mut counted) = (item.clone(), Tallies::default());
    match kind_of(&item) {
        members::Member::KIND => counted.add(FIGURES, figures::member_deltas(None, Some(&from_item(item)?))),
        points::Entry::KIND => counted.add(FIGURES, figures::entry_deltas(&from_item(item)?)),
        redeem::Redemption::KIND => counted.add(FIGURES, figures::redemption_deltas(None, &from_item(item)?)),
        _ => {}
    }
    Ok(counted)
}

fn routes() -> OpenApiRouter<Loyalty> {
    api::routes("Mercato loyalty", "Members, points, reward vouchers and what was redeemed for them.")
        .merge(members::http::routes())
        .merge(points::http::routes())
        .merge(vouchers::http::routes())
        .merge(redeem::http::routes())
}

/// What is said of an id that leads nowhere.
fn no_such(id: &str) -> String {
    format!(r#"Invalid pk "{id}" - object does not exist."#)
}

/// The id that was sent under a name, as a form reads it; empty, if it is none.
fn sent_id<const MAX: usize>(sent: &Sent, name: &str) -> String {
    let id = sent.get(name).and_then(|value| Text::<MAX>::read(value).ok());
    id.map(String::from).unwrap_or_default()
}
