//! The dashboard.

use std::collections::BTreeMap;

use access::figures::Accounts;
use serde::Serialize;
use serde_json::Number;
use table::Figures;
use utoipa::ToSchema;
use wire::{Day, Money};

use super::{MONTH, WEEK, since};
use crate::figures::{ISSUED, PAYMENTS, REVENUE, USES, brought, sold, used};
use crate::types::VoucherType;
use crate::vouchers::statistics::InStates;

/// How the shop stands today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Dashboard {
    users: Users,
    vouchers: Vouchers,
    revenue: Revenue,
    /// Every type, also those that are not sold any more; the best sold first.
    voucher_types: Vec<OfType>,
    recent_activity: Activity,
}

/// Accounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Users {
    total: i64,
    new_this_week: i64,
    active_this_month: i64,
}

/// Vouchers, by what they are at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Vouchers {
    total: i64,
    active: i64,
    used: i64,
    expired: i64,
    cancelled: i64,
    issued_this_week: i64,
    /// How often vouchers were used, not how many were.
    used_this_week: i64,
}

/// What payments brought, by when they were paid and less what was given back.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Revenue {
    #[schema(value_type = f64, example = 4210.5)]
    total: Number,
    #[schema(value_type = f64, example = 310.0)]
    this_week: Number,
    #[schema(value_type = f64, example = 990.0)]
    this_month: Number,
}

/// What was sold and used of a type.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OfType {
    id: String,
    name: String,
    type_code: String,
    total_purchased: i64,
    total_used: i64,
    #[schema(value_type = f64, example = 1450.0)]
    revenue: Number,
    #[schema(value_type = f64, example = 10.0)]
    price: Number,
}

/// What happened within the last seven days.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Activity {
    #[serde(rename = "payments_this_week")]
    payments: i64,
    #[serde(rename = "vouchers_issued_this_week")]
    issued: i64,
    #[serde(rename = "vouchers_used_this_week")]
    used: i64,
}

/// What the dashboard is made of.
pub struct Read {
    /// The figures of everything.
    pub all: Figures,
    /// The figures of the last days.
    pub days: BTreeMap<Day, Figures>,
    /// The vouchers by their states.
    pub states: InStates,
    /// Every type.
    pub types: Vec<VoucherType>,
    /// The accounts.
    pub accounts: Accounts,
}

/// The first day that the dashboard looks at.
pub fn first_day(today: Day) -> Day {
    today.plus_days(-MONTH)
}

impl Dashboard {
    /// The dashboard of what was read.
    pub fn new(read: Read, today: Day) -> Self {
        let Read { all, days, states, mut types, accounts } = read;
        let (week, month) = (today.plus_days(-WEEK), first_day(today));
        let (issued, uses) = (since(&days, week, ISSUED), since(&days, week, USES));
        types.sort_by_cached_key(|known| (-all.get(&sold(known.id)), known.name.clone()));
        Self {
            users: Users {
                total: accounts.total,
                new_this_week: accounts.new_this_week,
                active_this_month: accounts.active_this_month,
            },
            vouchers: Vouchers {
                total: states.total(),
                active: states.active,
                used: states.used,
                expired: states.expired,
                cancelled: states.cancelled,
                issued_this_week: issued,
                used_this_week: uses,
            },
            revenue: Revenue {
                total: number(all.get(REVENUE)),
                this_week: number(since(&days, week, REVENUE)),
                this_month: number(since(&days, month, REVENUE)),
            },
            voucher_types: types.iter().map(|known| OfType::new(known, &all)).collect(),
            recent_activity: Activity { payments: since(&days, week, PAYMENTS), issued, used: uses },
        }
    }
}

impl OfType {
    fn new(known: &VoucherType, all: &Figures) -> Self {
        Self {
            id: known.id.to_string(),
            name: known.name.clone(),
            type_code: known.type_code.clone(),
            total_purchased: all.get(&sold(known.id)),
            total_used: all.get(&used(known.id)),
            revenue: number(all.get(&brought(known.id))),
            price: known.price.to_number(),
        }
    }
}

fn number(hundredths: i64) -> Number {
    Money::from_minor(hundredths).to_number()
}
