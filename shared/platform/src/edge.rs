//! The layers around every request, from the outside in.

mod envelopes;
mod headers;
mod once;
mod record;

use access::Gate;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::ALLOW;
use table::Table;
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;
use wire::{Clock, Problem};

use crate::{App, Function, Host, guarded};

pub use envelopes::Envelope;
pub use once::Idempotency;

use envelopes::Envelopes;

/// What stands around the routes of a function.
pub struct Edge {
    context: &'static str,
    clock: Clock,
    origins: Vec<String>,
    guard: Option<Guard>,
    envelopes: Envelopes,
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
        Self { context, clock, origins, guard: Some(guard), envelopes: Envelopes::default() }
    }

    /// Around routes that anybody may call and that are up even when the table is not.
    pub fn open(host: &Host, context: &'static str) -> Self {
        let (clock, origins) = (host.clock.clone(), host.origins());
        Self { context, clock, origins, guard: None, envelopes: Envelopes::default() }
    }

    /// With every problem in the context's own envelope.
    pub fn envelope(self, envelope: Envelope) -> Self {
        self.envelope_below("", envelope)
    }

    /// With the problems at a path such as `/api/shop/auth`, and at all that is below it, in an envelope of their own.
    pub fn envelope_below(mut self, path: &'static str, envelope: Envelope) -> Self {
        self.envelopes.add(path, envelope);
        self
    }

    /// The function of these routes.
    pub fn function(self, routes: Router) -> Function {
        Function::http(self.around(routes))
    }

    /// These routes, inside everything that routes need not think of.
    pub fn around(self, routes: Router) -> Router {
        // Policies remember the route for the log as they guard it. One layer less around each is felt at the start.
        let routes = match &self.guard {
            Some(_) => routes,
            None => routes.route_layer(from_fn(access::remember_route)),
        };
        let inner = routes.fallback(|| async { Problem::not_found() });
        let recorder = record::Recorder::new(&self);
        let keeper = self.guard.map(|guard| once::Keeper::new(guard.table, self.clock, self.context));
        let envelopes = self.envelopes;
        let layers = ServiceBuilder::new()
            .layer(MapRequestLayer::new(normalised))
            .layer(from_fn(move |request: Request, next: Next| {
                record::record(recorder.clone(), request, next)
            }))
            .layer(from_fn(headers::secure))
            .layer(headers::cors(&self.origins))
            .layer(from_fn(move |request: Request, next: Next| {
                envelopes::reword(envelopes.clone(), request, next)
            }))
            .layer(from_fn(move |request: Request, next: Next| once::keep(keeper.clone(), request, next)))
            .layer(from_fn(answered));
        // The layers stand before the router and not inside it, since the path is normalised before it is routed.
        Router::new().fallback_service(layers.service(inner))
    }
}

fn normalised(mut request: Request) -> Request {
    wire::normalise_request(&mut request);
    request
}

/// Answers what routes leave without one: a panic is told like any other bug, and a method that a path does not have by
/// its name, which the router refuses without a word.
async fn answered(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let answer = guarded(async { Ok(next.run(request).await) }).await;
    match answer {
        Ok(refused) if refused.status() == StatusCode::METHOD_NOT_ALLOWED => {
            let mut told = Problem::method_not_allowed(&method).into_response();
            told.headers_mut().extend(refused.headers().get(ALLOW).map(|methods| (ALLOW, methods.clone())));
            told
        }
        Ok(answer) => answer,
        Err(fault) => Problem::from(fault).into_response(),
    }
}
