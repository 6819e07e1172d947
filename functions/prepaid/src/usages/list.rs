//! How usages are listed.

use table::{Collection, Filter, Order, Way};
use wire::PageLimits;

use super::Usage;
use crate::figures::REDEEMED;
use crate::ids::account_partition;
use crate::scope::{counted_by_one, partition_of};
use crate::vouchers::code;

/// The uses that one account made, the newest first, as the newest write left them.
///
/// Whose they are, [`table::Listing::of`] says.
pub static OF_ONE: Collection<Usage> = Collection {
    name: "prepaid/usages/of",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::table(|asked| Some(partition_of(asked.of(), account_partition)))
        .orders(&["used_at"])
        .narrow(|_, query| query.prefix("USAGE#").strong())],
    filters: &[
        Filter::text("service_type", |usage: &Usage, service| usage.service_type == service)
            .about("For which service."),
        Filter::text("code", |usage: &Usage, sought| {
            code::normal(sought).is_some_and(|sought| sought == usage.voucher_code)
        })
        .about("The voucher, by its code."),
    ],
    orders: &[Order::by("used_at", |a, b| (a.used_at, &a.id).cmp(&(b.used_at, &b.id)))],
    default_order: "-used_at",
    search: None,
    count: |asked| asked.only(&[]).then(|| counted_by_one(asked, [REDEEMED])),
    columns: &[],
};
