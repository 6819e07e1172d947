//! The one table: keys, rows, transactions and what is kept beside them. The only deployed crate that names the `DynamoDB` SDK.

mod again;
pub mod as_text;
mod collection;
mod commit;
mod condition;
mod due;
mod key;
mod kind;
mod leading;
mod meter;
mod once;
mod row;
mod seal;
mod search;
mod sequence;
mod table;
mod tally;
mod tx;
mod unique;
mod verdict;

pub use again::{again, again_from, again_on};
pub use aws_sdk_dynamodb::types::AttributeValue;
pub use collection::{Asked, BUDGET, Collection, Filter, Kept, Listing, Order, Search, Way};
pub use condition::{Condition, Update};
pub use due::Due;
pub use key::{Index, Key, Places, digest, spread};
pub use kind::Kind;
pub use leading::{free_bits, leading_id};
pub use meter::{Usage, metered, within};
pub use once::{Answered, Once, Progress};
pub use row::{Item, Row, attribute, from_item, kind_of, to_item};
pub use seal::Seal;
pub use search::{Words, split};
pub use table::{Batch, Query, Table, key_of};
pub use tally::{Counts, Deltas, Figures, Reading, Tallies, counted, of_day, scope_of};
pub use tx::{Denied, Message, Tx, settled};
pub use unique::Unique;

/// The kinds of rows that every context may have.
pub const KINDS: [Kind; 3] = [Kind::of::<once::Kept>(), Kind::of::<search::Entry>(), Kind::of::<Unique>()];
