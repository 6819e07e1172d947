//! Refunds: what is given back for vouchers that nobody used.

pub mod decide;
pub mod http;
pub mod list;
pub mod rules;
pub mod settle;
pub mod store;
mod view;

use ::http::StatusCode;
use serde::{Deserialize, Serialize};
use stripe::RefundReason;
use table::{Counts, Index, Key, Places, Row, Tallies};
use wire::{Choice, Money, Problem, Stamp};

use crate::figures::{self, ALL};
use crate::jobs;

pub use view::RefundView;

/// A refund. Its id says whose it is and where its row stands. A payment has one at most that was not refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The id, which leads to the row.
    pub id: String,
    /// Who asked for it.
    pub user: u64,
    /// Their address when they paid.
    pub email: String,
    /// The payment.
    pub payment: String,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
    /// How far it is.
    pub status: Status,
    /// What was said with the request.
    #[serde(default)]
    pub notes: String,
    /// What staff said of it.
    #[serde(default)]
    pub admin_notes: String,
    /// The vouchers that it took, and did not bring back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vouchers_cancelled: Vec<String>,
    /// The refund at Stripe: `re_...`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_stripe: Option<String>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed_by: Option<u64>,
    /// When Stripe is asked about it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
    /// When it was asked for.
    pub created_at: Stamp,
    /// When it was done with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed_at: Option<Stamp>,
}

impl Row for Refund {
    const KIND: &'static str = "refund";

    fn key(&self) -> Key {
        store::refund_key(self.user, &self.id)
    }

    fn places(&self) -> Places {
        let time = format!("{}#{}", self.created_at, self.id);
        let places = Places::none().at(Index::Gsi2, store::status_partition(self.status), time);
        match self.due {
            Some(at) => places.due(crate::CONTEXT.name, jobs::REFUND_CHECK, at, &self.id),
            None => places,
        }
    }
}

impl Counts for Refund {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        counted.add(ALL, [(figures::of_refunds(self.status), 1)]);
        counted.add(&figures::of_account(self.user), [(figures::REFUNDS, 1)]);
        counted
    }
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was asked for.
    Pending,
    /// It was approved; its vouchers are gone, and the money is on its way.
    Processing,
    /// The money is back.
    Completed,
    /// The money could not be given back; the vouchers are good again.
    Failed,
    /// It was refused.
    Cancelled,
}

impl Choice for Status {
    const ALL: &'static [Self] =
        &[Self::Pending, Self::Processing, Self::Completed, Self::Failed, Self::Cancelled];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why somebody wants their money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// They do not want it.
    CustomerRequest,
    /// They paid twice.
    DuplicatePayment,
    /// It was not them.
    Fraudulent,
    /// Our mistake.
    SystemError,
    /// Something else.
    Other,
}

impl Choice for Reason {
    const ALL: &'static [Self] =
        &[Self::CustomerRequest, Self::DuplicatePayment, Self::Fraudulent, Self::SystemError, Self::Other];

    fn as_str(self) -> &'static str {
        match self {
            Self::CustomerRequest => "customer_request",
            Self::DuplicatePayment => "duplicate_payment",
            Self::Fraudulent => "fraudulent",
            Self::SystemError => "system_error",
            Self::Other => "other",
        }
    }
}

impl Reason {
    /// The word that Stripe has for it, if it has one.
    pub fn at_stripe(self) -> Option<RefundReason> {
        match self {
            Self::CustomerRequest => Some(RefundReason::RequestedByCustomer),
            Self::DuplicatePayment => Some(RefundReason::Duplicate),
            Self::Fraudulent => Some(RefundReason::Fraudulent),
            Self::SystemError | Self::Other => None,
        }
    }
}

/// Why there is no refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such payment, or it was not paid.
    NoPayment,
    /// It cost nothing.
    Free,
    /// It was paid too long ago.
    TooLate,
    /// Another refund of it is there.
    Twice,
    /// All its vouchers were used, called off, or are over for too long.
    NothingLeft,
    /// More than this cannot be given back.
    TooMuch(Money),
    /// It was decided already.
    NotPending,
    /// Not enough of the vouchers are unused any more.
    Used,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let bad = |text| Problem::said(StatusCode::BAD_REQUEST, text);
        let conflict = |text| Problem::said(StatusCode::CONFLICT, text);
        match refusal {
            Refusal::NoPayment => Problem::not_found(),
            Refusal::Free => bad("A free payment has nothing to refund"),
            Refusal::TooLate => bad("Refund period has ended"),
            Refusal::Twice => bad("Refund already requested for this payment"),
            Refusal::NothingLeft => bad("No unused vouchers left to refund"),
            Refusal::TooMuch(most) => {
                Problem::field("amount", format!("Amount exceeds the refundable amount of {most}."))
            }
            Refusal::NotPending => conflict("Refund is not pending"),
            Refusal::Used => conflict("Vouchers were used since the request"),
        }
    }
}
