//! Figures about vouchers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Choice, Day};

use super::{Kind, Status, Voucher, rules};

/// Figures about the living vouchers. Each is there in camel case, too.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoucherStatistics {
    total_vouchers: usize,
    /// Those that show `Active` today.
    active_vouchers: usize,
    /// What is left of all, whatever they show.
    total_stock: i64,
    /// How many are of each kind.
    #[schema(value_type = BTreeMap<String, i64>)]
    by_type: BTreeMap<&'static str, usize>,
}

impl VoucherStatistics {
    /// The figures of these vouchers on a day.
    ///
    /// Counted and not kept: how many are active changes with the day, and there are some hundreds at most.
    pub fn of(vouchers: &[Voucher], today: Day) -> Self {
        let of_kind = |kind: &Kind| vouchers.iter().filter(|voucher| voucher.kind == *kind).count();
        Self {
            total_vouchers: vouchers.len(),
            active_vouchers: vouchers.iter().filter(|v| rules::shown(v, today) == Status::Active).count(),
            total_stock: vouchers.iter().map(|voucher| voucher.stock).sum(),
            by_type: Kind::ALL.iter().map(|kind| (kind.as_str(), of_kind(kind))).collect(),
        }
    }
}
