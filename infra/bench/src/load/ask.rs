//! Requests, and the one connection that sends them.

use axum::body::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use testkit::{Answer, World};
use wire::Fault;

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    bearer: Option<String>,
    body: Option<Value>,
}

impl Ask {
    /// A `GET`.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), bearer: None, body: None }
    }

    /// A `POST` with a JSON body.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), bearer: None, body: Some(body) }
    }

    /// A `PATCH` with a JSON body.
    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PATCH, path: path.into(), bearer: None, body: Some(body) }
    }

    /// As the owner of an access token.
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    /// Sends it within a world of tests.
    pub async fn send_within(self, world: &World) -> Answer {
        let call = world.call(self.method.as_str(), &self.path);
        let call = self.bearer.iter().fold(call, |call, token| call.bearer(token));
        let call = self.body.iter().fold(call, testkit::Call::json);
        call.send().await
    }
}

/// A connection that stays open between requests.
#[derive(Debug)]
pub struct Connection {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
}

impl Connection {
    /// To the server at an origin such as `http://127.0.0.1:8000`.
    pub fn new(origin: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector), origin: origin.to_owned() }
    }

    /// Sends a request and reads the whole answer: its status and body.
    pub async fn send(&self, ask: Ask) -> Result<(u16, Value), Fault> {
        let uri = format!("{}{}", self.origin, ask.path);
        let request = Request::builder().method(ask.method).uri(uri).header(CONTENT_TYPE, "application/json");
        let request = ask
            .bearer
            .iter()
            .fold(request, |request, token| request.header(AUTHORIZATION, format!("Bearer {token}")));
        let body = ask.body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.body(Full::from(body)).map_err(Fault::bug)?;
        let response = self.client.request(request).await.map_err(Fault::bug)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(Fault::bug)?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}
