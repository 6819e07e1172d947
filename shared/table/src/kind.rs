//! Kinds of rows as values, for whoever meets items and knows no types: an operator's tools, and tests.

use wire::Fault;

use crate::{Counts, Item, Row, Tallies, Tx, counted, from_item, to_item};

/// One kind of rows.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The version of its shape.
    pub version: u32,
    counts: fn(&Item) -> Result<Tallies, Fault>,
    rewritten: fn(Item) -> Result<Item, Fault>,
    change: fn(Item, Item) -> Result<Tx<()>, Fault>,
}

impl Kind {
    /// The kind of rows that count nowhere.
    pub const fn of<R: Row>() -> Self {
        Self {
            name: R::KIND,
            version: R::VERSION,
            counts: |_| Ok(Tallies::default()),
            rewritten: |item| Ok(to_item(&from_item::<R>(item)?)),
            change: |before, after| {
                Ok(Tx::new().change(&from_item::<R>(before)?, &from_item::<R>(after)?, &[]))
            },
        }
    }

    /// The kind of rows that count into figures.
    pub const fn counting<C: Counts>() -> Self {
        Self { counts: counted::<C>, ..Self::of::<C>() }
    }

    /// What an item counts into the figures of which scopes.
    pub fn counts(&self, item: &Item) -> Result<Tallies, Fault> {
        (self.counts)(item)
    }

    /// An item as it would be written today.
    pub fn rewritten(&self, item: Item) -> Result<Item, Fault> {
        (self.rewritten)(item)
    }

    /// The write that takes an item from what it was to what it is to be.
    pub fn change(&self, before: Item, after: Item) -> Result<Tx<()>, Fault> {
        (self.change)(before, after)
    }
}
