//! Golden items: what the table held, with made-up values where chance had its say.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Map, Value};

use crate::project::{read, root};

const FOLDER: &str = "tests/items";

/// What rows carry beside what they are: letters on their way, and the mark of the last write.
const RIDES: [&str; 2] = ["told", "last_write"];

/// The attributes that there are, each with its type; `*` for a name that is itself a value.
pub type Shape = BTreeSet<String>;

/// An item by its attributes.
pub type Attributes = Map<String, Value>;

/// The golden items of one version of a kind.
pub struct Golden {
    /// Where they are.
    pub path: String,
    /// The items.
    pub items: Vec<Attributes>,
}

impl Golden {
    /// What is kept of a version; nothing, if nothing is.
    pub fn of(part: &str, kind: &str, version: u32) -> Self {
        let path = format!("{FOLDER}/{part}/{kind}.v{version}.json");
        let there = root().join(&path).exists();
        let items =
            if there { serde_json::from_str(&read(&path)).expect("a list of items") } else { Vec::new() };
        Self { path, items }
    }

    /// Of each version up to this one what is kept.
    pub fn all(part: &str, kind: &str, version: u32) -> Vec<Self> {
        (1..=version).map(|version| Self::of(part, kind, version)).collect()
    }

    /// The attributes that there are among its items.
    pub fn shape(&self) -> Shape {
        self.items.iter().flat_map(shape_of).collect()
    }

    /// Adds and writes rows with attributes that no item has yet: as few as will do, the fullest first.
    pub fn add(&mut self, rows: &[Attributes]) {
        let mut rows: Vec<Attributes> = rows.iter().map(made_up).collect();
        rows.sort_by_cached_key(|row| (Reverse(shape_of(row).len()), format!("{row:?}")));
        for row in rows {
            if !shape_of(&row).is_subset(&self.shape()) {
                self.items.push(row);
            }
        }
        let path = root().join(&self.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, serde_json::to_string_pretty(&self.items).unwrap() + "\n").unwrap();
    }
}

/// A stored item without the table's names of types, which follow from the values, and without what rides in it.
pub fn attributes(item: &Value) -> Attributes {
    let attributes =
        item.as_object().into_iter().flatten().filter(|(name, _)| !RIDES.contains(&name.as_str()));
    attributes.map(|(name, value)| (name.clone(), plain(value))).collect()
}

fn plain(value: &Value) -> Value {
    match value.as_object().and_then(|value| value.iter().next()).expect("a value names its type") {
        (kind, Value::String(number)) if kind == "N" => serde_json::from_str(number).expect("a number"),
        (_, Value::Array(list)) => list.iter().map(plain).collect(),
        (_, Value::Object(map)) => map.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        (kind, _) if kind == "NULL" => Value::Null,
        (_, value) => value.clone(),
    }
}

/// The attributes that an item has.
pub fn shape_of(item: &Attributes) -> Shape {
    let mut shape = Shape::new();
    item.iter().for_each(|(name, value)| outline(name, value, &mut shape));
    shape
}

fn outline(path: &str, value: &Value, shape: &mut Shape) {
    let kind = match value {
        // What is there as nothing is missing.
        Value::Null => return,
        Value::Bool(_) => "BOOL",
        Value::Number(_) => "N",
        Value::String(_) => "S",
        Value::Array(_) => "L",
        Value::Object(_) => "M",
    };
    shape.insert(format!("{path} {kind}"));
    value.as_array().into_iter().flatten().for_each(|value| outline(&format!("{path}[]"), value, shape));
    for (name, value) in value.as_object().into_iter().flatten() {
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        outline(&format!("{path}.{}", if is_name { name } else { "*" }), value, shape);
    }
}

/// The same item on any day: with made-up ids, codes and secrets, and of each list one of a shape.
fn made_up(item: &Attributes) -> Attributes {
    let made_up = MadeUp::default().value(&Value::Object(item.clone()));
    let mut item = made_up.as_object().expect("an item is an object").clone();
    // Its key says which part of what is due a row belongs to.
    if let Some(part) = item.get_mut("duepk") {
        *part = part.as_str().unwrap().trim_end_matches(|c: char| c.is_ascii_digit()).into();
    }
    item
}

/// The words that were met so far, by number: what was equal stays equal.
#[derive(Default)]
struct MadeUp(BTreeMap<String, u64>);

impl MadeUp {
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Number(number) => serde_json::from_str(&self.text(&number.to_string())).expect("a number"),
            Value::Array(list) => {
                let mut shapes = BTreeSet::new();
                let mut is_new = |value: &Value| {
                    let mut shape = Shape::new();
                    outline("", value, &mut shape);
                    shapes.insert(shape)
                };
                // What chance had no say in comes first, wherever it stood.
                let mut list: Vec<&Value> = list.iter().collect();
                list.sort_by_cached_key(|value| Self::default().value(value) != **value);
                list.into_iter().filter(|value| is_new(value)).map(|value| self.value(value)).collect()
            }
            Value::Object(map) => {
                let sorted: BTreeMap<&String, &Value> = map.iter().collect();
                sorted.into_iter().map(|(name, value)| (self.text(name), self.value(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let inside = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
        text.split_inclusive(|c| !inside(c))
            .map(|part| {
                let word = part.trim_end_matches(|c| !inside(c));
                self.word(word) + &part[word.len()..]
            })
            .collect()
    }

    fn word(&mut self, word: &str) -> String {
        let (next, zeros) = (self.0.len() as u64 + 1, word.trim_start_matches('0'));
        let longest = word.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max();
        let mixed = word.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        // Ids without chance in them are made of times and numbers.
        let chance = mixed && (word.len() >= 20 || longest >= Some(12)) && !word.contains("-7000-8000-");
        let mut number = |word: &str| *self.0.entry(word.to_lowercase()).or_insert(next);
        match zeros.parse::<u64>() {
            // A number of an account, however many zeros stand before it.
            Ok(1_000_000_000_000..) => format!("{:0>1$}", 100_000_000_000_000 + number(zeros), word.len()),
            Err(_) if chance => format!("made-up-{}", number(word)),
            _ => word.to_owned(),
        }
    }
}
