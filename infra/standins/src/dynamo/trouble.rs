//! Trouble on demand: what a real table does now and then and the engine never does by itself.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer::respond;
use crate::store::lock;

/// What happens to a request instead of the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another transaction is at work on the same item; nothing is done.
    Conflict,
    /// Too many requests; nothing is done.
    Throttled,
    /// The table fails; nothing is done.
    Failed,
    /// The table does what it was asked, and the answer gets lost on the way.
    Lost,
}

/// The trouble that waits for requests to come.
#[derive(Default)]
pub(super) struct Troubles(Mutex<VecDeque<(String, Trouble)>>);

impl Troubles {
    pub(super) fn add(&self, operation: &str, trouble: Trouble) {
        lock(&self.0).push_back((operation.to_owned(), trouble));
    }

    /// Takes out what waits for this operation.
    pub(super) fn take(&self, operation: &str) -> Option<Trouble> {
        let mut waiting = lock(&self.0);
        let at = waiting.iter().position(|(for_operation, _)| for_operation == operation)?;
        waiting.remove(at).map(|(_, trouble)| trouble)
    }
}

impl Trouble {
    /// The answer that the caller gets.
    pub(super) fn answer(self, operation: &str, body: &[u8]) -> Response {
        let (status, code, message) = match self {
            Trouble::Conflict if operation.starts_with("Transact") => return cancelled(body),
            Trouble::Conflict => {
                let message = "Transaction is ongoing for the item";
                (StatusCode::BAD_REQUEST, "TransactionConflictException", message)
            }
            Trouble::Throttled => {
                let message = "Throughput exceeds the current capacity of your table or index.";
                (StatusCode::BAD_REQUEST, "ThrottlingException", message)
            }
            Trouble::Failed | Trouble::Lost => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Internal server error")
            }
        };
        respond(status, JSON, json!({ "__type": format!("{SPACE}{code}"), "message": message }).to_string())
    }
}

/// A transaction that was cancelled because of its first item.
fn cancelled(body: &[u8]) -> Response {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let steps = request["TransactItems"].as_array().map_or(1, Vec::len);
    let mut reasons = vec![json!({ "Code": "None" }); steps];
    reasons[0] = json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" });
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let body = json!({
        "__type": format!("{SPACE}TransactionCanceledException"),
        "Message": format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        ),
        "CancellationReasons": reasons,
    });
    respond(StatusCode::BAD_REQUEST, JSON, body.to_string())
}

const JSON: &str = "application/x-amz-json-1.0";
const SPACE: &str = "com.amazonaws.dynamodb.v20120810#";
