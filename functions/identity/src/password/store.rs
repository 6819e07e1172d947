//! Where promises of a new password are kept.

use table::{Condition, Key, Message, Table, Tx};
use wire::{Fault, Stamp};

use super::Reset;
use crate::account::{Account, Refusal, store::change_password};

/// The row of a promise, by the hash of its secret.
pub fn reset_key(token: &str) -> Key {
    Key::new(format!("CREDENTIAL#RESET#{token}"), "RESET")
}

/// A promise that still holds.
pub async fn reset(table: &Table, token: &str, now: Stamp) -> Result<Option<Reset>, Fault> {
    let reset: Option<Reset> = table.get_strong(&reset_key(token)).await?;
    Ok(reset.filter(|reset| reset.end > now && reset.account != 0))
}

/// Makes a promise, and mails it to whom it concerns. Without anybody it is the same write, told to nobody.
pub fn promise(reset: &Reset, letter: Option<Message>) -> Tx<Refusal> {
    let tx = Tx::new().insert(reset, Refusal::Gone);
    match letter {
        Some(letter) => tx.tell(letter),
        None => tx,
    }
}

/// Keeps a promise to this account, once, provided that the password is still the one that was forgotten.
pub fn keep(reset: &Reset, account: &Account, hash: &str, letter: Message) -> Tx<Refusal> {
    let once = Condition::exists().is("account", reset.account);
    change_password(account, reset.password, hash, true, None)
        .delete(reset_key(&reset.token), once, Refusal::Gone)
        .tell(letter)
}
