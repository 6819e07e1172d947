//! The function with a clock that stands still and a table that says what it is told to, and how to ask it.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::body::{Body, Bytes};
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use docs::{About, DOCUMENTS};
use http_body_util::BodyExt;
use platform::{Edge, Env, Host};
use serde_json::Value;
use table::{Seal, Table};
use tower::ServiceExt;
use wire::{Clock, Stamp};

/// How the table is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Health {
    Well,
    Failing,
    Silent,
}

impl HttpConnector for Health {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        assert_eq!(asked["Key"], serde_json::json!({"pk": {"S": "HEALTH#PING"}, "sk": {"S": "PING"}}));
        match self {
            Self::Well => HttpConnectorFuture::ready(Ok(HttpResponse::new(
                200.try_into().unwrap(),
                SdkBody::from("{}"),
            ))),
            Self::Failing => {
                HttpConnectorFuture::ready(Err(ConnectorError::io("the connection was refused".into())))
            }
            Self::Silent => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

impl HttpClient for Health {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

/// What the function stands on.
pub(crate) fn host(health: Health) -> Host {
    let env = Env::from([
        ("MERCATO_STAGE", "local"),
        ("MERCATO_TABLE", "mercato-local"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]);
    let clock = Clock::manual(Stamp::parse("2026-03-01T08:30:00.123456Z").unwrap());
    Host { env, clock, http: SharedHttpClient::new(health) }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The mounts that have pages.
pub(crate) fn mounts() -> impl Iterator<Item = &'static str> {
    std::iter::once("/api").chain(DOCUMENTS.iter().map(|document| document.mount))
}

pub(crate) async fn get(path: &str) -> Answer {
    get_with(path, &[]).await
}

pub(crate) async fn get_with(path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    ask(Health::Well, Method::GET, path, headers).await
}

pub(crate) async fn ask(
    health: Health,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Answer {
    let host = host(health);
    let table = Table::new(&host.sdk("DYNAMODB").unwrap(), "mercato-local", Seal::new(&[0; 32]));
    let about =
        About { stage: "local".to_owned(), version: "1.2.3".to_owned(), clock: host.clock.clone(), table };
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let response = Edge::open(&host, "docs")
        .around(docs::routes(about))
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}
