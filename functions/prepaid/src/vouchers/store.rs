//! Where vouchers are kept.

use table::{Key, Table, Tx, from_item};
use wire::{Choice, Fault};

use super::{Status, Voucher, code};

/// The row of a voucher.
pub fn voucher_key(code: &str) -> Key {
    Key::new(format!("PREPAID#VOUCHER#{code}"), "VOUCHER")
}

/// The vouchers of an account, in the index.
pub fn owner_partition(account: u64) -> String {
    format!("PREPAID#USER#{account:016}#VOUCHERS")
}

/// The vouchers that are stored in a state, in the index.
pub fn status_partition(status: Status) -> String {
    format!("PREPAID#VOUCHERS#{}", status.as_str())
}

/// A voucher by its code as people type it, as the newest write left it.
pub async fn by_code(table: &Table, text: &str) -> Result<Option<Voucher>, Fault> {
    match code::normal(text) {
        Some(code) => table.get_strong(&voucher_key(&code)).await,
        None => Ok(None),
    }
}

/// The vouchers with these codes, in their order, as the newest writes left them.
pub async fn by_codes(table: &Table, codes: &[String]) -> Result<Vec<Voucher>, Fault> {
    let keys: Vec<Key> = codes.iter().map(|code| voucher_key(code)).collect();
    let found = table.items(&keys, true).await?;
    let found: Vec<Voucher> = found.into_iter().flatten().map(from_item).collect::<Result<_, _>>()?;
    if found.len() == codes.len() {
        Ok(found)
    } else {
        Err(Fault::bug("a payment names a voucher that is not there"))
    }
}

/// Puts new vouchers. A code that is taken is drawn anew, with all that was decided.
pub fn issue<R>(tx: Tx<R>, issued: &[Voucher]) -> Tx<R> {
    issued.iter().fold(tx, |tx, voucher| tx.append(voucher).moved(None, voucher))
}

/// Changes a voucher from what was judged to what was decided.
pub fn change<R>(tx: Tx<R>, before: &Voucher, after: &Voucher) -> Tx<R> {
    let judged = ["status", "usage_count", "holds", "expires_at", "user"];
    tx.change(before, after, &judged).moved(Some(before), after)
}
