//! The HTTP gateway: the template's routes, and nothing that is not among them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{Request, StatusCode};

use crate::{Whole, event};

/// The limit of what a function is handed: bodies that are not text grow by a third on the way.
const LARGEST: usize = 6 * 1024 * 1024;

/// What the local cloud serves over HTTP: the gateway, the mailbox, and at the root the way to the documents.
pub fn router(whole: &Arc<Whole>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/api/docs/") }))
        .fallback(serve)
        .with_state(whole.clone())
        .merge(whole.cloud.mail.pages())
}

async fn serve(
    State(whole): State<Arc<Whole>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, LARGEST).await {
        Ok(bytes) => whole.request(Request::from_parts(parts, bytes.to_vec()), &peer.ip().to_string()).await,
        Err(_) => event::plain(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long").into_response(),
    }
}

impl Whole {
    /// Hands a request to the function that the template routes it to.
    pub async fn request(&self, request: Request<Vec<u8>>, address: &str) -> Response {
        if let Some(answer) = self.answer_as_stripe(&request).await {
            return answer;
        }
        let Some((function, route)) = self.template.route(request.method().as_str(), request.uri().path())
        else {
            return event::plain(StatusCode::NOT_FOUND, "Not Found");
        };
        let event = event::of(&request, route, address, self.clock.now());
        if event["body"].as_str().map_or(0, str::len) > LARGEST {
            return event::plain(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
        }
        match self.invoke(&function.binary, &event).await {
            Ok(answer) => event::answer(&answer),
            Err(error) => {
                tracing::error!(target: "gateway", function = function.binary, %error, "a function failed");
                event::plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }
}
