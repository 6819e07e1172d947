//! Redemptions that nobody came for.

use table::{Denied, Due, again, settled};
use wire::Fault;

use super::SYSTEM;
use crate::Loyalty;
use crate::redeem::{Redemption, Status, rules, store};

/// Takes back a redemption that has been pending for too long. The same as a cancellation by hand.
pub(super) async fn cancel_stale(loyalty: &Loyalty, due: &Due) -> Result<(), Fault> {
    let (table, settings, now) = (&loyalty.table, &loyalty.settings, loyalty.clock.now());
    let Some(named) = table.get_strong::<Redemption>(&due.key()).await? else { return Ok(()) };
    let done = again(async || {
        let Some((before, member)) = store::with_member(table, &named.id).await? else { return Ok(()) };
        let stale = before.status == Status::Pending && before.stale_at.is_some_and(|at| at <= now);
        if !stale {
            return Ok(());
        }
        let moved = rules::advance(&before, &member, Status::Cancelled, SYSTEM, settings, now);
        match moved.map_err(Denied::Refused)? {
            Some(moved) => store::advance(table, &before, &member, &moved, settings, |tx| tx).await,
            None => Ok(()),
        }
    });
    settled(done.await)
}
