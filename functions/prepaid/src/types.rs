//! Voucher types: the catalogue of what is sold.

pub mod http;
pub mod list;
pub mod rules;
pub mod store;
mod view;

use serde::{Deserialize, Serialize};
use table::{Key, Row};
use wire::{FieldErrors, Money, Problem, Stamp};

pub use view::TypeView;

/// The series that numbers voucher types.
pub const SERIES: &str = "PREPAID#TYPES";

/// What vouchers are sold of.
///
/// Every edit raises `rev`. What was sold keeps the terms of its revision, which stand in a row of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherType {
    /// The number, in the order in which they were made; a text on the wire.
    pub id: u32,
    /// The name; no other type has it, whatever the case.
    pub name: String,
    /// The service it is for; no other type has it.
    pub type_code: String,
    /// What it is good for.
    pub description: String,
    /// What one voucher costs.
    pub price: Money,
    /// Whether it is listed and sold. What was sold keeps working.
    pub is_active: bool,
    /// How many days a voucher is good.
    pub validity_days: u32,
    /// How often it can be used.
    pub usage_limit: u32,
    /// The services it can be redeemed for; any, if none is named.
    pub accepted_services: Vec<String>,
    /// How often it was edited.
    pub rev: u32,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last edited.
    pub updated_at: Stamp,
}

impl VoucherType {
    /// What was sold under these terms can be traced to them by this.
    pub fn terms(&self) -> TermsId {
        TermsId { id: self.id, rev: self.rev }
    }
}

impl Row for VoucherType {
    const KIND: &'static str = "type";

    fn key(&self) -> Key {
        store::type_key(self.id)
    }
}

/// The revision of a type that something was sold under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TermsId {
    /// The type.
    pub id: u32,
    /// The revision.
    pub rev: u32,
}

/// A type as it was when something was sold of it. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Terms(pub VoucherType);

impl Row for Terms {
    const KIND: &'static str = "terms";

    fn key(&self) -> Key {
        store::terms_key(self.0.terms())
    }
}

/// Why a type cannot be made or changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another type has the name.
    NameTaken,
    /// Another type is for the service.
    ServiceTaken,
}

impl Refusal {
    /// Adds what is wrong, by field.
    pub fn tell(self, errors: &mut FieldErrors) {
        match self {
            Self::NameTaken => errors.add("name", "voucher type with this name already exists."),
            Self::ServiceTaken => {
                errors.add("type_code", "voucher type with this type code already exists.");
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let mut errors = FieldErrors::new();
        refusal.tell(&mut errors);
        errors.into()
    }
}
