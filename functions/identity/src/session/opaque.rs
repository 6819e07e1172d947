//! Opaque tokens: given out by the dialects whose clients keep one token for good.

use access::{Opaque, Principal};
use table::{Condition, Key, Tx};
use wire::Stamp;

use super::Refusal;
use crate::dialect::Dialect;

/// A token of an account, and the write that makes it good.
pub fn issue(principal: &Principal, dialect: Dialect, now: Stamp) -> (String, Tx<Refusal>) {
    let (token, text) = Opaque::new(principal.id, principal.ver, dialect.name, now);
    let same = Condition::exists().is("ver", principal.ver);
    let tx = Tx::new().insert(&token, Refusal::DeadToken);
    (text, tx.check(Principal::key_of(principal.id), same, Refusal::NoEntry))
}

/// The write that ends the token of this row; one that has ended already does not matter.
pub fn revoke(token: Key) -> Tx<Refusal> {
    Tx::new().delete(token, Condition::always(), Refusal::DeadToken)
}
