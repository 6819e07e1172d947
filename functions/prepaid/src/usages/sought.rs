//! Vouchers that somebody names by their codes. Who guesses is slowed before anything is said of them.

use access::{Address, Caller, Principal};
use wire::{Input, Reply, Sent};

use super::guesses::Guesses;
use crate::Prepaid;
use crate::vouchers::{Refusal, Voucher, store as vouchers};

/// A body that names a voucher by its code.
pub struct Sought<F> {
    /// Who sent it.
    pub principal: Principal,
    /// What it says.
    pub form: F,
    /// The voucher, or why nothing is said of it.
    pub voucher: Reply<Voucher>,
}

/// Looks up the voucher that a body names, beside the caller's record. A code that nobody has is a guess.
pub async fn sought<F: Input>(
    prepaid: &Prepaid,
    caller: &Caller,
    address: &Address,
    sent: &Sent,
) -> Reply<Sought<F>> {
    let guesses = Guesses::of(&prepaid.table, caller.id(), &address.0, prepaid.clock.now());
    let code = sent.id::<20>("code");
    let load = async { Ok(tokio::try_join!(vouchers::by_code(&prepaid.table, &code), guesses.admit())?) };
    let (principal, (found, slowed)) = caller.beside(load).await?;
    let form = sent.read()?;
    let voucher = match (slowed, found) {
        (Some(slowed), _) => Err(slowed),
        (None, Some(voucher)) => Ok(voucher),
        (None, None) => {
            guesses.note().await?;
            Err(Refusal::Unknown.into())
        }
    };
    Ok(Sought { principal, form, voucher })
}

/// The voucher with a code that was looked up before, as the newest write left it.
pub async fn again(prepaid: &Prepaid, code: &str) -> Reply<Voucher> {
    vouchers::by_code(&prepaid.table, code).await?.ok_or_else(|| Refusal::Unknown.into())
}
