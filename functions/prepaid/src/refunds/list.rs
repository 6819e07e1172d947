//! How refunds are listed.

use table::{Collection, Filter, Index, Kept, Order, Way};
use wire::{Choice, PageLimits};

use super::store::status_partition;
use super::{Refund, Status};
use crate::figures::{ALL, REFUNDS, of_refunds};
use crate::ids::account_partition;
use crate::scope::{counted_by_one, partition_of};

/// The refunds of one account, the newest first, as the newest write left them.
///
/// Whose they are, [`table::Listing::of`] says.
pub static OF_ONE: Collection<Refund> = Collection {
    name: "prepaid/refunds/of",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::table(|asked| Some(partition_of(asked.of(), account_partition)))
        .orders(&["created_at"])
        .narrow(|_, query| query.prefix("REFUND#").strong())],
    filters: &[],
    orders: &[BY_TIME],
    default_order: "-created_at",
    search: None,
    count: |asked| asked.only(&[]).then(|| counted_by_one(asked, [REFUNDS])),
    columns: &[],
};

/// The refunds of all, the newest first.
pub static OF_ALL: Collection<Refund> = Collection {
    name: "prepaid/refunds",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::index(Index::Gsi2, |asked| {
        Some(asked.choices::<Status>("status").map(status_partition).collect())
    })
    .answers(&["status"])
    .orders(&["created_at"])],
    filters: &[Filter::choice::<Status>("status", |refund: &Refund, status| {
        refund.status.as_str() == status
    })
    .about("How far it is.")],
    orders: &[BY_TIME],
    default_order: "-created_at",
    search: None,
    count: |asked| {
        asked.only(&["status"]).then(|| Kept::sum(ALL, asked.choices::<Status>("status").map(of_refunds)))
    },
    columns: &[],
};

const BY_TIME: Order<Refund> =
    Order::by("created_at", |a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
