//! How prepaid's staff list accounts.

use access::Principal;
use table::{Collection, Index, Kept, Order, Search, Way};
use wire::PageLimits;

use crate::account::store::LIST;
use crate::account::{Account, FIGURES, WORDS};

/// All accounts, by the time they were made.
pub(super) static ACCOUNTS: Collection<Account> = Collection {
    name: "prepaid/accounts",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::index(Index::Gsi1, |_| Some(vec![LIST.to_owned()])).orders(&["date_joined"])],
    filters: &[],
    orders: &[Order::by("date_joined", |a, b| (a.joined, a.id()).cmp(&(b.joined, b.id())))],
    default_order: "-date_joined",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| Principal::key_of(id.parse().unwrap_or_default()),
        order: "date_joined",
    }),
    count: |asked| asked.only(&[]).then(|| Kept::figure(FIGURES, "total")),
    columns: &[],
};
