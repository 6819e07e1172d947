//! Idempotency keys: the first answer is kept with its effect and given again to every repeat.

use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;
use wire::{Fault, Problem, Stamp};

use crate::{Condition, Key, Row, Seal, Table, Tx, Update, digest};

/// The longest path that stands in a key as it is. A key may have 1,024 bytes, and 255 of them are the client's own.
const LONGEST_PATH: usize = 700;

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

/// What becomes of a request, to be kept with its effect: its answer, or for now that it has begun.
#[derive(Clone, PartialEq)]
pub struct Answered {
    pub(crate) once: Once,
    stage: Stage,
    /// What the request began, where this ends it.
    pub(crate) began: Option<String>,
}

#[derive(Clone, PartialEq)]
enum Stage {
    Begun(UnderWay),
    Answered { status: u16, body: Value },
}

/// How far a request with an idempotency key has come.
#[derive(Debug)]
pub enum Progress {
    /// Nothing is known of it.
    New,
    /// An earlier try began this and did not come to its end.
    Left(String),
    /// An earlier try is at work, was answered, or had another body: this is the answer.
    Settled(Problem),
}

/// The kept answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    scope: String,
    request: String,
    body: String,
    /// What it began, until it is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
    #[serde(default)]
    status: u16,
    /// Sealed: an answer may carry tokens.
    #[serde(default)]
    answer: String,
    end: Stamp,
}

/// What a request began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct UnderWay {
    what: String,
    /// Until when it may be at work.
    until: Stamp,
}

/// What a kept row means for a request.
enum Standing {
    Free,
    UnderWay(UnderWay),
    Settled(Problem),
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
        let path = if path.len() > LONGEST_PATH { digest(path) } else { path.to_owned() };
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
        Ok(Answered { once: self, stage: Stage::Answered { status: status.as_u16(), body }, began: None })
    }

    /// That the request begins `what`, for effects with a call to somebody else in their midst.
    ///
    /// A repeat is told to wait for as long as the work may take; after that it goes on with what was begun.
    pub fn begin(self, what: &str, may_take: Duration) -> Answered {
        let under_way = UnderWay { what: what.to_owned(), until: self.now + may_take };
        Answered { once: self, stage: Stage::Begun(under_way), began: None }
    }

    /// The answer to what the request began.
    pub fn end(self, what: &str, status: StatusCode, body: &impl Serialize) -> Result<Answered, Fault> {
        Ok(Answered { began: Some(what.to_owned()), ..self.answer(status, body)? })
    }

    /// That nobody is at work on what was begun any more: the next try goes on with it at once.
    pub fn pause(&self, what: &str) -> Update {
        let begun = Condition::exists().is("under_way.what", what);
        Update::when(self.key(), begun).set("under_way.until", self.now)
    }

    fn key(&self) -> Key {
        Key::new(format!("IDEMPOTENCY#{}", self.scope), &self.request)
    }

    /// What is stored of the body: equal for equal bodies, and telling nothing to whoever lacks the key.
    fn mark(&self, seal: &Seal) -> String {
        seal.mark(self.body.as_bytes(), &self.request)
    }

    /// What the key may be used for now: what ended, and what this very request began.
    pub(crate) fn free(&self, began: Option<&str>) -> Condition {
        // An answer past its day may be replaced; the sweep of old rows lags.
        let free = Condition::absent().or(Condition::exists().at_most("end", self.now));
        match began {
            Some(what) => free.or(Condition::exists().is("under_way.what", what)),
            None => free,
        }
    }

    /// What a kept row that was in the way means; `None` when it is past its day.
    pub(crate) fn judge(&self, kept: Kept, seal: &Seal) -> Option<Problem> {
        match self.standing(kept, seal) {
            Standing::Free => None,
            Standing::UnderWay(_) => Some(at_work()),
            Standing::Settled(answer) => Some(answer),
        }
    }

    fn standing(&self, kept: Kept, seal: &Seal) -> Standing {
        if kept.end <= self.now {
            return Standing::Free;
        }
        if kept.body != self.mark(seal) {
            let text = "This Idempotency-Key was used with a different request body.";
            return Standing::Settled(Problem::unprocessable(text));
        }
        match kept.under_way {
            Some(under_way) => Standing::UnderWay(under_way),
            None => self.kept_answer(&kept, seal).map_or(Standing::Free, Standing::Settled),
        }
    }

    fn kept_answer(&self, kept: &Kept, seal: &Seal) -> Option<Problem> {
        let text = seal.open(&kept.answer, &self.request)?;
        let body = serde_json::from_slice(&text).ok()?;
        let status = StatusCode::from_u16(kept.status).ok()?;
        let replayed = HeaderName::from_static("idempotent-replayed");
        Some(Problem::verbatim(status, body).header(replayed, HeaderValue::from_static("true")))
    }
}

/// The refusal of a repeat while the first try may be at work.
fn at_work() -> Problem {
    Problem::conflict("Request in progress").header(RETRY_AFTER, HeaderValue::from_static("1"))
}

impl Answered {
    pub(crate) fn row(&self, seal: &Seal) -> Kept {
        let (under_way, status, answer) = match &self.stage {
            Stage::Begun(under_way) => (Some(under_way.clone()), 0, String::new()),
            Stage::Answered { status, body } => {
                (None, *status, seal.close(body.to_string().as_bytes(), &self.once.request))
            }
        };
        Kept {
            scope: self.once.scope.clone(),
            request: self.once.request.clone(),
            body: self.once.mark(seal),
            under_way,
            status,
            answer,
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
        Ok(kept.and_then(|kept| match once.standing(kept, &self.seal) {
            Standing::Settled(answer) => Some(answer),
            // What is under way is not answered: it may be this very request that is refused.
            Standing::Free | Standing::UnderWay(_) => None,
        }))
    }

    /// How far a request has come, for effects that begin before they end.
    pub async fn progress(&self, once: &Once) -> Result<Progress, Fault> {
        let kept = self.get_strong::<Kept>(&once.key()).await?;
        Ok(match kept.map_or(Standing::Free, |kept| once.standing(kept, &self.seal)) {
            Standing::Free => Progress::New,
            Standing::UnderWay(begun) if begun.until <= once.now => Progress::Left(begun.what),
            Standing::UnderWay(_) => Progress::Settled(at_work()),
            Standing::Settled(answer) => Progress::Settled(answer),
        })
    }
}

impl<R> Tx<R> {
    /// Gives up what a request began, so that the same request may begin anew.
    pub fn forgetting(self, once: Option<&Once>, what: &str) -> Self {
        let Some(once) = once else { return self };
        self.remove(once.key(), Condition::absent().or(Condition::exists().is("under_way.what", what)))
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
        match &self.stage {
            Stage::Begun(_) => write!(f, "Begun({})", self.once.request),
            Stage::Answered { status, .. } => write!(f, "Answered({}, {status})", self.once.request),
        }
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
    fn the_longest_path_with_the_longest_key_fits_into_a_key() {
        let of = |path: &str| {
            Once::new("x", "1", "DELETE", path, &"k".repeat(255), &Map::new(), Stamp::from_seconds(0))
        };
        let (long, other) = (format!("/{}a", "x".repeat(6_000)), format!("/{}b", "x".repeat(6_000)));
        for path in [long.as_str(), &long[..LONGEST_PATH], "/"] {
            assert!(of(path).key().sk().len() <= 1024, "{}", path.len());
        }
        assert_ne!(of(&long).key(), of(&other).key());
    }

    #[test]
    fn a_kept_answer_is_given_again_to_the_same_body_only_and_for_a_day() {
        let seal = Seal::new(&[7; 32]);
        let first = once(json!({"a": 1}));
        let kept =
            first.clone().answer(StatusCode::CREATED, &json!({"a word to be found": 5})).unwrap().row(&seal);
        assert!(!kept.answer.contains("word"), "sealed");
        let answer = first.judge(kept.clone(), &seal).unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(
            once(json!({"a": 2})).judge(kept.clone(), &seal).unwrap().status(),
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let late = Once { now: Stamp::from_seconds(24 * 60 * 60), ..first };
        assert!(late.judge(kept, &seal).is_none());
    }

    #[test]
    fn what_is_under_way_is_neither_free_nor_answered() {
        let seal = Seal::new(&[7; 32]);
        let first = once(json!({"a": 1}));
        let kept = first.clone().begin("p1", Duration::from_secs(30)).row(&seal);
        let told = first.judge(kept.clone(), &seal).unwrap();
        assert_eq!((told.status(), told.detail_text()), (StatusCode::CONFLICT, Some("Request in progress")));
        let other = once(json!({"a": 2})).judge(kept.clone(), &seal).unwrap();
        assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let end = first.clone().end("p1", StatusCode::CREATED, &json!({})).unwrap();
        assert_ne!(first.free(end.began.as_deref()), first.free(None), "its own beginning is not in its way");
    }
}
