//! What calls a function besides HTTP.

use std::time::Duration;

use serde_json::Value;

use crate::resource::{number, strings};
use crate::{Mistake, Text};

/// A queue whose messages a function is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSource {
    /// The queue's name in the whole.
    pub queue: String,
    /// Messages in one call, at most.
    pub batch: u64,
    /// Seconds that a batch is gathered for.
    pub window: u64,
    /// Whether the function says which messages failed.
    pub partial: bool,
    /// Calls side by side, at most.
    pub concurrency: Option<u64>,
}

/// A table whose changes a function is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSource {
    /// The table's name in the whole.
    pub table: String,
    /// Changes in one call, at most.
    pub batch: u64,
    /// Seconds that a batch is gathered for.
    pub window: u64,
    /// Whether the function says from which change on it failed.
    pub partial: bool,
    /// Whether a failing batch is halved to find the culprit.
    pub bisect: bool,
    /// Tries after the first; none for no end.
    pub retries: Option<u64>,
    /// Seconds after which a change is given up; none for no end.
    pub maximum_age: Option<u64>,
    /// The queue for what was given up.
    pub dead_letters: Option<String>,
}

/// A schedule that calls a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The event's name in the template.
    pub name: String,
    /// `rate(1 minute)` or a cron expression.
    pub expression: String,
    /// Tries after the first; none for the platform's own 185.
    pub retries: Option<u64>,
    /// Seconds after which a call is given up.
    pub maximum_age: Option<u64>,
    /// The queue for calls that were given up.
    pub dead_letters: Option<String>,
}

impl QueueSource {
    pub(crate) fn read(event: &Value) -> Self {
        Self {
            queue: target(&event["Queue"]).unwrap_or_default(),
            batch: number(&event["BatchSize"]).unwrap_or(10),
            window: number(&event["MaximumBatchingWindowInSeconds"]).unwrap_or(0),
            partial: reports_failures(event),
            concurrency: number(&event["ScalingConfig"]["MaximumConcurrency"]),
        }
    }
}

impl StreamSource {
    pub(crate) fn read(event: &Value) -> Self {
        Self {
            table: target(&event["Stream"]).unwrap_or_default(),
            batch: number(&event["BatchSize"]).unwrap_or(100),
            window: number(&event["MaximumBatchingWindowInSeconds"]).unwrap_or(0),
            partial: reports_failures(event),
            bisect: event["BisectBatchOnFunctionError"] == true,
            retries: number(&event["MaximumRetryAttempts"]),
            maximum_age: number(&event["MaximumRecordAgeInSeconds"]),
            dead_letters: target(&event["DestinationConfig"]["OnFailure"]["Destination"]),
        }
    }
}

impl Schedule {
    pub(crate) fn read(name: &str, event: &Value) -> Result<Self, Mistake> {
        let expression = event["ScheduleExpression"].as_str();
        Ok(Self {
            name: name.to_owned(),
            expression: expression.ok_or_else(|| Mistake::at(name, "has no ScheduleExpression"))?.to_owned(),
            retries: number(&event["RetryPolicy"]["MaximumRetryAttempts"]),
            maximum_age: number(&event["RetryPolicy"]["MaximumEventAgeInSeconds"]),
            dead_letters: target(&event["DeadLetterConfig"]["Arn"]),
        })
    }

    /// The time between two calls, if the expression is a rate.
    pub fn every(&self) -> Option<Duration> {
        let (count, unit) = self.expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
        let unit = match unit.trim_end_matches('s') {
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return None,
        };
        Some(Duration::from_secs(count.parse::<u64>().ok()? * unit))
    }
}

/// The resource that a value names.
pub(crate) fn target(value: &Value) -> Option<String> {
    Text::read(value).resource().map(str::to_owned)
}

fn reports_failures(event: &Value) -> bool {
    strings(&event["FunctionResponseTypes"]).contains(&"ReportBatchItemFailures".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rate_is_a_duration() {
        let every = |expression: &str| {
            Schedule::read("Tick", &json!({ "ScheduleExpression": expression })).unwrap().every()
        };
        assert_eq!(every("rate(1 minute)"), Some(Duration::from_mins(1)));
        assert_eq!(every("rate(2 hours)"), Some(Duration::from_hours(2)));
        assert_eq!(every("rate(1 day)"), Some(Duration::from_hours(24)));
        assert_eq!(every("cron(0 12 * * ? *)"), None);
        assert!(Schedule::read("Tick", &json!({})).is_err());
    }

    #[test]
    fn what_is_not_said_is_the_platforms_default() {
        let queue = QueueSource::read(&json!({"Queue": {"Fn::GetAtt": ["Mails.Queue", "Arn"]}}));
        let plain = QueueSource {
            queue: "Mails.Queue".into(),
            batch: 10,
            window: 0,
            partial: false,
            concurrency: None,
        };
        assert_eq!(queue, plain);
        let stream = StreamSource::read(&json!({"Stream": {"Fn::GetAtt": ["Data.Table", "StreamArn"]}}));
        assert_eq!((stream.batch, stream.retries, stream.bisect), (100, None, false));
    }
}
