//! JSON lines on standard output, as the Lambda log format asks.

use tracing::level_filters::LevelFilter;
use wire::Fault;

use crate::Env;

/// Writes logs as one JSON object a line, at the level the platform sets.
pub fn to_lambda(env: &Env) {
    let lines = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_ansi(false)
        .with_max_level(level(env.get("AWS_LAMBDA_LOG_LEVEL")));
    crate::metric::embed(env.get("MERCATO_STAGE").unwrap_or_default());
    // A second call in one process keeps the first subscriber.
    let _ = lines.try_init();
}

/// The level that the platform's word for it means. A filter of directives weighs half a megabyte.
fn level(word: Option<&str>) -> LevelFilter {
    match word {
        Some("FATAL") => LevelFilter::ERROR,
        word => word.and_then(|word| word.parse().ok()).unwrap_or(LevelFilter::INFO),
    }
}

/// Logs our own failure once, with the place it came from.
pub fn fault(fault: &Fault) {
    if fault.is_busy() {
        tracing::warn!(target: "fault", fault = %fault, "busy");
    } else {
        tracing::error!(target: "fault", fault = %fault, "bug");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_levels_are_ours_and_anything_else_is_info() {
        for (word, expected) in [
            ("TRACE", LevelFilter::TRACE),
            ("DEBUG", LevelFilter::DEBUG),
            ("INFO", LevelFilter::INFO),
            ("WARN", LevelFilter::WARN),
            ("ERROR", LevelFilter::ERROR),
            ("FATAL", LevelFilter::ERROR),
            ("much", LevelFilter::INFO),
        ] {
            assert_eq!(level(Some(word)), expected, "{word}");
        }
        assert_eq!(level(None), LevelFilter::INFO);
    }
}
