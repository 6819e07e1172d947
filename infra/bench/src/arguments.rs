//! What to do, and how much of it.

use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Checks and measures what is built for deployment.

Usage: bench check|sizes|functions|load [flags]
  check       every function answers its examples in infra/events
  sizes       every function's package is small enough
  functions   how functions start and answer
  load        how the local cloud does under load

  --binaries DIR     the binaries (where this one is; for sizes target/arm64/lambda)
  --only WORD        the examples whose names begin so
  --starts N         starts of each function (15)
  --invocations N    invocations of each example (1000)
  --accounts N       accounts in the store (1000)
  --connections N    connections (16)
  --requests N       requests of each operation, at most (2000)
  --seconds N        time for each operation, at most (10)
";

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Do functions answer?
    Check,
    /// Are they small?
    Sizes,
    /// Are they quick?
    Functions,
    /// Is the whole?
    Load,
}

/// The command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// What to do.
    pub command: Command,
    /// Where the binaries are.
    pub binaries: PathBuf,
    /// How the names of the examples begin.
    pub only: String,
    /// Starts of each function.
    pub starts: usize,
    /// Invocations of each example.
    pub invocations: usize,
    /// Accounts in the store.
    pub accounts: usize,
    /// Connections that stay open.
    pub connections: usize,
    /// Requests of each operation, at most.
    pub requests: usize,
    /// Time for each operation, at most.
    pub time: Duration,
}

impl Arguments {
    /// Reads the command line; `Err` is what to tell the person.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut words = words.into_iter();
        let command = match words.next().as_deref() {
            Some("check") => Command::Check,
            Some("sizes") => Command::Sizes,
            Some("functions") => Command::Functions,
            Some("load") => Command::Load,
            _ => return Err(HELP.to_owned()),
        };
        let mut arguments = Self {
            command,
            binaries: if command == Command::Sizes { "target/arm64/lambda".into() } else { beside()? },
            only: String::new(),
            starts: 15,
            invocations: 1000,
            accounts: 1000,
            connections: 16,
            requests: 2000,
            time: Duration::from_secs(10),
        };
        while let Some(flag) = words.next() {
            let value = words.next().ok_or_else(|| format!("{flag} wants a value\n\n{HELP}"))?;
            let number = || match value.parse::<usize>() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(format!("{flag} wants a number from 1")),
            };
            match flag.as_str() {
                "--binaries" => arguments.binaries = value.into(),
                "--only" => arguments.only = value,
                "--starts" => arguments.starts = number()?,
                "--invocations" => arguments.invocations = number()?,
                "--accounts" => arguments.accounts = number()?,
                "--connections" => arguments.connections = number()?,
                "--requests" => arguments.requests = number()?,
                "--seconds" => arguments.time = Duration::from_secs(number()? as u64),
                _ => return Err(format!("there is no flag {flag}\n\n{HELP}")),
            }
        }
        Ok(arguments)
    }
}

/// The folder of this program: what is built together lies together.
fn beside() -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    here.parent().map(PathBuf::from).ok_or_else(|| "this program lies nowhere".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Arguments, String> {
        Arguments::read(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_read() {
        let arguments = read("load --accounts 100000 --seconds 3 --binaries x").unwrap();
        assert_eq!((arguments.command, arguments.accounts), (Command::Load, 100_000));
        assert_eq!((arguments.time, arguments.binaries), (Duration::from_secs(3), "x".into()));
    }

    #[test]
    fn mistakes_are_told() {
        for words in
            ["", "measure", "load --accounts", "load --accounts 0", "load --accounts many", "load --speed 9"]
        {
            assert!(read(words).is_err(), "{words}");
        }
    }
}
