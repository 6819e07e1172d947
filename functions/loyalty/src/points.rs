//! Point transactions: the ledger of each member, which is only ever added to.

pub mod http;
pub mod list;
pub mod lots;
pub mod rules;
pub mod statistics;
pub mod store;

use serde::{Deserialize, Serialize};
use table::{Counts, Index, Key, Places, Row, Tallies, Words};
use wire::{Choice, Stamp};

use crate::figures::{FIGURES, of_entries, of_points};
use crate::ids::{Number, Place, Series};

/// The scope of the words that transactions are found by.
pub const WORDS: &str = "LOYALTY#POINTS";

/// The largest balance, as the wire knows integers.
pub const MOST: i64 = 2_147_483_647;

/// One change of one balance. Never changed and never removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The id, which leads to the row.
    pub id: String,
    /// Whose points they are.
    pub member: u32,
    /// Its running number in the ledger of the member, from 1 without gaps.
    pub running: u32,
    /// The name of the member at that time.
    pub member_name: String,
    /// The address of the member at that time.
    pub member_email: String,
    /// What kind of change it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// By how much the balance changed.
    pub points: i64,
    /// The balance after it.
    pub balance: i64,
    /// What it was for.
    pub description: String,
    /// What it belongs to: a receipt, or a redemption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The user name of whoever booked it, or `system`.
    pub created_by: String,
    /// When.
    pub at: Stamp,
}

impl Entry {
    /// Where the entry stands.
    pub fn place(&self) -> Place {
        Place { series: Series::Points, member: Number(self.member), running: self.running }
    }
}

impl Row for Entry {
    const KIND: &'static str = "points";

    fn key(&self) -> Key {
        store::entry_key(self.place())
    }

    fn places(&self) -> Places {
        Places::none().at(Index::Gsi1, store::kind_partition(self.kind), format!("{}#{}", self.at, self.id))
    }

    fn words(&self) -> Option<Words> {
        Some(Words::new(WORDS, &self.id).text(&self.member_name).text(&self.description))
    }
}

impl Counts for Entry {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        counted.add(FIGURES, [(of_entries(self.kind), 1), (of_points(self.kind), self.points)]);
        counted
    }
}

/// The kinds of point transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Points for a purchase.
    Earn,
    /// Points for a voucher.
    Redeem,
    /// Points that were held for too long.
    Expire,
    /// A correction in either direction; refunds too.
    Adjustment,
}

impl Choice for Kind {
    const ALL: &'static [Self] = &[Self::Earn, Self::Redeem, Self::Expire, Self::Adjustment];

    fn as_str(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Redeem => "redeem",
            Self::Expire => "expire",
            Self::Adjustment => "adjustment",
        }
    }
}

/// Why points cannot be booked so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such living member.
    NoMember(String),
    /// The balance would fall below zero.
    Short,
    /// The balance would grow beyond what the wire can tell.
    TooMany,
    /// This reference was booked already.
    ReferenceTaken,
}

impl From<Refusal> for wire::Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoMember(id) => Self::field("member", crate::no_such(&id)),
            Refusal::Short => Self::field("points", "Insufficient points"),
            Refusal::TooMany => {
                Self::field("points", format!("Ensure the balance is less than or equal to {MOST}."))
            }
            Refusal::ReferenceTaken => {
                Self::field("reference", "A transaction with this reference already exists.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_documented_ones() {
        let at = Stamp::parse("2026-03-01T08:30:00Z").unwrap();
        let place = Place { series: Series::Points, member: Number(7), running: 12 };
        let entry = Entry {
            id: place.id(at),
            member: 7,
            running: 12,
            member_name: "Sari".to_owned(),
            member_email: "sari@shop.test".to_owned(),
            kind: Kind::Earn,
            points: 5,
            balance: 5,
            description: String::new(),
            reference: None,
            created_by: "staff1".to_owned(),
            at,
        };
        let item = table::to_item(&entry);
        let text = |name: &str| item[name].as_s().unwrap().as_str();
        assert_eq!((text("pk"), text("sk")), ("LOYALTY#MEMBER#0000000007", "POINT#0000000012"));
        assert_eq!((text("kind"), text("type")), ("points", "earn"));
        assert_eq!(text("gsi1pk"), "LOYALTY#POINTS#earn");
        assert_eq!(text("gsi1sk"), format!("2026-03-01T08:30:00.000000Z#{}", entry.id));
    }
}
