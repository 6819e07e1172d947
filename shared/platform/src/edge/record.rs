//! One line a request, and what belongs to it: its id, its deadline, its address.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use access::{Address, Caller, Gate};
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use lambda_http::request::RequestContext;
use lambda_http::{Context, RequestExt};
use tracing::Instrument;
use uuid::Uuid;
use wire::{Clock, Problem};

use super::Edge;
use crate::log;

#[derive(Clone)]
pub(super) struct Recorder {
    gate: Option<Gate>,
    clock: Clock,
    context: &'static str,
    cold: Arc<AtomicBool>,
}

impl Recorder {
    pub(super) fn new(edge: &Edge) -> Self {
        let gate = edge.guard.as_ref().map(|guard| guard.gate.clone());
        Self { gate, clock: edge.clock.clone(), context: edge.context, cold: Arc::new(AtomicBool::new(true)) }
    }
}

/// Gives the request its gate and its address, and logs how it went. Never a body, a token, a query or a name.
pub(super) async fn record(recorder: Recorder, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(gateway)) => Some(gateway),
        _ => None,
    };
    let id =
        gateway.and_then(|gateway| gateway.request_id.clone()).unwrap_or_else(|| Uuid::new_v4().to_string());
    let address =
        gateway.and_then(|gateway| gateway.http.source_ip.clone()).unwrap_or_else(|| "unknown".to_owned());
    let deadline = request.lambda_context_ref().map_or(0, |context: &Context| context.deadline);
    request.extensions_mut().insert(Address(address));
    if let Some(gate) = &recorder.gate {
        request.extensions_mut().insert(gate.clone());
    }
    let span = tracing::info_span!(target: "request", "request", request_id = %id);
    let work = table::metered(next.run(request)).instrument(span.clone());
    let (mut response, usage) = match left(deadline, &recorder.clock) {
        Some(left) => table::within(left, work).await,
        None => work.await,
    };
    if let Some(fault) = response.extensions().get::<Problem>().and_then(Problem::fault) {
        span.in_scope(|| log::fault(fault));
    }
    let inside = response.extensions();
    tracing::info!(
        target: "request",
        request_id = %id,
        context = recorder.context,
        method = %method,
        route = inside.get::<MatchedPath>().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        user = inside.get::<Option<Caller>>().and_then(Option::as_ref).map(Caller::id),
        calls = usage.calls,
        read_units = usage.reads,
        write_units = usage.writes,
        cold = recorder.cold.swap(false, Ordering::Relaxed),
    );
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// The time that is left until the platform ends the invocation; none is set outside of it.
fn left(deadline: u64, clock: &Clock) -> Option<Duration> {
    let now = u64::try_from(clock.now().micros() / 1000).ok()?;
    (deadline > 0).then(|| Duration::from_millis(deadline.saturating_sub(now)))
}
