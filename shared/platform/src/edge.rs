//! The layers around every request, from the outside in.

mod headers;
mod once;
mod record;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use http::Method;
use serde_json::Value;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;
use wire::Problem;

use crate::{App, Function, guarded};

pub use once::Idempotency;

/// How a context words its problems, if not as DRF does.
pub type Envelope = fn(&Problem) -> Value;

/// The function of a context: its routes, inside everything that routes need not think of.
pub fn serve(app: &App, context: &'static str, routes: Router, envelope: Option<Envelope>) -> Function {
    Function::http(around(app, context, routes, envelope))
}

fn around(app: &App, context: &'static str, routes: Router, envelope: Option<Envelope>) -> Router {
    let inner = routes
        .route_layer(from_fn(record::remember_route))
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|method: Method| async move { Problem::method_not_allowed(&method) });
    let recorder = record::Recorder::new(app, context);
    let once = once::Keeper::new(app, context);
    let layers = ServiceBuilder::new()
        .layer(MapRequestLayer::new(normalised))
        .layer(from_fn(move |request: Request, next: Next| record::record(recorder.clone(), request, next)))
        .layer(headers::cors(&app.origins))
        .layer(from_fn(headers::secure))
        .layer(from_fn(move |request: Request, next: Next| once::keep(once.clone(), request, next)))
        .layer(map_response(move |response: Response| async move {
            match envelope {
                Some(envelope) => wire::reshape(response, envelope),
                None => response,
            }
        }))
        .layer(from_fn(unharmed));
    // The layers stand before the router and not inside it, since the path is normalised before it is routed.
    Router::new().fallback_service(layers.service(inner))
}

fn normalised(mut request: Request) -> Request {
    wire::normalise_request(&mut request);
    request
}

/// Turns a panic into the answer of any other bug.
async fn unharmed(request: Request, next: Next) -> Response {
    let answer = guarded(async { Ok(next.run(request).await) }).await;
    answer.unwrap_or_else(|fault| Problem::from(fault).into_response())
}
