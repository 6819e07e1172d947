//! Writing accounts, and saying in words why one was not written.

use outbox::Letter;
use table::{Denied, Message, Tx};
use wire::{Fault, Problem, Stamp, folded};

use super::{Account, Refusal, rules, store};
use crate::Identity;
use crate::dialect::{CANONICAL, Dialect};

/// Writes an edited account together with `more`, and tells the address that it leaves by the edit.
pub async fn edited(
    identity: &Identity,
    before: &Account,
    after: Account,
    now: Stamp,
    more: impl FnOnce(Tx<Refusal>, &Account) -> Tx<Refusal>,
) -> Result<Account, Denied<Problem>> {
    let table = &identity.app.table;
    let written = async {
        let tx = store::edit(table, before, &after).await?;
        let tx = moved(before, &after, now).into_iter().fold(tx, Tx::tell);
        table.commit(more(tx, &after)).await
    };
    match written.await {
        Ok(()) => Ok(after),
        // The password may have changed beside the names: both are judged anew.
        Err(Denied::Stale | Denied::Refused(Refusal::Gone)) => Err(Denied::Stale),
        Err(denied) => {
            let own = Some(after.id());
            Err(Denied::Refused(refused(identity, denied, &after, own, CANONICAL).await?))
        }
    }
}

/// What a denied write of an account means to whoever asked for it; names every name that is taken.
pub async fn refused(
    identity: &Identity,
    denied: Denied<Refusal>,
    account: &Account,
    own: Option<u64>,
    dialect: Dialect,
) -> Result<Problem, Fault> {
    let refusal = match denied {
        Denied::Refused(refusal) => refusal,
        Denied::Fault(fault) => return Err(fault),
        Denied::Repeated(answer) => return Ok(answer),
        Denied::Stale => return Err(Fault::busy("an account kept changing")),
    };
    match refusal {
        Refusal::Taken(_) => {
            let (username, email) = (folded(&account.principal.username), folded(&account.principal.email));
            let taken = store::taken(&identity.app.table, &username, &email, own).await?;
            if taken.is_empty() {
                return Err(Fault::busy("a name was taken and freed meanwhile"));
            }
            Ok(rules::taken(&taken, dialect).into())
        }
        // One number in four thousand, and only for accounts that two processes make in the same millisecond.
        Refusal::Number => Err(Fault::busy("an account number was in use")),
        Refusal::Gone => Err(Fault::busy("the password changed meanwhile")),
    }
}

/// Tells the address that an account leaves, whose reader may not have asked for that.
fn moved(before: &Account, after: &Account, now: Stamp) -> Option<Message> {
    let (old, new) = (&before.principal.email, &after.principal.email);
    let letter = Letter::new("identity/address-changed", old)
        .with("name", before.called())
        .with("at", now.to_string())
        .with("address", rules::masked(new));
    (old != new).then(|| letter.message("identity", now))
}
