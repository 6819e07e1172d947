//! How payments are listed.

use table::{Collection, Filter, Index, Kept, Order, Search, Way};
use wire::{Choice, PageLimits};

use super::store::{payment_key, status_partition};
use super::{Payment, Status, WORDS};
use crate::figures::{ALL, PAYMENTS, of_payments};
use crate::ids::{account_of, account_partition};
use crate::scope::{counted_by_one, partition_of};

/// The payments of one account, the newest first, as the newest write left them.
///
/// Whose they are, [`table::Listing::of`] says.
pub static OF_ONE: Collection<Payment> = Collection {
    name: "prepaid/payments/of",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::table(|asked| Some(partition_of(asked.of(), account_partition)))
        .orders(&["created_at"])
        .narrow(|_, query| query.prefix("PAYMENT#").strong())],
    filters: &[Filter::text("status", |payment: &Payment, status| payment.status.as_str() == status)
        .about("How far it is.")],
    orders: &[BY_TIME],
    default_order: "-created_at",
    search: None,
    count: |asked| asked.only(&[]).then(|| counted_by_one(asked, [PAYMENTS])),
    columns: &[],
};

/// The payments of all, the newest first.
pub static OF_ALL: Collection<Payment> = Collection {
    name: "prepaid/payments",
    limits: PageLimits::up_to(20, 100),
    ways: &[
        Way::index(Index::Gsi2, |asked| {
            Some(asked.choices::<Status>("status").map(status_partition).collect())
        })
        .answers(&["status", "date_from", "date_to"])
        .orders(&["created_at"])
        .narrow(|asked, query| asked.within("date_from", "date_to", query)),
        Way::table(|asked| Some(partition_of(asked.text("user")?, account_partition)))
            .answers(&["user"])
            .orders(&["created_at"])
            .narrow(|_, query| query.prefix("PAYMENT#").strong()),
    ],
    filters: &[
        Filter::choice::<Status>("status", |payment: &Payment, status| payment.status.as_str() == status)
            .about("How far it is."),
        Filter::text("user", |payment: &Payment, user| payment.user.to_string() == user).about("Who pays."),
        Filter::from("date_from", |payment: &Payment, from| payment.created_at >= from)
            .about("Not before; a date means its beginning."),
        Filter::until("date_to", |payment: &Payment, to| payment.created_at <= to)
            .about("Not after; a date means its end."),
    ],
    orders: &[BY_TIME],
    default_order: "-created_at",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| payment_key(account_of(id).unwrap_or_default(), id),
        order: "created_at",
    }),
    count: |asked| {
        asked.only(&["status"]).then(|| Kept::sum(ALL, asked.choices::<Status>("status").map(of_payments)))
    },
    columns: &[],
};

const BY_TIME: Order<Payment> =
    Order::by("created_at", |a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
