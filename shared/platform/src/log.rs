//! JSON lines on standard output, as the Lambda log format asks.

use tracing_subscriber::EnvFilter;
use wire::Fault;

use crate::Env;

/// Writes logs as one JSON object a line, at the level the platform sets.
pub fn to_lambda(env: &Env) {
    let filter = EnvFilter::try_new(env.get("AWS_LAMBDA_LOG_LEVEL").unwrap_or("info"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_ansi(false)
        .with_env_filter(filter);
    crate::metric::embed(env.get("MERCATO_STAGE").unwrap_or_default());
    // A second call in one process keeps the first subscriber.
    let _ = lines.try_init();
}

/// Logs our own failure once, with the place it came from.
pub fn fault(fault: &Fault) {
    if fault.is_busy() {
        tracing::warn!(target: "fault", fault = %fault, "busy");
    } else {
        tracing::error!(target: "fault", fault = %fault, "bug");
    }
}
