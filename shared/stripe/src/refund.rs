//! Refunds: money on its way back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::Money;

use crate::form::Form;
use crate::view;

/// A refund, as far as we rely on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Refund {
    /// `re_...`
    pub id: String,
    /// What is given back.
    #[serde(deserialize_with = "view::money")]
    pub amount: Money,
    /// In small letters: `usd`.
    pub currency: String,
    /// The charge it is taken from.
    #[serde(default)]
    pub charge: Option<String>,
    /// The intent it is taken from.
    #[serde(default)]
    pub payment_intent: Option<String>,
    /// Why, in one of Stripe's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// How far it is; some old ones do not say.
    #[serde(default)]
    pub status: Option<RefundStatus>,
    /// Why it failed.
    #[serde(default)]
    pub failure_reason: Option<String>,
    /// What its creator noted.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// How far a refund is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RefundStatus {
    /// It is on its way.
    Pending,
    /// The customer has to do something.
    RequiresAction,
    /// It is done.
    Succeeded,
    /// The money came back to us.
    Failed,
    /// It was called off.
    Canceled,
    /// A word that Stripe learned after we wrote this.
    Other(String),
}

impl RefundStatus {
    /// Stripe's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for RefundStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "pending" => Self::Pending,
            "requires_action" => Self::RequiresAction,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => Self::Other(word),
        }
    }
}

impl From<RefundStatus> for String {
    fn from(status: RefundStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// Why money is given back, as far as Stripe wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundReason {
    /// It was paid twice.
    Duplicate,
    /// Somebody else paid with it.
    Fraudulent,
    /// The customer asked for it.
    RequestedByCustomer,
}

impl RefundReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::RequestedByCustomer => "requested_by_customer",
        }
    }
}

/// A refund that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    intent: String,
    amount: Money,
    reason: Option<RefundReason>,
    metadata: BTreeMap<String, String>,
}

impl NewRefund {
    /// So much of what an intent was paid with.
    pub fn of(intent: &str, amount: Money) -> Self {
        Self { intent: intent.to_owned(), amount, reason: None, metadata: BTreeMap::new() }
    }

    /// For a reason that Stripe knows.
    pub fn because(mut self, reason: RefundReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// With a note that comes back with every answer and event.
    pub fn noting(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    pub(crate) fn form(&self) -> Form {
        Form::default()
            .with("payment_intent", self.intent.as_str())
            .with("amount", self.amount.minor().to_string())
            .with_some("reason", self.reason.map(RefundReason::as_str))
            .with_all("metadata", &self.metadata)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_reads_and_writes_and_a_new_word_is_kept() {
        let words = [
            ("pending", RefundStatus::Pending),
            ("requires_action", RefundStatus::RequiresAction),
            ("succeeded", RefundStatus::Succeeded),
            ("failed", RefundStatus::Failed),
            ("canceled", RefundStatus::Canceled),
            ("evaporated", RefundStatus::Other("evaporated".to_owned())),
        ];
        for (word, status) in words {
            assert_eq!(serde_json::from_value::<RefundStatus>(json!(word)).unwrap(), status);
            assert_eq!(serde_json::to_value(&status).unwrap(), word);
        }
    }

    #[test]
    fn a_reason_is_said_only_where_stripe_has_a_word_for_it() {
        let refund = NewRefund::of("pi_1", Money::from_minor(1000));
        let expected = Form::default().with("payment_intent", "pi_1").with("amount", "1000");
        assert_eq!(refund.form(), expected);
        let noted = refund.because(RefundReason::RequestedByCustomer).noting("refund_id", "r1");
        let expected = expected.with("reason", "requested_by_customer").with("metadata[refund_id]", "r1");
        assert_eq!(noted.form(), expected);
    }
}
