//! Answers in the shapes the AWS protocols give them.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// A refusal by a service: status, error code and message.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    /// The caller's mistake.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// A denial in the words of IAM.
    pub(crate) fn denied(principal: &str, action: &str, resource: &str, note: &str) -> Refusal {
        let message = format!(
            "User: arn:aws:sts::{account}:assumed-role/{principal}/{principal} is not authorized to perform: \
             {action} on resource: {resource} because no identity-based policy allows the {action} action{note}",
            account = crate::ACCOUNT
        );
        Refusal::new("AccessDeniedException", message)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Refusal {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Refusal { status, code: "InternalFailure", message: error.to_string() }
    }
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Refusal {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Refusal { status, code: "InternalFailure", message: error.to_string() }
    }
}

/// Answers in AWS JSON of the given version; `space` is what stands before the `#` of an error's type.
pub(crate) fn json(version: &'static str, space: &str, answer: Result<Value, Refusal>) -> Response {
    match answer {
        Ok(value) => respond(StatusCode::OK, version, value.to_string()),
        Err(refusal) => {
            let body = json!({ "__type": format!("{space}{}", refusal.code), "message": refusal.message });
            respond(refusal.status, version, body.to_string())
        }
    }
}

/// An answer of that status and content type.
pub(crate) fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}

/// Escapes text for XML and HTML, attributes included.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
