//! Where members are kept.

use access::Principal;
use table::{Condition, Key, Row, Table, Tx, Update, from_item};
use wire::{Fault, FieldErrors, Problem};

use super::{ACCOUNT_TAKEN, EMAIL_TAKEN, Member, Refusal, Status};
use crate::ids::Number;
use crate::no_such;
use crate::tiers::Tier;
use crate::unique;

/// The partition of all living members, in the order of their numbers.
pub const LIVING: &str = "LOYALTY#MEMBERS";

/// The partition of the index that orders living members by their points.
pub const BY_POINTS: &str = "LOYALTY#MEMBERS#POINTS";

/// The row of a living member.
pub fn living_key(number: Number) -> Key {
    Key::new(LIVING, number.in_key())
}

/// The row of a member that left.
pub fn gone_key(number: Number) -> Key {
    Key::new("LOYALTY#GONE#MEMBERS", number.in_key())
}

/// The living members of one status and tier, in the index.
pub fn standing_partition(status: Status, tier: Tier) -> String {
    use wire::Choice;
    format!("LOYALTY#MEMBERS#{}#{}", status.as_str(), tier.as_str())
}

/// A living member. A refusal must not rest on a read that is not strong.
pub async fn living(table: &Table, number: Number, strong: bool) -> Result<Option<Member>, Fault> {
    table.item(&living_key(number), strong).await?.map(from_item).transpose()
}

/// A living member by what was shown as its id, as the newest write left it.
pub async fn by_id(table: &Table, id: &str) -> Result<Option<Member>, Fault> {
    match Number::parse(id) {
        Some(number) => living(table, number, true).await,
        None => Ok(None),
    }
}

/// The same from a read that may lag. Only where that finds nobody, it looks as the newest write left it.
pub async fn by_id_quickly(table: &Table, id: &str) -> Result<Option<Member>, Fault> {
    let Some(number) = Number::parse(id) else { return Ok(None) };
    match living(table, number, false).await? {
        Some(member) => Ok(Some(member)),
        None => living(table, number, true).await,
    }
}

/// A member, living or gone, as the newest write left it.
pub async fn ever(table: &Table, number: Number) -> Result<Option<Member>, Fault> {
    let found = table.items(&[living_key(number), gone_key(number)], true).await?;
    found.into_iter().flatten().next().map(from_item).transpose()
}

/// A new member with what is unique to it, and its place in the figures.
pub fn enrol(member: &Member) -> Tx<Refusal> {
    let email = unique::email(&member.email, member.number());
    let tx = Tx::new().append(member).insert(&email, Refusal::EmailTaken);
    linked(tx, None, member).moved(None, member)
}

/// An edit of a member; what is unique moves along.
pub fn edit(before: &Member, after: &Member) -> Tx<Refusal> {
    let number = before.number();
    let (old, new) = (unique::email(&before.email, number), unique::email(&after.email, number));
    let tx = Tx::new().change(before, after, &["rev"]);
    let tx = tx.moves(Some(old), Some(new), Refusal::EmailTaken);
    linked(tx, before.user_id, after).moved(Some(before), after)
}

/// The leaving of a member: its row moves to those that are gone, and what was unique to it is free.
pub fn leave(before: &Member, gone: &Member) -> Tx<Refusal> {
    let number = before.number();
    let unchanged = Condition::exists().is("rev", before.rev);
    let tx = Tx::new().remove(before.key(), unchanged).append(gone);
    let tx = tx.moves(Some(unique::email(&before.email, number)), None, Refusal::Gone);
    linked(tx, before.user_id, gone).moved(Some(before), gone)
}

/// A change that nothing unique depends on.
pub fn change<R>(before: &Member, after: &Member) -> Tx<R> {
    Tx::new().change(before, after, &["rev"]).moved(Some(before), after)
}

/// Adds to the figures of a member, whatever else happens to it.
pub fn count<R>(tx: Tx<R>, member: &Member, deltas: &[(&str, i64)]) -> Tx<R> {
    // Where a member stands cannot be told by a number that is added to: only that it is still there.
    let update = Update::when(member.key(), Condition::exists()).add("rev", 1);
    tx.amend(deltas.iter().fold(update, |update, (name, by)| update.add(name, *by)))
}

/// Links the account of the member as it is to be, and frees the one before. The account must be there.
fn linked(tx: Tx<Refusal>, before: Option<u64>, after: &Member) -> Tx<Refusal> {
    let number = after.number();
    let held = |account: Option<u64>| account.map(|account| unique::account(account, number));
    let tx = tx.moves(held(before), held(after.user_id), Refusal::AccountTaken);
    match after.user_id.filter(|account| before != Some(*account)) {
        Some(account) => {
            let gone = Refusal::NoAccount(account.to_string());
            tx.check(Principal::key_of(account), Condition::exists(), gone)
        }
        None => tx,
    }
}

/// Everything about a wanted member that somebody else has already or that leads nowhere, told together.
pub async fn taken(table: &Table, wanted: &Member) -> Result<Problem, Fault> {
    let number = wanted.number();
    let email = unique::email(&wanted.email, number);
    let (taken, account) = tokio::try_join!(email.is_taken(table), account_refused(table, wanted))?;
    let mut errors = FieldErrors::new();
    if taken {
        errors.add("email", EMAIL_TAKEN);
    }
    if let Some(text) = account {
        errors.add("user_id", text);
    }
    if errors.is_empty() {
        Err(Fault::busy("a unique value was taken and freed meanwhile"))
    } else {
        Ok(errors.into())
    }
}

/// Why the wanted account cannot be linked, if it cannot.
async fn account_refused(table: &Table, wanted: &Member) -> Result<Option<String>, Fault> {
    let Some(account) = wanted.user_id else { return Ok(None) };
    let (unique, key) = (unique::account(account, wanted.number()), Principal::key_of(account));
    let (taken, principal) = tokio::try_join!(unique.is_taken(table), table.item(&key, true))?;
    let unknown = principal.is_none().then(|| no_such(&account.to_string()));
    Ok(unknown.or(taken.then(|| ACCOUNT_TAKEN.to_owned())))
}
