//! `DynamoDB`: the embedded engine behind a door that enforces policies, and the changes of its table.

mod capture;
mod changes;
mod engine;
mod policy;
mod sweep;

use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;
use wire::Clock;

pub use changes::{Change, Changes};

use crate::Error;
use crate::answer;
use crate::front::Call;
use engine::Engine;
use policy::Schema;

/// The table that a cloud serves.
pub struct TableSpec {
    /// The `CreateTable` request; a stream in it is left out, for changes are captured in another way.
    pub create: Value,
    /// The attribute that holds the second at which an item expires.
    pub ttl: Option<String>,
}

/// The one table and everything it does.
#[derive(Clone)]
pub struct Table {
    /// What was written, in order.
    pub changes: Changes,
    engine: Arc<Engine>,
    schema: Arc<Schema>,
    file: Arc<Path>,
    ttl: Option<Arc<str>>,
    clock: Clock,
    region: Arc<str>,
}

impl Table {
    pub(crate) fn open(data: &Path, spec: TableSpec, clock: Clock, region: &str) -> Result<Table, Error> {
        let schema = Schema::read(&spec.create)?;
        let file = data.join("table.db");
        let engine = Engine::open(&file, &schema, &spec)?;
        capture::install(&file, &schema.table)?;
        let changes = Changes::open(data, &file, &schema, clock.clone(), region)?;
        Ok(Table {
            changes,
            engine: Arc::new(engine),
            schema: Arc::new(schema),
            file: file.into(),
            ttl: spec.ttl.map(Arc::from),
            clock,
            region: region.into(),
        })
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.schema.table
    }

    /// Deletes what has expired by the cloud's clock and says how many items that were; call it now and then.
    ///
    /// It reads the whole table on the calling thread, without holding up anybody else's reads or writes.
    pub fn sweep(&self) -> Result<usize, Error> {
        let Some(ttl) = &self.ttl else { return Ok(0) };
        let swept = sweep::sweep(self, ttl, self.clock.now())?;
        if swept > 0 {
            self.changes.announce();
        }
        Ok(swept)
    }

    pub(crate) async fn answer(&self, head: &Parts, call: Call<'_>) -> Response {
        if call.policies.restrict(call.principal)
            && let Err(refusal) = self.schema.permit(&call, &self.region)
        {
            return answer::json("application/x-amz-json-1.0", "com.amazon.coral.service#", Err(refusal));
        }
        self.perform(head, call.operation, call.body).await
    }

    async fn perform(&self, head: &Parts, operation: &str, body: Bytes) -> Response {
        let response = self.engine.forward(head, body).await;
        if WRITES.contains(&operation) && response.status().is_success() {
            self.changes.announce();
        }
        response
    }
}

/// The operations after which there may be changes.
const WRITES: [&str; 8] = [
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "ExecuteStatement",
    "ExecuteTransaction",
    "BatchExecuteStatement",
];
