//! What a function is told by its surroundings.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use wire::Fault;

/// The environment variables of one function.
///
/// A value and not the process itself, so that the local cloud can host many functions in one process.
#[derive(Clone, Default)]
pub struct Env(Arc<BTreeMap<String, String>>);

impl Env {
    /// The variables of this process.
    pub fn process() -> Self {
        std::env::vars().collect()
    }

    /// The value of a variable; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable without which the function must not start.
    pub fn require(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| Fault::bug(format!("the variable {name} is not set")))
    }

    /// All variables, by name, for a process that is started with them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The stage this function runs in.
    pub fn stage(&self) -> Result<Stage, Fault> {
        match self.require("MERCATO_STAGE")? {
            "local" => Ok(Stage::Local),
            "dev" => Ok(Stage::Dev),
            "staging" => Ok(Stage::Staging),
            "prod" => Ok(Stage::Prod),
            other => {
                Err(Fault::bug(format!("MERCATO_STAGE is {other:?}; expected local, dev, staging or prod")))
            }
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(Arc::new(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Env {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Shows names only: values may be credentials.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where a function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The local cloud and the tests.
    Local,
    /// A developer's stack.
    Dev,
    /// The rehearsal of production.
    Staging,
    /// Production.
    Prod,
}

impl Stage {
    /// The stage's name as configuration spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Dev => "dev",
            Self::Staging => "staging",
            Self::Prod => "prod",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_absent_and_absent_is_named() {
        let env = Env::from([("MERCATO_TABLE", ""), ("MERCATO_STAGE", "prod")]);
        assert_eq!(env.get("MERCATO_TABLE"), None);
        assert!(env.require("MERCATO_TABLE").unwrap_err().to_string().contains("MERCATO_TABLE"));
        assert_eq!(env.stage().unwrap(), Stage::Prod);
        assert!(Env::from([("MERCATO_STAGE", "production")]).stage().is_err());
    }

    #[test]
    fn debug_prints_no_value() {
        let env = Env::from([("AWS_SECRET_ACCESS_KEY", "hunter2")]);
        assert!(!format!("{env:?}").contains("hunter2"));
    }
}
