//! Whether the platform is there, and with `?deep=1` whether its table is.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use table::Table;
use tokio::time::timeout;
use wire::{Clock, Fault, Query, Stamp};

use crate::documents::Scope;

/// Who asks for a deep answer wants it soon: a table that takes longer is as good as gone.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the health answer tells of the running platform.
#[derive(Clone, Debug)]
pub struct About {
    /// The stage it runs in.
    pub stage: String,
    /// The version that runs.
    pub version: String,
    /// Its time.
    pub clock: Clock,
    /// Its table.
    pub table: Table,
}

#[derive(Serialize)]
struct Health<'a> {
    status: &'static str,
    service: &'static str,
    stage: &'a str,
    version: &'a str,
    time: Stamp,
}

/// The route of the health of `scope`.
pub(crate) fn routes(scope: Scope, about: &Arc<About>) -> Router {
    let answer = match scope.health() {
        Some(sentence) => get(async move || said(sentence)),
        None => get(health),
    };
    Router::new().route(&format!("{}/health", scope.mount()), answer).with_state(about.clone())
}

/// The same sentence each time: whether the table is there is asked at the platform's own health.
fn said(sentence: &'static str) -> Response {
    ([(CACHE_CONTROL, "no-store"), (CONTENT_TYPE, "application/json")], sentence).into_response()
}

async fn health(State(about): State<Arc<About>>, query: Query) -> Response {
    let found = match query.get("deep") {
        Some("1") => ping(&about.table).await,
        _ => Ok(()),
    };
    let (code, status) = match found {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(fault) => {
            platform::log::fault(&fault);
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    };
    let time = about.clock.now();
    let health = Health { status, service: "mercato", stage: &about.stage, version: &about.version, time };
    (code, [(CACHE_CONTROL, "no-store")], Json(health)).into_response()
}

/// Reads one item, which need not exist.
async fn ping(table: &Table) -> Result<(), Fault> {
    timeout(PATIENCE, table.connect()).await.unwrap_or_else(|late| Err(Fault::busy(late)))
}
