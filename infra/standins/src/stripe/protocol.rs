//! The wire: HTTP in, JSON out, open to the pages of any origin as Stripe is.

use std::io;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http_body_util::{BodyExt, Limited};

use super::Stripe;
use super::requests::{Answer, Call};

/// Forms are short.
const LONGEST: usize = 64 * 1024;

impl Stripe {
    /// The calls below `/v1/`, and the pages at `/`, relative to wherever this is mounted.
    pub fn router(&self) -> Router {
        let calls = Router::new().fallback(answer).with_state(self.clone());
        self.pages().nest_service("/v1", calls)
    }
}

async fn answer(State(stripe): State<Stripe>, request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return open(StatusCode::NO_CONTENT.into_response());
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LONGEST).collect().await else {
        return open(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let text = |name: HeaderName| some_text(&head.headers, &name).unwrap_or_default();
    let call = Call {
        method: head.method.to_string(),
        path: format!("/v1{}", head.uri.path().trim_end_matches('/')),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        content_type: text(header::CONTENT_TYPE),
        authorization: text(header::AUTHORIZATION),
        version: some_text(&head.headers, &HeaderName::from_static("stripe-version")),
        key: some_text(&head.headers, &HeaderName::from_static("idempotency-key")),
    };
    let answer = stripe.exchange(&call).await;
    open(respond(answer, call.key))
}

fn respond(answer: Answer, key: Option<String>) -> Response {
    let body = if answer.lost {
        // The connection breaks where the answer would be.
        Body::from_stream(stream::once(async { Err::<String, _>(io::Error::other("the answer is lost")) }))
    } else {
        Body::from(answer.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let replayed = answer.replayed.is_some().then(|| "true".to_owned());
    let headers = [
        ("content-type", Some("application/json".to_owned())),
        ("request-id", Some(answer.request)),
        ("stripe-version", Some(super::events::VERSION.to_owned())),
        ("idempotency-key", key),
        ("idempotent-replayed", replayed),
        ("original-request", answer.replayed),
    ];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn open(mut response: Response) -> Response {
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST, OPTIONS"),
        ("access-control-allow-headers", "authorization, content-type, idempotency-key, stripe-version"),
        ("access-control-expose-headers", "request-id, idempotent-replayed"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn some_text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
