//! The example events, and what their table of contents says is answered.

use std::path::Path;

use local::root;
use serde_json::Value;
use wire::Fault;

use crate::runtime::Answer;

/// An example event.
#[derive(Clone, Debug)]
pub struct Example {
    /// The file's name without its ending.
    pub name: String,
    /// The binary it is for.
    pub binary: String,
    /// What is answered.
    pub expected: Expected,
    event: String,
}

/// What an answer has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// An answer of HTTP with this status.
    Status(u64),
    /// A batch of which nothing has to come again.
    NoFailures,
    /// Any answer that is no failure.
    Done,
}

impl Expected {
    fn read(text: &str) -> Option<Self> {
        match text {
            "no failures" => Some(Self::NoFailures),
            "done" => Some(Self::Done),
            status => status.parse().ok().map(Self::Status),
        }
    }

    /// Whether an answer is as expected; `Err` tells what is wrong with it.
    pub fn judge(self, answer: &Answer) -> Result<(), String> {
        let text = match answer {
            Answer::Done(text) => text,
            Answer::Failed(text) => return Err(format!("failed: {text}")),
        };
        let json: Value = serde_json::from_str(text).map_err(|error| format!("no JSON ({error}): {text}"))?;
        let is_right = match self {
            Self::Status(status) => {
                json["statusCode"] == status
                    && json["headers"].is_object()
                    && json["body"].is_string()
                    && json["isBase64Encoded"].is_boolean()
            }
            Self::NoFailures => json["batchItemFailures"].as_array().is_some_and(Vec::is_empty),
            Self::Done => json.is_object(),
        };
        if is_right { Ok(()) } else { Err(format!("{self:?} was expected: {text}")) }
    }
}

impl Example {
    /// The event as it is in the file.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The event as if it came from somebody else: another account, another message.
    pub fn fresh(&self, number: usize) -> String {
        self.event
            .replace("0000000000a1", &format!("{number:012x}"))
            .replace("\\\"anna", &format!("\\\"anna{number}"))
    }
}

/// All examples, in the order of their table of contents.
pub fn all() -> Result<Vec<Example>, Fault> {
    let root = root().ok_or_else(|| Fault::bug("there is no template.yaml here"))?;
    let folder = root.join("infra/events");
    let contents = std::fs::read_to_string(folder.join("README.md")).map_err(Fault::bug)?;
    contents.lines().filter(|line| line.starts_with("| `")).map(|line| example(&folder, line)).collect()
}

/// The example that a line of the table of contents is about.
fn example(folder: &Path, line: &str) -> Result<Example, Fault> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let unreadable =
        || Fault::bug(format!("the table of infra/events/README.md reads otherwise here: {line}"));
    let [file, binary, _, answer] = cells.as_slice() else { return Err(unreadable()) };
    let file = file.trim_matches('`');
    let event =
        std::fs::read_to_string(folder.join(file)).map_err(|error| Fault::bug(format!("{file}: {error}")))?;
    Ok(Example {
        name: file.trim_end_matches(".json").to_owned(),
        binary: (*binary).to_owned(),
        expected: Expected::read(answer).ok_or_else(unreadable)?,
        event,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str) -> Answer {
        Answer::Done(text.to_owned())
    }

    #[test]
    fn every_example_can_be_read() {
        let examples = all().unwrap();
        assert!(examples.iter().any(|example| example.expected == Expected::Status(201)));
        assert!(examples.iter().any(|example| example.expected == Expected::NoFailures));
        let register = examples.iter().find(|example| example.name == "identity-http-register").unwrap();
        assert!(register.fresh(7).contains(r#"\"username\":\"anna7\",\"email\":\"anna7@example.com\""#));
    }

    #[test]
    fn only_the_expected_shape_is_right() {
        let http = r#"{"statusCode":200,"headers":{},"body":"","isBase64Encoded":false}"#;
        assert!(Expected::Status(200).judge(&done(http)).is_ok());
        assert!(Expected::Status(201).judge(&done(http)).is_err());
        assert!(Expected::Status(200).judge(&done(r#"{"statusCode":200}"#)).is_err());
        assert!(Expected::NoFailures.judge(&done(r#"{"batchItemFailures":[]}"#)).is_ok());
        assert!(
            Expected::NoFailures.judge(&done(r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#)).is_err()
        );
        assert!(Expected::NoFailures.judge(&done("{}")).is_err());
        assert!(Expected::Done.judge(&done("{}")).is_ok());
        assert!(Expected::Done.judge(&Answer::Failed("{}".to_owned())).is_err());
    }
}
