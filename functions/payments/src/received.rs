//! An event that came: a row that is there once, whatever comes twice.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use stripe::{Happening, Notice};
use table::{Key, Message, Row, Tx};
use wire::Stamp;

/// How long an event is remembered; Stripe repeats it for three days.
const KEPT: Duration = Duration::from_hours(90 * 24);

/// Who hands on.
const SENDER: &str = "payments";

/// An event of Stripe that was taken. It says what happened to what, and nothing of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Received {
    /// The context that it was sent to.
    pub(crate) context: String,
    /// The event: `evt_...`
    pub(crate) event: String,
    #[serde(rename = "type")]
    pub(crate) happening: Happening,
    pub(crate) created: Stamp,
    pub(crate) livemode: bool,
    pub(crate) object: Option<String>,
    pub(crate) intent: Option<String>,
    pub(crate) charge: Option<String>,
    pub(crate) refund: Option<String>,
    /// When it came.
    pub(crate) at: Stamp,
}

/// It came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen;

impl Row for Received {
    const KIND: &'static str = "stripe-event";

    fn key(&self) -> Key {
        Key::new(format!("{}#WEBHOOK#{}", self.context.to_uppercase(), self.event), "EVENT")
    }

    fn ends(&self) -> Option<Stamp> {
        Some(self.at + KEPT)
    }
}

/// The write that takes an event: its row, in which the notice for the context rides if anything follows from it there.
pub(crate) fn take(context: &str, notice: &Notice, now: Stamp) -> Tx<Seen> {
    let received = Received {
        context: context.to_owned(),
        event: notice.event.clone(),
        happening: notice.happening.clone(),
        created: notice.created,
        livemode: notice.livemode,
        object: notice.object.clone(),
        intent: notice.intent.clone(),
        charge: notice.charge.clone(),
        refund: notice.refund.clone(),
        at: now,
    };
    let tx = Tx::new().insert(&received, Seen);
    if notice.happening.concerns_us() {
        tx.tell(Message::new(SENDER, context, json!({ "stripe": notice }), now))
    } else {
        tx
    }
}
