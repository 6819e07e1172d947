//! How loyalty's administrators list accounts.

use access::Principal;
use table::{Collection, Filter, Index, Kept, Order, Search, Way};
use wire::{Choice, PageLimits};

use super::{CONTEXT, Role, Status};
use crate::account::store::LIST;
use crate::account::{Account, FIGURES, WORDS};

/// All accounts, by the time they were made.
pub(super) static ACCOUNTS: Collection<Account> = Collection {
    name: "loyalty/accounts",
    limits: PageLimits::up_to(50, 200),
    ways: &[Way::index(Index::Gsi1, |_| Some(vec![LIST.to_owned()])).orders(&["created_at"])],
    filters: &[
        Filter::choice::<Role>("role", |account: &Account, wanted| {
            CONTEXT.role(&account.principal.roles) == wanted
        })
        .about("The role in loyalty."),
        Filter::choice::<Status>("status", |account: &Account, wanted| {
            Status::of(&account.principal).as_str() == wanted
        })
        .about("Whether the account may sign in."),
    ],
    orders: &[Order::by("created_at", |a, b| (a.joined, a.id()).cmp(&(b.joined, b.id())))],
    default_order: "-created_at",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| Principal::key_of(id.parse().unwrap_or_default()),
        order: "created_at",
    }),
    count: |asked| match asked.text("status") {
        None if asked.only(&[]) => Some(Kept::figure(FIGURES, "total")),
        // Who is blocked in a marketplace is active here.
        Some("active") if asked.only(&["status"]) => Some(Kept::figure(FIGURES, "active").plus("blocked")),
        Some(status) if asked.only(&["status"]) => Some(Kept::figure(FIGURES, status)),
        _ => None,
    },
    columns: &[],
};
