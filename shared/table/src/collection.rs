//! Lists: a description of a collection is a value, and everything a list does follows from it.

mod asked;
mod count;
mod cursor;
mod describe;
mod export;
mod filter;
mod found;
mod listing;
mod merge;
mod order;
mod page;
mod reading;
mod walk;
mod way;

use wire::{Column, PageLimits};

pub use asked::Asked;
pub use count::Kept;
pub use filter::Filter;
pub use found::Search;
pub use listing::Listing;
pub use order::Order;
pub use way::Way;

/// How many rows a list looks at for one answer.
pub const BUDGET: usize = 2_000;

/// How many found rows a search reads by their keys for one answer; each costs what eight cost in a query.
const FOUND_BUDGET: usize = 500;

/// A list that clients page through, as data.
///
/// What a page of 20 rows of half a KB costs, whatever the size of the collection:
///
/// | asked | trips | read units |
/// | --- | --- | --- |
/// | an order and filters that a way gives, `count` kept | 1 | 1.5, and 1 for the figures |
/// | the same over 4 partitions | 1 | 4, and 1 for the figures |
/// | filters that remain, `count` kept | 1 and more | by the rows looked at, 6.5 for the first 100 |
/// | filters that remain, `count` not kept | 1 or 2 | by the rows looked at, 125 at most |
/// | no filters remain, `count` not kept | 1; 2 if not the only page | 1.5, and by the rows counted, 125 at most |
/// | an order that no way gives | 1 or 2 | for all that the key condition finds, 125 at most |
/// | a search | 2 | for the entries found, and 0.5 for each row of the page |
/// | a search with filters or an order of its own | 2 | 0.5 for each row found, 250 at most |
///
/// A page reached by a cursor need not be counted: the cursor carries what the first page counted. `page=N` also
/// pays for the rows it passes over, and beyond the budget there is no such page.
#[derive(Debug)]
pub struct Collection<R: 'static> {
    /// The name, such as `identity/accounts`; cursors are sealed to it.
    pub name: &'static str,
    /// How large pages are.
    pub limits: PageLimits,
    /// The ways in.
    pub ways: &'static [Way],
    /// The filters.
    pub filters: &'static [Filter<R>],
    /// The orders.
    pub orders: &'static [Order<R>],
    /// The order while none is asked for, such as `-created_at`.
    pub default_order: &'static str,
    /// How it is searched.
    pub search: Option<Search>,
    /// The kept figure that counts what is asked, if one does. Never asked about searches.
    pub count: fn(&Asked) -> Option<Kept>,
    /// What a CSV file shows.
    pub columns: &'static [Column<R>],
}
