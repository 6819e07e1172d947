//! How many accounts there are, how many are new, and how many are in use. Identity keeps these figures; others read them.

use table::{Figures, Table};
use wire::{Day, Fault};

/// The scope of the figures about all accounts.
pub const ACCOUNTS: &str = "IDENTITY#ACCOUNTS";

/// The figure of [`ACCOUNTS`] that counts all of them.
pub const TOTAL: &str = "total";

/// The scope whose days count accounts.
pub const DAYS: &str = "IDENTITY#DAYS";

/// The figure of a day that counts the accounts made on it.
pub const JOINED: &str = "joined";

/// The figure of a day that counts the accounts that last signed in on it.
pub const ACTIVE: &str = "active";

/// How far back a week and a month reach, in days before today.
const WEEK: i64 = 7;
const MONTH: i64 = 30;

/// Accounts, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// All of them.
    pub total: i64,
    /// Those made today or on one of the seven days before.
    pub new_this_week: i64,
    /// Those that last signed in today or on one of the thirty days before.
    pub active_this_month: i64,
}

/// The accounts as they stand today: two strong queries, side by side.
///
/// Whose role asks needs leave to read the partitions `TALLY#IDENTITY#*`.
pub async fn accounts(table: &Table, today: Day) -> Result<Accounts, Fault> {
    let month = today.plus_days(-MONTH);
    let (all, days) = tokio::try_join!(table.figures(ACCOUNTS), table.figures_by_day(DAYS, month, today))?;
    let since =
        |first: Day, name: &str| days.range(first..).map(|(_, day): (_, &Figures)| day.get(name)).sum();
    Ok(Accounts {
        total: all.get(TOTAL),
        new_this_week: since(today.plus_days(-WEEK), JOINED),
        active_this_month: since(month, ACTIVE),
    })
}
