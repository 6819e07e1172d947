//! From the mail queue to SES, each mail once; and from SES the addresses that must not be written to again.

mod claims;
mod deliver;
mod event;
mod rules;
mod send;
mod suppressions;

use platform::{Function, Host};
use table::Kind;
use wire::Fault;

use crate::deliver::Mailer;
use crate::send::Post;

/// The kind of rows by which a mail is sent once.
pub const KINDS: [Kind; 1] = [Kind::of::<claims::Claim>()];

/// The function as it is deployed.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let mailer = Mailer { table: host.connected_table().await?, post: Post::open(&host)?, clock: host.clock };
    Ok(Function::events(move |event| {
        let mailer = mailer.clone();
        async move { mailer.handle(event).await }
    }))
}
