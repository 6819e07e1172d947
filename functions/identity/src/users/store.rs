//! Writing what an administrator decided.

use std::collections::BTreeMap;

use table::{Condition, Tx, Update};
use uuid::Uuid;
use wire::{Problem, Stamp};

use super::{Audit, Standing};
use crate::account::{Account, FIGURES};
use crate::session::store::sessions_key;

/// The account's new standing: its tokens end, the figures follow, and who did it is on record.
pub fn change(before: &Account, after: &Account, by: u64, now: Stamp) -> Tx<Problem> {
    let nothing = BTreeMap::<String, String>::new();
    let sessions = Update::when(sessions_key(before.id()), Condition::exists())
        .set("families", nothing)
        .set("ver", after.principal.ver)
        .set("open", after.principal.status.may_enter());
    let audit = Audit {
        account: before.id(),
        by,
        at: now,
        id: Uuid::now_v7().to_string(),
        before: standing(before),
        after: standing(after),
    };
    let (was, is) = (before.principal.status.as_str(), after.principal.status.as_str());
    let deltas = if was == is { vec![] } else { vec![(was, -1), (is, 1)] };
    Tx::new()
        .change(before, after, &["ver"])
        .update(sessions, Problem::not_found())
        .insert(&audit, Problem::not_found())
        .tally(FIGURES, deltas)
}

fn standing(account: &Account) -> Standing {
    Standing { roles: account.principal.roles.clone(), status: account.principal.status }
}
