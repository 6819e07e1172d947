//! What may be redeemed, and which way a redemption may go.

use std::time::Duration;

use wire::Stamp;

use super::{Redemption, Refusal, Status};
use crate::Settings;
use crate::ids::{Place, Series};
use crate::members::{self, Member};
use crate::points::rules::{Booked, Posting, book};
use crate::points::{self, Kind};
use crate::vouchers::{self, Voucher, rules::shown};

/// What comes of redeeming, or of taking it back: the new state of a redemption and what is booked for it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The redemption.
    pub redemption: Redemption,
    /// The points that it cost or that come back.
    pub booked: Booked,
}

/// What a step makes of a redemption.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The redemption.
    pub redemption: Redemption,
    /// The points that come back, if it was taken back.
    pub booked: Option<Booked>,
}

/// Spends a member's points on a voucher.
///
/// Never touches a closed voucher, and never leaves points or stock below zero. How many the member has of it, the write
/// itself counts.
pub fn redeem(
    member: &Member,
    voucher: &Voucher,
    status: Status,
    secret: String,
    by: &str,
    settings: &Settings,
    now: Stamp,
) -> Result<Outcome, Refusal> {
    let today = now.day();
    if member.status != members::Status::Active {
        return Err(Refusal::Inactive);
    }
    if member.total_points < voucher.points_cost {
        return Err(Refusal::Points);
    }
    if shown(voucher, today) != vouchers::Status::Active {
        return Err(Refusal::Closed);
    }
    if voucher.stock < 1 {
        return Err(Refusal::OutOfStock);
    }
    if voucher.minimum_tier.is_some_and(|least| member.tier_level < least) {
        return Err(Refusal::Tier);
    }
    if voucher.sold_on == Some(today) && voucher.limit_per_day.is_some_and(|limit| voucher.sold >= limit) {
        return Err(Refusal::LimitPerDay);
    }
    let place =
        Place { series: Series::Redemptions, member: member.number(), running: member.redemptions + 1 };
    let redemption = Redemption {
        id: place.id(now),
        member: member.number,
        running: place.running,
        member_name: member.name.clone(),
        member_email: member.email.clone(),
        voucher: voucher.id.clone(),
        voucher_code: voucher.code.clone(),
        voucher_name: voucher.name.clone(),
        valid_until: voucher.end_date,
        points_cost: voucher.points_cost,
        status,
        secret,
        limited: voucher.limit_per_member.is_some(),
        daily: voucher.limit_per_day.is_some(),
        created_at: now,
        updated_at: now,
        used_date: None,
        stale_at: (settings.pending_hours > 0).then(|| now + Duration::from_hours(settings.pending_hours)),
        reminded: false,
    };
    let posting = Posting {
        kind: Kind::Redeem,
        points: -voucher.points_cost,
        refund: false,
        description: format!("Redeemed {}", voucher.name),
        reference: Some(redemption.id.clone()),
        by: by.to_owned(),
    };
    let mut booked = book(member, posting, settings, now).map_err(|_| Refusal::Points)?;
    booked.member.redemptions = place.running;
    *booked.member.figures.in_state(status) += 1;
    booked.member.figures.spent += redemption.paid();
    Ok(Outcome { redemption, booked })
}

/// Whether a redemption may go from one state to another, and if so whether that changes anything.
pub fn way(from: Status, to: Status) -> Result<bool, Refusal> {
    use Status::{Cancelled, Completed, Pending, Used};
    match (from, to) {
        (Pending, Pending) | (Completed, Completed) => Ok(false),
        (Pending, Completed) | (Pending | Completed, Used | Cancelled) => Ok(true),
        _ => Err(Refusal::Way(from, to)),
    }
}

/// What comes of a step to another state; nothing, if the redemption is there already and may be.
pub fn advance(
    before: &Redemption,
    member: &Member,
    to: Status,
    by: &str,
    settings: &Settings,
    now: Stamp,
) -> Result<Option<Moved>, Refusal> {
    if !way(before.status, to)? {
        return Ok(None);
    }
    if to == Status::Cancelled {
        let Outcome { redemption, booked } = cancel(before, member, by, settings, now)?;
        return Ok(Some(Moved { redemption, booked: Some(booked) }));
    }
    Ok(Some(Moved { redemption: go(before, to, now), booked: None }))
}

/// The redemption in another state. None but the state is judged: a voucher that was paid for is good.
pub fn go(before: &Redemption, to: Status, now: Stamp) -> Redemption {
    let used_date = if to == Status::Used { Some(now) } else { before.used_date };
    Redemption { status: to, used_date, updated_at: now, ..before.clone() }
}

/// Takes a redemption back: its price as it was paid returns to the member.
pub fn cancel(
    before: &Redemption,
    member: &Member,
    by: &str,
    settings: &Settings,
    now: Stamp,
) -> Result<Outcome, Refusal> {
    way(before.status, Status::Cancelled)?;
    let redemption = go(before, Status::Cancelled, now);
    let posting = Posting {
        kind: Kind::Adjustment,
        points: before.points_cost,
        refund: true,
        description: format!("Refund of {}", before.voucher_name),
        reference: Some(before.id.clone()),
        by: by.to_owned(),
    };
    let mut booked = book(member, posting, settings, now).map_err(|refusal| match refusal {
        points::Refusal::TooMany => Refusal::TooMany,
        _ => Refusal::Points,
    })?;
    let figures = &mut booked.member.figures;
    *figures.in_state(before.status) -= 1;
    *figures.in_state(Status::Cancelled) += 1;
    figures.spent -= before.paid();
    Ok(Outcome { redemption, booked })
}

#[cfg(test)]
mod tests {
    use wire::{Choice, Day};

    use super::*;
    use crate::members::tests::member;
    use crate::redeem::tests::redemption;
    use crate::settings::Basis;
    use crate::tiers::Tier;
    use crate::vouchers::tests::voucher;

    const SETTINGS: Settings = Settings {
        thresholds: [500, 1000, 2500],
        basis: Basis::Balance,
        points_expiry_days: 0,
        pending_hours: 48,
    };

    fn holding(points: i64) -> Member {
        Member { total_points: points, credited: points, ..member() }
    }

    fn at(text: &str) -> Stamp {
        Stamp::parse_from(text).unwrap()
    }

    fn attempt(member: &Member, voucher: &Voucher, now: &str) -> Result<Outcome, Refusal> {
        redeem(member, voucher, Status::Pending, "s".to_owned(), "staff1", &SETTINGS, at(now))
    }

    #[test]
    fn points_become_a_redemption() {
        let Outcome { redemption, booked } = attempt(&holding(700), &voucher(), "2026-03-31").unwrap();
        assert_eq!((redemption.points_cost, redemption.status), (200, Status::Pending));
        assert_eq!(redemption.stale_at, Some(at("2026-04-02")));
        assert_eq!((booked.entry.points, booked.entry.balance), (-200, 500));
        assert_eq!(booked.entry.reference, Some(redemption.id));
        let figures = booked.member.figures;
        assert_eq!((figures.redeemed, figures.pending, figures.spent), (-200, 1, 200));
        assert_eq!((booked.member.redemptions, booked.member.tier_level), (1, Tier::Silver));
    }

    #[test]
    fn the_first_reason_that_applies_is_named() {
        let inactive = Member { status: members::Status::Inactive, ..holding(0) };
        let closed = Voucher { stock: 0, end_date: Day::parse("2026-03-10").unwrap(), ..voucher() };
        let sold_out = Voucher { stock: 0, ..voucher() };
        let for_gold = Voucher { minimum_tier: Some(Tier::Gold), ..voucher() };
        let today = Day::parse("2026-03-15");
        let few = Voucher { limit_per_day: Some(3), sold_on: today, sold: 3, ..voucher() };
        for (member, voucher, refusal) in [
            (&inactive, &closed, Refusal::Inactive),
            (&holding(199), &closed, Refusal::Points),
            (&holding(200), &closed, Refusal::Closed),
            (&holding(200), &sold_out, Refusal::OutOfStock),
            (&holding(200), &for_gold, Refusal::Tier),
            (&holding(200), &few, Refusal::LimitPerDay),
        ] {
            assert_eq!(attempt(member, voucher, "2026-03-15").unwrap_err(), refusal);
        }
        let gold = Member { tier_level: Tier::Gold, ..holding(200) };
        assert!(attempt(&gold, &for_gold, "2026-03-15").is_ok());
        assert!(attempt(&holding(200), &few, "2026-03-16").is_ok(), "another day");
        assert!(attempt(&holding(0), &Voucher { points_cost: 0, ..voucher() }, "2026-03-15").is_ok());
    }

    #[test]
    fn every_state_knows_its_ways() {
        use Status::{Cancelled, Completed, Pending, Used};
        let changes = [
            (Pending, Completed),
            (Pending, Used),
            (Pending, Cancelled),
            (Completed, Used),
            (Completed, Cancelled),
        ];
        let nothing = [(Pending, Pending), (Completed, Completed)];
        for from in Status::ALL.iter().copied() {
            for to in Status::ALL.iter().copied() {
                let expected = match (from, to) {
                    pair if changes.contains(&pair) => Ok(true),
                    pair if nothing.contains(&pair) => Ok(false),
                    _ => Err(Refusal::Way(from, to)),
                };
                assert_eq!(way(from, to), expected, "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn what_was_paid_comes_back_to_where_it_lay() {
        let before = holding(700);
        let Outcome { redemption, booked } = attempt(&before, &voucher(), "2026-03-15").unwrap();
        let back = cancel(&redemption, &booked.member, "staff1", &SETTINGS, at("2026-03-16")).unwrap();
        let after = back.booked.member;
        assert_eq!(
            (after.total_points, after.credited, after.debited),
            (700, before.credited, before.debited)
        );
        assert_eq!((after.figures.redeemed, after.figures.adjusted), (-200, 200));
        assert_eq!((after.figures.pending, after.figures.cancelled, after.figures.spent), (0, 1, 0));
        assert_eq!(back.redemption.status, Status::Cancelled);
        let again = cancel(&back.redemption, &after, "staff1", &SETTINGS, at("2026-03-17"));
        assert_eq!(again.unwrap_err(), Refusal::Way(Status::Cancelled, Status::Cancelled));
    }

    #[test]
    fn only_a_use_has_a_date() {
        let now = at("2026-03-20");
        assert_eq!(go(&redemption(), Status::Used, now).used_date, Some(now));
        assert_eq!(go(&redemption(), Status::Completed, now).used_date, None);
    }
}
