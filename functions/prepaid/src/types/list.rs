//! How voucher types are listed.

use table::{Collection, Filter, Order, Way};
use wire::{Choice, PageLimits, folded};

use super::VoucherType;
use super::store::TYPES;

/// All types in the order in which they were made, as the newest write left them.
///
/// There are some tens: a filter looks at all of them.
pub static CATALOGUE: Collection<VoucherType> = Collection {
    name: "prepaid/types",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::table(|_| Some(vec![TYPES.to_owned()]))
        .orders(&["created_at"])
        .narrow(|_, query| query.strong())],
    filters: &[
        Filter::text("search", contains).about("Parts of words of name or description."),
        Filter::text("service_type", |known: &VoucherType, service| known.type_code == service)
            .about("The service it is for."),
        Filter::choice::<Shown>("is_active", |known: &VoucherType, shown| match shown {
            "all" => true,
            shown => known.is_active == (shown == Shown::Active.as_str()),
        })
        .about("For staff: `false` or `all`."),
    ],
    orders: &[
        Order::by("created_at", |a, b| (a.created_at, a.id).cmp(&(b.created_at, b.id))),
        Order::by("price", |a, b| (a.price, a.id).cmp(&(b.price, b.id))),
        Order::by("name", |a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase())),
    ],
    default_order: "created_at",
    search: None,
    count: |_| None,
    columns: &[],
};

/// Whether every word that is sought is part of the name or the description.
fn contains(known: &VoucherType, sought: &str) -> bool {
    let texts = [folded(&known.name), folded(&known.description)];
    folded(sought).split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// Which types are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Those that are sold.
    Active,
    /// Those that are not.
    Inactive,
    /// Both.
    All,
}

impl Choice for Shown {
    const ALL: &'static [Self] = &[Self::Active, Self::Inactive, Self::All];

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "true",
            Self::Inactive => "false",
            Self::All => "all",
        }
    }
}
