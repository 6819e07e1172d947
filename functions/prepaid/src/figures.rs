//! The kept figures: of everything, of each day, and of each account.

use table::of_day;
use wire::{Choice, Day};

use crate::{payments, refunds, vouchers};

/// The scope of the figures of everything.
pub const ALL: &str = "PREPAID#FIGURES";

/// The scope of the figures by day.
pub const DAYS: &str = "PREPAID#DAYS";

/// Payments that completed.
pub const PAYMENTS: &str = "payments";
/// What they brought, less what was given back; in hundredths.
pub const REVENUE: &str = "revenue";
/// Vouchers that were issued.
pub const ISSUED: &str = "issued";
/// What vouchers were worth when they were issued, before any discount; in hundredths.
pub const VALUE: &str = "value";
/// Redemptions that were not rolled back.
pub const USES: &str = "uses";
/// Redemptions, and also those that were rolled back.
pub const REDEEMED: &str = "redeemed";
/// Refunds, whatever became of them.
pub const REFUNDS: &str = "refunds";

/// The scope of the figures of an account.
pub fn of_account(account: u64) -> String {
    format!("PREPAID#USER#{account:016}")
}

/// The scope of the figures of a day.
pub fn of(day: Day) -> String {
    of_day(DAYS, day)
}

/// The figure that counts vouchers that are stored in a state.
pub fn of_vouchers(status: vouchers::Status) -> String {
    format!("vouchers_{}", status.as_str())
}

/// The figure that counts payments in a state.
pub fn of_payments(status: payments::Status) -> String {
    format!("payments_{}", status.as_str())
}

/// The figure that counts refunds in a state.
pub fn of_refunds(status: refunds::Status) -> String {
    format!("refunds_{}", status.as_str())
}

/// The figure that counts how many vouchers of a type were sold.
pub fn sold(of: u32) -> String {
    format!("sold_{of}")
}

/// The figure that counts how often vouchers of a type were used.
pub fn used(of: u32) -> String {
    format!("used_{of}")
}

/// The figure of what vouchers of a type brought.
pub fn brought(of: u32) -> String {
    format!("brought_{of}")
}

/// The figure that counts the payments made in a way.
pub fn paid_by(method: payments::Method) -> String {
    format!("by_{}", method.as_str())
}

/// The figure of what payments made in a way brought.
pub fn brought_by(method: payments::Method) -> String {
    format!("brought_by_{}", method.as_str())
}
