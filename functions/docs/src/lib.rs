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
use axum::extract::Request;
use axum::http::header::{REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::map_response;
use axum::response::Response;
use platform::{Function, Host};
use table::{Seal, Table};
use tower::util::MapRequest;
use wire::{Fault, Problem};

pub use documents::{DOCUMENTS, Document};
pub use health::About;
pub use merge::whole;

/// Every route: those of the whole platform, and the same below each context's mount.
pub fn router(about: About) -> Router {
    let about = Arc::new(about);
    let routes = documents::Scope::all()
        .map(|scope| health::routes(scope, &about).merge(schema::routes(scope)).merge(pages::routes(scope)))
        .fold(assets::routes(), Router::merge)
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async |method: Method| Problem::method_not_allowed(&method))
        .layer(map_response(guard));
    // The path takes its normal form before it is routed, so this stands around the routes and not among them.
    Router::new().fallback_service(MapRequest::new(routes, normal))
}

/// The function as it is deployed.
#[expect(clippy::unused_async, reason = "every function boots in the same way, and others wait for secrets")]
pub async fn boot(host: Host) -> Result<Function, Fault> {
    // Nothing is sealed or opened here: the table is only asked whether it is there.
    let table = Table::new(&host.sdk("DYNAMODB")?, host.env.require("MERCATO_TABLE")?, Seal::new(&[0; 32]));
    let stage = host.env.stage()?.as_str().to_owned();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Function::http(router(About { stage, version, clock: host.clock, table })))
}

fn normal(mut request: Request) -> Request {
    wire::normalise_request(&mut request);
    request
}

async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
