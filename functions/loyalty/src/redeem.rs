//! Redemptions: vouchers that members got for their points.

pub mod code;
pub mod http;
pub mod list;
pub mod rules;
pub mod statistics;
mod steps;
pub mod store;
mod view;

use serde::{Deserialize, Serialize};
use table::{Counts, Index, Key, Places, Row, Tallies, Words};
use wire::{Choice, Day, Stamp};

use crate::figures::{FIGURES, SPENT, of_redemptions};
use crate::ids::{Number, Place, Series};
use crate::jobs;

/// The scope of the words that redemptions are found by.
pub const WORDS: &str = "LOYALTY#REDEEMS";

/// A voucher that a member got for points.
///
/// Changes only by its status. Its price is the one that was paid, whatever becomes of the voucher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// The id, which leads to the row.
    pub id: String,
    /// Whose it is.
    pub member: u32,
    /// Its running number among the member's redemptions, from 1 without gaps.
    pub running: u32,
    /// The name of the member at that time.
    pub member_name: String,
    /// The address of the member at that time.
    pub member_email: String,
    /// The voucher.
    pub voucher: String,
    /// The code of the voucher at that time.
    pub voucher_code: String,
    /// The name of the voucher at that time.
    pub voucher_name: String,
    /// The last day of the voucher at that time.
    pub valid_until: Day,
    /// What was paid.
    pub points_cost: i64,
    /// The state.
    pub status: Status,
    /// What proves it at the till, besides where it stands.
    pub secret: String,
    /// Whether it counts for the limit of what one member may have.
    #[serde(default)]
    pub limited: bool,
    /// Whether it counts for the limit of what goes in one day.
    #[serde(default)]
    pub daily: bool,
    /// When it was made.
    pub created_at: Stamp,
    /// When it last changed.
    pub updated_at: Stamp,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_date: Option<Stamp>,
    /// When it is taken back, should it still be pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_at: Option<Stamp>,
    /// Whether the member was told that the voucher is about to end.
    #[serde(default)]
    pub reminded: bool,
}

impl Redemption {
    /// Where the redemption stands.
    pub fn place(&self) -> Place {
        Place { series: Series::Redemptions, member: Number(self.member), running: self.running }
    }

    /// What it holds of the member's points: nothing, once it was taken back.
    pub fn paid(&self) -> i64 {
        if self.status == Status::Cancelled { 0 } else { self.points_cost }
    }

    /// The code that its owner shows at the till.
    pub fn code(&self) -> String {
        code::written(self.place(), &self.secret)
    }

    /// Whether it may still be used.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Completed)
    }
}

impl Row for Redemption {
    const KIND: &'static str = "redemption";

    fn key(&self) -> Key {
        store::redemption_key(self.place())
    }

    fn places(&self) -> Places {
        let time = format!("{}#{}", self.created_at, self.id);
        let places = Places::none().at(Index::Gsi1, store::status_partition(self.status), &time).at(
            Index::Gsi2,
            store::voucher_partition(&self.voucher),
            &time,
        );
        match self.stale_at.filter(|_| self.status == Status::Pending) {
            Some(at) => places.due(crate::CONTEXT.name, jobs::REDEMPTION_STALE, at, &self.id),
            None => places,
        }
    }

    fn words(&self) -> Option<Words> {
        let words = Words::new(WORDS, &self.id).text(&self.member_name).text(&self.voucher_name);
        Some(words.whole(&self.voucher_code))
    }
}

impl Counts for Redemption {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        counted.add(FIGURES, [(of_redemptions(self.status), 1), (SPENT, self.paid())]);
        counted
    }
}

/// The states of a redemption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Asked for, and not yet handed out.
    #[default]
    Pending,
    /// Handed out.
    Completed,
    /// Taken back, and paid back.
    Cancelled,
    /// Used at the till.
    Used,
}

impl Choice for Status {
    const ALL: &'static [Self] = &[Self::Pending, Self::Completed, Self::Cancelled, Self::Used];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
            Self::Used => "Used",
        }
    }
}

/// Why points cannot be redeemed so, or a redemption not be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The member may not redeem.
    Inactive,
    /// The tier is not high enough.
    Tier,
    /// Not enough points.
    Points,
    /// The voucher is closed.
    Closed,
    /// None is left.
    OutOfStock,
    /// The member has as many of it as one may have.
    LimitPerMember,
    /// As many of it went today as may go in a day.
    LimitPerDay,
    /// The voucher was removed, so that nothing can come back to its stock.
    VoucherGone,
    /// The redemption is not the member's own to change so.
    NotOnesOwn,
    /// From this state no way leads to that one.
    Way(Status, Status),
    /// The refund would exceed what a balance can hold.
    TooMany,
}

impl From<Refusal> for wire::Problem {
    fn from(refusal: Refusal) -> Self {
        let (field, text) = match refusal {
            Refusal::Inactive => ("member", "Member is not active"),
            Refusal::Tier => ("member", "Member's tier is too low for this voucher"),
            Refusal::Points => ("member", "Insufficient points for redemption"),
            Refusal::Closed => ("voucher", "Voucher is not available"),
            Refusal::OutOfStock => ("voucher", "Voucher is out of stock"),
            Refusal::LimitPerMember => ("voucher", "Member has reached the limit of this voucher"),
            Refusal::LimitPerDay => ("voucher", "Voucher has reached its limit for today"),
            Refusal::TooMany => ("member", "The balance cannot hold the refund"),
            Refusal::VoucherGone => ("voucher", "Voucher was removed"),
            Refusal::NotOnesOwn => return Self::forbidden(),
            Refusal::Way(from, to) => {
                let text = format!("Cannot change status from {} to {}", from.as_str(), to.as_str());
                return Self::field("status", text);
            }
        };
        Self::field(field, text)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Somebody's first redemption, which waits.
    pub(crate) fn redemption() -> Redemption {
        let at = Stamp::parse("2026-03-01T08:30:00Z").unwrap();
        let place = Place { series: Series::Redemptions, member: Number(7), running: 1 };
        Redemption {
            id: place.id(at),
            member: 7,
            running: 1,
            member_name: "Sari Wulan".to_owned(),
            member_email: "sari@shop.test".to_owned(),
            voucher: crate::vouchers::tests::voucher().id,
            voucher_code: "KOPI20".to_owned(),
            voucher_name: "Kopi 20%".to_owned(),
            valid_until: Day::parse("2026-03-31").unwrap(),
            points_cost: 200,
            status: Status::Pending,
            secret: "7K9QXR2MVD4TH8WZ".to_owned(),
            limited: false,
            daily: false,
            created_at: at,
            updated_at: at,
            used_date: None,
            stale_at: None,
            reminded: false,
        }
    }

    #[test]
    fn keys_are_the_documented_ones() {
        let waiting = Redemption { stale_at: Some(Stamp::from_seconds(9)), ..redemption() };
        let item = table::to_item(&waiting);
        let text = |name: &str| item[name].as_s().unwrap().as_str();
        assert_eq!((text("pk"), text("sk")), ("LOYALTY#MEMBER#0000000007", "REDEEM#0000000001"));
        assert_eq!(text("gsi1pk"), "LOYALTY#REDEEMS#Pending");
        assert_eq!(text("gsi2pk"), format!("LOYALTY#REDEEMS#VOUCHER#{}", waiting.voucher));
        assert_eq!(text("gsi1sk"), format!("2026-03-01T08:30:00.000000Z#{}", waiting.id));
        assert!(text("duesk").starts_with("1970-01-01T00:00:09.000000Z#redemption-stale#"));
        let used = Redemption { status: Status::Used, ..waiting };
        assert!(!table::to_item(&used).contains_key("duepk"));
    }
}
