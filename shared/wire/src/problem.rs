//! Refusals as DRF words them.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::schema::string;
use crate::{Fault, FieldErrors, Messages};

/// What a handler answers: the value, or why there is none.
pub type Reply<T> = Result<T, Problem>;

/// An answer other than success: a status, a DRF body and the headers that belong to it.
///
/// Never holds internals in its body; a [`Fault`] behind it travels beside the body, for the log.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    body: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    title: Option<&'static str>,
    fault: Option<Arc<Fault>>,
    verbatim: bool,
}

impl Problem {
    /// A problem with a body of its own shape, such as `{"error": "..."}`.
    pub fn body(status: StatusCode, body: Map<String, Value>) -> Problem {
        let parts = Parts { status, body, headers: Vec::new(), title: None, fault: None, verbatim: false };
        Problem(Box::new(parts))
    }

    /// An answer in its final words, such as one that was given before: no envelope is laid around it.
    ///
    /// Not a refusal at all when that first answer was a success; it leaves the handler by the same door. An empty
    /// object stands for no body.
    pub fn verbatim(status: StatusCode, body: Map<String, Value>) -> Problem {
        let mut answer = Problem::body(status, body);
        answer.0.verbatim = true;
        answer
    }

    /// `{"detail": text}`.
    pub fn detail(status: StatusCode, text: impl Into<String>) -> Problem {
        let mut body = Map::new();
        body.insert("detail".to_owned(), Value::String(text.into()));
        Problem::body(status, body)
    }

    /// One sentence under every name that clients look for it by: `error`, `detail` and `message`.
    pub fn said(status: StatusCode, text: &str) -> Problem {
        let names = ["error", "detail", "message"];
        Problem::body(status, names.map(|name| (name.to_owned(), text.into())).into_iter().collect())
    }

    /// 400 with the faults of each field.
    pub fn fields(errors: FieldErrors) -> Problem {
        Problem::body(StatusCode::BAD_REQUEST, errors.into_map())
    }

    /// 400 with a fault of one field.
    pub fn field(field: &str, messages: impl Into<Messages>) -> Problem {
        Problem::fields(FieldErrors::new().and(field, messages))
    }

    /// 400 with a sentence that belongs to no field.
    pub fn non_field(text: impl Into<String>) -> Problem {
        Problem::field(crate::NON_FIELD, text.into())
    }

    /// 400 with a `detail`.
    pub fn bad_request(text: impl Into<String>) -> Problem {
        Problem::detail(StatusCode::BAD_REQUEST, text)
    }

    /// 401: nobody said who asks.
    pub fn unauthenticated() -> Problem {
        Problem::unauthorized("Authentication credentials were not provided.")
    }

    /// 401: the access token is bad, expired, forged or of another kind.
    pub fn bad_token() -> Problem {
        let message = json!([{
            "token_class": "AccessToken",
            "token_type": "access",
            "message": "Token is invalid or expired",
        }]);
        Problem::unauthorized("Given token not valid for any token type")
            .with("code", "token_not_valid")
            .with("messages", message)
    }

    /// 401: the refresh token is bad, expired or ended.
    pub fn dead_token() -> Problem {
        Problem::unauthorized("Token is invalid or expired").with("code", "token_not_valid")
    }

    /// 401: the account is not active any more.
    pub fn inactive_user() -> Problem {
        Problem::unauthorized("User is inactive").with("code", "user_inactive")
    }

    /// 401 with a sentence of the context's own.
    pub fn unauthorized(text: impl Into<String>) -> Problem {
        Problem::detail(StatusCode::UNAUTHORIZED, text)
            .header(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="api""#))
    }

    /// 403.
    pub fn forbidden() -> Problem {
        Problem::detail(StatusCode::FORBIDDEN, "You do not have permission to perform this action.")
    }

    /// 404, of an object or of a route.
    pub fn not_found() -> Problem {
        Problem::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    /// 404 for a page that does not exist.
    pub fn invalid_page() -> Problem {
        Problem::detail(StatusCode::NOT_FOUND, "Invalid page.")
    }

    /// 404 for a cursor that is not ours.
    pub fn invalid_cursor() -> Problem {
        Problem::detail(StatusCode::NOT_FOUND, "Invalid cursor")
    }

    /// 405.
    pub fn method_not_allowed(method: &Method) -> Problem {
        Problem::detail(StatusCode::METHOD_NOT_ALLOWED, format!(r#"Method "{method}" not allowed."#))
    }

    /// 409.
    pub fn conflict(text: impl Into<String>) -> Problem {
        Problem::detail(StatusCode::CONFLICT, text)
    }

    /// 413.
    pub fn too_large() -> Problem {
        Problem::detail(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large.")
    }

    /// 415.
    pub fn unsupported_media_type(media_type: &str) -> Problem {
        let text = format!(r#"Unsupported media type "{media_type}" in request."#);
        Problem::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
    }

    /// 422.
    pub fn unprocessable(text: impl Into<String>) -> Problem {
        Problem::detail(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    /// 429: too many requests; the next is welcome in so many seconds.
    pub fn throttled(seconds: u64) -> Problem {
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let text = format!("Request was throttled. Expected available in {seconds} {unit}.");
        Problem::detail(StatusCode::TOO_MANY_REQUESTS, text).header(RETRY_AFTER, seconds.into())
    }

    /// The same problem with one more member in its body.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Problem {
        self.0.body.insert(member.to_owned(), value.into());
        self
    }

    /// The same problem with one more header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.headers.push((name, value));
        self
    }

    /// The same problem under a sentence about the whole of it, for envelopes that have room for one.
    pub fn titled(mut self, title: &'static str) -> Problem {
        self.0.title = Some(title);
        self
    }

    /// The sentence about the whole, if it was given one.
    pub fn title(&self) -> Option<&'static str> {
        self.0.title
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The body as DRF writes it.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0.body
    }

    /// The failure of ours behind this answer, for the log.
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_deref()
    }

    /// The text of `detail`; `None` when this problem speaks of fields.
    pub fn detail_text(&self) -> Option<&str> {
        self.0.body.get("detail").and_then(Value::as_str)
    }

    /// One line for a person: the detail, or the first faulty field and what is wrong with it.
    pub fn line(&self) -> String {
        if let Some(detail) = self.detail_text() {
            return detail.to_owned();
        }
        let first = self.0.body.iter().find_map(|(field, value)| Some((field, first_text(value)?)));
        match first {
            Some((field, text)) if field == crate::NON_FIELD || field == "error" => text.to_owned(),
            Some((field, text)) => format!("{field}: {text}"),
            None => self.0.status.canonical_reason().unwrap_or("Error").to_owned(),
        }
    }
}

/// The first sentence in a value, however deep it lies.
fn first_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter().find_map(first_text),
        Value::Object(members) => members.values().find_map(first_text),
        _ => None,
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let mut problem = if fault.is_busy() {
            Problem::detail(StatusCode::SERVICE_UNAVAILABLE, "The service is busy. Try again.")
                .header(RETRY_AFTER, HeaderValue::from_static("1"))
        } else {
            Problem::detail(StatusCode::INTERNAL_SERVER_ERROR, "A server error occurred.")
        };
        problem.0.fault = Some(Arc::new(fault));
        problem
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        Problem::fields(errors)
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        let sentence = "What is wrong, in a sentence for people. Absent where fields are at fault.";
        ObjectBuilder::new()
            .description(Some(
                "Why it was not done: a sentence or, by their names, what is wrong with each field.",
            ))
            .property("detail", string().description(Some(sentence)))
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.line())
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    /// Writes DRF's own JSON and leaves the problem in the extensions, for [`reshape`] and for the log.
    fn into_response(self) -> Response {
        let bare = self.0.verbatim && self.0.body.is_empty();
        let mut response = Response::new(if bare { Body::empty() } else { json_body(&self.0.body) });
        *response.status_mut() = self.0.status;
        if !bare {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.0.headers {
            response.headers_mut().append(name, value.clone());
        }
        if !self.0.verbatim {
            response.extensions_mut().insert(self);
        }
        response
    }
}

/// Rewrites the body of a problem in a context's own envelope; any other response passes unchanged.
pub fn reshape(mut response: Response, envelope: impl FnOnce(&Problem) -> Value) -> Response {
    if let Some(problem) = response.extensions().get::<Problem>() {
        let body = json_body(&envelope(problem));
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = body;
    }
    response
}

fn json_body(value: &impl serde::Serialize) -> Body {
    Body::from(serde_json::to_vec(value).expect("a JSON value always has a text"))
}
