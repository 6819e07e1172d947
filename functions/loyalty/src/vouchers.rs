//! Reward vouchers: what points are redeemed for.

pub mod http;
pub mod list;
pub mod rules;
pub mod statistics;
pub mod store;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use table::{Key, Places, Row};
use wire::{Choice, Day, Money, Stamp};

use crate::jobs;
use crate::tiers::Tier;

/// How many days before a voucher ends those who did not use it are reminded.
pub const REMINDER_DAYS: i64 = 3;

/// How long after midnight an ended voucher is swept.
const SWEEP: Duration = Duration::from_mins(5);

/// A reward voucher, living or gone.
///
/// Never sells below zero. Every edit raises `terms`; a sale only takes from the stock, so that sales do not get in each
/// other's way and yet none happens on terms that were not judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voucher {
    /// The id.
    pub id: String,
    /// The code; no other living voucher has it.
    pub code: String,
    /// The name.
    pub name: String,
    /// What it is good for.
    #[serde(default)]
    pub description: String,
    /// The kind of reward.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Percent of a discount, amount of a cashback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_value: Option<Money>,
    /// What it costs.
    pub points_cost: i64,
    /// How many are left.
    pub stock: i64,
    /// The first day on which it can be redeemed.
    pub start_date: Day,
    /// The last one.
    pub end_date: Day,
    /// What the operator wants; what is shown follows from it and from the day.
    pub intent: Status,
    /// How many one member may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_per_member: Option<i64>,
    /// How many go in one day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_per_day: Option<i64>,
    /// The least tier that may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_tier: Option<Tier>,
    /// The day that `sold` counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_on: Option<Day>,
    /// How many went on that day; counted only where that is limited.
    #[serde(default)]
    pub sold: i64,
    /// How often it was edited.
    pub terms: u64,
    /// When it was made.
    pub created_at: Stamp,
    /// When it was last edited.
    pub updated_at: Stamp,
    /// When it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Stamp>,
    /// The end of which members were reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Day>,
    /// How far the reminding has come, while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminding: Option<String>,
    /// The end that was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swept: Option<Day>,
}

impl Voucher {
    /// What is still to be done for it, and when: first the reminding, then the sweep.
    fn due(&self) -> Option<(&'static str, Stamp)> {
        if self.swept == Some(self.end_date) {
            None
        } else if self.reminded == Some(self.end_date) {
            Some((jobs::VOUCHER_EXPIRE, self.end_date.plus_days(1).first_instant() + SWEEP))
        } else {
            Some((jobs::VOUCHER_REMIND, self.end_date.plus_days(-REMINDER_DAYS).first_instant()))
        }
    }
}

impl Row for Voucher {
    const KIND: &'static str = "voucher";

    fn key(&self) -> Key {
        if self.deleted_at.is_none() { store::living_key(&self.id) } else { store::gone_key(&self.id) }
    }

    fn places(&self) -> Places {
        match self.due().filter(|_| self.deleted_at.is_none()) {
            Some((what, at)) => Places::none().due(crate::CONTEXT.name, what, at, &self.id),
            None => Places::none(),
        }
    }
}

/// The kinds of reward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Percent off.
    #[default]
    Discount,
    /// An amount back.
    Cashback,
    /// A thing.
    Freebie,
}

impl Choice for Kind {
    const ALL: &'static [Self] = &[Self::Discount, Self::Cashback, Self::Freebie];

    fn as_str(self) -> &'static str {
        match self {
            Self::Discount => "discount",
            Self::Cashback => "cashback",
            Self::Freebie => "freebie",
        }
    }
}

/// Whether a voucher can be redeemed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// It can.
    #[default]
    Active,
    /// Not now.
    Inactive,
    /// Not any more.
    Expired,
}

impl Choice for Status {
    const ALL: &'static [Self] = &[Self::Active, Self::Inactive, Self::Expired];

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Expired => "Expired",
        }
    }
}

/// Why a voucher cannot be made or changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another living voucher has the code.
    CodeTaken,
    /// It would end before it begins.
    Dates,
    /// There is no such voucher, or not any more.
    Gone,
}

impl From<Refusal> for wire::Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::CodeTaken => Self::field("code", "Voucher with this code already exists."),
            Refusal::Dates => Self::field("end_date", "End date must be after start date"),
            Refusal::Gone => Self::not_found(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A voucher for 200 points, good in March 2026.
    pub(crate) fn voucher() -> Voucher {
        let at = Stamp::parse("2026-02-20T09:00:00Z").unwrap();
        Voucher {
            id: "0195a000-0000-7000-8000-000000000001".to_owned(),
            code: "KOPI20".to_owned(),
            name: "Kopi 20%".to_owned(),
            description: String::new(),
            kind: Kind::Discount,
            discount_value: Some(Money::from_minor(2000)),
            points_cost: 200,
            stock: 40,
            start_date: Day::parse("2026-03-01").unwrap(),
            end_date: Day::parse("2026-03-31").unwrap(),
            intent: Status::Active,
            limit_per_member: None,
            limit_per_day: None,
            minimum_tier: None,
            sold_on: None,
            sold: 0,
            terms: 1,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            reminded: None,
            reminding: None,
            swept: None,
        }
    }

    #[test]
    fn keys_are_the_documented_ones() {
        let item = table::to_item(&voucher());
        assert_eq!(item["pk"].as_s().unwrap(), "LOYALTY#VOUCHERS");
        assert_eq!(item["sk"].as_s().unwrap(), &voucher().id);
        assert_eq!(
            (item["kind"].as_s().unwrap().as_str(), item["type"].as_s().unwrap().as_str()),
            ("voucher", "discount")
        );
        assert_eq!(item["discount_value"].as_s().unwrap(), "20.00");
        let gone = table::to_item(&Voucher { deleted_at: Some(Stamp::from_seconds(9)), ..voucher() });
        assert_eq!(gone["pk"].as_s().unwrap(), "LOYALTY#GONE#VOUCHERS");
        assert!(!gone.contains_key("duepk"));
    }

    #[test]
    fn first_members_are_reminded_and_then_the_end_is_noticed() {
        let due =
            |voucher: &Voucher| table::to_item(voucher).get("duesk").map(|due| due.as_s().unwrap().clone());
        let reminded = Voucher { reminded: Some(voucher().end_date), ..voucher() };
        let swept = Voucher { swept: Some(voucher().end_date), ..reminded.clone() };
        assert!(due(&voucher()).unwrap().starts_with("2026-03-28T00:00:00.000000Z#voucher-remind#"));
        assert!(due(&reminded).unwrap().starts_with("2026-04-01T00:05:00.000000Z#voucher-expire#"));
        assert_eq!(due(&swept), None);
        let prolonged = Voucher { end_date: Day::parse("2026-04-30").unwrap(), ..swept };
        assert!(due(&prolonged).unwrap().starts_with("2026-04-27T00:00:00.000000Z#voucher-remind#"));
    }
}
