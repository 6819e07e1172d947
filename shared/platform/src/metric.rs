//! Business counters, in `CloudWatch`'s embedded metric format: a log line that becomes a metric.

use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::json;
use wire::Stamp;

/// The stage, once this process logs to Lambda; elsewhere counters are only traced.
static STAGE: OnceLock<String> = OnceLock::new();

/// Lets counters become metrics of this stage.
pub(crate) fn embed(stage: &str) {
    let _ = STAGE.set(stage.to_owned());
}

/// Counts one event, such as a registration.
pub fn count(name: &'static str, now: Stamp) {
    let Some(stage) = STAGE.get() else {
        tracing::debug!(target: "metric", name);
        return;
    };
    let line = json!({
        "_aws": {
            "Timestamp": now.micros() / 1000,
            "CloudWatchMetrics": [
                { "Namespace": "Mercato", "Dimensions": [["Stage"]], "Metrics": [{ "Name": name, "Unit": "Count" }] }
            ],
        },
        "Stage": stage,
        name: 1,
    });
    // A counter that cannot be written must not fail the request it counts.
    let _ = writeln!(std::io::stdout(), "{line}");
}
