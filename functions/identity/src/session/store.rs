//! Where credentials and sessions are kept.

use std::collections::HashMap;

use access::Principal;
use table::{Condition, Denied, Key, Table, Tx, Update, again, from_item};
use wire::{Fault, Stamp};

use super::{Credential, Family, Refusal, Sessions};

/// In bytes. 254 characters of four bytes each are shorter, and what a key may have is twice as long.
const LONGEST_LOGIN: usize = 1024;

/// The row that a login leads to.
pub fn credential_key(login: &str) -> Key {
    Key::new(format!("CREDENTIAL#LOGIN#{login}"), "LOGIN")
}

/// The row of an account's sessions.
pub fn sessions_key(account: u64) -> Key {
    Key::new(format!("CREDENTIAL#SESSIONS#{account:016}"), "SESSIONS")
}

/// What a login leads to. It may lag by moments; a refusal must not rest on it.
pub async fn credential(table: &Table, login: &str) -> Result<Option<Credential>, Fault> {
    if login.len() > LONGEST_LOGIN { Ok(None) } else { table.get(&credential_key(login)).await }
}

/// The same as the newest write left it.
pub async fn newest_credential(table: &Table, login: &str) -> Result<Option<Credential>, Fault> {
    if login.len() > LONGEST_LOGIN { Ok(None) } else { table.get_strong(&credential_key(login)).await }
}

/// The sessions of an account.
pub async fn sessions(table: &Table, account: u64) -> Result<Option<Sessions>, Fault> {
    table.get_strong(&sessions_key(account)).await
}

/// When each of these accounts last signed in.
pub async fn last_logins(
    table: &Table,
    accounts: impl Iterator<Item = u64>,
) -> Result<HashMap<u64, Stamp>, Fault> {
    let keys: Vec<Key> = accounts.map(sessions_key).collect();
    let sessions = table.rows::<Sessions>(&keys).await?;
    Ok(sessions.into_iter().filter_map(|sessions| Some((sessions.account, sessions.last_login?))).collect())
}

/// Opens a session, provided that the account is open and the password still the one that was compared.
///
/// The first of a day also moves the account from one day's figures to the other's.
pub async fn open(
    table: &Table,
    credential: &Credential,
    id: &str,
    family: &Family,
) -> Result<Sessions, Denied<Refusal>> {
    let today = family.created.day();
    let once_more = may_enter(credential)
        .at_least("last_login", today.first_instant())
        .at_most("last_login", today.last_instant());
    let update = opening(credential.account, once_more, id, family).set("last_login", family.created);
    match table.apply(update, Refusal::NoEntry).await {
        Ok(item) => Ok(from_item(item)?),
        Err(Denied::Refused(_)) => again(|| open_on_another_day(table, credential, id, family)).await,
        Err(denied) => Err(denied),
    }
}

async fn open_on_another_day(
    table: &Table,
    credential: &Credential,
    id: &str,
    family: &Family,
) -> Result<Sessions, Denied<Refusal>> {
    let before = sessions(table, credential.account).await?;
    let before = before.filter(|before| before.open && before.password == credential.password);
    let before = before.ok_or(Denied::Refused(Refusal::NoEntry))?;
    let mut after = before.clone();
    after.families.insert(id.to_owned(), family.clone());
    // Another function's clock may be ahead, and its day is not taken back.
    after.last_login = before.last_login.max(Some(family.created));
    let unmoved = match before.last_login {
        Some(last) => may_enter(credential).is("last_login", last),
        None => may_enter(credential).missing("last_login"),
    };
    let update = opening(credential.account, unmoved, id, family).set("last_login", after.last_login);
    let tx = Tx::new().amend(update).moved(Some(&before), &after);
    table.commit(tx).await?;
    Ok(after)
}

fn may_enter(credential: &Credential) -> Condition {
    Condition::exists().is("open", true).is("password", credential.password)
}

fn opening(account: u64, condition: Condition, id: &str, family: &Family) -> Update {
    Update::when(sessions_key(account), condition).set(&format!("families.{id}"), family)
}

/// The end of sessions; those that are gone already do not matter.
pub fn ended(account: u64, ids: &[String]) -> Update {
    let update = Update::when(sessions_key(account), Condition::exists());
    ids.iter().fold(update, |update, id| update.remove(&format!("families.{id}")))
}

/// The end of one session, which must be there.
pub fn ending(account: u64, id: &str) -> Update {
    let family = format!("families.{id}");
    Update::when(sessions_key(account), Condition::exists().has(&family)).remove(&family)
}

/// Notes the use of a session, provided that this refresh token of it is good.
pub async fn touch(
    table: &Table,
    account: u64,
    ver: u64,
    id: &str,
    token: &str,
    now: Stamp,
) -> Result<Sessions, Denied<Refusal>> {
    let good = Condition::exists()
        .is("open", true)
        .is("ver", ver)
        .more(&format!("families.{id}.end"), now)
        .more(&format!("families.{id}.tokens.{token}"), now);
    let update = Update::when(sessions_key(account), good).set(&format!("families.{id}.used"), now);
    Ok(from_item(table.apply(update, Refusal::DeadToken).await?)?)
}

/// Puts a session's next state in place of the one that was judged.
pub fn replaced(sessions: &Sessions, id: &str, before: &Family, after: &Family) -> Update {
    let path = format!("families.{id}");
    let same = Condition::exists().is("open", true).is("ver", sessions.ver).is(&path, before);
    Update::when(sessions_key(sessions.account), same).set(&path, after)
}

/// Ends every session of an account, and every token it gave out.
pub fn end_all(account: u64, before: &Principal) -> Tx<Refusal> {
    let nothing = std::collections::BTreeMap::<String, Family>::new();
    let sessions = Update::when(sessions_key(account), Condition::exists())
        .set("families", nothing)
        .set("ver", before.ver + 1);
    let principal =
        Update::when(Principal::key_of(account), Condition::exists().is("ver", before.ver)).add("ver", 1);
    Tx::new().update(sessions, Refusal::NoSession).update(principal, Refusal::DeadToken)
}

/// Stores another hash of the same password.
pub fn rehashed(logins: &[String], credential: &Credential, hash: &str) -> Tx<Refusal> {
    logins.iter().fold(Tx::new(), |tx, login| {
        let same = Condition::exists().is("account", credential.account).is("hash", &credential.hash);
        tx.update(Update::when(credential_key(login), same).set("hash", hash), Refusal::NoEntry)
    })
}
