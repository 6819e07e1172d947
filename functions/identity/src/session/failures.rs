//! Wrong and forgotten passwords by the hour, whatever addresses they come from: many addresses are no way around the waits of one.

use table::{Condition, Denied, Item, Key, Table, Update, digest};
use wire::{Fault, Problem, Reply, Stamp};

/// So many failures of a login in an hour read as failures; more are told to wait.
const MOST: u64 = 100;

/// So many wrong old passwords of an account in an hour are compared. Whoever sends them is signed in already, and
/// its owner has the mail as another way.
const MOST_OF_CHANGES: u64 = 10;

const HOUR: i64 = 3600;

/// The attribute that counts.
const FAILURES: &str = "failures";

/// The row of this hour's failures of a login. By its hash, so that the row names nobody.
pub fn login_key(login: &str, now: Stamp) -> Key {
    Key::new(format!("THROTTLE#LOGIN#{}", digest(login)), hour_of(now))
}

/// The row of this hour's wrong old passwords of an account. By its number: a name can be changed on the way.
pub fn changes_key(account: u64, now: Stamp) -> Key {
    Key::new(format!("THROTTLE#PASSWORD#{account:016}"), hour_of(now))
}

/// The row of this hour's mails about a forgotten password. By the hash of the address, so that the row names nobody.
pub fn mails_key(email: &str, now: Stamp) -> Key {
    Key::new(format!("THROTTLE#FORGOTTEN#{}", digest(email)), hour_of(now))
}

fn hour_of(now: Stamp) -> String {
    format!("HOUR#{}", now.seconds().div_euclid(HOUR))
}

/// Counts a failed sign-in, and refuses to say so when there are too many.
///
/// Only failures are judged by this: the right password enters, so that nobody can lock an owner out.
pub async fn note_sign_in(table: &Table, login: &str, now: Stamp) -> Reply<()> {
    let failures = count(table, login_key(login, now), now).await?;
    if failures > MOST { Err(wait(now)) } else { Ok(()) }
}

/// How many old passwords of this account were wrong this hour.
pub async fn of_changes(table: &Table, account: u64, now: Stamp) -> Result<u64, Fault> {
    let row = table.item(&changes_key(account, now), true).await?;
    Ok(row.as_ref().map_or(0, counted))
}

/// Counts a mail about a forgotten password that is asked for by this address, and tells how many were this hour.
pub async fn note_mail(table: &Table, email: &str, now: Stamp) -> Result<u64, Fault> {
    count(table, mails_key(email, now), now).await
}

/// Lets another old password be compared, or says how long to wait.
pub fn admit_change(failures: u64, now: Stamp) -> Reply<()> {
    if failures >= MOST_OF_CHANGES { Err(wait(now)) } else { Ok(()) }
}

/// Counts a wrong old password, and refuses to say so when there are too many.
pub async fn note_change(table: &Table, account: u64, now: Stamp) -> Reply<()> {
    let failures = count(table, changes_key(account, now), now).await?;
    if failures > MOST_OF_CHANGES { Err(wait(now)) } else { Ok(()) }
}

async fn count(table: &Table, key: Key, now: Stamp) -> Result<u64, Fault> {
    let end = (now.seconds().div_euclid(HOUR) + 2) * HOUR;
    let update = Update::when(key, Condition::always()).of_kind("throttle").add(FAILURES, 1).set("ttl", end);
    match table.apply(update, ()).await {
        Ok(row) => Ok(counted(&row)),
        Err(Denied::Fault(fault)) => Err(fault),
        Err(_) => Err(Fault::bug("a counter without a condition was refused")),
    }
}

fn counted(row: &Item) -> u64 {
    let failures = row.get(FAILURES).and_then(|failures| failures.as_n().ok());
    failures.and_then(|failures| failures.parse().ok()).unwrap_or_default()
}

/// The refusal until the hour ends.
fn wait(now: Stamp) -> Problem {
    tracing::info!(target: "security", event = "slowed_down");
    Problem::throttled((HOUR - now.seconds().rem_euclid(HOUR)).unsigned_abs())
}
