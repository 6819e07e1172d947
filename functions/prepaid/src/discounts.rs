//! Promotion codes.

pub mod http;
pub mod list;
pub mod rules;
pub mod store;
mod view;

use serde::{Deserialize, Serialize};
use table::{Key, Row};
use wire::{Choice, Money, Problem, Stamp};

pub use view::DiscountView;

/// A promotion code.
///
/// `current_uses` moves with payments and nothing else does; every edit raises `rev`. So payments do not make each
/// other stale, and none is made on terms that were not judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// The code, in capitals; says where the row is.
    pub code: String,
    /// What it is for.
    pub description: String,
    /// What `value` is.
    #[serde(rename = "type")]
    pub unit: Unit,
    /// Percent, or an amount.
    pub value: Money,
    /// The types it applies to; every type, if none is named.
    pub applicable_types: Vec<u32>,
    /// How many payments may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<i64>,
    /// How many do.
    pub current_uses: i64,
    /// How many payments of one account may use it.
    pub max_uses_per_user: i64,
    /// From when on it is good.
    pub valid_from: Stamp,
    /// Until when.
    pub valid_until: Stamp,
    /// Whether it is given at all.
    pub is_active: bool,
    /// How often it was edited.
    pub rev: u32,
    /// When it was made.
    pub created_at: Stamp,
}

impl Discount {
    /// The id, which leads to the row.
    pub fn id(&self) -> String {
        format!("d_{}", self.code)
    }
}

impl Row for Discount {
    const KIND: &'static str = "discount";

    fn key(&self) -> Key {
        store::discount_key(&self.code)
    }
}

/// What the value of a discount is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A part of what is paid.
    #[default]
    Percentage,
    /// An amount.
    Fixed,
}

impl Choice for Unit {
    const ALL: &'static [Self] = &[Self::Percentage, Self::Fixed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Percentage => "percentage",
            Self::Fixed => "fixed",
        }
    }
}

/// Why a discount is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such code.
    Unknown,
    /// It is closed, too early, over, or used up.
    Invalid,
    /// It is for other types.
    OtherType,
    /// The account used it as often as it may.
    UsedAlready,
}

impl Refusal {
    /// The sentence for the customer.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unknown => "Invalid discount code.",
            Self::Invalid => "Discount code is not valid or has expired.",
            Self::OtherType => "Discount code does not apply to this voucher type.",
            Self::UsedAlready => "You have already used this discount code.",
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Problem::field("discount_code", refusal.text())
    }
}
