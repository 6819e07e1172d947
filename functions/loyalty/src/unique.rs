//! Values that one row alone may have, each held by a row of its own.

use serde::{Deserialize, Serialize};
use table::{Condition, Key, Row, Table, Tx};
use wire::{Fault, folded};

use crate::ids::Number;

/// A value that one row alone may have.
///
/// Always made, moved and removed in the transaction that makes, changes or removes its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    what: What,
    value: String,
    /// The row that has it.
    owner: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum What {
    Email,
    Account,
    Code,
    Reference,
}

impl Unique {
    /// The address of a living member, without case.
    pub fn email(email: &str, owner: Number) -> Self {
        Self { what: What::Email, value: folded(email), owner: owner.to_string() }
    }

    /// The account that a living member is linked to.
    pub fn account(account: u64, owner: Number) -> Self {
        Self { what: What::Account, value: format!("{account:016}"), owner: owner.to_string() }
    }

    /// The code of a living voucher, to the letter.
    pub fn code(code: &str, owner: &str) -> Self {
        Self { what: What::Code, value: code.to_owned(), owner: owner.to_owned() }
    }

    /// The reference that points were earned for.
    pub fn reference(reference: &str, owner: &str) -> Self {
        Self { what: What::Reference, value: reference.to_owned(), owner: owner.to_owned() }
    }

    /// Who has the value.
    pub async fn owner(&self, table: &Table) -> Result<Option<String>, Fault> {
        Ok(table.get_strong::<Self>(&self.key()).await?.map(|held| held.owner))
    }

    /// Whether somebody else has the value.
    pub async fn is_taken(&self, table: &Table) -> Result<bool, Fault> {
        Ok(self.owner(table).await?.is_some_and(|owner| owner != self.owner))
    }

    /// The member that an account is linked to. It may lag by moments.
    pub async fn linked(table: &Table, account: u64) -> Result<Option<Number>, Fault> {
        let held: Option<Self> = table.get(&Self::account(account, Number(0)).key()).await?;
        Ok(held.and_then(|held| Number::parse(&held.owner)))
    }
}

impl Row for Unique {
    const KIND: &'static str = "unique";

    fn key(&self) -> Key {
        let what = match self.what {
            What::Email => "EMAIL",
            What::Account => "ACCOUNT",
            What::Code => "CODE",
            What::Reference => "REFERENCE",
        };
        Key::new(format!("LOYALTY#UNIQUE#{what}#{}", self.value), "UNIQUE")
    }
}

/// Moves a unique value along with its owner: the old one is free, the new one taken, in the owner's own transaction.
///
/// The old value can only be held by the owner, whose row the same transaction insists on.
pub fn moved<R>(tx: Tx<R>, old: Option<Unique>, new: Option<Unique>, taken: R) -> Tx<R>
where
    R: Clone,
{
    let key = |unique: &Option<Unique>| unique.as_ref().map(Row::key);
    if key(&old) == key(&new) {
        return tx;
    }
    let tx = match old {
        Some(old) => tx.delete(old.key(), Condition::exists().is("owner", &old.owner), taken.clone()),
        None => tx,
    };
    match new {
        Some(new) => tx.insert(&new, taken),
        None => tx,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fold_what_is_compared_without_case() {
        let key = |unique: &Unique| unique.key().pk().to_owned();
        assert_eq!(key(&Unique::email(" Sari@Shop.Test ", Number(7))), "LOYALTY#UNIQUE#EMAIL#sari@shop.test");
        assert_eq!(key(&Unique::account(9, Number(7))), "LOYALTY#UNIQUE#ACCOUNT#0000000000000009");
        assert_eq!(key(&Unique::code("Kopi20", "v")), "LOYALTY#UNIQUE#CODE#Kopi20");
        assert_eq!(key(&Unique::reference("R 1", "e")), "LOYALTY#UNIQUE#REFERENCE#R 1");
    }
}
