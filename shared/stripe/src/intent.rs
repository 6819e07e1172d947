//! Payment intents: one for each payment that somebody means to make.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use wire::{Money, Stamp};

use crate::form::Form;
use crate::view;

/// A payment intent, as far as we rely on it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Intent {
    /// `pi_...`
    pub id: String,
    /// What is to be paid.
    #[serde(deserialize_with = "view::money")]
    pub amount: Money,
    /// What was paid.
    #[serde(default, deserialize_with = "view::money")]
    pub amount_received: Money,
    /// In small letters: `usd`.
    pub currency: String,
    /// How far it is.
    pub status: IntentStatus,
    /// What lets the customer's browser pay it.
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    /// The charge of the last attempt: `ch_...`
    #[serde(default)]
    pub latest_charge: Option<String>,
    /// Why the last attempt failed.
    #[serde(default, rename = "last_payment_error")]
    pub last_error: Option<LastError>,
    /// What its creator noted.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// What it is paid with: `pm_...`
    #[serde(default)]
    pub payment_method: Option<String>,
    /// Why it was cancelled.
    #[serde(default)]
    pub cancellation_reason: Option<String>,
    /// When it was cancelled.
    #[serde(default, deserialize_with = "view::some_time")]
    pub canceled_at: Option<Stamp>,
    /// When it was made.
    #[serde(deserialize_with = "view::time")]
    pub created: Stamp,
    /// Whether real money moves.
    pub livemode: bool,
}

/// How far an intent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum IntentStatus {
    /// It waits for something to pay with: at the beginning, and after a decline.
    RequiresPaymentMethod,
    /// It waits to be confirmed.
    RequiresConfirmation,
    /// The customer has to do something, such as to prove who they are.
    RequiresAction,
    /// The bank is at it.
    Processing,
    /// The amount is reserved and waits to be taken.
    RequiresCapture,
    /// It is cancelled for good.
    Canceled,
    /// It is paid.
    Succeeded,
    /// A word that Stripe learned after we wrote this.
    Other(String),
}

impl IntentStatus {
    /// Stripe's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for IntentStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "requires_payment_method" => Self::RequiresPaymentMethod,
            "requires_confirmation" => Self::RequiresConfirmation,
            "requires_action" => Self::RequiresAction,
            "processing" => Self::Processing,
            "requires_capture" => Self::RequiresCapture,
            "canceled" => Self::Canceled,
            "succeeded" => Self::Succeeded,
            _ => Self::Other(word),
        }
    }
}

impl From<IntentStatus> for String {
    fn from(status: IntentStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// Why an attempt to pay failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LastError {
    /// Such as `card_declined`.
    pub code: Option<String>,
    /// Such as `insufficient_funds`.
    pub decline_code: Option<String>,
    /// A sentence for the customer.
    pub message: Option<String>,
    /// Such as `card_error`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// What lets whoever has it pay an intent; only its customer may be given it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The secret in full.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret")
    }
}

/// An intent that is to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewIntent {
    amount: Money,
    currency: String,
    description: Option<String>,
    receipt_email: Option<String>,
    metadata: BTreeMap<String, String>,
    payment_method: Option<String>,
}

impl NewIntent {
    /// An intent to pay that much, in a currency such as `usd`.
    pub fn new(amount: Money, currency: &str) -> Self {
        Self {
            amount,
            currency: currency.to_ascii_lowercase(),
            description: None,
            receipt_email: None,
            metadata: BTreeMap::new(),
            payment_method: None,
        }
    }

    /// With what the customer is told to pay for.
    pub fn describing(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// With a receipt by Stripe to an address.
    pub fn receipt_to(mut self, email: impl Into<String>) -> Self {
        self.receipt_email = Some(email.into());
        self
    }

    /// With a note that comes back with every answer and event.
    pub fn noting(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Paid at once with this, where nobody can be led to another page.
    pub fn paid_with(mut self, payment_method: impl Into<String>) -> Self {
        self.payment_method = Some(payment_method.into());
        self
    }

    pub(crate) fn form(&self) -> Form {
        let form = Form::default()
            .with("amount", self.amount.minor().to_string())
            .with("currency", self.currency.as_str())
            .with_some("description", self.description.as_deref())
            .with_some("receipt_email", self.receipt_email.as_deref())
            .with_all("metadata", &self.metadata)
            .with("automatic_payment_methods[enabled]", "true");
        match &self.payment_method {
            None => form,
            Some(method) => form
                .with("automatic_payment_methods[allow_redirects]", "never")
                .with("payment_method", method.as_str())
                .with("confirm", "true"),
        }
    }
}

/// Shows what is paid and not by whom.
impl fmt::Debug for NewIntent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewIntent")
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("metadata", &self.metadata.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_reads_and_writes_and_a_new_word_is_kept() {
        let words = [
            ("requires_payment_method", IntentStatus::RequiresPaymentMethod),
            ("requires_confirmation", IntentStatus::RequiresConfirmation),
            ("requires_action", IntentStatus::RequiresAction),
            ("processing", IntentStatus::Processing),
            ("requires_capture", IntentStatus::RequiresCapture),
            ("canceled", IntentStatus::Canceled),
            ("succeeded", IntentStatus::Succeeded),
            ("levitating", IntentStatus::Other("levitating".to_owned())),
        ];
        for (word, status) in words {
            assert_eq!(serde_json::from_value::<IntentStatus>(json!(word)).unwrap(), status);
            assert_eq!(serde_json::to_value(&status).unwrap(), word);
        }
    }

    #[test]
    fn what_is_paid_at_once_must_not_lead_to_another_page() {
        let later = NewIntent::new(Money::from_minor(1999), "USD").noting("payment_id", "5");
        let expected = Form::default()
            .with("amount", "1999")
            .with("currency", "usd")
            .with("metadata[payment_id]", "5")
            .with("automatic_payment_methods[enabled]", "true");
        assert_eq!(later.form(), expected);
        let now = later.paid_with("pm_card_visa");
        let expected = expected
            .with("automatic_payment_methods[allow_redirects]", "never")
            .with("payment_method", "pm_card_visa")
            .with("confirm", "true");
        assert_eq!(now.form(), expected);
    }

    #[test]
    fn nothing_secret_or_personal_is_shown() {
        let new = NewIntent::new(Money::ZERO, "usd").receipt_to("rina@shop.test").noting("user_id", "77");
        let intent: Intent = serde_json::from_value(json!({
            "id": "pi_1", "amount": 5, "currency": "usd", "status": "succeeded", "created": 1, "livemode": false,
            "client_secret": "pi_1_secret_x",
        }))
        .unwrap();
        let shown = format!("{new:?} {intent:?}");
        assert!(shown.contains("user_id") && shown.contains("pi_1"), "{shown}");
        for hidden in ["rina", "77", "secret_x"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert_eq!(intent.client_secret.unwrap().reveal(), "pi_1_secret_x");
    }
}
