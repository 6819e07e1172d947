//! Refunds that are on their way.

use table::Due;
use wire::Fault;

use crate::Shop;
use crate::refunds::{Refund, Status};

/// Asks Stripe what became of a refund; or for it, if that was not done yet.
pub(super) async fn check(shop: &Shop, due: &Due) -> Result<(), Fault> {
    let Some(refund) = shop.table.get_strong::<Refund>(&due.key()).await? else { return Ok(()) };
    let waits = refund.status == Status::Processing && refund.due.is_some_and(|at| at <= shop.clock.now());
    if waits { shop.advance_refund(refund).await.map(drop) } else { Ok(()) }
}
