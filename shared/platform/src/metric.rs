//! Business counters, in CloudWatch's embedded metric format: a log line that becomes a metric.

use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::json;
use wire::Stamp;

/// Set when this process logs to Lambda; elsewhere counters are only traced.
static EMBEDDED: OnceLock<()> = OnceLock::new();

pub(crate) fn embed() {
    let _ = EMBEDDED.set(());
}

/// Counts one event, such as a registration.
pub fn count(name: &'static str, now: Stamp) {
    if EMBEDDED.get().is_none() {
        tracing::debug!(target: "metric", name);
        return;
    }
    let line = json!({
        "_aws": {
            "Timestamp": now.micros() / 1000,
            "CloudWatchMetrics": [
                { "Namespace": "Mercato", "Dimensions": [[]], "Metrics": [{ "Name": name, "Unit": "Count" }] }
            ],
        },
        name: 1,
    });
    // A counter that cannot be written must not fail the request it counts.
    let _ = writeln!(std::io::stdout(), "{line}");
}
