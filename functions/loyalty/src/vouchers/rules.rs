//! What a voucher shows, and what it may become.

use wire::{Day, Money, Stamp};

use super::{Kind, Refusal, Status, Voucher};
use crate::tiers::Tier;

/// What a voucher is to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// What it is good for.
    pub description: String,
    /// The kind of reward.
    pub kind: Kind,
    /// Percent or amount.
    pub discount_value: Option<Money>,
    /// What it costs.
    pub points_cost: i64,
    /// How many there are.
    pub stock: i64,
    /// The first day.
    pub start_date: Day,
    /// The last day.
    pub end_date: Day,
    /// What the operator wants.
    pub status: Status,
    /// How many one member may have.
    pub limit_per_member: Option<i64>,
    /// How many go in one day.
    pub limit_per_day: Option<i64>,
    /// The least tier that may have it.
    pub minimum_tier: Option<Tier>,
}

/// The status that a voucher shows on a day: what the operator wants, within what the dates allow.
pub fn shown(voucher: &Voucher, today: Day) -> Status {
    if voucher.end_date < today || voucher.intent == Status::Expired {
        Status::Expired
    } else if voucher.intent == Status::Inactive || voucher.start_date > today {
        Status::Inactive
    } else {
        Status::Active
    }
}

/// Whether somebody with enough points could redeem it on this day.
pub fn is_available(voucher: &Voucher, today: Day) -> bool {
    shown(voucher, today) == Status::Active && voucher.stock > 0
}

/// A new voucher.
pub fn create(id: String, wish: Wish, now: Stamp) -> Result<Voucher, Refusal> {
    if wish.end_date < wish.start_date {
        return Err(Refusal::Dates);
    }
    let Wish {
        code, name, description, kind, discount_value, points_cost, stock, start_date, end_date, ..
    } = wish;
    Ok(Voucher {
        id,
        code,
        name,
        description,
        kind,
        discount_value,
        points_cost,
        stock,
        start_date,
        end_date,
        intent: wish.status,
        limit_per_member: wish.limit_per_member,
        limit_per_day: wish.limit_per_day,
        minimum_tier: wish.minimum_tier,
        sold_on: None,
        sold: 0,
        terms: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        reminded: None,
        reminding: None,
        swept: None,
    })
}

/// The voucher after an edit.
///
/// A form that sends back the status it was shown wants nothing by it: where the dates made that status, the operator's
/// intent stays, so that moving the dates revives the voucher.
pub fn edit(before: &Voucher, wish: Wish, now: Stamp) -> Result<Voucher, Refusal> {
    let echoed = wish.status == shown(before, now.day());
    let intent = if echoed { before.intent } else { wish.status };
    let after = create(before.id.clone(), Wish { status: intent, ..wish }, now)?;
    // Another end is another reminding, which begins with the first redemption.
    let reminding = before.reminding.clone().filter(|_| after.end_date == before.end_date);
    Ok(Voucher {
        terms: before.terms + 1,
        created_at: before.created_at,
        sold_on: before.sold_on,
        sold: before.sold,
        reminded: before.reminded,
        reminding,
        swept: before.swept,
        ..after
    })
}

/// The voucher after it was removed. What was redeemed of it is still good.
pub fn remove(before: &Voucher, now: Stamp) -> Voucher {
    Voucher { deleted_at: Some(now), terms: before.terms + 1, updated_at: now, ..before.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vouchers::tests::voucher;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn wish(of: &Voucher, status: Status) -> Wish {
        Wish {
            code: of.code.clone(),
            name: of.name.clone(),
            description: of.description.clone(),
            kind: of.kind,
            discount_value: of.discount_value,
            points_cost: of.points_cost,
            stock: of.stock,
            start_date: of.start_date,
            end_date: of.end_date,
            status,
            limit_per_member: None,
            limit_per_day: None,
            minimum_tier: None,
        }
    }

    #[test]
    fn what_is_shown_follows_from_intent_and_day() {
        use Status::{Active, Expired, Inactive};
        for (intent, today, expected) in [
            (Active, "2026-02-28", Inactive),
            (Active, "2026-03-01", Active),
            (Active, "2026-03-31", Active),
            (Active, "2026-04-01", Expired),
            (Inactive, "2026-02-28", Inactive),
            (Inactive, "2026-03-15", Inactive),
            (Inactive, "2026-04-01", Expired),
            (Expired, "2026-02-28", Expired),
            (Expired, "2026-03-15", Expired),
        ] {
            let voucher = Voucher { intent, ..voucher() };
            assert_eq!(shown(&voucher, day(today)), expected, "{intent:?} on {today}");
            assert_eq!(is_available(&voucher, day(today)), expected == Active);
            assert!(!is_available(&Voucher { stock: 0, ..voucher }, day(today)));
        }
    }

    #[test]
    fn a_status_that_is_sent_back_as_shown_freezes_nothing() {
        let after_its_end = day("2026-04-05").first_instant();
        let prolonged = Wish { end_date: day("2026-04-30"), ..wish(&voucher(), Status::Expired) };
        let after = edit(&voucher(), prolonged, after_its_end).unwrap();
        assert_eq!((after.intent, shown(&after, day("2026-04-05"))), (Status::Active, Status::Active));
        let in_march = day("2026-03-05").first_instant();
        let stopped = edit(&voucher(), wish(&voucher(), Status::Inactive), in_march).unwrap();
        assert_eq!(stopped.intent, Status::Inactive);
        let again = edit(&stopped, wish(&stopped, Status::Inactive), in_march).unwrap();
        assert_eq!(again.intent, Status::Inactive, "meant, not derived");
        let open = edit(&stopped, wish(&stopped, Status::Active), in_march).unwrap();
        assert_eq!((open.intent, open.terms), (Status::Active, 3));
    }

    #[test]
    fn no_voucher_ends_before_it_begins() {
        let now = Stamp::from_seconds(0);
        let same_day = Wish { end_date: voucher().start_date, ..wish(&voucher(), Status::Active) };
        assert!(edit(&voucher(), same_day.clone(), now).is_ok());
        let earlier = Wish { end_date: voucher().start_date.plus_days(-1), ..same_day };
        assert_eq!(edit(&voucher(), earlier.clone(), now), Err(Refusal::Dates));
        assert_eq!(create("v".to_owned(), earlier, now), Err(Refusal::Dates));
    }
}
