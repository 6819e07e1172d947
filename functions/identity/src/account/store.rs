//! Where accounts are kept.

use std::collections::BTreeMap;

use access::Principal;
use table::{Condition, Denied, Message, Table, Tx, Update};
use wire::Fault;

use super::{Account, Found, Login, Refusal};
use crate::session::enter::Opening;
use crate::session::store::{credential_key, newest_credential, sessions, sessions_key};
use crate::session::{Credential, Family, Sessions};

/// The partition of the index that lists all accounts by the time they joined.
pub const LIST: &str = "IDENTITY#ACCOUNTS";

/// The account, as the newest write left it.
pub async fn account(table: &Table, id: u64) -> Result<Option<Account>, Fault> {
    table.get_strong(&Principal::key_of(id)).await
}

/// The account and its last sign-in, as the newest writes left them.
pub async fn found(table: &Table, id: u64) -> Result<Option<Found>, Fault> {
    let (account, sessions) = tokio::try_join!(account(table, id), sessions(table, id))?;
    let last_login = sessions.and_then(|sessions| sessions.last_login);
    Ok(account.map(|account| Found { account, last_login }))
}

/// A new account with its logins, its place in the figures and, if it signs in at once, its first session.
pub fn register(account: &Account, hash: &str, opening: Option<&Opening>, welcome: Message) -> Tx<Refusal> {
    let first = opening.map(|opening| (opening.id.clone(), opening.family.clone()));
    let sessions = Sessions {
        account: account.id(),
        password: 0,
        ver: account.principal.ver,
        open: true,
        last_login: opening.map(|opening| opening.family.created),
        families: first.into_iter().collect(),
    };
    create(account, hash, &sessions).tell(welcome)
}

/// A new account with its logins and its place in the figures.
pub fn create(account: &Account, hash: &str, sessions: &Sessions) -> Tx<Refusal> {
    let names = [Login::Username, Login::Email];
    let tx = Tx::new().insert(account, Refusal::Number);
    // An account whose user name is its address has one login.
    let tx = account.logins().into_iter().zip(names).fold(tx, |tx, (login, name)| {
        let credential = Credential { login, account: account.id(), hash: hash.to_owned(), password: 0 };
        tx.insert(&credential, Refusal::Taken(name))
    });
    tx.insert(sessions, Refusal::Number).moved(None, account).moved(None, sessions)
}

/// Which of the wanted names lead to another account already.
pub async fn taken(
    table: &Table,
    username: &str,
    email: &str,
    own: Option<u64>,
) -> Result<Vec<Login>, Fault> {
    let other = |found: Option<Credential>| found.is_some_and(|found| Some(found.account) != own);
    let (by_name, by_email) =
        tokio::try_join!(newest_credential(table, username), newest_credential(table, email))?;
    let taken = [(Login::Username, other(by_name)), (Login::Email, other(by_email))];
    Ok(taken.into_iter().filter_map(|(login, taken)| taken.then_some(login)).collect())
}

/// An edit of an account; where a name changes, its login moves along. Stale when it has moved already.
pub async fn edit(table: &Table, before: &Account, after: &Account) -> Result<Tx<Refusal>, Denied<Refusal>> {
    let tx = Tx::new().change(before, after, &[]);
    let (old, new) = (before.logins(), after.logins());
    if old == new {
        return Ok(tx);
    }
    let login = newest_credential(table, &old[0]).await?.ok_or(Denied::Stale)?;
    // The password must still be the one that is copied.
    let same = || Condition::exists().is("account", before.id()).is("password", login.password);
    let tx = old
        .iter()
        .filter(|name| !new.contains(name))
        .fold(tx, |tx, name| tx.delete(credential_key(name), same(), Refusal::Gone));
    let name_of = |name: &String| if *name == new[0] { Login::Username } else { Login::Email };
    let tx = new.iter().filter(|name| !old.contains(name)).fold(tx, |tx, name| {
        tx.insert(&Credential { login: name.clone(), ..login.clone() }, Refusal::Taken(name_of(name)))
    });
    // A name that stays holds still, so that password and names never change past each other.
    Ok(new
        .iter()
        .filter(|name| old.contains(name))
        .fold(tx, |tx, name| tx.check(credential_key(name), same(), Refusal::Gone)))
}

/// Gives an account another password and ends all that the old one opened; what is opened in its place lives on.
///
/// `known` is how often the password had been changed when it was judged that it may be changed once more: of two
/// changes that rest on the same, one happens. Stale when a name or an address changed meanwhile.
pub fn change_password(
    before: &Account,
    known: u64,
    hash: &str,
    verified: bool,
    opening: Option<&Opening>,
) -> Tx<Refusal> {
    let mut after = before.clone();
    after.principal.ver += 1;
    after.email_verified |= verified;
    let id = before.id();
    let opened: BTreeMap<&str, &Family> = opening.iter().map(|new| (new.id.as_str(), &new.family)).collect();
    let sessions = Update::when(sessions_key(id), Condition::exists().is("password", known))
        .set("families", opened)
        .set("ver", after.principal.ver)
        .add("password", 1);
    // The account comes first: while its names are as they were read, a login that differs has another password.
    let tx = Tx::new().change(before, &after, &["username", "email"]);
    let tx = before.logins().iter().fold(tx, |tx, login| {
        let same = Condition::exists().is("account", id).is("password", known);
        let update = Update::when(credential_key(login), same).set("hash", hash).add("password", 1);
        tx.update(update, Refusal::Gone)
    });
    tx.update(sessions, Refusal::Gone)
}
