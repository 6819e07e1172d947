//! Where discounts are kept, and how often accounts used them.

use table::{Condition, Key, Table, Tx, Update};
use wire::Fault;

use super::Discount;
use crate::ids::account_partition;

/// The partition of all discounts.
pub const DISCOUNTS: &str = "PREPAID#DISCOUNTS";

/// The row of a discount.
pub fn discount_key(code: &str) -> Key {
    Key::new(DISCOUNTS, code)
}

/// How many payments of an account use a discount.
fn uses_key(account: u64, code: &str) -> Key {
    Key::new(account_partition(account), format!("DISCOUNT#{code}"))
}

/// A code as it is compared; none, if no discount can have it.
pub fn normal(code: &str) -> Option<String> {
    let code = code.trim().to_uppercase();
    (!code.is_empty() && code.chars().count() <= 50 && code.bytes().all(allowed)).then_some(code)
}

/// What a code may be made of.
pub fn allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// A discount by its id, as the newest write left it.
pub async fn by_id(table: &Table, id: &str) -> Result<Option<Discount>, Fault> {
    match id.strip_prefix("d_").and_then(|code| Some((code, normal(code)?))) {
        Some((code, normal)) if code == normal => table.get_strong(&discount_key(code)).await,
        _ => Ok(None),
    }
}

/// A discount and how many payments of the account use it, as the newest writes left them.
pub async fn of_account(table: &Table, code: &str, account: u64) -> Result<Option<(Discount, i64)>, Fault> {
    let Some(code) = normal(code) else { return Ok(None) };
    let (discount, uses) = (discount_key(&code), uses_key(account, &code));
    let (discount, uses) = tokio::try_join!(table.get_strong(&discount), table.item(&uses, true))?;
    let uses = uses.and_then(|row| row.get("uses")?.as_n().ok()?.parse().ok()).unwrap_or_default();
    Ok(discount.map(|discount| (discount, uses)))
}

/// One more use, by an account that may. On other terms than those that were judged the decision is stale.
pub fn reserve<R>(tx: Tx<R>, discount: &Discount, account: u64, used_already: R) -> Tx<R> {
    let on_terms = Condition::exists().is("rev", discount.rev);
    let left = match discount.max_uses {
        Some(most) => on_terms.less("current_uses", most),
        None => on_terms,
    };
    let fewer = Condition::absent().or(Condition::exists().less("uses", discount.max_uses_per_user));
    let uses = Update::when(uses_key(account, &discount.code), fewer).of_kind("discount_use").add("uses", 1);
    tx.amend(Update::when(discount_key(&discount.code), left).add("current_uses", 1))
        .update(uses, used_already)
}

/// A use that came to nothing is free again.
pub fn release<R>(tx: Tx<R>, code: &str, account: u64) -> Tx<R> {
    let one_less = |key, name: &str| Update::when(key, Condition::exists().more(name, 0)).add(name, -1);
    tx.amend(one_less(discount_key(code), "current_uses")).amend(one_less(uses_key(account, code), "uses"))
}

/// A use that was let go by a payment that was paid all the same: it counts again, whatever the limits are.
pub fn take_again<R>(tx: Tx<R>, code: &str, account: u64) -> Tx<R> {
    let one_more = |key, name: &str| Update::when(key, Condition::exists()).add(name, 1);
    tx.amend(one_more(discount_key(code), "current_uses")).amend(one_more(uses_key(account, code), "uses"))
}

/// A new discount.
pub fn create<R>(discount: &Discount, taken: R) -> Tx<R> {
    Tx::new().insert(discount, taken)
}

/// An edit. What was used meanwhile stays used.
pub fn edit<R>(before: &Discount, after: &Discount) -> Tx<R> {
    Tx::new().change(before, after, &["rev"])
}
