//! What a member may become.

use wire::{Day, Stamp};

use super::{Figures, Member, Status};
use crate::Settings;
use crate::ids::Number;
use crate::tiers::{Tier, rules as tiers};

/// Who a member is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address.
    pub address: String,
    /// The day of joining.
    pub join_date: Day,
    /// The tier, which holds until the balance next changes.
    pub tier_level: Tier,
    /// Whether the member may redeem.
    pub status: Status,
    /// The account that is to be linked.
    pub user_id: Option<u64>,
}

/// A new member, who holds nothing yet.
pub fn enrol(number: Number, wish: Wish, now: Stamp) -> Member {
    let Wish { name, email, phone, address, join_date, tier_level, status, user_id } = wish;
    Member {
        number: number.0,
        name,
        email,
        phone,
        address,
        join_date,
        total_points: 0,
        tier_level,
        status,
        user_id,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        rev: 1,
        entries: 0,
        redemptions: 0,
        credited: 0,
        debited: 0,
        figures: Figures::default(),
        earned_by_month: std::collections::BTreeMap::new(),
        tier_kept_until: None,
        tier_look: None,
    }
}

/// The member after an edit. Never touches the balance, nor anything that follows from the ledger.
pub fn edit(before: &Member, wish: Wish, now: Stamp) -> Member {
    let Wish { name, email, phone, address, join_date, tier_level, status, user_id } = wish;
    Member {
        name,
        email,
        phone,
        address,
        join_date,
        tier_level,
        status,
        user_id,
        ..before.clone().touched(now)
    }
}

/// The member after leaving. The history stays, and with it name and address.
pub fn leave(before: &Member, now: Stamp) -> Member {
    Member { deleted_at: Some(now), user_id: None, ..before.clone().touched(now) }
}

/// The member after time alone may have changed the tier; `None` when there is nothing to decide yet.
pub fn look(before: &Member, settings: &Settings, now: Stamp) -> Option<Member> {
    before.tier_look.filter(|day| *day <= now.day())?;
    let standing = tiers::judge(before, settings, now.day());
    let mut after = before.clone().touched(now);
    (after.tier_level, after.tier_kept_until, after.tier_look) =
        (standing.tier, standing.kept_until, standing.next_look);
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::tests::member;

    fn wish(of: &Member) -> Wish {
        Wish {
            name: of.name.clone(),
            email: of.email.clone(),
            phone: of.phone.clone(),
            address: of.address.clone(),
            join_date: of.join_date,
            tier_level: of.tier_level,
            status: of.status,
            user_id: of.user_id,
        }
    }

    #[test]
    fn an_edit_leaves_the_balance_alone() {
        let before = Member { total_points: 700, entries: 3, tier_level: Tier::Silver, ..member() };
        let wish = Wish { name: "Sari W.".to_owned(), tier_level: Tier::Gold, ..wish(&before) };
        let now = Stamp::from_seconds(9);
        let after = edit(&before, wish, now);
        let expected =
            Member { name: "Sari W.".to_owned(), tier_level: Tier::Gold, rev: 2, updated_at: now, ..before };
        assert_eq!(after, expected);
    }

    #[test]
    fn who_leaves_frees_the_account_and_keeps_the_history() {
        let before = Member { total_points: 700, user_id: Some(9), ..member() };
        let gone = leave(&before, Stamp::from_seconds(9));
        assert_eq!((gone.user_id, gone.total_points, gone.email), (None, 700, before.email));
        assert!(gone.deleted_at.is_some());
    }
}
