//! Ids that lead to their row: whose it is and the how manyeth, in the shape of a UUID.

use std::fmt;

use table::{free_bits, leading_id};
use wire::Stamp;

/// The number of a member, shown as `MEM-001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(pub u32);

impl Number {
    /// Reads what was shown, and nothing that only looks like it.
    pub fn parse(text: &str) -> Option<Self> {
        let number = Self(text.strip_prefix("MEM-")?.parse().ok()?);
        (number.to_string() == text).then_some(number)
    }

    /// The number as keys have it, so that their order is that of the numbers.
    pub fn in_key(self) -> String {
        format!("{:010}", self.0)
    }

    /// Reads a number out of a key.
    pub fn from_key(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MEM-{:03}", self.0)
    }
}

/// What a member has many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Point transactions.
    Points = 1,
    /// Redemptions.
    Redemptions = 2,
}

/// One of the numbered rows of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub series: Series,
    /// Whose it is.
    pub member: Number,
    /// The how manyeth of its kind, from 1.
    pub running: u32,
}

/// How many numbers a member's rows of one kind may have; more than anybody lives to see.
const MOST_ROWS: u32 = 1 << 30;

impl Place {
    /// The place's id, by which alone the row is read from the partition of its member.
    ///
    /// The numbers stand such that ids of one member sort by time and then by their running number.
    pub fn id(self, at: Stamp) -> String {
        let (running, member) = (u128::from(self.running % MOST_ROWS), u128::from(self.member.0));
        // Of 74 free bits 30 are the running number, 32 the member, and the last 12 tell one series from the other.
        leading_id(at, running << 44 | member << 12 | self.series as u128)
    }

    /// Where no row is.
    pub fn nowhere(series: Series) -> Self {
        Self { series, member: Number(0), running: 0 }
    }

    /// Where the row with this id is, if it is an id of ours. Whether there is such a row, only the row can tell.
    pub fn of(id: &str) -> Option<Self> {
        let free = free_bits(id)?;
        let member = u32::try_from(free >> 12 & u128::from(u32::MAX)).ok()?;
        let running = u32::try_from(free >> 44).ok()?;
        let series = match free & 0xfff {
            1 => Series::Points,
            2 => Series::Redemptions,
            _ => return None,
        };
        Some(Self { series, member: Number(member), running })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_three_digits_at_least_and_one_form() {
        for (number, text) in [(1, "MEM-001"), (42, "MEM-042"), (999, "MEM-999"), (1000, "MEM-1000")] {
            assert_eq!(Number(number).to_string(), text);
            assert_eq!(Number::parse(text), Some(Number(number)));
        }
        for text in
            ["", "MEM-", "MEM-1", "MEM-0001", "mem-001", "MEM-+01", "MEM-001 ", "001", "MEM-99999999999"]
        {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn ids_of_one_member_sort_by_time_and_number() {
        let points = |running| Place { series: Series::Points, member: Number(7), running };
        let id = |running, seconds| points(running).id(Stamp::from_seconds(seconds));
        let ids = [id(1, 50), id(2, 50), id(3, 50), id(4_000_000, 50), id(4_000_001, 51), id(4_000_002, 51)];
        assert!(ids.is_sorted(), "{ids:?}");
        assert_eq!(&id(1, 1_772_353_800)[14..15], "7", "a UUID of version 7");
        let redemption = Place { series: Series::Redemptions, ..points(1) };
        assert_ne!(redemption.id(Stamp::from_seconds(50)), id(1, 50), "no two rows have one id");
    }

    #[test]
    fn strangers_lead_nowhere() {
        for id in ["", "pt_9", "550e8400-e29b-41d4-a716-446655440000"] {
            assert_eq!(Place::of(id), None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn an_id_leads_to_its_place(member: u32, running in 0..MOST_ROWS, seconds in 0..4_000_000_000_i64, first: bool) {
            let series = if first { Series::Points } else { Series::Redemptions };
            let place = Place { series, member: Number(member), running };
            prop_assert_eq!(Place::of(&place.id(Stamp::from_seconds(seconds))), Some(place));
        }
    }
}
