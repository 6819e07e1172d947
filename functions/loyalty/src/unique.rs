//! Values that one row alone may have.

use table::{Table, Unique};
use wire::{Fault, folded};

use crate::ids::Number;

/// The address of a living member, without case.
pub fn email(email: &str, owner: Number) -> Unique {
    Unique::new("LOYALTY#EMAIL", folded(email), owner.to_string())
}

/// The account that a living member is linked to.
pub fn account(account: u64, owner: Number) -> Unique {
    Unique::new("LOYALTY#ACCOUNT", format!("{account:016}"), owner.to_string())
}

/// The code of a living voucher, to the letter.
pub fn code(code: &str, owner: &str) -> Unique {
    Unique::new("LOYALTY#CODE", code, owner)
}

/// The reference that points were earned for.
pub fn reference(reference: &str, owner: &str) -> Unique {
    Unique::new("LOYALTY#REFERENCE", reference, owner)
}

/// The member that an account is linked to. It may lag by moments.
pub async fn linked(table: &Table, of: u64) -> Result<Option<Number>, Fault> {
    let owner = account(of, Number(0)).owner_quickly(table).await?;
    Ok(owner.and_then(|owner| Number::parse(&owner)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::Row;

    #[test]
    fn keys_fold_what_is_compared_without_case() {
        let key = |unique: Unique| unique.key().pk().to_owned();
        assert_eq!(key(email(" Sari@Shop.Test ", Number(7))), "LOYALTY#UNIQUE#EMAIL#sari@shop.test");
        assert_eq!(key(account(9, Number(7))), "LOYALTY#UNIQUE#ACCOUNT#0000000000000009");
        assert_eq!(key(code("Kopi20", "v")), "LOYALTY#UNIQUE#CODE#Kopi20");
        assert_eq!(key(reference("R 1", "e")), "LOYALTY#UNIQUE#REFERENCE#R 1");
    }
}
