//! The `Idempotency-Key` header: read before the handler, asked about when it refused.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use access::{Address, Caller};
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use table::{Answered, Denied, Once, Progress, Table, Tx};
use wire::{Clock, Fault, MAX_BODY, Problem, Reply, Stamp};

use crate::log;

#[derive(Clone)]
pub(super) struct Keeper {
    table: Table,
    clock: Clock,
    context: &'static str,
}

impl Keeper {
    pub(super) fn new(table: Table, clock: Clock, context: &'static str) -> Self {
        Self { table, clock, context }
    }
}

/// A key that came with a request, until the handler says whose request it is.
#[derive(Clone)]
struct Asked {
    context: &'static str,
    request: (Method, String),
    key: String,
    body: Map<String, Value>,
    now: Stamp,
    once: Arc<OnceLock<Once>>,
}

/// The caller's idempotency key, if the request came with one; extracted by handlers that have an effect.
pub struct Idempotency(Option<Once>);

impl Idempotency {
    /// What to keep with the effect: the answer that the client is about to read.
    ///
    /// Asked anew by each try of a write that is judged again: what the client is about to read may have changed.
    pub fn answer(&self, status: StatusCode, body: &impl Serialize) -> Result<Option<Answered>, Fault> {
        self.0.clone().map(|once| once.answer(status, body)).transpose()
    }

    /// The same for an answer without a body.
    pub fn nothing(&self, status: StatusCode) -> Result<Option<Answered>, Fault> {
        self.answer(status, &Map::new())
    }

    /// What an earlier try of this request began and did not end, for effects with a call to somebody else in their
    /// midst. A repeat of what was answered, or may still be at work, ends here.
    pub async fn begun(&self, table: &Table) -> Reply<Option<String>> {
        let Some(once) = &self.0 else { return Ok(None) };
        match table.progress(once).await? {
            Progress::New => Ok(None),
            Progress::Left(what) => Ok(Some(what)),
            Progress::Settled(answer) => Err(answer),
        }
    }

    /// To keep with the beginning of `what`: that it is under way, for as long as it may take.
    pub fn begins(&self, what: &str, may_take: Duration) -> Option<Answered> {
        self.0.clone().map(|once| once.begin(what, may_take))
    }

    /// To keep with the end of `what`: the answer that the client is about to read.
    pub fn ends(
        &self,
        what: &str,
        status: StatusCode,
        body: &impl Serialize,
    ) -> Result<Option<Answered>, Fault> {
        self.0.clone().map(|once| once.end(what, status, body)).transpose()
    }

    /// The request as it is known by its key.
    pub fn request(&self) -> Option<&Once> {
        self.0.as_ref()
    }

    /// Does `work` once, for effects that are no transaction of their own, such as opening a session.
    ///
    /// The answer is kept after the effect and not with it: a crash between them lets a repeat have it again.
    pub async fn around<T: Serialize>(
        self,
        table: &Table,
        status: StatusCode,
        work: impl Future<Output = Reply<T>>,
    ) -> Reply<T> {
        let Some(once) = self.0 else { return work.await };
        if let Some(first) = table.repeated(&once).await? {
            return Err(first);
        }
        let answer = work.await?;
        keep_after(table, once.answer(status, &answer)?).await?;
        Ok(answer)
    }

    /// Keeps the answer to `what` was begun and has come to its end.
    pub async fn ended(
        &self,
        table: &Table,
        what: &str,
        status: StatusCode,
        answer: &impl Serialize,
    ) -> Reply<()> {
        match self.ends(what, status, answer)? {
            Some(answered) => keep_after(table, answered).await,
            None => Ok(()),
        }
    }
}

/// Keeps an answer by itself. The effect is there: an answer that cannot be kept is still the answer.
async fn keep_after(table: &Table, answered: Answered) -> Reply<()> {
    match table.commit(Tx::<Problem>::new().answering(Some(answered))).await {
        Err(Denied::Fault(fault)) => log::fault(&fault),
        kept => kept?,
    }
    Ok(())
}

impl<S: Sync> FromRequestParts<S> for Idempotency {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let Some(asked) = parts.extensions.get::<Asked>() else { return Ok(Self(None)) };
        let address = parts.extensions.get::<Address>().map_or("unknown", |address| address.0.as_str());
        let caller = parts.extensions.get::<Caller>();
        let caller = caller.map_or_else(|| format!("anonymous@{address}"), |caller| caller.id().to_string());
        let (method, path) = &asked.request;
        let once =
            Once::new(asked.context, &caller, method.as_str(), path, &asked.key, &asked.body, asked.now);
        Ok(Self(Some(asked.once.get_or_init(|| once).clone())))
    }
}

/// Reads the key on the way in; on the way out, answers a refused repeat as it was answered first, provided that the
/// caller may still ask.
pub(super) async fn keep(keeper: Option<Keeper>, request: Request, next: Next) -> Response {
    let Some(keeper) = keeper else { return next.run(request).await };
    let effectful = matches!(*request.method(), Method::POST | Method::DELETE);
    let Some(key) = request.headers().get("idempotency-key").filter(|_| effectful).cloned() else {
        return next.run(request).await;
    };
    let Some(key) = printable(&key) else {
        return Problem::bad_request("Idempotency-Key must be 1 to 255 printable characters.")
            .into_response();
    };
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else { return Problem::too_large().into_response() };
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| {
        // Not an object: whatever it is, the same bytes are the same request.
        Map::from_iter([("body".to_owned(), Value::String(String::from_utf8_lossy(&bytes).into_owned()))])
    });
    let once = Arc::new(OnceLock::new());
    parts.extensions.insert(Asked {
        context: keeper.context,
        // The whole path: routers below see only what follows their mount.
        request: (parts.method.clone(), parts.uri.path().to_owned()),
        key,
        body,
        now: keeper.clock.now(),
        once: once.clone(),
    });
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let caller = response.extensions().get::<Option<Caller>>().and_then(Option::as_ref);
    match once.get() {
        Some(_) if caller.is_some_and(Caller::is_barred) => response,
        Some(once) if response.status().is_client_error() => match keeper.table.repeated(once).await {
            Ok(Some(first)) => first.into_response(),
            Ok(None) => response,
            Err(fault) => Problem::from(fault).into_response(),
        },
        _ => response,
    }
}

fn printable(key: &HeaderValue) -> Option<String> {
    let key = key.to_str().ok()?;
    ((1..=255).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
        .then(|| key.to_owned())
}
