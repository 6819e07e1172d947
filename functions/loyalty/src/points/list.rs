//! How point transactions are listed.

use table::{Collection, Filter, Index, Kept, Order, Search, Way};
use wire::{Choice, PageLimits};

use super::store::{entry_key, kind_partition};
use super::{Entry, Kind, WORDS};
use crate::figures::{FIGURES, of_entries};
use crate::ids::{Number, Place, Series};
use crate::scope::{counted_by_one, partition_of_one};

/// All transactions of all members, the newest first.
pub static POINTS: Collection<Entry> = Collection {
    name: "loyalty/points",
    limits: PageLimits::up_to(50, 200),
    ways: &[Way::index(Index::Gsi1, |asked| {
        Some(asked.choices("transaction_type").map(kind_partition).collect())
    })
    .answers(&["transaction_type", "date_from", "date_to"])
    .orders(&["transaction_date"])
    .narrow(|asked, query| asked.within("date_from", "date_to", query))],
    filters: &[OF_MEMBER, OF_KIND, FROM, TO],
    orders: ORDERS,
    default_order: "-transaction_date",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| entry_key(Place::of(id).unwrap_or(Place::nowhere(Series::Points))),
        order: "transaction_date",
    }),
    count: |asked| {
        let kinds = || asked.choices("transaction_type").map(of_entries);
        asked.only(&["transaction_type"]).then(|| Kept::sum(FIGURES, kinds()))
    },
    columns: &[],
};

/// The ledger of one member, as the newest write left it. Whose it is, [`table::Listing::of`] says.
pub static LEDGER: Collection<Entry> = OF_ONE;

/// The same in pages that hold what nearly all members ever have.
pub static WHOLE_LEDGER: Collection<Entry> =
    Collection { name: "loyalty/points/member", limits: PageLimits::up_to(1000, 1000), ..OF_ONE };

const OF_ONE: Collection<Entry> = Collection {
    name: "loyalty/points/of",
    limits: PageLimits::up_to(50, 200),
    ways: &[Way::table(|asked| Some(partition_of_one(asked)))
        .answers(&["member"])
        .orders(&["transaction_date"])
        .narrow(|_, query| query.prefix("POINT#").strong())],
    filters: &[OF_MEMBER, OF_KIND, FROM, TO, SEARCHED],
    orders: ORDERS,
    default_order: "-transaction_date",
    search: None,
    count: |asked| asked.only(&["member"]).then(|| counted_by_one(asked, ["entries"])).flatten(),
    columns: &[],
};

const OF_MEMBER: Filter<Entry> =
    Filter::text("member", |entry: &Entry, member| Number(entry.member).to_string() == member)
        .about("The member.");
const OF_KIND: Filter<Entry> =
    Filter::choice::<Kind>("transaction_type", |entry: &Entry, kind| entry.kind.as_str() == kind)
        .about("The kind.");
const FROM: Filter<Entry> = Filter::from("date_from", |entry: &Entry, from| entry.at >= from)
    .about("Not before; a date means its beginning.");
const TO: Filter<Entry> =
    Filter::until("date_to", |entry: &Entry, to| entry.at <= to).about("Not after; a date means its end.");
const SEARCHED: Filter<Entry> =
    Filter::words("search", |entry: &Entry| vec![&entry.member_name, &entry.description]);

const ORDERS: &[Order<Entry>] = &[
    Order::by("transaction_date", |a, b| (a.at, &a.id).cmp(&(b.at, &b.id))),
    Order::by("points", |a, b| a.points.cmp(&b.points)),
];
