//! Members: the customers who take part, and what they hold.

pub mod http;
pub mod list;
pub mod rules;
pub mod statistics;
pub mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use table::{Counts, Index, Key, Places, Row, Tallies, Words};
use wire::{Choice, Day, Stamp};

use crate::figures::{FIGURES, HELD, of_members};
use crate::ids::Number;
use crate::redeem;
use crate::tiers::Tier;

/// The scope of the words that members are found by.
pub const WORDS: &str = "LOYALTY#MEMBERS";

/// The series of the numbers of members.
pub const SERIES: &str = "LOYALTY#MEMBERS";

/// A member, living or gone.
///
/// Always holds exactly what its point transactions sum up to, which is what was credited less what was debited, and
/// never less than nothing. Every write of the row raises `rev`, so that a decision on one state of it meets no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The number, which no other member ever had.
    pub number: u32,
    /// The name.
    pub name: String,
    /// The address, as given; no other living member has it.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address.
    #[serde(default)]
    pub address: String,
    /// The day of joining the programme.
    pub join_date: Day,
    /// What the member holds.
    pub total_points: i64,
    /// The tier, as it was last decided or set by hand.
    pub tier_level: Tier,
    /// Whether the member may redeem.
    pub status: Status,
    /// The account that the member may look after itself with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<u64>,
    /// When it was enrolled.
    pub created_at: Stamp,
    /// When anything of it last changed.
    pub updated_at: Stamp,
    /// When it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Stamp>,
    /// How often the row was written.
    pub rev: u64,
    /// How many point transactions there are.
    pub entries: u32,
    /// How many redemptions there are.
    pub redemptions: u32,
    /// All points that were ever credited.
    pub credited: i64,
    /// All points that were ever debited, less those that a cancelled redemption gave back.
    pub debited: i64,
    /// The figures of its history.
    #[serde(flatten)]
    pub figures: Figures,
    /// What was earned by month, as long as tiers follow from it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub earned_by_month: BTreeMap<String, i64>,
    /// Until when the tier is kept although it is no longer earned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_kept_until: Option<Day>,
    /// When time alone may change the tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_look: Option<Day>,
}

/// What a member's history comes to. Each is an attribute of its own, since only such can be added to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The sum of what was earned.
    pub earned: i64,
    /// The sum of what was redeemed, which is negative.
    pub redeemed: i64,
    /// The sum of what expired, which is negative.
    pub expired: i64,
    /// The sum of adjustments, refunds among them.
    pub adjusted: i64,
    /// Redemptions that wait.
    pub pending: i64,
    /// Redemptions that were completed and not yet used.
    pub completed: i64,
    /// Redemptions that were used.
    pub used: i64,
    /// Redemptions that were taken back.
    pub cancelled: i64,
    /// The points paid for all redemptions but the cancelled.
    pub spent: i64,
}

impl Figures {
    /// The count of the redemptions in this state.
    pub fn in_state(&mut self, status: redeem::Status) -> &mut i64 {
        match status {
            redeem::Status::Pending => &mut self.pending,
            redeem::Status::Completed => &mut self.completed,
            redeem::Status::Used => &mut self.used,
            redeem::Status::Cancelled => &mut self.cancelled,
        }
    }
}

impl Member {
    /// The number as keys and people have it.
    pub fn number(&self) -> Number {
        Number(self.number)
    }

    /// The same after one more write of the row.
    pub fn touched(self, now: Stamp) -> Self {
        Self { rev: self.rev + 1, updated_at: now, ..self }
    }
}

impl Row for Member {
    const KIND: &'static str = "member";

    fn key(&self) -> Key {
        if self.deleted_at.is_none() {
            store::living_key(self.number())
        } else {
            store::gone_key(self.number())
        }
    }

    fn places(&self) -> Places {
        if self.deleted_at.is_some() {
            return Places::none();
        }
        let number = self.number().in_key();
        let standing = store::standing_partition(self.status, self.tier_level);
        let places = Places::none().at(Index::Gsi1, standing, &number).at(
            Index::Gsi2,
            store::BY_POINTS,
            format!("{:010}#{number}", self.total_points),
        );
        match self.tier_look {
            Some(day) => {
                places.due(crate::CONTEXT.name, crate::jobs::MEMBER_TIER, day.first_instant(), &number)
            }
            None => places,
        }
    }

    fn words(&self) -> Option<Words> {
        let words = Words::new(WORDS, &self.number().in_key());
        let words = words.whole(&self.number().to_string()).text(&self.name).whole(&self.email);
        self.deleted_at.is_none().then(|| words.phone(&self.phone))
    }
}

impl Counts for Member {
    /// A member that is gone counts for none.
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        if self.deleted_at.is_none() {
            let standing = of_members(self.status, self.tier_level);
            counted.add(FIGURES, [(standing, 1), (HELD, self.total_points)]);
        }
        counted
    }
}

/// Whether a member may redeem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// It may not; refunds and corrections are still booked.
    Inactive,
}

impl Choice for Status {
    const ALL: &'static [Self] = &[Self::Active, Self::Inactive];

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// Why a member cannot be made or changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another living member has the address.
    EmailTaken,
    /// Another member is linked to the account.
    AccountTaken,
    /// There is no such account.
    NoAccount(String),
    /// There is no such member, or not any more.
    Gone,
}

const EMAIL_TAKEN: &str = "Member with this email already exists.";
const ACCOUNT_TAKEN: &str = "This account is already linked to a member.";

impl From<Refusal> for wire::Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::EmailTaken => Self::field("email", EMAIL_TAKEN),
            Refusal::AccountTaken => Self::field("user_id", ACCOUNT_TAKEN),
            Refusal::NoAccount(id) => Self::field("user_id", crate::no_such(&id)),
            Refusal::Gone => Self::not_found(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Somebody who just joined.
    pub(crate) fn member() -> Member {
        let at = Stamp::parse("2026-01-10T09:00:00Z").unwrap();
        Member {
            number: 7,
            name: "Sari Wulan".to_owned(),
            email: "sari@shop.test".to_owned(),
            phone: "+62 811-222".to_owned(),
            address: String::new(),
            join_date: at.day(),
            total_points: 0,
            tier_level: Tier::Bronze,
            status: Status::Active,
            user_id: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            rev: 1,
            entries: 0,
            redemptions: 0,
            credited: 0,
            debited: 0,
            figures: Figures::default(),
            earned_by_month: BTreeMap::new(),
            tier_kept_until: None,
            tier_look: None,
        }
    }

    #[test]
    fn keys_are_the_documented_ones() {
        let item = table::to_item(&member());
        let text = |name: &str| item[name].as_s().unwrap().as_str();
        assert_eq!((text("pk"), text("sk")), ("LOYALTY#MEMBERS", "0000000007"));
        assert_eq!((text("gsi1pk"), text("gsi1sk")), ("LOYALTY#MEMBERS#Active#Bronze", "0000000007"));
        assert_eq!((text("gsi2pk"), text("gsi2sk")), ("LOYALTY#MEMBERS#POINTS", "0000000000#0000000007"));
        assert!(!item.contains_key("duepk"));
        let gone = table::to_item(&Member { deleted_at: Some(Stamp::from_seconds(9)), ..member() });
        assert_eq!(gone["pk"].as_s().unwrap(), "LOYALTY#GONE#MEMBERS");
        assert!(!gone.contains_key("gsi1pk") && !gone.contains_key("found_by"));
    }
}
