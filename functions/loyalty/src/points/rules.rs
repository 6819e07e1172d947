//! What a booking of points makes of a balance.

use wire::Stamp;

use super::lots::Lot;
use super::{Entry, Kind, MOST, Refusal};
use crate::Settings;
use crate::ids::{Place, Series};
use crate::members::Member;
use crate::tiers::{Tier, rules as tiers};

/// What is to be booked.
#[derive(Clone, Debug)]
pub struct Posting {
    /// The kind.
    pub kind: Kind,
    /// By how much the balance is to change.
    pub points: i64,
    /// Whether it takes a debit back: the points then lie where they lay before, in the order in which they expire.
    pub refund: bool,
    /// What it is for.
    pub description: String,
    /// What it belongs to.
    pub reference: Option<String>,
    /// The user name of whoever books it.
    pub by: String,
}

/// What a booking makes.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The member afterwards.
    pub member: Member,
    /// The new row of the ledger.
    pub entry: Entry,
    /// When these points expire, if they do.
    pub lot: Option<Lot>,
    /// The tier before, if it is another one now.
    pub tier_before: Option<Tier>,
}

/// The points with the sign that their kind gives them; zero is for the caller to refuse.
pub fn signed(kind: Kind, points: i64) -> i64 {
    match kind {
        Kind::Earn => points.abs(),
        Kind::Redeem | Kind::Expire => -points.abs(),
        Kind::Adjustment => points,
    }
}

/// Books points on a balance.
///
/// Always moves balance, ledger, figures and tier together. Never lets a balance fall below zero, nor grow beyond what
/// the wire can tell: such a booking is refused whole.
pub fn book(before: &Member, posting: Posting, settings: &Settings, now: Stamp) -> Result<Booked, Refusal> {
    let Posting { kind, points, refund, description, reference, by } = posting;
    let balance = before.total_points + points;
    if balance < 0 {
        return Err(Refusal::Short);
    }
    if balance > MOST {
        return Err(Refusal::TooMany);
    }
    let mut after = before.clone().touched(now);
    after.total_points = balance;
    after.entries += 1;
    match (points, refund) {
        (debit, false) if debit < 0 => after.debited -= debit,
        (taken_back, true) => after.debited -= taken_back,
        (credit, false) => after.credited += credit,
    }
    match kind {
        Kind::Earn => after.figures.earned += points,
        Kind::Redeem => after.figures.redeemed += points,
        Kind::Expire => after.figures.expired += points,
        Kind::Adjustment => after.figures.adjusted += points,
    }
    let today = now.day();
    let earned = if kind == Kind::Earn { points } else { 0 };
    after.earned_by_month = tiers::earn(&before.earned_by_month, earned, settings, today);
    // A tier that was set by hand holds until the balance changes, which a reward for nothing does not.
    if points != 0 {
        let standing = tiers::judge(&after, settings, today);
        (after.tier_level, after.tier_kept_until, after.tier_look) =
            (standing.tier, standing.kept_until, standing.next_look);
    }
    let place = Place { series: Series::Points, member: before.number(), running: after.entries };
    let entry = Entry {
        id: place.id(now),
        member: before.number,
        running: after.entries,
        member_name: before.name.clone(),
        member_email: before.email.clone(),
        kind,
        points,
        balance,
        description,
        reference,
        created_by: by,
        at: now,
    };
    let lot = (kind == Kind::Earn && settings.points_expiry_days > 0)
        .then(|| Lot::earned(&entry, after.credited, settings.points_expiry_days));
    let tier_before = (before.tier_level != after.tier_level).then_some(before.tier_level);
    Ok(Booked { member: after, entry, lot, tier_before })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::members::tests::member;
    use crate::settings::Basis;

    const SETTINGS: Settings = Settings {
        thresholds: [500, 1000, 2500],
        basis: Basis::Balance,
        points_expiry_days: 0,
        pending_hours: 0,
    };

    fn posting(kind: Kind, points: i64) -> Posting {
        Posting {
            kind,
            points: signed(kind, points),
            refund: false,
            description: String::new(),
            reference: None,
            by: "staff1".to_owned(),
        }
    }

    #[test]
    fn the_kind_fixes_the_sign() {
        for (kind, sent, booked) in [
            (Kind::Earn, 5, 5),
            (Kind::Earn, -5, 5),
            (Kind::Redeem, 5, -5),
            (Kind::Redeem, -5, -5),
            (Kind::Expire, 5, -5),
            (Kind::Adjustment, 5, 5),
            (Kind::Adjustment, -5, -5),
        ] {
            assert_eq!(signed(kind, sent), booked, "{kind:?} {sent}");
        }
    }

    #[test]
    fn a_balance_stays_within_its_bounds() {
        let at = |points| Member { total_points: points, credited: points, ..member() };
        let now = Stamp::from_seconds(0);
        let book =
            |points, posting| book(&at(points), posting, &SETTINGS, now).map(|b| b.member.total_points);
        assert_eq!(book(100, posting(Kind::Redeem, 100)), Ok(0));
        assert_eq!(book(100, posting(Kind::Redeem, 101)), Err(Refusal::Short));
        assert_eq!(book(MOST - 1, posting(Kind::Earn, 1)), Ok(MOST));
        assert_eq!(book(MOST, posting(Kind::Earn, 1)), Err(Refusal::TooMany));
    }

    #[test]
    fn a_booking_tells_of_a_new_tier() {
        let now = Stamp::from_seconds(0);
        let gold = book(&member(), posting(Kind::Earn, 1200), &SETTINGS, now).unwrap();
        assert_eq!((gold.member.tier_level, gold.tier_before), (Tier::Gold, Some(Tier::Bronze)));
        let same = book(&gold.member, posting(Kind::Earn, 1), &SETTINGS, now).unwrap();
        assert_eq!(same.tier_before, None);
        let silver = book(&same.member, posting(Kind::Expire, 300), &SETTINGS, now).unwrap();
        assert_eq!((silver.member.tier_level, silver.tier_before), (Tier::Silver, Some(Tier::Gold)));
    }

    proptest! {
        /// Whatever is booked in whatever order: the balance is the sum of the ledger, of the figures, and what was
        /// credited less what was debited; and the running numbers have no gaps.
        #[test]
        fn what_is_booked_adds_up(postings in prop::collection::vec((0..4_usize, -1500..1500_i64, any::<bool>()), 0..40)) {
            use wire::Choice;
            let mut member = member();
            let mut ledger = Vec::new();
            for (kind, points, refund) in postings {
                let kind = Kind::ALL[kind];
                let mut posting = posting(kind, points);
                // A refund gives back what was taken before.
                posting.refund = refund && kind == Kind::Adjustment && (0..=member.debited).contains(&points);
                if let Ok(booked) = book(&member, posting, &SETTINGS, Stamp::from_seconds(0)) {
                    member = booked.member;
                    ledger.push(booked.entry);
                }
                let figures = member.figures;
                let sum: i64 = ledger.iter().map(|entry| entry.points).sum();
                prop_assert_eq!(member.total_points, sum);
                prop_assert_eq!(sum, figures.earned + figures.redeemed + figures.expired + figures.adjusted);
                prop_assert_eq!(sum, member.credited - member.debited);
                prop_assert!(sum >= 0 && member.debited >= 0);
                prop_assert_eq!(ledger.last().map_or(0, |entry| entry.balance), sum);
                prop_assert!(ledger.iter().zip(1..).all(|(entry, running)| entry.running == running));
                prop_assert_eq!(member.tier_level, if ledger.is_empty() { Tier::Bronze } else { tiers::reached(sum, &SETTINGS) });
            }
        }
    }
}
