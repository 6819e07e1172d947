//! Where usages are kept.

use table::{Key, Table, Tx};
use wire::Fault;

use super::{Rollback, Usage};
use crate::ids::{account_of, account_partition};
use crate::vouchers::{Voucher, store as vouchers};

/// The row of a usage.
pub fn usage_key(account: u64, id: &str) -> Key {
    Key::new(account_partition(account), format!("USAGE#{id}"))
}

/// The row that says a usage was given back.
pub fn rollback_key(account: u64, usage: &str) -> Key {
    Key::new(account_partition(account), format!("ROLLBACK#{usage}"))
}

/// The counter of an account's guesses.
pub fn guesses_of_account(account: u64) -> Key {
    Key::new(format!("PREPAID#GUESSES#USER#{account:016}"), "GUESSES")
}

/// The counter of an address's guesses.
pub fn guesses_of_address(address: &str) -> Key {
    Key::new(format!("PREPAID#GUESSES#ADDRESS#{address}"), "GUESSES")
}

/// A usage by its id, as the newest write left it.
pub async fn by_id(table: &Table, id: &str) -> Result<Option<Usage>, Fault> {
    match account_of(id) {
        Some(account) => table.get_strong(&usage_key(account, id)).await,
        None => Ok(None),
    }
}

/// A use: the voucher has one less, and there is a record of it, both or neither.
pub fn spend<R>(before: &Voucher, after: &Voucher, usage: &Usage) -> Tx<R> {
    vouchers::change(Tx::new(), before, after).append(usage).moved(None, usage)
}

/// A use given back: the voucher has one more, and both records stay.
pub fn roll_back<R>(
    before: (&Voucher, &Usage),
    after: (&Voucher, &Usage),
    rollback: &Rollback,
    done: R,
) -> Tx<R> {
    let tx = vouchers::change(Tx::new(), before.0, after.0);
    let tx = tx.change(before.1, after.1, &["rolled_back_at"]).insert(rollback, done);
    tx.moved(Some(before.1), after.1)
}
