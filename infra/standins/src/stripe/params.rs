//! The parameters of a call: a form with brackets, of which every part has to be known.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// What of a call is not taken yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads forms; what a later one says counts.
    pub(super) fn read<'a>(forms: impl IntoIterator<Item = &'a str>) -> Result<Params, Refusal> {
        let mut all = BTreeMap::new();
        for form in forms {
            let pairs: Vec<(String, String)> = serde_urlencoded::from_str(form)
                .map_err(|_| Refusal::invalid(None, "Invalid request: the form could not be read."))?;
            all.extend(pairs);
        }
        Ok(Params(all))
    }

    /// All of it, in one order.
    pub(super) fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// A parameter, which may be missing but not empty.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.remove(name) {
            Some(text) if text.is_empty() => {
                let message = format!(
                    "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a \
                     parameter; however '{name}' cannot be unset."
                );
                Err(Refusal::invalid(Some("parameter_invalid_empty"), message).about(name))
            }
            other => Ok(other),
        }
    }

    /// A parameter that has to be there.
    pub(super) fn require(&mut self, name: &str) -> Result<String, Refusal> {
        let missing = || {
            Refusal::invalid(Some("parameter_missing"), format!("Missing required param: {name}."))
                .about(name)
        };
        self.take(name)?.ok_or_else(missing)
    }

    /// A parameter that is yes or no.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.take(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::invalid(None, format!("Invalid boolean: {other}")).about(name)),
        }
    }

    /// A parameter that is one of some words.
    pub(super) fn word(&mut self, name: &str, words: &[&str]) -> Result<Option<String>, Refusal> {
        let word = self.take(name)?;
        match &word {
            Some(other) if !words.contains(&other.as_str()) => {
                let message = format!("Invalid {name}: must be one of {}", words.join(", "));
                Err(Refusal::invalid(None, message).about(name))
            }
            _ => Ok(word),
        }
    }

    /// An amount in the smallest unit.
    pub(super) fn amount(text: &str) -> Result<i64, Refusal> {
        let amount: i64 = text.parse().map_err(|_| {
            Refusal::invalid(Some("parameter_invalid_integer"), format!("Invalid integer: {text}"))
                .about("amount")
        })?;
        if amount < 1 {
            let message = "This value must be greater than or equal to 1.";
            return Err(Refusal::invalid(Some("parameter_invalid_integer"), message).about("amount"));
        }
        Ok(amount)
    }

    /// What the caller notes.
    pub(super) fn metadata(&mut self) -> Result<Value, Refusal> {
        let note = |name: &String| Some(name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned());
        let names: Vec<(String, String)> =
            self.0.keys().filter_map(|name| Some((name.clone(), note(name)?))).collect();
        let mut notes = Map::new();
        for (name, key) in names {
            let value = self.0.remove(&name).unwrap_or_default();
            let wrong = match () {
                () if key.chars().count() > 40 => "keys can have at most 40 characters",
                () if value.chars().count() > 500 => "values can have at most 500 characters",
                () if notes.len() == 50 => "there can be at most 50 keys",
                () => "",
            };
            if !wrong.is_empty() {
                return Err(Refusal::invalid(None, format!("Invalid metadata: {wrong}.")).about(&name));
            }
            if !value.is_empty() {
                notes.insert(key, json!(value));
            }
        }
        Ok(Value::Object(notes))
    }

    /// Whatever was not taken is unknown.
    pub(super) fn end(self) -> Result<(), Refusal> {
        let names: Vec<String> = self.0.into_keys().collect();
        let Some(first) = names.first() else { return Ok(()) };
        let plural = if names.len() == 1 { "" } else { "s" };
        let message = format!("Received unknown parameter{plural}: {}", names.join(", "));
        Err(Refusal::invalid(Some("parameter_unknown"), message).about(first))
    }
}
