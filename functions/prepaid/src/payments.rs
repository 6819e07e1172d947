//! Payments: what is paid for how many vouchers of which type, and how far that is.

pub mod admin;
pub mod buy;
pub mod create;
pub mod http;
pub mod list;
pub mod purchase;
pub mod rules;
pub mod settle;
pub mod store;
mod view;

use serde::{Deserialize, Serialize};
use table::{Counts, Index, Key, Places, Row, Tallies, Words};
use wire::{Choice, Money, Problem, Stamp};

use crate::figures::{self, ALL};
use crate::types::TermsId;

pub use view::PaymentView;

/// The scope of the words that payments are found by.
pub const WORDS: &str = "PREPAID#PAYMENTS";

/// The only currency.
pub const CURRENCY: &str = "USD";

/// A payment. Its id says whose it is and where its row stands.
///
/// What it costs is fixed when it is made. It delivers its vouchers once, in the write that completes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The id, which leads to the row.
    pub id: String,
    /// Who pays.
    pub user: u64,
    /// Their address at that time, by which staff find it.
    pub email: String,
    /// What is sold.
    pub terms: TermsId,
    /// How many.
    pub quantity: u32,
    /// What one costs.
    pub unit_price: Money,
    /// What is taken off.
    pub discount_amount: Money,
    /// For which code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_code: Option<String>,
    /// What is charged.
    pub amount: Money,
    /// What was given back.
    pub refunded_amount: Money,
    /// How far it is.
    pub status: Status,
    /// How it is paid.
    pub method: Method,
    /// The card it is charged to at once, where it is not the customer's browser that pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// The intent at Stripe: `pi_...`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// The charge at Stripe: `ch_...`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
    /// Why the last attempt failed, in words for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// The vouchers it delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voucher_codes: Vec<String>,
    /// For whom they are, if they are a gift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift: Option<Gift>,
    /// The refund that was asked for and not refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// Whether the customer asked their bank for the money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disputed: bool,
    /// When it is looked at again, or when the gift is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
    /// When it was made.
    pub created_at: Stamp,
    /// When it last changed.
    pub updated_at: Stamp,
    /// When it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Stamp>,
}

/// For whom vouchers are bought, if not for the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    /// Their address.
    pub email: String,
    /// What the buyer says to them.
    #[serde(default)]
    pub message: String,
    /// When they are written to, if not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<Stamp>,
}

impl Payment {
    /// What it brought: nothing before it is paid, and no more what was given back.
    pub fn brought(&self) -> Money {
        if self.is_paid() {
            self.amount.checked_sub(self.refunded_amount).unwrap_or_default()
        } else {
            Money::ZERO
        }
    }

    /// Whether it was paid, whatever was given back since.
    pub fn is_paid(&self) -> bool {
        matches!(self.status, Status::Completed | Status::Refunded)
    }
}

impl Row for Payment {
    const KIND: &'static str = "payment";

    fn key(&self) -> Key {
        store::payment_key(self.user, &self.id)
    }

    fn places(&self) -> Places {
        let time = format!("{}#{}", self.created_at, self.id);
        let places = Places::none().at(Index::Gsi2, store::status_partition(self.status), time);
        match self.due {
            Some(at) => places.due(crate::CONTEXT.name, rules::due_for(self), at, &self.id),
            None => places,
        }
    }

    fn words(&self) -> Option<Words> {
        let words = Words::new(WORDS, &self.id).whole(&self.id).text(&self.email);
        Some(self.intent.iter().fold(words, |words, intent| words.whole(intent)))
    }
}

impl Counts for Payment {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        counted.add(ALL, [(figures::of_payments(self.status), 1)]);
        let account = figures::of_account(self.user);
        counted.add(&account, [(figures::PAYMENTS, 1)]);
        let Some(paid) = self.completed_at.filter(|_| self.is_paid()) else { return counted };
        let (brought, quantity) = (self.brought().minor(), i64::from(self.quantity));
        let (of_type, sold) = (figures::brought(self.terms.id), figures::sold(self.terms.id));
        counted.add(&account, [(figures::REVENUE, brought)]);
        counted.add(ALL, [(figures::REVENUE, brought), (of_type.as_str(), brought)]);
        let (times, by_method) = (figures::paid_by(self.method), figures::brought_by(self.method));
        counted.add(
            &figures::of(paid.day()),
            [
                (figures::PAYMENTS, 1),
                (figures::REVENUE, brought),
                (of_type.as_str(), brought),
                (sold.as_str(), quantity),
                (times.as_str(), 1),
                (by_method.as_str(), brought),
            ],
        );
        counted
    }
}

/// How far a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing was paid yet.
    Pending,
    /// The bank is at it.
    Processing,
    /// It was paid, and its vouchers were delivered.
    Completed,
    /// The last attempt to pay failed; another may follow.
    Failed,
    /// It was called off.
    Cancelled,
    /// It was paid, and all of it was given back.
    Refunded,
}

impl Choice for Status {
    const ALL: &'static [Self] =
        &[Self::Pending, Self::Processing, Self::Completed, Self::Failed, Self::Cancelled, Self::Refunded];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }
}

/// How a payment is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// By card, at Stripe.
    Stripe,
    /// There was nothing to pay.
    Free,
}

impl Choice for Method {
    const ALL: &'static [Self] = &[Self::Stripe, Self::Free];

    fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Free => "free",
        }
    }
}

/// Why something cannot be bought so, or an intent not settle a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Less than a card is charged.
    TooSmall,
    /// More than a card is charged at once.
    TooLarge,
    /// The intent is another payment's, or of another amount or currency.
    Mismatch,
    /// The discount was used meanwhile as often as the account may.
    UsedAlready,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooSmall => Problem::non_field("The amount is below the minimum charge of 0.50 USD."),
            Refusal::TooLarge => {
                Problem::non_field("The amount is above the maximum charge of 999999.99 USD.")
            }
            Refusal::Mismatch => Problem::said(::http::StatusCode::BAD_REQUEST, "Payment does not match"),
            Refusal::UsedAlready => crate::discounts::Refusal::UsedAlready.into(),
        }
    }
}
