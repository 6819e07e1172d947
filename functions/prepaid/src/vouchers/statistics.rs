//! Figures about vouchers.

use serde::Serialize;
use table::{Figures, Table};
use utoipa::ToSchema;
use wire::{Fault, Money, Stamp};

use super::{Status, Voucher, rules};
use crate::CONTEXT;
use crate::figures::{VALUE, of_account, of_vouchers};

/// How many vouchers are in which state at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InStates {
    /// Can be used.
    pub active: i64,
    /// Were used up.
    pub used: i64,
    /// Are over.
    pub expired: i64,
    /// Were called off.
    pub cancelled: i64,
}

impl InStates {
    /// The kept figures, put right by those vouchers whose end has come and was not noticed yet.
    pub fn of<'a>(figures: &Figures, late: impl Iterator<Item = &'a Voucher>) -> Self {
        let stored = |status| figures.get(&of_vouchers(status));
        let late = i64::try_from(late.count()).unwrap_or(i64::MAX);
        Self {
            active: stored(Status::Active) - late,
            used: stored(Status::Used),
            expired: stored(Status::Expired) + late,
            cancelled: stored(Status::Cancelled),
        }
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        self.active + self.used + self.expired + self.cancelled
    }
}

/// The vouchers whose end has come and was not noticed yet: those of the last minutes.
pub async fn late(table: &Table, now: Stamp) -> Result<Vec<Voucher>, Fault> {
    let overdue: Vec<Voucher> = table.overdue(CONTEXT.name, now).await?;
    let is_late =
        |voucher: &Voucher| voucher.status == Status::Active && rules::shown(voucher, now) == Status::Expired;
    Ok(overdue.into_iter().filter(is_late).collect())
}

/// The figures of an account, and how many of its vouchers are in which state.
pub async fn of_one(table: &Table, account: u64, now: Stamp) -> Result<(Figures, InStates), Fault> {
    let scope = of_account(account);
    let (figures, late) = tokio::try_join!(table.figures(&scope), late(table, now))?;
    let states = InStates::of(&figures, late.iter().filter(|voucher| voucher.user == account));
    Ok((figures, states))
}

/// Figures about the caller's vouchers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VoucherStats {
    total_vouchers: i64,
    active_vouchers: i64,
    used_vouchers: i64,
    expired_vouchers: i64,
    cancelled_vouchers: i64,
    /// What all of them cost before any discount, in whatever state they are.
    #[schema(value_type = String, example = "20.00")]
    total_value: Money,
}

impl VoucherStats {
    /// Of an account's figures.
    pub fn new(figures: &Figures, states: InStates) -> Self {
        Self {
            total_vouchers: states.total(),
            active_vouchers: states.active,
            used_vouchers: states.used,
            expired_vouchers: states.expired,
            cancelled_vouchers: states.cancelled,
            total_value: Money::from_minor(figures.get(VALUE)),
        }
    }
}
