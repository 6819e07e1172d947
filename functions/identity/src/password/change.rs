//! Changing a password, in whatever words somebody asks for it.

use access::Caller;
use outbox::Letter;
use table::{Answered, Denied, Message, again};
use wire::{Fault, Input, Problem, Reply, Secret, Sent, Stamp};

use super::{Strong, reading};
use crate::Identity;
use crate::account::rules::{Names, password_apart};
use crate::account::store::{account as account_of, change_password};
use crate::account::{Account, Refusal};
use crate::dialect::Dialect;
use crate::hasher::Match;
use crate::session::enter::{Opening, Pair};
use crate::session::store::newest_credential;
use crate::session::{Credential, failures};

/// The old password and the new as the caller sent them, or everything that is wrong with them at once.
pub fn read<T: Input>(sent: &Sent, caller: &Caller) -> Reply<T> {
    let claims = caller.claims();
    let [username, email] = [&claims.username, &claims.email].map(|name| name.as_deref().unwrap_or_default());
    reading::read(sent, "new_password", Names { username, email, ..Names::default() })
}

/// A change of the caller's password.
pub struct Change<'a> {
    /// The dialect that it is asked for in.
    pub dialect: Dialect,
    /// The password to be replaced.
    pub old: &'a Secret,
    /// The one to replace it.
    pub new: &'a Strong,
    /// What is said when the old one is another.
    pub wrong: fn() -> Problem,
    /// The session to go on with, where clients expect one.
    pub opening: Option<&'a Opening>,
}

/// Gives the caller another password, and keeps the answer with it. All sessions and tokens end, but for the session that
/// the change opens and whose tokens it answers with.
pub async fn change(
    identity: &Identity,
    caller: &Caller,
    wish: Change<'_>,
    answered: impl Fn(Option<&Pair>) -> Result<Option<Answered>, Fault>,
) -> Reply<Option<Pair>> {
    let wish = &wish;
    let answered = &answered;
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let changing = again(|| async {
        let (account, failures) =
            tokio::try_join!(account_of(table, caller.id()), failures::of_changes(table, caller.id(), now))?;
        caller.judge(account.as_ref().map(|account| account.principal.clone())).map_err(Denied::Refused)?;
        let account = account.ok_or_else(|| Denied::Refused(Problem::bad_token()))?;
        failures::admit_change(failures, now).map_err(Denied::Refused)?;
        let known = compared(identity, &account, wish, now).await?;
        let hash = hash_of(identity, "new_password", wish.new, &account).await.map_err(Denied::Refused)?;
        let tokens = match wish.opening {
            Some(opening) => {
                Some(opening.tokens(identity, &account.principal, account.principal.ver + 1).await?)
            }
            None => None,
        };
        let tx = change_password(&account, known.password, &hash, false, wish.opening)
            .tell(changed(identity, wish.dialect, &account, now))
            .answering(answered(tokens.as_ref())?);
        let written = table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Stale));
        if let Err(Denied::Stale) = written
            && let Some(account) = account_of(table, account.id()).await?
        {
            // Who lost against another change hears so, and not that their token ended by it.
            compared(identity, &account, wish, now).await?;
        }
        written.map(|()| tokens)
    });
    let tokens = changing.await?;
    tracing::info!(target: "security", event = "password_changed", user = caller.id());
    Ok(tokens)
}

/// What the old password was compared with, as the newest write left it; a wrong one is refused and counted.
async fn compared(
    identity: &Identity,
    account: &Account,
    wish: &Change<'_>,
    now: Stamp,
) -> Result<Credential, Denied<Problem>> {
    let table = &identity.app.table;
    let known = newest_credential(table, &account.logins()[0]).await?;
    // A login that leads elsewhere by now was moved between two reads.
    let known = known.filter(|known| known.account == account.id()).ok_or(Denied::Stale)?;
    if identity.hasher.compare(wish.old.expose(), Some(&known.hash)).await? == Match::No {
        failures::note_change(table, account.id(), now).await.map_err(Denied::Refused)?;
        return Err(Denied::Refused((wish.wrong)()));
    }
    Ok(known)
}

/// The hash of a new password, which must not say too much of its owner.
pub async fn hash_of(identity: &Identity, field: &str, password: &Strong, owner: &Account) -> Reply<String> {
    password_apart(field, password.expose(), Names::from(&owner.principal)).or(())?;
    Ok(identity.hasher.hash(password.expose()).await?)
}

/// Tells the owner of an account that its password is another now.
pub fn changed(identity: &Identity, dialect: Dialect, account: &Account, now: Stamp) -> Message {
    Letter::new(&dialect.letter("password-changed"), &account.principal.email)
        .with("name", account.called())
        .with("at", now.to_string())
        .with("link", identity.frontend(dialect))
        .message("identity", now)
}

/// What is said of a wrong old password, if not in words of a dialect's own.
pub fn wrong_old() -> Problem {
    Problem::field("old_password", "Old password is incorrect")
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
