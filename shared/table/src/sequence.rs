//! Running numbers: unique and rising, with gaps.

use wire::Fault;

use crate::{Condition, Denied, Key, Table, Update};

impl Table {
    /// The next number of a series such as `LOYALTY#MEMBERS`.
    ///
    /// Always drawn before the transaction that uses it: inside, all creates would collide on this row. A
    /// transaction that then fails leaves a gap.
    pub async fn next_number(&self, series: &str) -> Result<u64, Fault> {
        let key = Key::new(format!("SEQUENCE#{series}"), "NEXT");
        let update = Update::when(key, Condition::always()).of_kind("sequence").add("last", 1);
        let item = match self.apply(update, ()).await {
            Ok(item) => item,
            Err(Denied::Fault(fault)) => return Err(fault),
            Err(_) => unreachable!("an update without a condition is never refused"),
        };
        let last = item.get("last").and_then(|last| last.as_n().ok()).and_then(|last| last.parse().ok());
        last.ok_or_else(|| Fault::bug("a sequence without its number"))
    }
}
