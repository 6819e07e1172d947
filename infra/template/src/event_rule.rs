use serde_json::Value;

use crate::resource::items;
use crate::source::target;

/// A rule that hands matching events of the bus to a function.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRule {
    /// The event's name in the template.
    pub name: String,
    /// What an event must look like.
    pub pattern: Value,
    /// The queue for events that could not be delivered.
    pub dead_letters: Option<String>,
}

impl EventRule {
    pub(crate) fn read(name: &str, event: &Value) -> Self {
        Self {
            name: name.to_owned(),
            pattern: event["Pattern"].clone(),
            dead_letters: target(&event["DeadLetterConfig"]["Arn"]),
        }
    }

    /// Whether an event is one that the rule looks for. Knows exact values only, which is all our rules use.
    pub fn matches(&self, event: &Value) -> bool {
        fits(&self.pattern, event)
    }
}

/// Maps go into depth; a list names the values allowed, of which a list in the event needs one.
fn fits(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, pattern)| fits(pattern, &event[name])),
        Value::Array(allowed) => items(event).any(|value| allowed.contains(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_matches_by_all_its_fields() {
        let pattern = json!({"source": ["aws.ses"], "detail": {"mail": {"tags": {"set": ["a", "b"]}}}});
        let rule = EventRule { name: "Returned".into(), pattern, dead_letters: None };
        let event =
            |source: &str, set: &str| json!({"source": source, "detail": {"mail": {"tags": {"set": [set]}}}});
        assert!(rule.matches(&event("aws.ses", "b")));
        assert!(!rule.matches(&event("aws.ses", "c")));
        assert!(!rule.matches(&event("aws.s3", "a")));
        assert!(!rule.matches(&json!({"source": "aws.ses"})));
    }
}
