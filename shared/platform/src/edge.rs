//! The layers around every request, from the outside in.

mod headers;
mod once;
mod record;

use access::Gate;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use http::Method;
use serde_json::Value;
use table::Table;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;
use wire::{Clock, Problem};

use crate::{App, Function, Host, guarded};

pub use once::Idempotency;

/// How a context words its problems, if not as DRF does.
pub type Envelope = fn(&Problem) -> Value;

/// What stands around the routes of a function.
pub struct Edge {
    context: &'static str,
    clock: Clock,
    origins: Vec<String>,
    guard: Option<Guard>,
    envelope: Option<Envelope>,
}

/// What guarded routes need: somebody who asks who is there, and the table that remembers what was answered.
#[derive(Clone)]
struct Guard {
    gate: Gate,
    table: Table,
}

impl Edge {
    /// Around routes that policies guard.
    pub fn guarded(app: &App, context: &'static str) -> Self {
        let guard = Guard { gate: app.gate.clone(), table: app.table.clone() };
        let (clock, origins) = (app.clock.clone(), app.origins.clone());
        Self { context, clock, origins, guard: Some(guard), envelope: None }
    }

    /// Around routes that anybody may call and that are up even when the table is not.
    pub fn open(host: &Host, context: &'static str) -> Self {
        Self { context, clock: host.clock.clone(), origins: host.origins(), guard: None, envelope: None }
    }

    /// With problems in the context's own envelope.
    pub fn envelope(mut self, envelope: Envelope) -> Self {
        self.envelope = Some(envelope);
        self
    }

    /// The function of these routes.
    pub fn function(self, routes: Router) -> Function {
        Function::http(self.around(routes))
    }

    /// These routes, inside everything that routes need not think of.
    pub fn around(self, routes: Router) -> Router {
        let inner = routes
            .route_layer(from_fn(record::remember_route))
            .fallback(|| async { Problem::not_found() })
            .method_not_allowed_fallback(
                |method: Method| async move { Problem::method_not_allowed(&method) },
            );
        let recorder = record::Recorder::new(&self);
        let keeper = self.guard.map(|guard| once::Keeper::new(guard.table, self.clock, self.context));
        let envelope = self.envelope;
        let layers = ServiceBuilder::new()
            .layer(MapRequestLayer::new(normalised))
            .layer(from_fn(move |request: Request, next: Next| {
                record::record(recorder.clone(), request, next)
            }))
            .layer(from_fn(headers::secure))
            .layer(headers::cors(&self.origins))
            .layer(map_response(move |response: Response| async move {
                match envelope {
                    Some(envelope) => wire::reshape(response, envelope),
                    None => response,
                }
            }))
            .layer(from_fn(move |request: Request, next: Next| once::keep(keeper.clone(), request, next)))
            .layer(from_fn(unharmed));
        // The layers stand before the router and not inside it, since the path is normalised before it is routed.
        Router::new().fallback_service(layers.service(inner))
    }
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
