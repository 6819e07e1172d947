//! Changing a password, in whatever words somebody asks for it.

use access::{Caller, Principal};
use outbox::Letter;
use table::{Answered, Denied, Message, again};
use wire::{Input, Problem, Reply, Secret, Sent, Stamp};

use super::{Strong, reading};
use crate::Identity;
use crate::account::rules::password_apart;
use crate::account::store::{account as account_of, change_password};
use crate::account::{Account, Refusal};
use crate::hasher::Match;
use crate::session::store::newest_credential;
use crate::session::{Credential, failures};

/// The old password and the new as the caller sent them, or everything that is wrong with them at once.
pub fn read<T: Input>(sent: &Sent, caller: &Caller) -> Reply<T> {
    let claims = caller.claims();
    let [username, email] = [&claims.username, &claims.email].map(|name| name.as_deref().unwrap_or_default());
    reading::read(sent, "new_password", username, email)
}

/// Gives the caller another password, and keeps the answer with it. All sessions and tokens end.
pub async fn change(
    identity: &Identity,
    caller: &Caller,
    old: &Secret,
    new: &Strong,
    answered: Option<Answered>,
) -> Reply<()> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let changing = again(|| async {
        let (account, failures) =
            tokio::try_join!(account_of(table, caller.id()), failures::of_changes(table, caller.id(), now))?;
        caller.judge(account.as_ref().map(|account| account.principal.clone())).map_err(Denied::Refused)?;
        let account = account.ok_or_else(|| Denied::Refused(Problem::bad_token()))?;
        failures::admit_change(failures, now).map_err(Denied::Refused)?;
        let known = compared(identity, &account, old, now).await?;
        let hash = hash_of(identity, "new_password", new, &account).await;
        let tx = change_password(&account, known.password, &hash.map_err(Denied::Refused)?, false)
            .tell(changed(&account, now))
            .answering(answered.clone());
        let written = table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Stale));
        if let Err(Denied::Stale) = written
            && let Some(account) = account_of(table, account.id()).await?
        {
            // Who lost against another change hears so, and not that their token ended by it.
            compared(identity, &account, old, now).await?;
        }
        written
    });
    changing.await?;
    tracing::info!(target: "security", event = "password_changed", user = caller.id());
    Ok(())
}

/// What the old password was compared with, as the newest write left it; a wrong one is refused and counted.
async fn compared(
    identity: &Identity,
    account: &Account,
    old: &Secret,
    now: Stamp,
) -> Result<Credential, Denied<Problem>> {
    let table = &identity.app.table;
    let known = newest_credential(table, &account.logins()[0]).await?;
    // A login that leads elsewhere by now was moved between two reads.
    let known = known.filter(|known| known.account == account.id()).ok_or(Denied::Stale)?;
    if identity.hasher.compare(old.expose(), Some(&known.hash)).await? == Match::No {
        failures::note_change(table, account.id(), now).await.map_err(Denied::Refused)?;
        return Err(Denied::Refused(Problem::field("old_password", "Old password is incorrect")));
    }
    Ok(known)
}

/// The hash of a new password, which must not say too much of its owner.
pub async fn hash_of(identity: &Identity, field: &str, password: &Strong, owner: &Account) -> Reply<String> {
    let Principal { username, email, .. } = &owner.principal;
    password_apart(field, password.expose(), username, email).or(())?;
    Ok(identity.hasher.hash(password.expose()).await?)
}

/// Tells the owner of an account that its password is another now.
pub fn changed(account: &Account, now: Stamp) -> Message {
    let letter =
        Letter::new("identity/password-changed", &account.principal.email).with("name", account.called());
    letter.with("at", now.to_string()).message("identity", now)
}

/// What a denied write means where a refused one means this.
pub fn otherwise(denied: Denied<Refusal>, refused: Denied<Problem>) -> Denied<Problem> {
    match denied {
        Denied::Refused(_) => refused,
        Denied::Stale => Denied::Stale,
        Denied::Repeated(answer) => Denied::Repeated(answer),
        Denied::Fault(fault) => Denied::Fault(fault),
    }
}
