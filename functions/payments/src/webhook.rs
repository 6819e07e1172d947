//! One event: signed by Stripe, read, written once, answered at once.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use http::StatusCode;
use platform::metric;
use serde::Serialize;
use stripe::{NotSigned, Notice, Secrets};
use table::{Denied, Table};
use wire::{Clock, Fault, Reply, Stamp};

use crate::mounts::Mount;
use crate::received::{self, Seen};

/// Events are some kilobytes.
const LONGEST: usize = 256 * 1024;

/// What an endpoint works with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) mount: &'static Mount,
    pub(crate) secrets: Secrets,
    pub(crate) table: Table,
    pub(crate) clock: Clock,
}

/// What Stripe is told: not to send this again.
#[derive(Serialize)]
pub(crate) struct Taken {
    received: bool,
}

/// Takes an event. Whoever sent it, nothing is read of it before its signature holds.
pub(crate) async fn take(State(desk): State<Desk>, request: Request) -> Reply<Json<Taken>> {
    let now = desk.clock.now();
    let (head, body) = request.into_parts();
    let problem = desk.mount.problem;
    let too_long = |_| problem(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large");
    let body = to_bytes(body, LONGEST).await.map_err(too_long)?;
    let signature = head.headers.get("stripe-signature").and_then(|header| header.to_str().ok());
    let signed = desk.secrets.verify(signature.unwrap_or_default(), &body, now);
    signed.map_err(|why| {
        refused(desk.mount, why, now);
        problem(StatusCode::BAD_REQUEST, "Invalid signature")
    })?;
    let notice = Notice::read(&body).map_err(|_| problem(StatusCode::BAD_REQUEST, "Invalid payload"))?;
    let again = desk.write(&notice, now).await?;
    tracing::info!(
        target: "webhook",
        context = desk.mount.context,
        stripe_event = notice.event,
        happening = notice.happening.as_str(),
        again,
        "taken"
    );
    Ok(Json(Taken { received: true }))
}

impl Desk {
    /// Writes an event down, and says whether it was there already.
    async fn write(&self, notice: &Notice, now: Stamp) -> Result<bool, Fault> {
        match self.table.commit(received::take(self.mount.context, notice, now)).await {
            Ok(()) => Ok(false),
            Err(Denied::Refused(Seen)) => Ok(true),
            Err(Denied::Fault(fault)) => Err(fault),
            Err(other) => Err(Fault::bug(format!("an event could not be written: {other:?}"))),
        }
    }
}

/// Somebody sent what Stripe did not sign, or sent again what it signed long ago; or the secret is an old one.
fn refused(mount: &Mount, why: NotSigned, now: Stamp) {
    tracing::warn!(target: "security", event = "webhook_refused", context = mount.context, reason = why.as_str());
    metric::count("WebhooksRefused", now);
}
