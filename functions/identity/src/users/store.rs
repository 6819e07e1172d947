//! Writing what an administrator decided.

use std::collections::BTreeMap;

use table::{Condition, Tx, Update};
use wire::Stamp;

use super::Audit;
use crate::account::{Account, Refusal};
use crate::session::store::sessions_key;

/// What the edit of an account takes besides when an administrator makes it: the sessions and the figures follow its
/// status, and who did it is on record.
pub fn change(tx: Tx<Refusal>, before: &Account, after: &Account, by: u64, now: Stamp) -> Tx<Refusal> {
    let tx = tx.insert(&Audit::of(before, after, by, now), Refusal::Number);
    let is = after.principal.status;
    if before.principal.status == is {
        return tx;
    }
    let sessions =
        Update::when(sessions_key(before.id()), Condition::exists().is("ver", before.principal.ver))
            .set("open", is.may_enter())
            .set("ver", after.principal.ver);
    let sessions =
        if is.may_enter() { sessions } else { sessions.set("families", BTreeMap::<String, String>::new()) };
    tx.update(sessions, Refusal::Gone).moved(Some(before), after)
}
