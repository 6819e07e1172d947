//! What to do.

use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Counts kept figures anew from all rows of a table, and mends those that are wrong.

Usage: rebuild [flags]
  --check            only tell what is wrong
  --search           restore the words that rows are found by, and leave figures alone
  --pause SECONDS    how long a write takes at most (10); 0 for the local cloud

The table is MERCATO_TABLE, reached by AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where it is set,
AWS_SESSION_TOKEN and AWS_ENDPOINT_URL. It ends with 0 if all is right at the end and with 1 if not.
";

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Are figures right?
    Check,
    /// Make them right.
    Repair,
    /// Restore words.
    Search,
}

/// The command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// What to do.
    pub task: Task,
    /// How long a write takes at most.
    pub pause: Duration,
}

impl Arguments {
    /// Reads the command line; `Err` is what to tell the person.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        // An interrupted transaction is finished by the next attempt, which may be five seconds later.
        let mut arguments = Self { task: Task::Repair, pause: Duration::from_secs(10) };
        let mut words = words.into_iter();
        while let Some(flag) = words.next() {
            match (flag.as_str(), arguments.task) {
                ("--check", Task::Repair) => arguments.task = Task::Check,
                ("--search", Task::Repair) => arguments.task = Task::Search,
                ("--check" | "--search", _) => return Err("--check and --search are two tasks".to_owned()),
                ("--pause", _) => {
                    let seconds = words.next().and_then(|seconds| seconds.parse().ok());
                    arguments.pause =
                        Duration::from_secs(seconds.ok_or_else(|| "--pause wants a number".to_owned())?);
                }
                ("--help" | "-h", _) => return Err(HELP.to_owned()),
                _ => return Err(format!("there is no flag {flag}\n\n{HELP}")),
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Arguments, String> {
        Arguments::read(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_read() {
        let read = |words| read(words).unwrap();
        assert_eq!(read(""), Arguments { task: Task::Repair, pause: Duration::from_secs(10) });
        assert_eq!(read("--check --pause 0"), Arguments { task: Task::Check, pause: Duration::ZERO });
        assert_eq!(read("--search").task, Task::Search);
    }

    #[test]
    fn mistakes_are_told() {
        for words in ["--check --search", "--check --check", "--pause", "--pause soon", "all", "--help"] {
            assert!(read(words).is_err(), "{words}");
        }
    }
}
