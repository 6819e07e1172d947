//! Requests as API Gateway sends them, and their answers.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use local::Whole;
use serde_json::Value;

/// A request to be sent.
#[must_use]
pub struct Call {
    whole: Arc<Whole>,
    request: http::request::Builder,
    address: String,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(whole: Arc<Whole>, method: &str, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path).header("host", "mercato.test");
        Self { whole, request, address: "203.0.113.7".to_owned(), body: Vec::new() }
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// As the owner of an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// From another address.
    pub fn from(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// With a body of any kind.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it through the gateway's event and back.
    pub async fn send(self) -> Answer {
        let request = self.request.body(self.body).expect("a test's request is well formed");
        Answer::of(self.whole.request(request, &self.address).await).await
    }
}

/// Sends a request until the platform is not busy. Busy is all that it may be, or out of its time.
pub async fn patiently(call: impl Fn() -> Call) -> Answer {
    for _ in 0..60 {
        let answer = call().send().await;
        match answer.status.as_u16() {
            503 => assert_eq!(answer.header("retry-after"), "1", "{answer:?}"),
            _ if answer.ran_out_of_time() => {}
            status => {
                assert!(status < 500, "{answer:?}");
                return answer;
            }
        }
    }
    panic!("nobody was ever answered")
}

/// An answer.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub json: Value,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the gateway's bodies are in memory").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, text, json }
    }

    /// The same answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// A text in the body, such as `user.email`.
    #[track_caller]
    pub fn text_at(&self, path: &str) -> String {
        let found = path.split('.').try_fold(&self.json, |value, name| value.get(name));
        found.and_then(Value::as_str).unwrap_or_else(|| panic!("no text {path} in {self:?}")).to_owned()
    }

    /// Whether the gateway answered for a function that it had to end, as on a machine that is much too busy. What a
    /// function fails by itself, it tells in its own words.
    pub(crate) fn ran_out_of_time(&self) -> bool {
        self.status == StatusCode::INTERNAL_SERVER_ERROR && self.json["message"] == "Internal Server Error"
    }

    /// A header's text, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.text)
    }
}
