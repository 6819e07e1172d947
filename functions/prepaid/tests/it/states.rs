//! Every state and everything that is done in it: where that leads, and that what is refused leaves all as it was.

mod payments;
mod refunds;
mod vouchers;

use std::future::Future;

use testkit::Shelf;

use crate::till::Till;

/// What is stored, except that an event of the bank was noted.
async fn held(till: &Till) -> Shelf {
    till.world.settle().await;
    till.world.shelf().await.of_others("stripe-event")
}

/// Insists that whatever is done there leaves all as it is.
async fn in_vain(till: &Till, what: impl Future<Output = ()>) {
    let before = held(till).await;
    what.await;
    assert_eq!(held(till).await.changed_since(&before), Vec::<&str>::new());
}

/// The status that a refusal in a table stands for; none, where the table names a state.
fn refusal(cell: &str) -> Option<u16> {
    cell.parse().ok()
}
