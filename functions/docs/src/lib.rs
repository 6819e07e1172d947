//! The platform's health and its documentation: `OpenAPI`, Swagger UI and `ReDoc`, all without the internet.

mod assets;
mod content;
mod documents;
mod health;
mod merge;
mod negotiate;
mod pages;
mod schema;

use std::sync::Arc;

use axum::Router;
use platform::{Edge, Function, Host};
use wire::Fault;

pub use documents::{DOCUMENTS, Document, Form};
pub use health::About;
pub use merge::whole;

/// Every route: those of the whole platform, and the same below each context's mount.
pub fn routes(about: About) -> Router {
    let about = Arc::new(about);
    documents::Scope::all()
        .map(|scope| health::routes(scope, &about).merge(schema::routes(scope)).merge(pages::routes(scope)))
        .fold(assets::routes(), Router::merge)
}

/// The function as it is deployed.
#[expect(clippy::unused_async, reason = "every function boots in the same way, and others wait for secrets")]
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let about = About {
        stage: host.env.stage()?.as_str().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        clock: host.clock.clone(),
        // Nothing is sealed or opened here: the table is only asked whether it is there.
        table: host.table_without_seal()?,
    };
    Ok(Edge::open(&host, "docs").function(routes(about)))
}
