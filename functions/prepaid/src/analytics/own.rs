//! What an account bought and used.

use serde::Serialize;
use serde_json::Number;
use table::{Figures, Index, Query, Table, from_item};
use utoipa::ToSchema;
use wire::{Fault, Money, Stamp};

use crate::Prepaid;
use crate::figures::{REVENUE, used};
use crate::ids::account_partition;
use crate::types::{self, VoucherType};
use crate::usages::Usage;
use crate::vouchers::statistics::{InStates, of_one};
use crate::vouchers::{Status, Voucher, rules, store::owner_partition};

/// How many of the newest are shown.
const RECENT: usize = 5;

/// What the caller bought and used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnAnalytics {
    voucher_summary: Summary,
    spending: Spending,
    /// How often the caller used vouchers, by type; the most used first.
    usage_by_type: Vec<UsesOfType>,
    recent_vouchers: Vec<RecentVoucher>,
    recent_usage: Vec<RecentUsage>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = VoucherSummary)]
struct Summary {
    total: i64,
    active: i64,
    used: i64,
    expired: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct Spending {
    #[schema(value_type = f64, example = 20.0)]
    total: Number,
    #[schema(value_type = f64, example = 10.0)]
    average_per_voucher: Number,
}

/// Under the names that older clients know, and under plain ones.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UsesOfType {
    #[serde(rename = "voucher__voucher_type__name")]
    old_name: String,
    #[serde(rename = "voucher__voucher_type__type_code")]
    old_code: String,
    voucher_type_name: String,
    type_code: String,
    usage_count: i64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct RecentVoucher {
    code: String,
    /// The name of the type.
    #[serde(rename = "type")]
    kind: String,
    #[schema(value_type = String, example = "active")]
    status: Status,
    issued_at: Stamp,
    expires_at: Stamp,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct RecentUsage {
    voucher_code: String,
    service_type: String,
    used_at: Stamp,
}

impl OwnAnalytics {
    /// Reads what an account bought and used: figures and the newest rows, side by side.
    pub async fn of(prepaid: &Prepaid, account: u64, now: Stamp) -> Result<Self, Fault> {
        let table = &prepaid.table;
        let ((figures, states), types, vouchers, usages) = tokio::try_join!(
            of_one(table, account, now),
            types::store::all(table),
            newest_vouchers(table, account),
            newest_usages(table, account)
        )?;
        let terms = prepaid.terms.of(table, vouchers.iter().map(|voucher| voucher.terms)).await?;
        let recent_voucher = |voucher: Voucher| RecentVoucher {
            kind: terms.get(&voucher.terms).map_or_else(String::new, |terms| terms.name.clone()),
            status: rules::shown(&voucher, now),
            code: voucher.code,
            issued_at: voucher.issued_at,
            expires_at: voucher.expires_at,
        };
        let recent_usage = |usage: Usage| RecentUsage {
            voucher_code: usage.voucher_code,
            service_type: usage.service_type,
            used_at: usage.used_at,
        };
        Ok(Self {
            voucher_summary: Summary {
                total: states.total(),
                active: states.active,
                used: states.used,
                expired: states.expired,
            },
            spending: spending(&figures, states),
            usage_by_type: by_type(&figures, types),
            recent_vouchers: vouchers.into_iter().map(recent_voucher).collect(),
            recent_usage: usages.into_iter().map(recent_usage).collect(),
        })
    }
}

fn spending(figures: &Figures, states: InStates) -> Spending {
    let total = Money::from_minor(figures.get(REVENUE));
    let average = total.ratio(1, states.total()).unwrap_or_default();
    Spending { total: total.to_number(), average_per_voucher: average.to_number() }
}

fn by_type(figures: &Figures, types: Vec<VoucherType>) -> Vec<UsesOfType> {
    let uses = |known: VoucherType| UsesOfType {
        usage_count: figures.get(&used(known.id)),
        old_name: known.name.clone(),
        old_code: known.type_code.clone(),
        voucher_type_name: known.name,
        type_code: known.type_code,
    };
    let mut all: Vec<UsesOfType> =
        types.into_iter().map(uses).filter(|of_type| of_type.usage_count > 0).collect();
    all.sort_by(|a, b| {
        b.usage_count.cmp(&a.usage_count).then_with(|| a.voucher_type_name.cmp(&b.voucher_type_name))
    });
    all
}

async fn newest_vouchers(table: &Table, account: u64) -> Result<Vec<Voucher>, Fault> {
    let query = Query::index(Index::Gsi1, owner_partition(account)).descending().limit(RECENT);
    table.query(query).await?.items.into_iter().map(from_item).collect()
}

async fn newest_usages(table: &Table, account: u64) -> Result<Vec<Usage>, Fault> {
    let query = Query::partition(account_partition(account)).prefix("USAGE#").descending().limit(RECENT);
    table.query(query).await?.items.into_iter().map(from_item).collect()
}
