//! Addresses that must not be written to again, kept as digests only.

use serde::{Deserialize, Serialize};
use table::{Condition, Denied, Key, Table, Update, digest};
use wire::{Fault, Stamp, folded};

/// Why an address is suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reason {
    /// There is no such address.
    Bounce,
    /// Its owner called a mail of ours spam.
    Complaint,
}

/// Suppresses an address for good; the first reason stays.
pub(crate) async fn suppress(table: &Table, address: &str, reason: Reason, now: Stamp) -> Result<(), Fault> {
    let update = Update::when(key(address), Condition::absent())
        .of_kind("suppression")
        .set("reason", reason)
        .set("at", now);
    match table.apply(update, ()).await {
        Ok(_) | Err(Denied::Refused(())) => Ok(()),
        Err(Denied::Fault(fault)) => Err(fault),
        Err(other) => Err(Fault::bug(format!("a suppression was denied: {other:?}"))),
    }
}

/// Whether an address is suppressed.
pub(crate) async fn is_suppressed(table: &Table, address: &str) -> Result<bool, Fault> {
    Ok(table.item(&key(address), true).await?.is_some())
}

fn key(address: &str) -> Key {
    Key::new(format!("MAIL#ADDRESS#{}", digest(folded(address))), "SUPPRESSION")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_digest_however_it_is_written() {
        assert_eq!(key("Ada@Example.com "), key("ada@example.com"));
        assert_ne!(key("ada@example.com"), key("bob@example.com"));
        assert!(!format!("{:?}", key("ada@example.com")).contains("ada"));
    }
}
