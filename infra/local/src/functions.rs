//! The functions that the template names, by their binaries.

use platform::{Function, Host};
use wire::Fault;

/// Boots the function that a binary would run.
pub(crate) async fn boot(binary: &str, host: Host) -> Result<Function, Fault> {
    match binary {
        "identity-http" => Box::pin(identity::boot(host)).await,
        "loyalty-http" => loyalty::boot(host).await,
        "loyalty-events" => loyalty::boot_events(host).await,
        "prepaid-http" => prepaid::boot(host).await,
        "prepaid-events" => prepaid::boot_events(host).await,
        "payments-webhook" => payments::boot(host).await,
        "projector" => projector::boot(host).await,
        "mailer" => mailer::boot(host).await,
        "clock" => clock::boot(host).await,
        "docs" => docs::boot(host).await,
        other => Err(Fault::bug(format!(
            "the template names the binary {other}, which the local cloud does not know"
        ))),
    }
}
