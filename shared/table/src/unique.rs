//! Values that one row alone may have, each held by a row of its own.

use serde::{Deserialize, Serialize};
use wire::Fault;

use crate::{Condition, Key, Row, Table, Tx};

/// A value that one row alone may have: an address, a code.
///
/// Always made, moved and removed in the transaction that makes, changes or removes its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    /// Among what it is unique, such as `LOYALTY#EMAIL`.
    #[serde(skip)]
    among: &'static str,
    value: String,
    /// The row that has it.
    owner: String,
}

impl Unique {
    /// The value of `owner`, unique within a context and a kind of value. Equal values must be spelt alike.
    pub fn new(among: &'static str, value: impl Into<String>, owner: impl Into<String>) -> Self {
        Self { among, value: value.into(), owner: owner.into() }
    }

    /// Who has the value, as the newest write left it.
    pub async fn owner(&self, table: &Table) -> Result<Option<String>, Fault> {
        Ok(table.get_strong::<Self>(&self.key()).await?.map(|held| held.owner))
    }

    /// The same from a read that may lag by moments.
    pub async fn owner_quickly(&self, table: &Table) -> Result<Option<String>, Fault> {
        Ok(table.get::<Self>(&self.key()).await?.map(|held| held.owner))
    }

    /// Whether somebody else has the value.
    pub async fn is_taken(&self, table: &Table) -> Result<bool, Fault> {
        Ok(self.owner(table).await?.is_some_and(|owner| owner != self.owner))
    }
}

impl Row for Unique {
    const KIND: &'static str = "unique";

    fn key(&self) -> Key {
        let (context, what) = self.among.split_once('#').unwrap_or((self.among, ""));
        Key::new(format!("{context}#UNIQUE#{what}#{}", self.value), "UNIQUE")
    }
}

impl<R: Clone> Tx<R> {
    /// Moves a unique value along with its owner: the old one is free, the new one taken, in the owner's own transaction.
    ///
    /// The old value can only be held by the owner, whose row the same transaction insists on.
    pub fn moves(self, old: Option<Unique>, new: Option<Unique>, taken: R) -> Self {
        let key = |unique: &Option<Unique>| unique.as_ref().map(Row::key);
        if key(&old) == key(&new) {
            return self;
        }
        let tx = match old {
            Some(old) => self.delete(old.key(), Condition::exists().is("owner", &old.owner), taken.clone()),
            None => self,
        };
        match new {
            Some(new) => tx.insert(&new, taken),
            None => tx,
        }
    }
}
