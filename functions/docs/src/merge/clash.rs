//! New names for components that contexts name alike but mean differently.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::operations;

/// Where a component stands: its section, such as `schemas`, and its name.
type Place = (String, String);

/// The names that clash, and every name there is.
pub(super) struct Clashes {
    clashing: BTreeSet<Place>,
    taken: BTreeSet<Place>,
}

impl Clashes {
    /// Finds the clashes between documents.
    ///
    /// Components that read alike clash all the same when they point to one that does: follow until nothing is new.
    pub(super) fn between(parts: &[Value]) -> Self {
        let mut meanings: BTreeMap<Place, Vec<&Value>> = BTreeMap::new();
        for (place, meaning) in parts.iter().flat_map(components) {
            meanings.entry(place).or_default().push(meaning);
        }
        let taken = meanings.keys().cloned().collect();
        meanings.retain(|_, all| all.len() > 1);
        let mut clashing = BTreeSet::new();
        loop {
            let differs = |all: &[&Value]| all.iter().any(|one| *one != all[0] || points(one, &clashing));
            let more: Vec<Place> =
                meanings.iter().filter(|(_, all)| differs(all)).map(|(place, _)| place.clone()).collect();
            meanings.retain(|place, _| !more.contains(place));
            if more.is_empty() {
                return Self { clashing, taken };
            }
            clashing.extend(more);
        }
    }

    /// Gives the clashing components of one context their new names, wherever it mentions them.
    pub(super) fn rename(&self, context: &str, part: &mut Value) {
        let own: BTreeSet<Place> = components(part).map(|(place, _)| place).collect();
        let clashing = self.clashing.iter().filter(|place| own.contains(place));
        let names = clashing.map(|place| (place, self.fresh(context, place))).collect();
        rename_mentions(part, &names);
        for operation in operations(part) {
            let rules = operation.get_mut("security").and_then(Value::as_array_mut);
            for rule in rules.into_iter().flatten().filter_map(Value::as_object_mut) {
                rename_keys(rule, "securitySchemes", &names);
            }
        }
        for (section, entries) in part["components"].as_object_mut().into_iter().flatten() {
            if let Some(entries) = entries.as_object_mut() {
                rename_keys(entries, section, &names);
            }
        }
    }

    /// The name with the context's in front, as often as it takes to be new.
    fn fresh(&self, context: &str, (section, name): &Place) -> String {
        let mut name = name.clone();
        loop {
            name = capital(context) + &capital(&name);
            if !self.taken.contains(&(section.clone(), name.clone())) {
                return name;
            }
        }
    }
}

fn components(part: &Value) -> impl Iterator<Item = (Place, &Value)> {
    let sections = part["components"].as_object().into_iter().flatten();
    sections.flat_map(|(section, entries)| {
        let entries = entries.as_object().into_iter().flatten();
        entries.map(move |(name, meaning)| ((section.clone(), name.clone()), meaning))
    })
}

/// Whether a value mentions one of these components.
fn points(value: &Value, to: &BTreeSet<Place>) -> bool {
    match value {
        Value::String(text) => mention(text).is_some_and(|(place, _)| to.contains(&place)),
        Value::Array(items) => items.iter().any(|item| points(item, to)),
        Value::Object(entries) => entries.values().any(|entry| points(entry, to)),
        _ => false,
    }
}

/// A mention is any text of the form of one, since a discriminator's mapping holds them outside `$ref`.
fn rename_mentions(value: &mut Value, names: &BTreeMap<&Place, String>) {
    match value {
        Value::String(text) => {
            if let Some((place, rest)) = mention(text)
                && let Some(name) = names.get(&place)
            {
                *text = format!("#/components/{}/{name}{rest}", place.0);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_mentions(item, names)),
        Value::Object(entries) => entries.values_mut().for_each(|entry| rename_mentions(entry, names)),
        _ => {}
    }
}

fn rename_keys(entries: &mut Map<String, Value>, section: &str, names: &BTreeMap<&Place, String>) {
    let renamed = std::mem::take(entries).into_iter().map(|(name, entry)| {
        let place = (section.to_owned(), name);
        let name = names.get(&place).cloned().unwrap_or(place.1);
        (name, entry)
    });
    entries.extend(renamed);
}

/// Reads `#/components/<section>/<name>` and whatever follows it.
fn mention(text: &str) -> Option<(Place, &str)> {
    let (section, rest) = text.strip_prefix("#/components/")?.split_once('/')?;
    let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(((section.to_owned(), name.to_owned()), rest))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
