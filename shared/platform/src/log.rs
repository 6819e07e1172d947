//! JSON lines on standard output, as the Lambda log format asks.

use tracing_subscriber::EnvFilter;
use wire::Fault;

/// Writes logs as one JSON object a line, at the level the platform sets.
pub fn to_lambda() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_ansi(false)
        .with_env_filter(filter);
    crate::metric::embed();
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
