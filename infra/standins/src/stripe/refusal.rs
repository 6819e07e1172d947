//! Refusals in Stripe's shape.

use serde_json::{Map, Value, json};

/// Why Stripe does not do something.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// Whether the call had begun, so that a repetition with the same key is answered the same.
    pub(super) kept: bool,
    error: Map<String, Value>,
}

impl Refusal {
    fn of(status: u16, kind: &str, code: Option<&str>, message: impl Into<String>) -> Refusal {
        let refusal = Refusal { status, kept: false, error: Map::new() };
        let refusal = refusal.with("type", kind).with("message", message.into());
        let Some(code) = code else { return refusal };
        let document = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        refusal.with("code", code).with("doc_url", document)
    }

    /// The call does not make sense.
    pub(super) fn invalid(code: Option<&str>, message: impl Into<String>) -> Refusal {
        Refusal::of(400, "invalid_request_error", code, message)
    }

    /// No key, or the wrong one.
    pub(super) fn key(code: Option<&str>, message: impl Into<String>) -> Refusal {
        Refusal::of(401, "invalid_request_error", code, message)
    }

    /// There is no such thing.
    pub(super) fn missing(kind: &str, id: &str) -> Refusal {
        let message = format!("No such {kind}: '{id}'");
        Refusal::of(404, "invalid_request_error", Some("resource_missing"), message)
    }

    /// Nothing answers to that address.
    pub(super) fn nowhere(method: &str, path: &str) -> Refusal {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Refusal::of(404, "invalid_request_error", None, message)
    }

    /// The idempotency key does not fit.
    pub(super) fn repeated(status: u16, code: Option<&str>, message: impl Into<String>) -> Refusal {
        Refusal::of(status, "idempotency_error", code, message)
    }

    /// The bank says no.
    pub(super) fn declined(code: &str, message: &str) -> Refusal {
        Refusal { kept: true, ..Refusal::of(402, "card_error", Some(code), message) }
    }

    /// The intent is not in a state for this.
    pub(super) fn unexpected_state(intent: &Value, message: impl Into<String>) -> Refusal {
        let refusal = Refusal::invalid(Some("payment_intent_unexpected_state"), message);
        Refusal { kept: true, ..refusal.with("payment_intent", intent.clone()) }
    }

    /// Stripe itself is broken.
    pub(super) fn broken(status: u16, message: impl Into<String>) -> Refusal {
        Refusal::of(status, "api_error", None, message)
    }

    /// It is about this parameter.
    pub(super) fn about(self, param: &str) -> Refusal {
        self.with("param", param)
    }

    /// It also says this.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Refusal {
        self.error.insert(name.to_owned(), value.into());
        self
    }

    /// Whether it is no refusal but a failure of the stand-in.
    pub(super) fn is_ours(&self) -> bool {
        self.status >= 500
    }

    pub(super) fn message(&self) -> &str {
        self.error["message"].as_str().unwrap_or_default()
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Refusal {
        Refusal::broken(500, error.to_string())
    }
}
