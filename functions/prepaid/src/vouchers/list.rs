//! How vouchers are listed.

use table::{Collection, Filter, Index, Kept, Order, Search, Way};
use wire::{Choice, PageLimits};

use super::store::{owner_partition, status_partition, voucher_key};
use super::{Status, Voucher, WORDS, rules};
use crate::figures::{ALL, of_vouchers};
use crate::scope::{counted_by_one, partition_of};

/// The vouchers of one account, the newest first. Whose they are, [`table::Listing::of`] says.
pub static OF_ONE: Collection<Voucher> = Collection {
    name: "prepaid/vouchers/of",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::index(Index::Gsi1, |asked| Some(partition_of(asked.of(), owner_partition)))
        .orders(&["issued_at"])],
    filters: &[
        Filter::text_at("status", |voucher: &Voucher, status, now| {
            rules::shown(voucher, now).as_str() == status
        })
        .about("The state: active, used, expired or cancelled."),
        OF_SERVICE,
        Filter::text("search", |voucher: &Voucher, begins| {
            voucher.code.starts_with(&begins.replace(['-', ' '], "").to_uppercase())
        })
        .about("The beginning of the code."),
    ],
    orders: &[BY_TIME],
    default_order: "-issued_at",
    search: None,
    count: |asked| {
        let states = || Status::ALL.iter().map(|status| of_vouchers(*status));
        asked.only(&[]).then(|| counted_by_one(asked, states()))
    },
    columns: &[],
};

/// The vouchers of all, the newest first.
pub static OF_ALL: Collection<Voucher> = Collection {
    name: "prepaid/vouchers",
    limits: PageLimits::up_to(20, 100),
    ways: &[
        Way::index(Index::Gsi2, |asked| {
            Some(asked.choices::<Status>("status").map(status_partition).collect())
        })
        .orders(&["issued_at"]),
        Way::index(Index::Gsi1, |asked| Some(partition_of(asked.text("user")?, owner_partition)))
            .answers(&["user"])
            .orders(&["issued_at"]),
    ],
    filters: &[
        Filter::choice_at::<Status>("status", |voucher: &Voucher, status, now| {
            rules::shown(voucher, now).as_str() == status
        })
        .about("The state."),
        Filter::text("type_code", |voucher: &Voucher, service| voucher.type_code == service)
            .about("The service of the type."),
        Filter::text("user", |voucher: &Voucher, user| voucher.user.to_string() == user)
            .about("Whose they are."),
    ],
    orders: &[BY_TIME],
    default_order: "-issued_at",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| voucher_key(id.rsplit_once('#').map_or("", |(_, code)| code)),
        order: "issued_at",
    }),
    count: |asked| {
        asked.only(&["status"]).then(|| Kept::sum(ALL, asked.choices::<Status>("status").map(of_vouchers)))
    },
    columns: &[],
};

const OF_SERVICE: Filter<Voucher> =
    Filter::text("service_type", |voucher: &Voucher, service| voucher.type_code == service)
        .about("The service of the type.");

const BY_TIME: Order<Voucher> =
    Order::by("issued_at", |a, b| (a.issued_at, &a.id).cmp(&(b.issued_at, &b.id)));
