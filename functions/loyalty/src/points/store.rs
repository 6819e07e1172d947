//! Where the ledger is kept.

use table::{Condition, Key, Row, Table, Tx};
use wire::{Choice, Fault};

use super::lots::Lot;
use super::rules::Booked;
use super::{Entry, Kind, Refusal};
use crate::ids::{Number, Place};
use crate::members::Member;
use crate::unique;

/// Before every lot of a member.
pub const FIRST_LOT: &str = "LOT#";

/// Behind every lot of a member.
pub const LAST_LOT: &str = "LOT#~";

/// Everything that belongs to one member but its own row.
pub fn member_partition(member: Number) -> String {
    format!("LOYALTY#MEMBER#{}", member.in_key())
}

/// A row of the ledger.
pub fn entry_key(place: Place) -> Key {
    Key::new(member_partition(place.member), format!("POINT#{:010}", place.running))
}

/// The lot that ends with so many credited points.
pub fn lot_key(member: Number, credited: i64) -> Key {
    Key::new(member_partition(member), format!("LOT#{credited:015}"))
}

/// The entries of one kind, in the index.
pub fn kind_partition(kind: Kind) -> String {
    format!("LOYALTY#POINTS#{}", kind.as_str())
}

/// An entry by its id.
pub async fn entry(table: &Table, id: &str) -> Result<Option<Entry>, Fault> {
    let Some(place) = Place::of(id) else { return Ok(None) };
    let found: Option<Entry> = table.get_strong(&entry_key(place)).await?;
    Ok(found.filter(|entry| entry.id == id))
}

/// A booking: the balance, its ledger row, and the lot, if these points expire.
///
/// A balance that changed since it was judged makes the decision stale.
pub fn record<R>(before: &Member, booked: &Booked) -> Tx<R> {
    let tx = Tx::new().change(before, &booked.member, &["rev"]).append(&booked.entry);
    let tx = booked.lot.iter().fold(tx, Tx::append);
    tx.moved(Some(before), &booked.member).moved(None, &booked.entry)
}

/// That nothing else was booked under this reference.
pub fn unique_reference(tx: Tx<Refusal>, entry: &Entry) -> Tx<Refusal> {
    match (&entry.reference, entry.kind) {
        (Some(reference), Kind::Earn) => {
            tx.insert(&unique::reference(reference, &entry.id), Refusal::ReferenceTaken)
        }
        _ => tx,
    }
}

/// That a lot is settled with this write, and was not before.
pub fn settle<R>(tx: Tx<R>, lot: &Lot) -> Tx<R> {
    tx.remove(lot.key(), Condition::exists())
}
