//! From the stream of the table to search rows and queues.
//!
//! Every effect may come again: an index entry gives way to newer records only, and receivers know a message by its id.

mod batch;
mod change;
mod project;

use outbox::{Queues, listed};
use platform::{Function, Host};
use wire::Fault;

use crate::project::Projector;

/// The function as it is deployed.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let mut queues = listed(host.env.get("MERCATO_WORK_QUEUES").unwrap_or_default())?;
    queues.push(("mail".to_owned(), host.env.require("MERCATO_MAIL_QUEUE")?.to_owned()));
    let queues = Queues::new(&host.sdk("SQS")?, queues);
    let projector = Projector { table: host.connected_table().await?, queues, clock: host.clock };
    Ok(Function::events(move |event| {
        let projector = projector.clone();
        async move { projector.project(event).await }
    }))
}
