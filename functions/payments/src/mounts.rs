//! Where Stripe calls, and whose money that is about. Another endpoint is another line.

use http::StatusCode;
use wire::Problem;

/// An endpoint of Stripe's, as its dashboard knows it.
#[derive(Debug)]
pub(crate) struct Mount {
    /// Where it calls, in the normal form of paths.
    pub(crate) path: &'static str,
    /// The context whose partitions keep what came, and whose queue hears of it.
    pub(crate) context: &'static str,
    /// The parameter with the secrets that its events are signed with.
    pub(crate) secrets: &'static str,
    /// How it is told that something is wrong.
    pub(crate) problem: fn(StatusCode, &str) -> Problem,
}

/// All there are.
pub(crate) const MOUNTS: [Mount; 1] = [Mount {
    path: "/api/prepaid/payments/webhook",
    context: "prepaid",
    secrets: "payments/prepaid-webhook-secret",
    problem: Problem::said,
}];
