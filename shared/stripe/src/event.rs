//! What Stripe tells when something happened.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::Stamp;

use crate::view;

/// An event of Stripe, without anything that is somebody's own: it says what to look at, and not how that is.
///
/// Events come more than once and in any order, and what they are about may have changed since. So whoever gets a
/// notice retrieves the intent or the refund and believes only that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The event: `evt_...`
    pub event: String,
    /// What happened.
    #[serde(rename = "type")]
    pub happening: Happening,
    /// When it did.
    pub created: Stamp,
    /// Whether real money moved.
    pub livemode: bool,
    /// The id of what it is about, whatever that is.
    pub object: Option<String>,
    /// The intent that it is about or belongs to: `pi_...`
    pub intent: Option<String>,
    /// The charge that it is about or belongs to: `ch_...`
    pub charge: Option<String>,
    /// The refund that it is about: `re_...`
    pub refund: Option<String>,
    /// What the creator of the object noted. A dispute knows nothing of what its intent's creator noted.
    pub metadata: BTreeMap<String, String>,
}

/// What happened, as far as it may concern us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Happening {
    /// An intent was paid.
    IntentSucceeded,
    /// An attempt to pay an intent failed.
    IntentFailed,
    /// The bank is at it.
    IntentProcessing,
    /// An intent was called off.
    IntentCanceled,
    /// Some of a charge, or all, was given back.
    ChargeRefunded,
    /// A refund changed.
    RefundUpdated,
    /// A refund failed.
    RefundFailed,
    /// A customer wants money back from their bank.
    DisputeCreated,
    /// Anything else.
    Other(String),
}

impl Happening {
    /// Stripe's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::IntentSucceeded => "payment_intent.succeeded",
            Self::IntentFailed => "payment_intent.payment_failed",
            Self::IntentProcessing => "payment_intent.processing",
            Self::IntentCanceled => "payment_intent.canceled",
            Self::ChargeRefunded => "charge.refunded",
            Self::RefundUpdated => "refund.updated",
            Self::RefundFailed => "refund.failed",
            Self::DisputeCreated => "charge.dispute.created",
            Self::Other(word) => word,
        }
    }

    /// Whether anything follows from it here.
    pub fn concerns_us(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

impl From<String> for Happening {
    fn from(word: String) -> Self {
        match word.as_str() {
            "payment_intent.succeeded" => Self::IntentSucceeded,
            "payment_intent.payment_failed" => Self::IntentFailed,
            "payment_intent.processing" => Self::IntentProcessing,
            "payment_intent.canceled" => Self::IntentCanceled,
            "charge.refunded" => Self::ChargeRefunded,
            "refund.updated" => Self::RefundUpdated,
            "refund.failed" => Self::RefundFailed,
            "charge.dispute.created" => Self::DisputeCreated,
            _ => Self::Other(word),
        }
    }
}

impl From<Happening> for String {
    fn from(happening: Happening) -> Self {
        happening.as_str().to_owned()
    }
}

/// It is no event of Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEvent;

impl fmt::Display for NotAnEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an event")
    }
}

impl std::error::Error for NotAnEvent {}

/// The event as Stripe sends it, as far as we read it.
#[derive(Deserialize)]
struct Envelope {
    id: String,
    object: String,
    #[serde(rename = "type")]
    happening: Happening,
    #[serde(deserialize_with = "view::time")]
    created: Stamp,
    #[serde(default)]
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

/// Ids and words of Stripe's are a few dozen letters.
const LONGEST: usize = 255;

impl Notice {
    /// Reads the body of an event.
    pub fn read(body: &[u8]) -> Result<Self, NotAnEvent> {
        let event: Envelope = serde_json::from_slice(body).map_err(|_| NotAnEvent)?;
        let fits = |text: &str| !text.is_empty() && text.len() <= LONGEST;
        let named = event.id.starts_with("evt_") && fits(&event.id) && fits(event.happening.as_str());
        let plain = event.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Some(object) = event.data.object.as_object() else { return Err(NotAnEvent) };
        if event.object != "event" || !named || !plain {
            return Err(NotAnEvent);
        }
        let kind = object.get("object").and_then(Value::as_str).unwrap_or_default();
        // Where it was asked for, Stripe puts the whole in the place of its id.
        let id = |value: &Value| {
            let id = value.as_str().or_else(|| value["id"].as_str())?;
            fits(id).then(|| id.to_owned())
        };
        let own = object.get("id").and_then(id);
        let of_kind = |wanted: &str, field: &str| {
            let own = own.clone().filter(|_| kind == wanted);
            own.or_else(|| object.get(field).and_then(id))
        };
        let notes = object.get("metadata").and_then(Value::as_object).into_iter().flatten();
        let note = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        Ok(Self {
            event: event.id,
            happening: event.happening,
            created: event.created,
            livemode: event.livemode,
            intent: of_kind("payment_intent", "payment_intent"),
            charge: of_kind("charge", "charge"),
            refund: of_kind("refund", "refund"),
            metadata: notes.filter_map(note).collect(),
            object: own,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, object: &Value) -> Value {
        json!({
            "id": "evt_1", "object": "event", "api_version": "2024-06-20", "created": 1_759_480_000,
            "livemode": false, "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null },
            "type": kind, "data": { "object": object },
        })
    }

    fn read(event: &Value) -> Result<Notice, NotAnEvent> {
        Notice::read(event.to_string().as_bytes())
    }

    #[test]
    fn every_object_leads_to_its_intent() {
        let some = |text: &str| Some(text.to_owned());
        let rows = [
            (
                "payment_intent.succeeded",
                json!({ "id": "pi_1", "object": "payment_intent", "latest_charge": "ch_1" }),
                (some("pi_1"), None, None),
            ),
            (
                "charge.refunded",
                json!({ "id": "ch_1", "object": "charge", "payment_intent": "pi_1" }),
                (some("pi_1"), some("ch_1"), None),
            ),
            (
                "refund.updated",
                json!({ "id": "re_1", "object": "refund", "payment_intent": "pi_1", "charge": "ch_1" }),
                (some("pi_1"), some("ch_1"), some("re_1")),
            ),
            (
                "charge.dispute.created",
                json!({ "id": "dp_1", "object": "dispute", "payment_intent": { "id": "pi_1" }, "charge": "ch_1" }),
                (some("pi_1"), some("ch_1"), None),
            ),
            ("price.created", json!({ "object": "price" }), (None, None, None)),
        ];
        for (kind, object, expected) in rows {
            let notice = read(&event(kind, &object)).unwrap();
            assert_eq!(notice.happening.as_str(), kind);
            assert_eq!(notice.happening.concerns_us(), kind != "price.created");
            assert_eq!(notice.object.as_deref(), object["id"].as_str());
            assert_eq!((notice.intent, notice.charge, notice.refund), expected, "{kind}");
        }
    }

    #[test]
    fn every_happening_reads_and_writes() {
        let concerning = [
            "payment_intent.succeeded",
            "payment_intent.payment_failed",
            "payment_intent.processing",
            "payment_intent.canceled",
            "charge.refunded",
            "refund.updated",
            "refund.failed",
            "charge.dispute.created",
        ];
        for word in concerning {
            let happening: Happening = serde_json::from_value(json!(word)).unwrap();
            assert!(happening.concerns_us(), "{word}");
            assert_eq!(serde_json::to_value(&happening).unwrap(), word);
        }
    }

    #[test]
    fn a_notice_travels_and_carries_nothing_personal() {
        let object = json!({
            "id": "pi_1", "object": "payment_intent", "receipt_email": "rina@shop.test", "amount": 1999,
            "metadata": { "payment_id": "5", "odd": 7 },
        });
        let notice = read(&event("payment_intent.succeeded", &object)).unwrap();
        let told = serde_json::to_value(&notice).unwrap();
        let expected = json!({
            "event": "evt_1", "type": "payment_intent.succeeded", "created": "2025-10-03T08:26:40.000000Z",
            "livemode": false, "object": "pi_1", "intent": "pi_1", "charge": null, "refund": null,
            "metadata": { "payment_id": "5" },
        });
        assert_eq!(told, expected);
        assert_eq!(serde_json::from_value::<Notice>(told).unwrap(), notice);
    }

    #[test]
    fn what_is_no_event_does_not_read() {
        let good = event("payment_intent.succeeded", &json!({}));
        assert!(read(&good).is_ok());
        let without = |name: &str| {
            let mut event = good.clone();
            event.as_object_mut().unwrap().remove(name);
            event
        };
        let with = |name: &str, value: Value| {
            let mut event = good.clone();
            event[name] = value;
            event
        };
        let bad = [
            without("id"),
            without("type"),
            without("created"),
            without("data"),
            with("id", json!("pi_1")),
            with("id", json!("evt_1#2")),
            with("id", json!(format!("evt_{}", "x".repeat(300)))),
            with("type", json!("")),
            with("object", json!("charge")),
            with("data", json!({ "object": [] })),
            json!([]),
            json!("evt_1"),
        ];
        for event in bad {
            assert_eq!(read(&event), Err(NotAnEvent), "{event}");
        }
        for body in ["", "{", "\u{0}"] {
            assert_eq!(Notice::read(body.as_bytes()), Err(NotAnEvent));
        }
    }
}
