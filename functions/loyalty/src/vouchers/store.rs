//! Where vouchers are kept.

use table::{Condition, Key, Query, Row, Table, Tx, Update, from_item};
use uuid::Uuid;
use wire::{Day, Fault};

use super::{Refusal, Voucher};
use crate::unique;

/// The partition of all living vouchers, in the order in which they were made.
pub const LIVING: &str = "LOYALTY#VOUCHERS";

/// The row of a living voucher.
pub fn living_key(id: &str) -> Key {
    Key::new(LIVING, id)
}

/// The row of a removed voucher.
pub fn gone_key(id: &str) -> Key {
    Key::new("LOYALTY#GONE#VOUCHERS", id)
}

/// A living voucher. A refusal must not rest on a read that is not strong.
pub async fn living(table: &Table, id: &str, strong: bool) -> Result<Option<Voucher>, Fault> {
    // What is no id of ours names nothing, and might be too long for a key.
    if Uuid::try_parse(id).is_err() {
        return Ok(None);
    }
    table.item(&living_key(id), strong).await?.map(from_item).transpose()
}

/// The same from a read that may lag. Only where that finds nothing, it looks as the newest write left it.
pub async fn by_id_quickly(table: &Table, id: &str) -> Result<Option<Voucher>, Fault> {
    match living(table, id, false).await? {
        Some(voucher) => Ok(Some(voucher)),
        None => living(table, id, true).await,
    }
}

/// All living vouchers. There are some hundreds at most.
pub async fn all(table: &Table) -> Result<Vec<Voucher>, Fault> {
    table.all(Query::partition(LIVING).strong()).await
}

/// A new voucher with its code.
pub fn create(voucher: &Voucher) -> Tx<Refusal> {
    Tx::new().append(voucher).insert(&unique::code(&voucher.code, &voucher.id), Refusal::CodeTaken)
}

/// An edit of a voucher; its code moves along. What was sold meanwhile stays sold.
pub fn edit(before: &Voucher, after: &Voucher) -> Tx<Refusal> {
    let (old, new) = (unique::code(&before.code, &before.id), unique::code(&after.code, &after.id));
    Tx::new().change(before, after, &["terms"]).moves(Some(old), Some(new), Refusal::CodeTaken)
}

/// The removal of a voucher: its row moves to those that are gone, and its code is free.
pub fn remove(before: &Voucher, gone: &Voucher) -> Tx<Refusal> {
    let unchanged = Condition::exists().is("terms", before.terms).is("stock", before.stock);
    let tx = Tx::new().remove(before.key(), unchanged).append(gone);
    tx.moves(Some(unique::code(&before.code, &before.id)), None, Refusal::Gone)
}

/// One is sold, on the terms that were judged and while stock lasts; otherwise the decision is stale.
///
/// Asks for nothing that another sale changes but the stock itself and the count of the day, so that sales do not
/// make each other stale.
pub fn sell<R>(tx: Tx<R>, voucher: &Voucher, today: Day) -> Tx<R> {
    let on_terms = Condition::exists().is("terms", voucher.terms).at_least("stock", 1);
    let update = |condition| Update::when(living_key(&voucher.id), condition).add("stock", -1);
    tx.amend(match voucher.limit_per_day {
        None => update(on_terms),
        Some(limit) if voucher.sold_on == Some(today) => {
            update(on_terms.is("sold_on", today).less("sold", limit)).add("sold", 1)
        }
        Some(_) => {
            let another_day = match voucher.sold_on {
                Some(day) => on_terms.is("sold_on", day),
                None => on_terms.missing("sold_on"),
            };
            update(another_day).set("sold_on", today).set("sold", 1)
        }
    })
}

/// One comes back to a voucher that is still there. Counts for the day's limit only on the day of the sale.
pub fn give_back<R>(tx: Tx<R>, id: &str, counted_on: Option<Day>, gone: R) -> Tx<R> {
    let update = |condition| Update::when(living_key(id), condition).add("stock", 1);
    let update = match counted_on {
        Some(day) => update(Condition::exists().is("sold_on", day).more("sold", 0)).add("sold", -1),
        None => update(Condition::exists()),
    };
    tx.update(update, gone)
}
