//! Where one thing is done at a time: the ledger, the time, and why it is done.

use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;
use wire::Stamp;

use super::events::Endpoint;
use super::ledger;
use super::refusal::Refusal;

/// One thing that is being done.
pub(super) struct Desk<'a> {
    pub(super) ledger: &'a Connection,
    pub(super) endpoints: &'a [Endpoint],
    pub(super) now: Stamp,
    pub(super) cause: Cause,
    pub(super) refunds_wait: bool,
}

/// The call that is the reason; none, when Stripe or a bank does something by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause {
    pub(super) request: Option<String>,
    pub(super) key: Option<String>,
}

impl Desk<'_> {
    /// An object of a kind, which the answer to nothing found names in Stripe's way.
    pub(super) fn find(&self, kind: &str, id: &str) -> Result<Value, Refusal> {
        let found = ledger::find(self.ledger, id)?.filter(|object| object["object"] == kind);
        found.ok_or_else(|| Refusal::missing(kind, id))
    }

    pub(super) fn put(&self, object: &Value) -> Result<(), Refusal> {
        Ok(ledger::put(self.ledger, object)?)
    }

    /// Has the endpoints told of what happened to an object.
    pub(super) fn tell(&self, kind: &str, object: &Value) -> Result<(), Refusal> {
        let event = json!({
            "id": id("evt"),
            "object": "event",
            "api_version": super::events::VERSION,
            "created": self.now.seconds(),
            "data": { "object": object },
            "livemode": false,
            "pending_webhooks": self.endpoints.len(),
            "request": { "id": self.cause.request, "idempotency_key": self.cause.key },
            "type": kind,
        });
        let endpoints = self.endpoints.iter().map(|endpoint| endpoint.path.as_str());
        Ok(ledger::tell(self.ledger, &event, endpoints, self.now)?)
    }
}

/// A new id, such as `pi_3Kx...`.
pub(super) fn id(prefix: &str) -> String {
    format!("{prefix}_{}", random(24))
}

/// So many letters and digits that nobody can guess.
pub(super) fn random(length: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let bytes = std::iter::repeat_with(|| Uuid::new_v4().into_bytes());
    // Six bits of each byte, of which two in sixty-four are drawn again.
    let letters = bytes.flatten().filter_map(|byte| LETTERS.get(usize::from(byte & 63)).copied());
    letters.take(length).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_their_kind_and_differ() {
        let (one, other) = (id("pi"), id("pi"));
        assert!(one.starts_with("pi_") && one.len() == 27 && one != other, "{one}");
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    }
}
