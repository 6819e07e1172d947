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

use access::{Context, Routes};
use platform::{App, Edge, Function, Host, beside};
use table::{Kind, Table};
use utoipa::openapi::OpenApi;
use wire::{Clock, Fault};

pub use settings::{Basis, Settings};

/// Where the paths begin.
pub const MOUNT: &str = "/api/loyalty";

/// How accounts are known here.
pub const CONTEXT: Context = Context { name: "loyalty", newcomer: "member", administrator: "admin" };

/// What loyalty works with, whoever asks for it.
#[derive(Clone)]
pub struct Loyalty {
    table: Table,
    clock: Clock,
    settings: Settings,
}

impl Loyalty {
    /// Opens it where nobody asks: behind the queue, and for the demo.
    pub async fn open(host: &Host) -> Result<Self, Fault> {
        Self::new(host.connected_table().await?, host)
    }

    fn new(table: Table, host: &Host) -> Result<Self, Fault> {
        Ok(Self { table, clock: host.clock.clone(), settings: Settings::read(&host.env)? })
    }
}

/// Starts the function behind the mount.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let (app, router) = beside(App::open(&host), || routes().router()).await?;
    let loyalty = Loyalty::new(app.table.clone(), &host)?;
    let edge = Edge::guarded(&app, CONTEXT.name).envelope(wire::unsuccessful);
    Ok(edge.function(router.with_state(loyalty)))
}

/// Starts the function behind the queue.
pub async fn boot_events(host: Host) -> Result<Function, Fault> {
    let loyalty = Loyalty::open(&host).await?;
    Ok(Function::messages(move |body| {
        let loyalty = loyalty.clone();
        async move { loyalty.work(body).await }
    }))
}

/// The description of every operation.
pub fn document() -> OpenApi {
    let about = "Members, points, reward vouchers and what was redeemed for them.";
    routes().document::<wire::Unsuccessful>("Mercato loyalty", about)
}

/// The kinds of rows that loyalty has, with what they count into figures.
pub const KINDS: [Kind; 5] = [
    Kind::counting::<members::Member>(),
    Kind::counting::<points::Entry>(),
    Kind::of::<points::lots::Lot>(),
    Kind::of::<vouchers::Voucher>(),
    Kind::counting::<redeem::Redemption>(),
];

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
