//! How accounts are listed.

use access::{PLATFORM, Principal, Status};
use table::{Collection, Filter, Index, Kept, Order, Search, Way};
use wire::{Choice, PageLimits};

use crate::account::store::LIST;
use crate::account::{Account, FIGURES, WORDS};

/// All accounts, by the time they joined.
pub(super) static ACCOUNTS: Collection<Account> = Collection {
    name: "identity/accounts",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::index(Index::Gsi1, |_| Some(vec![LIST.to_owned()])).orders(&["date_joined"])],
    filters: &[
        Filter::choice::<Status>("status", |account: &Account, wanted| {
            account.principal.status.as_str() == wanted
        })
        .about("Whether the account may act."),
        Filter::choice::<Role>("role", |account: &Account, wanted| {
            PLATFORM.role(&account.principal.roles) == wanted
        })
        .about("The role on the platform."),
    ],
    orders: &[Order::by("date_joined", |a, b| (a.joined, a.id()).cmp(&(b.joined, b.id())))],
    default_order: "-date_joined",
    search: Some(Search {
        scope: |_| WORDS.to_owned(),
        key: |_, id| Principal::key_of(id.parse().unwrap_or_default()),
        order: "date_joined",
    }),
    count: |asked| match asked.text("status") {
        None if asked.only(&[]) => Some(Kept::figure(FIGURES, "total")),
        Some(status) if asked.only(&["status"]) => Some(Kept::figure(FIGURES, status)),
        _ => None,
    },
    columns: &[],
};

/// The roles on the platform.
#[derive(Clone, Copy)]
enum Role {
    User,
    Admin,
}

impl Choice for Role {
    const ALL: &'static [Self] = &[Self::User, Self::Admin];

    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}
