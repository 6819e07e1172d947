//! How redemptions are listed.

use table::{Collection, Filter, Index, Kept, Order, Search, Way};
use uuid::Uuid;
use wire::{Choice, PageLimits};

use super::store::{redemption_key, status_partition, voucher_partition};
use super::{Redemption, Status, WORDS};
use crate::figures::{FIGURES, of_redemptions};
use crate::ids::{Number, Place, Series};
use crate::scope::{counted_by_one, partition_of_one};

/// All redemptions of all members, the newest first.
pub static REDEMPTIONS: Collection<Redemption> = Collection {
    name: "loyalty/redeem",
    limits: PageLimits::up_to(50, 200),
    ways: &[
        Way::index(Index::Gsi1, |asked| {
            Some(asked.choices::<Status>("status").map(status_partition).collect())
        })
        .answers(&["status", "date_from", "date_to"])
        .orders(&["redeem_date"])
        .narrow(|asked, query| asked.within("date_from", "date_to", query)),
        Way::index(Index::Gsi2, |asked| Some(of_voucher(asked.text("voucher")?)))
            .answers(&["voucher", "date_from", "date_to"])
            .orders(&["redeem_date"])
            .narrow(|asked, query| asked.within("date_from", "date_to", query)),
    ],
    filters: &[OF_MEMBER, OF_VOUCHER, IN_STATE, FROM, TO],
    orders: ORDERS,
    default_order: "-redeem_date",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| redemption_key(Place::of(id).unwrap_or(Place::nowhere(Series::Redemptions))),
        order: "redeem_date",
    }),
    count: |asked| {
        asked
            .only(&["status"])
            .then(|| Kept::sum(FIGURES, asked.choices::<Status>("status").map(of_redemptions)))
    },
    columns: &[],
};

/// The redemptions of one member, as the newest write left them. Whose they are, [`table::Listing::of`] says.
pub static OF_ONE: Collection<Redemption> = Collection {
    name: "loyalty/redeem/of",
    limits: PageLimits::up_to(50, 200),
    ways: &[Way::table(|asked| Some(partition_of_one(asked)))
        .answers(&["member"])
        .orders(&["redeem_date"])
        .narrow(|_, query| query.prefix("REDEEM#").strong())],
    filters: &[OF_MEMBER, OF_VOUCHER, IN_STATE, FROM, TO, SEARCHED],
    orders: ORDERS,
    default_order: "-redeem_date",
    search: None,
    count: |asked| {
        let counted = || counted_by_one(asked, asked.choices::<Status>("status").map(of_redemptions));
        asked.only(&["member", "status"]).then(counted).flatten()
    },
    columns: &[],
};

/// The partition of a voucher; none, if that is no id of ours.
fn of_voucher(id: &str) -> Vec<String> {
    Uuid::try_parse(id).ok().map(|_| voucher_partition(id)).into_iter().collect()
}

const OF_MEMBER: Filter<Redemption> =
    Filter::text("member", |row: &Redemption, member| Number(row.member).to_string() == member)
        .about("The member.");
const OF_VOUCHER: Filter<Redemption> =
    Filter::text("voucher", |row: &Redemption, voucher| row.voucher == voucher).about("The voucher.");
const IN_STATE: Filter<Redemption> =
    Filter::choice::<Status>("status", |row: &Redemption, status| row.status.as_str() == status)
        .about("The state.");
const FROM: Filter<Redemption> = Filter::from("date_from", |row: &Redemption, from| row.created_at >= from)
    .about("Not before; a date means its beginning.");
const TO: Filter<Redemption> = Filter::until("date_to", |row: &Redemption, to| row.created_at <= to)
    .about("Not after; a date means its end.");
const SEARCHED: Filter<Redemption> =
    Filter::words("search", |row: &Redemption| vec![&row.member_name, &row.voucher_name, &row.voucher_code]);

const ORDERS: &[Order<Redemption>] = &[
    Order::by("redeem_date", |a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id))),
    Order::by("points_cost", |a, b| a.points_cost.cmp(&b.points_cost)),
    Order::by("status", |a, b| a.status.as_str().cmp(b.status.as_str())),
];
