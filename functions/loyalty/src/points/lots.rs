//! Lots: points that were earned together and expire together, the oldest spent first.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use table::{Condition, Key, Places, Query, Row, Table};
use utoipa::ToSchema;
use wire::{Day, Fault, Stamp};

use super::{Entry, store};
use crate::ids::Number;
use crate::jobs;
use crate::members::Member;

/// How many days before they expire points are told of.
pub const NOTICE_DAYS: i64 = 14;

/// Points that were earned together.
///
/// No spending touches a lot. Points are spent in the order in which they were credited, so what is left of a lot
/// follows from where it stands among all credits and from how much was debited in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Whose points they are.
    pub member: u32,
    /// The transaction that earned them.
    pub entry: String,
    /// How many.
    pub points: i64,
    /// All that was ever credited to the member, up to these points and with them.
    pub credited: i64,
    /// The first day on which they are no more.
    pub expires: Day,
    /// Whether the member was told.
    pub noticed: bool,
}

impl Lot {
    /// The lot that an entry earns. A life too short for a notice has none.
    pub fn earned(entry: &Entry, credited: i64, days: i64) -> Self {
        let expires = entry.at.day().plus_days(days);
        let noticed = days <= NOTICE_DAYS;
        Self {
            member: entry.member,
            entry: entry.id.clone(),
            points: entry.points,
            credited,
            expires,
            noticed,
        }
    }

    /// How many of these points are left while so many were debited in all.
    pub fn left(&self, debited: i64) -> i64 {
        (self.credited - debited).clamp(0, self.points)
    }

    /// The same after the member was told.
    pub fn told(&self) -> Self {
        Self { noticed: true, ..self.clone() }
    }

    /// That the lot is as it was read.
    pub fn unchanged(&self) -> Condition {
        Condition::exists().is("noticed", self.noticed)
    }
}

impl Row for Lot {
    const KIND: &'static str = "lot";

    fn key(&self) -> Key {
        store::lot_key(Number(self.member), self.credited)
    }

    fn places(&self) -> Places {
        let (what, day) = if self.noticed {
            (jobs::LOT_EXPIRE, self.expires)
        } else {
            (jobs::LOT_NOTICE, self.expires.plus_days(-NOTICE_DAYS))
        };
        Places::none().due(crate::CONTEXT.name, what, day.first_instant(), &self.entry)
    }

    /// Some days after its end, should nobody have settled it by then.
    fn ends(&self) -> Option<Stamp> {
        Some(self.expires.first_instant() + Duration::from_hours(90 * 24))
    }
}

/// The points of a member that expire next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextExpiration {
    /// How many.
    pub points: i64,
    /// The first day on which they are no more.
    pub date: Day,
}

/// The points of a member that expire next, if any do.
///
/// Spent lots are passed over by the key: it begins with what was credited, and all up to what was debited is spent.
pub async fn next(table: &Table, member: &Member) -> Result<Option<NextExpiration>, Fault> {
    let from = store::lot_key(member.number(), member.debited + 1);
    let mut next: Option<NextExpiration> = None;
    let mut position = None;
    loop {
        let query = Query::partition(from.pk()).between(from.sk(), store::LAST_LOT).limit(20).after(position);
        let batch = table.query(query).await?;
        for item in batch.items {
            let lot: Lot = table::from_item(item)?;
            let left = lot.left(member.debited);
            match &mut next {
                Some(next) if next.date == lot.expires => next.points += left,
                Some(_) => return Ok(next),
                None => next = Some(NextExpiration { points: left, date: lot.expires }),
            }
        }
        position = batch.next;
        if position.is_none() {
            return Ok(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(points: i64, credited: i64) -> Lot {
        let expires = Day::parse("2026-06-01").unwrap();
        Lot { member: 7, entry: "e".to_owned(), points, credited, expires, noticed: false }
    }

    #[test]
    fn the_oldest_points_are_spent_first() {
        // 100 earned, 50 adjusted, 100 earned.
        let (first, second) = (lot(100, 100), lot(100, 250));
        for (debited, left) in [
            (0, (100, 100)),
            (60, (40, 100)),
            (100, (0, 100)),
            (120, (0, 100)),
            (150, (0, 100)),
            (151, (0, 99)),
            (250, (0, 0)),
        ] {
            assert_eq!((first.left(debited), second.left(debited)), left, "{debited} debited");
        }
    }

    #[test]
    fn a_lot_is_due_for_a_notice_and_then_for_its_end() {
        let due = |lot: &Lot| table::to_item(lot)["duesk"].as_s().unwrap().clone();
        assert!(due(&lot(5, 5)).starts_with("2026-05-18T00:00:00.000000Z#lot-notice#"));
        assert!(due(&lot(5, 5).told()).starts_with("2026-06-01T00:00:00.000000Z#lot-expire#"));
    }
}
