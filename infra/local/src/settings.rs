//! The flags of the local cloud.

use std::path::PathBuf;

/// What the person at the keyboard wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The port of the gateway.
    pub port: u16,
    /// The folder that keeps everything; `None` for one that is gone with the process.
    pub data: Option<PathBuf>,
    /// The limits per hour, or `off`.
    pub throttle: String,
    /// Whether demo accounts and data are made.
    pub demo: bool,
    /// Whether logs are JSON lines as in production.
    pub json: bool,
}

/// What `--help` prints.
pub const HELP: &str = "\
Runs the whole platform on this machine.

Usage: local [flags]
  --port PORT            the gateway's port (8000)
  --data DIR             where everything is kept (.local)
  --memory               keep nothing: a temporary folder, in memory where the machine offers that
  --throttle off|A,U     requests an hour, of an address and of an account (off)
  --no-demo              no demo accounts and data
  --log json|pretty      how logs look (pretty)
";

impl Settings {
    /// Reads the flags: `None` where the person asks what there are, `Err` where one is wrong.
    pub fn read(flags: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut settings =
            Self { port: 8000, data: Some(".local".into()), throttle: "off".into(), demo: true, json: false };
        let mut flags = flags.into_iter();
        while let Some(flag) = flags.next() {
            let mut value = || flags.next().ok_or_else(|| format!("{flag} wants a value\n\n{HELP}"));
            match flag.as_str() {
                "--port" => {
                    settings.port = value()?.parse().map_err(|_| "--port wants a number".to_owned())?;
                }
                "--data" => settings.data = Some(value()?.into()),
                "--memory" => settings.data = None,
                "--throttle" => settings.throttle = limits(value()?)?,
                "--no-demo" => settings.demo = false,
                "--log" => settings.json = value().and_then(|form| json(&form))?,
                "--help" | "-h" => return Ok(None),
                other => return Err(format!("there is no flag {other}\n\n{HELP}")),
            }
        }
        Ok(Some(settings))
    }
}

fn limits(text: String) -> Result<String, String> {
    let numbers =
        text.split_once(',').is_some_and(|(a, u)| a.parse::<u64>().is_ok() && u.parse::<u64>().is_ok());
    if text == "off" || numbers {
        Ok(text)
    } else {
        Err("--throttle wants off, or two numbers like 100,1000".to_owned())
    }
}

fn json(form: &str) -> Result<bool, String> {
    match form {
        "json" => Ok(true),
        "pretty" => Ok(false),
        _ => Err("--log wants json or pretty".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(flags: &str) -> Result<Option<Settings>, String> {
        Settings::read(flags.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_read() {
        let settings =
            read("--port 9000 --memory --throttle 100,1000 --no-demo --log json").unwrap().unwrap();
        let expected =
            Settings { port: 9000, data: None, throttle: "100,1000".into(), demo: false, json: true };
        assert_eq!(settings, expected);
        assert_eq!(read("").unwrap().unwrap().data, Some(".local".into()));
    }

    #[test]
    fn mistakes_are_told() {
        for flags in ["--port", "--port x", "--throttle many", "--log xml", "--verbose"] {
            assert!(read(flags).is_err(), "{flags}");
        }
        assert_eq!(read("--port 9000 --help"), Ok(None));
    }
}
