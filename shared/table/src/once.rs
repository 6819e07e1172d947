//! Idempotency keys: the first answer is kept with its effect and given again to every repeat.

use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;
use wire::{Fault, Problem, Stamp};

use crate::{Key, Row, Seal, Table};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_hours(24);

/// A request that came with an idempotency key.
#[derive(Clone, PartialEq)]
pub struct Once {
    scope: String,
    request: String,
    /// The body, its members in order. May hold a password: kept only as the seal's mark of it, and never shown.
    body: String,
    now: Stamp,
}

/// An answer to be kept with its effect.
#[derive(Clone, PartialEq)]
pub struct Answered {
    pub(crate) once: Once,
    status: u16,
    body: Value,
}

/// The kept answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    scope: String,
    request: String,
    body: String,
    status: u16,
    /// Sealed: an answer may carry tokens.
    answer: String,
    end: Stamp,
}

impl Row for Kept {
    const KIND: &'static str = "idempotency";

    fn key(&self) -> Key {
        Key::new(format!("IDEMPOTENCY#{}", self.scope), &self.request)
    }

    fn ends(&self) -> Option<Stamp> {
        Some(self.end)
    }
}

impl Once {
    /// A request of `caller` to `context`; `key` is what the client sent, `body` what it hashes to.
    pub fn new(
        context: &str,
        caller: &str,
        method: &str,
        path: &str,
        key: &str,
        body: &Map<String, Value>,
        now: Stamp,
    ) -> Self {
        Self {
            scope: format!("{}#{caller}", context.to_uppercase()),
            request: format!("{method} {path} {key}"),
            body: canonical(&Value::Object(body.clone())),
            now,
        }
    }

    /// The answer to keep: what the client is about to read.
    pub fn answer(self, status: StatusCode, body: &impl Serialize) -> Result<Answered, Fault> {
        let body = serde_json::to_value(body).map_err(Fault::bug)?;
        Ok(Answered { once: self, status: status.as_u16(), body })
    }

    fn key(&self) -> Key {
        Key::new(format!("IDEMPOTENCY#{}", self.scope), &self.request)
    }

    /// What is stored of the body: equal for equal bodies, and telling nothing to whoever lacks the key.
    fn mark(&self, seal: &Seal) -> String {
        seal.mark(self.body.as_bytes(), &self.request)
    }

    pub(crate) fn now(&self) -> Stamp {
        self.now
    }

    /// What a kept row means for this request; `None` when it is past its day.
    pub(crate) fn judge(&self, kept: &Kept, seal: &Seal) -> Option<Problem> {
        if kept.end <= self.now {
            return None;
        }
        if kept.body != self.mark(seal) {
            return Some(Problem::unprocessable(
                "This Idempotency-Key was used with a different request body.",
            ));
        }
        let text = seal.open(&kept.answer, &self.request)?;
        let body = serde_json::from_slice(&text).ok()?;
        let status = StatusCode::from_u16(kept.status).ok()?;
        let replayed = HeaderName::from_static("idempotent-replayed");
        Some(Problem::verbatim(status, body).header(replayed, HeaderValue::from_static("true")))
    }
}

impl Answered {
    pub(crate) fn row(&self, seal: &Seal) -> Kept {
        Kept {
            scope: self.once.scope.clone(),
            request: self.once.request.clone(),
            body: self.once.mark(seal),
            status: self.status,
            answer: seal.close(self.body.to_string().as_bytes(), &self.once.request),
            end: self.once.now + KEPT,
        }
    }
}

impl Table {
    /// The first answer to a request, if it is a repeat.
    ///
    /// Asked only when a request is about to be refused: a success finds the kept answer in its own write.
    pub async fn repeated(&self, once: &Once) -> Result<Option<Problem>, Fault> {
        let kept = self.get_strong::<Kept>(&once.key()).await?;
        Ok(kept.and_then(|kept| once.judge(&kept, &self.seal)))
    }
}

/// JSON with its members in order, so that equal bodies hash alike.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            let members: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::String(name.clone()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Once({})", self.request)
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answered({}, {})", self.once.request, self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn once(body: Value) -> Once {
        let Value::Object(body) = body else { panic!("an object") };
        Once::new("identity", "anonymous", "POST", "/api/auth/register", "k1", &body, Stamp::from_seconds(0))
    }

    #[test]
    fn the_order_of_members_does_not_matter() {
        let one = once(json!({"a": 1, "b": {"c": [1, {"x": 1, "y": 2}], "d": null}}));
        let other = once(json!({"b": {"d": null, "c": [1, {"y": 2, "x": 1}]}, "a": 1}));
        assert_eq!(one, other);
        assert_ne!(one, once(json!({"a": 2})));
    }

    #[test]
    fn a_kept_answer_is_given_again_to_the_same_body_only_and_for_a_day() {
        let seal = Seal::new(&[7; 32]);
        let first = once(json!({"a": 1}));
        let kept =
            first.clone().answer(StatusCode::CREATED, &json!({"a word to be found": 5})).unwrap().row(&seal);
        assert!(!kept.answer.contains("word"), "sealed");
        let answer = first.judge(&kept, &seal).unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(
            once(json!({"a": 2})).judge(&kept, &seal).unwrap().status(),
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let late = Once { now: Stamp::from_seconds(24 * 60 * 60), ..first };
        assert!(late.judge(&kept, &seal).is_none());
    }
}
