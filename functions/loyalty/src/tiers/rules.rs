//! Which tier a member has.

use std::collections::BTreeMap;

use wire::{Choice, Day};

use super::{Standing, Tier};
use crate::settings::Basis;
use crate::{Settings, members::Member};

/// The tier that so many points reach.
pub fn reached(points: i64, settings: &Settings) -> Tier {
    let passed = settings.thresholds.iter().filter(|threshold| points >= **threshold).count();
    Tier::ALL[passed]
}

/// How many points a member of this tier lacks to the next one.
pub fn to_next(tier: Tier, points: i64, settings: &Settings) -> i64 {
    let next =
        Tier::ALL.iter().position(|known| *known == tier).and_then(|rank| settings.thresholds.get(rank));
    next.map_or(0, |threshold| (threshold - points).max(0))
}

/// The points that count for a member's tier.
pub fn counting(member: &Member, settings: &Settings, today: Day) -> i64 {
    match settings.basis {
        Basis::Balance => member.total_points,
        Basis::Earned { months, .. } => earned_since(&member.earned_by_month, first_month(today, months)),
    }
}

/// The tier that follows from a member's points today.
///
/// Where it follows from what was earned, time alone takes a tier away: it is then kept for the days of grace, and
/// `next_look` says when to judge again.
pub fn judge(member: &Member, settings: &Settings, today: Day) -> Standing {
    let earned = reached(counting(member, settings, today), settings);
    let Basis::Earned { months, grace } = settings.basis else {
        return Standing { tier: earned, kept_until: None, next_look: None };
    };
    if earned >= member.tier_level {
        return Standing {
            tier: earned,
            kept_until: None,
            next_look: falls(member, earned, settings, months, today),
        };
    }
    let kept_until = member.tier_kept_until.unwrap_or_else(|| today.plus_days(grace));
    if today < kept_until {
        return Standing {
            tier: member.tier_level,
            kept_until: Some(kept_until),
            next_look: Some(kept_until),
        };
    }
    Standing { tier: earned, kept_until: None, next_look: falls(member, earned, settings, months, today) }
}

/// The first day of the month in which what was earned reaches this tier no more, if nothing is added.
fn falls(member: &Member, tier: Tier, settings: &Settings, months: u32, today: Day) -> Option<Day> {
    if tier == Tier::Bronze {
        return None;
    }
    let mut month = today;
    for _ in 0..months {
        month = next_month(month);
        let counts = earned_since(&member.earned_by_month, first_month(month, months));
        if reached(counts, settings) < tier {
            return Some(month);
        }
    }
    None
}

/// What was earned, by month, with `points` more; months that count for nothing any more are left out.
pub fn earn(
    earned: &BTreeMap<String, i64>,
    points: i64,
    settings: &Settings,
    today: Day,
) -> BTreeMap<String, i64> {
    let Basis::Earned { months, .. } = settings.basis else { return BTreeMap::new() };
    let first = first_month(today, months);
    let mut by_month: BTreeMap<String, i64> = earned
        .iter()
        .filter(|(month, _)| **month >= first)
        .map(|(month, points)| (month.clone(), *points))
        .collect();
    if points != 0 {
        *by_month.entry(named(today)).or_default() += points;
    }
    by_month
}

fn earned_since(earned: &BTreeMap<String, i64>, first: String) -> i64 {
    earned.range(first..).map(|(_, points)| points).sum()
}

/// The first of so many months, of which the last is the day's own.
fn first_month(day: Day, months: u32) -> String {
    let back = i32::try_from(months.max(1) - 1).unwrap_or(i32::MAX);
    let month = i32::from(day.year()) * 12 + i32::from(day.month()) - 1 - back;
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

fn named(day: Day) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

fn next_month(day: Day) -> Day {
    // Five weeks from the first of a month lie in the next one.
    let later = day.plus_days(1 - i64::from(day.of_month())).plus_days(35);
    later.plus_days(1 - i64::from(later.of_month()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::tests::member;

    fn settings(basis: Basis) -> Settings {
        Settings { thresholds: [500, 1000, 2500], basis, points_expiry_days: 0, pending_hours: 0 }
    }

    const EARNED: Basis = Basis::Earned { months: 12, grace: 30 };

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn tiers_begin_at_their_thresholds() {
        let settings = settings(Basis::Balance);
        for (points, tier, lacking) in [
            (0, Tier::Bronze, 500),
            (499, Tier::Bronze, 1),
            (500, Tier::Silver, 500),
            (999, Tier::Silver, 1),
            (1000, Tier::Gold, 1500),
            (2499, Tier::Gold, 1),
            (2500, Tier::Platinum, 0),
            (1_000_000, Tier::Platinum, 0),
        ] {
            assert_eq!(reached(points, &settings), tier, "{points}");
            assert_eq!(to_next(tier, points, &settings), lacking, "{points}");
        }
        assert_eq!(to_next(Tier::Bronze, 900, &settings), 0, "a tier set by hand has its own threshold");
    }

    #[test]
    fn by_balance_a_tier_follows_at_once_and_never_changes_by_itself() {
        let rich = Member { total_points: 1000, tier_level: Tier::Platinum, ..member() };
        let judged = judge(&rich, &settings(Basis::Balance), day("2026-03-01"));
        assert_eq!(judged, Standing { tier: Tier::Gold, kept_until: None, next_look: None });
    }

    #[test]
    fn what_was_earned_counts_for_its_months_whatever_was_spent() {
        let settings = settings(EARNED);
        let earned_by_month = [("2025-03".to_owned(), 600), ("2026-02".to_owned(), 500)].into();
        let spent = Member { total_points: 3, tier_level: Tier::Bronze, earned_by_month, ..member() };
        let february = judge(&spent, &settings, day("2026-02-28"));
        assert_eq!(february.tier, Tier::Gold, "both count");
        assert_eq!(february.next_look, Some(day("2026-03-01")), "then the first is a year old");
        let march = judge(&spent, &settings, day("2026-03-01"));
        assert_eq!((march.tier, march.next_look), (Tier::Silver, Some(day("2027-02-01"))));
    }

    #[test]
    fn a_lost_tier_is_kept_for_the_days_of_grace() {
        let settings = settings(EARNED);
        let gold = Member { tier_level: Tier::Gold, ..member() };
        let first = judge(&gold, &settings, day("2026-03-01"));
        let until = Some(day("2026-03-31"));
        assert_eq!(first, Standing { tier: Tier::Gold, kept_until: until, next_look: until });
        let kept = Member { tier_kept_until: until, ..gold.clone() };
        assert_eq!(judge(&kept, &settings, day("2026-03-30")).tier, Tier::Gold);
        let lost = judge(&kept, &settings, day("2026-03-31"));
        assert_eq!(lost, Standing { tier: Tier::Bronze, kept_until: None, next_look: None });
        let again = [("2026-03".to_owned(), 1000)].into();
        let saved = Member { earned_by_month: again, ..kept };
        assert_eq!(judge(&saved, &settings, day("2026-03-20")).kept_until, None, "earned anew");
    }

    #[test]
    fn months_that_no_longer_count_are_forgotten() {
        let settings = settings(EARNED);
        let earned = [("2025-02".to_owned(), 5), ("2025-03".to_owned(), 7)].into();
        let after = earn(&earned, 10, &settings, day("2026-02-15"));
        assert_eq!(after, [("2025-03".to_owned(), 7), ("2026-02".to_owned(), 10)].into());
        assert!(earn(&earned, 10, &self::settings(Basis::Balance), day("2026-02-15")).is_empty());
    }
}
