//! What may come of a call instead of an answer.

use std::error::Error;
use std::fmt;

use serde::Deserialize;
use wire::Fault;

use crate::Intent;

/// What came of a call instead of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The bank said no. What the customer may read of it is the refusal's message.
    Declined(Box<Refusal>),
    /// Stripe does not do this; asking again will not help.
    Refused(Box<Refusal>),
    /// No answer, after all retries, or one that does not read. Whether the call had an effect, nobody knows: asking
    /// again with the same key tells.
    Unavailable(String),
}

/// Stripe's own words for why it does not do something.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// The status of HTTP.
    #[serde(skip)]
    pub status: u16,
    /// Such as `card_error` or `invalid_request_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Such as `card_declined` or `payment_intent_unexpected_state`.
    pub code: Option<String>,
    /// Why the bank said no: `insufficient_funds`.
    pub decline_code: Option<String>,
    /// The parameter that is wrong.
    pub param: Option<String>,
    /// A sentence; of a decline, one for the customer.
    pub message: Option<String>,
    /// The intent as it is now, where it is about one.
    #[serde(rename = "payment_intent")]
    pub intent: Option<Intent>,
}

impl Trouble {
    /// What Stripe said, if it said anything.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Declined(refusal) | Self::Refused(refusal) => Some(refusal),
            Self::Unavailable(_) => None,
        }
    }

    /// Whether Stripe's code for it is this one.
    pub fn is(&self, code: &str) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code.as_deref() == Some(code))
    }

    /// Whether what was asked for does not exist.
    pub fn is_missing(&self) -> bool {
        self.is("resource_missing")
    }

    /// Whether an intent is not in a state for this; [`Trouble::intent`] has the one it is in.
    pub fn is_unexpected_state(&self) -> bool {
        self.is("payment_intent_unexpected_state")
    }

    /// The intent as Stripe told it with the refusal.
    pub fn intent(&self) -> Option<&Intent> {
        self.refusal()?.intent.as_ref()
    }
}

/// By codes only: sentences may quote what was sent.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, refusal) = match self {
            Self::Declined(refusal) => ("declined", refusal),
            Self::Refused(refusal) => ("refused by Stripe", refusal),
            Self::Unavailable(why) => return write!(f, "Stripe is not available: {why}"),
        };
        write!(f, "{word}: {} {}", refusal.status, refusal.kind)?;
        for part in [&refusal.code, &refusal.decline_code, &refusal.param].into_iter().flatten() {
            write!(f, " {part}")?;
        }
        Ok(())
    }
}

impl Error for Trouble {}

/// For where none of it was expected.
impl From<Trouble> for Fault {
    #[track_caller]
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unavailable(_) => Fault::busy(trouble),
            Trouble::Declined(_) | Trouble::Refused(_) => Fault::bug(trouble),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_quotes_nothing_that_was_sent() {
        let refusal = Refusal {
            status: 400,
            kind: "invalid_request_error".to_owned(),
            code: Some("email_invalid".to_owned()),
            param: Some("receipt_email".to_owned()),
            message: Some("Invalid email address: rina@shop".to_owned()),
            ..Refusal::default()
        };
        let refused = Trouble::Refused(Box::new(refusal));
        assert!(refused.is("email_invalid") && !refused.is_missing());
        let fault = Fault::from(refused);
        let shown = "refused by Stripe: 400 invalid_request_error email_invalid receipt_email";
        assert_eq!(fault.to_string(), shown);
        assert!(!fault.is_busy());
        assert!(Fault::from(Trouble::Unavailable("timed out".to_owned())).is_busy());
    }
}
