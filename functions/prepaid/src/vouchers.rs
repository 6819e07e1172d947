//! Vouchers: what people bought, and spend by its code.

pub mod admin;
pub mod claim;
pub mod code;
pub mod http;
pub mod list;
pub mod rules;
pub mod statistics;
pub mod store;
mod view;

use ::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use table::{Counts, Index, Key, Places, Row, Tallies, Words};
use wire::{Choice, Money, Problem, Stamp};

use crate::figures::{self, ALL};
use crate::types::TermsId;

pub use view::VoucherView;

/// The scope of the words that vouchers are found by.
pub const WORDS: &str = "PREPAID#VOUCHERS";

/// A voucher. Its code says where its row is, and whoever has the code may spend it.
///
/// It keeps the terms it was sold under, whatever becomes of its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// The id.
    pub id: String,
    /// The code.
    pub code: String,
    /// Whose it is.
    pub user: u64,
    /// The address of the owner when it was bought, by which staff find it.
    pub email: String,
    /// What it was sold under.
    pub terms: TermsId,
    /// The service of its type.
    pub type_code: String,
    /// The services it can be redeemed for; any, if none is named.
    pub accepts: Vec<String>,
    /// What the type cost, before any discount.
    pub price: Money,
    /// The stored state. Time alone may have moved on: see [`rules::shown`].
    pub status: Status,
    /// How often it was used.
    pub usage_count: u32,
    /// How often it can be.
    pub total_uses: u32,
    /// Uses that somebody holds for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Stamp>,
    /// When it was issued.
    pub issued_at: Stamp,
    /// The last moment at which it can be used.
    pub expires_at: Stamp,
    /// The payment it was issued for.
    pub payment: String,
    /// For whom it was bought, until they have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What staff note.
    #[serde(default, with = "table::as_text", skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// How many reminders its owner had.
    #[serde(default)]
    pub reminders: u8,
}

/// A use that somebody holds, so that nobody else spends it meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What tells it from others of the voucher.
    pub id: String,
    /// Who holds it.
    pub by: u64,
    /// For which service.
    pub service: String,
    /// Until when.
    pub until: Stamp,
}

impl Row for Voucher {
    const KIND: &'static str = "voucher";

    fn key(&self) -> Key {
        store::voucher_key(&self.code)
    }

    fn places(&self) -> Places {
        let time = format!("{}#{}", self.issued_at, self.id);
        let places = Places::none().at(Index::Gsi1, store::owner_partition(self.user), &time).at(
            Index::Gsi2,
            store::status_partition(self.status),
            &time,
        );
        match rules::due(self) {
            Some((what, at)) => places.due(crate::CONTEXT.name, what, at, &self.code),
            None => places,
        }
    }

    fn words(&self) -> Option<Words> {
        // In the order of lists, with the code at the end, which leads to the row.
        let id = format!("{}#{}#{}", self.issued_at, self.id, self.code);
        Some(Words::new(WORDS, &id).whole(&self.code).text(&self.email))
    }
}

impl Counts for Voucher {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        let (status, value) = (figures::of_vouchers(self.status), self.price.minor());
        counted.add(ALL, [(&status, 1), (&figures::sold(self.terms.id), 1)]);
        counted.add(&figures::of(self.issued_at.day()), [(figures::ISSUED, 1)]);
        counted.add(&figures::of_account(self.user), [(status.as_str(), 1), (figures::VALUE, value)]);
        counted
    }
}

/// The states of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It can be used.
    Active,
    /// It was used as often as it can be.
    Used,
    /// Its time is over.
    Expired,
    /// It was called off.
    Cancelled,
}

impl Choice for Status {
    const ALL: &'static [Self] = &[Self::Active, Self::Used, Self::Expired, Self::Cancelled];

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a voucher cannot be used or changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No voucher has the code.
    Unknown,
    /// It was used up, it is over, or it was called off.
    NotValid,
    /// It is not for this service.
    OtherService,
    /// Only what is active can be called off.
    NotActive,
    /// It was used or called off: nothing becomes of it any more.
    Terminal,
    /// Nothing is held so, or not any more.
    HoldOver,
    /// It is nobody's gift, or was taken already.
    NoGift,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let conflict = |text| Problem::said(StatusCode::CONFLICT, text);
        match refusal {
            Refusal::Unknown => Problem::field("code", "Invalid voucher code."),
            Refusal::NotValid => Problem::field("code", "Voucher is not valid or has expired."),
            Refusal::OtherService => {
                Problem::field("service_type", "This voucher is not valid for this service.")
            }
            Refusal::NotActive => conflict("Voucher cannot be cancelled"),
            Refusal::Terminal => conflict("Voucher cannot be changed any more"),
            Refusal::HoldOver => conflict("The reservation has ended"),
            Refusal::NoGift => {
                Problem::field("code", "This voucher was not sent to anybody, or was claimed already.")
            }
        }
    }
}
