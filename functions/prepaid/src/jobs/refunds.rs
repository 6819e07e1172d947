//! Refunds that are on their way.

use table::Due;
use wire::Fault;

use crate::Prepaid;
use crate::refunds::{Refund, Status};

/// Asks Stripe what became of a refund; or for it, if that was not done yet.
pub(super) async fn check(prepaid: &Prepaid, due: &Due) -> Result<(), Fault> {
    let Some(refund) = prepaid.table.get_strong::<Refund>(&due.key()).await? else { return Ok(()) };
    let waits = refund.status == Status::Processing && refund.due.is_some_and(|at| at <= prepaid.clock.now());
    if waits { prepaid.advance_refund(refund).await.map(drop) } else { Ok(()) }
}
