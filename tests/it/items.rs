//! What rows look like, against `tests/items/`: one golden item or more of every shape that a table may hold.
//!
//! A shape grows by attributes that readers can do without; whatever else changes it is a new `VERSION`.
//! `UPDATE_ITEMS=1` adds what is missing and alters nothing that is there, since tables still hold it.

mod golden;
mod life;

use std::collections::BTreeMap;

use serde_json::Value;
use table::{AttributeValue, Condition, Item, Kind, Tx, Update, attribute, key_of};
use testkit::World;

use crate::project::{files, updates};
use golden::{Attributes, Golden, Shape, attributes, shape_of};

/// All kinds of rows, by the part that has them.
const ALL: [(&str, &[Kind]); 7] = [
    ("access", &access::KINDS),
    ("identity", &identity::KINDS),
    ("loyalty", &loyalty::KINDS),
    ("mailer", &mailer::KINDS),
    ("payments", &payments::KINDS),
    ("prepaid", &prepaid::KINDS),
    ("table", &table::KINDS),
];

/// What is only ever made and removed: the key of such a row does not follow from what is stored.
const NEVER_CHANGED: &str = "unique";

/// What an unknown, newer version of the code may have written.
const NEWER: (&str, &str) = ("newer", "unknown");

fn kinds() -> impl Iterator<Item = (&'static str, &'static Kind)> {
    ALL.iter().flat_map(|(part, kinds)| kinds.iter().map(|kind| (*part, kind)))
}

#[test]
fn every_kind_of_row_in_the_code_is_known_here() {
    let mut found = BTreeMap::new();
    for file in files().iter().filter(|file| file.is_source() && !file.path.starts_with("infra/")) {
        let part = file.path.split('/').nth(1).unwrap_or_default().to_owned();
        *found.entry(part).or_insert(0) += file.code().matches("impl Row for ").count();
    }
    found.retain(|_, rows| *rows > 0);
    let known = ALL.map(|(part, kinds)| (part.to_owned(), kinds.len()));
    assert_eq!(found, known.into(), "each part lists its kinds of rows in KINDS, and is listed above");
}

#[tokio::test]
async fn rows_have_the_shapes_that_are_kept() {
    let written = life::written().await;
    let mut wrong = Vec::new();
    for (part, kind) in kinds() {
        let mut golden = Golden::of(part, kind.name, kind.version);
        let rows: Vec<Attributes> =
            written.iter().filter(|item| is_of(item, part, kind)).map(attributes).collect();
        if updates("UPDATE_ITEMS") && !rows.is_empty() {
            golden.add(&rows);
        }
        let (kept, today) = (golden.shape(), rows.iter().flat_map(shape_of).collect::<Shape>());
        let new = "is new. If rows without it read as before, `make items` keeps it; if not, raise `VERSION`";
        let gone = "is not there any more. Raise `VERSION`, go on reading the last one, and `make items`";
        for (paths, what) in [(today.difference(&kept), new), (kept.difference(&today), gone)] {
            wrong.extend(paths.map(|path| format!("{}: {path} {what}", golden.path)));
        }
        if rows.is_empty() {
            wrong.push(format!("{}: no such row is written: let something in `life.rs` do so", golden.path));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whether a stored item is of a part's kind. Two contexts may use one word, and then its partition tells whose it is.
fn is_of(item: &Value, part: &str, kind: &Kind) -> bool {
    let partition = item["pk"]["S"].as_str().unwrap_or_default();
    let mut others = kinds().filter(|(other, same)| *other != part && same.name == kind.name);
    item["kind"]["S"] == kind.name
        && !others.any(|(other, _)| partition.starts_with(&format!("{}#", other.to_uppercase())))
}

/// Whoever changes a row writes what differs, on condition that the rest is as it was read. So what is read must be what
/// is stored, and nothing that the item lacks: else no change of an old row would ever hold.
#[test]
fn items_of_every_version_are_read_as_they_are_stored() {
    for (path, stored, kind) in golden_items() {
        let before = item(&stored);
        let mut newer = before.clone();
        newer.insert(NEWER.0.to_owned(), attribute(&NEWER.1));
        for item in [before.clone(), newer] {
            let read = kind.rewritten(item).unwrap_or_else(|fault| panic!("{path}: {fault}"));
            // What follows from the rest, of which some is made up.
            let follows = |name: &str| {
                matches!(name, "v" | "duepk" | "found_by") || is_key(name) && kind.name == NEVER_CHANGED
            };
            for (name, value) in read.iter().filter(|(name, _)| !follows(name)) {
                let same = before.get(name).is_some_and(|stored| is_part(value, stored));
                assert!(same, "{path}: {name} is read as {value:?} and stored as {:?}", before.get(name));
            }
        }
    }
}

/// Whether a value is all or, of a map, some of what is stored. Not everybody reads everything.
fn is_part(value: &AttributeValue, stored: &AttributeValue) -> bool {
    match (value, stored) {
        (AttributeValue::M(value), AttributeValue::M(stored)) => {
            value.iter().all(|(name, value)| stored.get(name).is_some_and(|stored| is_part(value, stored)))
        }
        _ => value == stored,
    }
}

#[tokio::test]
async fn a_change_keeps_what_a_newer_version_wrote() {
    let world = World::new().await;
    for (path, stored, kind) in golden_items().into_iter().filter(|(.., kind)| kind.name != NEVER_CHANGED) {
        let before = item(&stored);
        let key = key_of(&before).unwrap();
        let put = Update::when(key.clone(), Condition::always()).set(NEWER.0, NEWER.1);
        let rest = stored.iter().filter(|(name, _)| !is_key(name));
        let put = rest.fold(put, |put, (name, value)| put.set(name, value));
        let changes = changes(kind, &before);
        assert!(!changes.is_empty(), "{path}: nothing of it can change");
        for (name, after) in changes {
            world.table.commit(Tx::new().update(put.clone(), "refused")).await.unwrap();
            let tx = kind.change(before.clone(), after).unwrap();
            world.table.commit(tx).await.unwrap_or_else(|denied| panic!("{path}: {name}: {denied:?}"));
            let after = world.item(&key).await.unwrap();
            assert_ne!(after.get(&name), before.get(&name), "{path}: {name}");
            assert_eq!(after[NEWER.0], attribute(&NEWER.1), "{path}: {name}");
        }
    }
}

/// Every golden item of every version: where it is, what it has, and a kind that reads it today.
fn golden_items() -> Vec<(String, Attributes, &'static Kind)> {
    let each = |(part, kind): (&str, &'static Kind)| {
        let golden = Golden::all(part, kind.name, kind.version).into_iter();
        golden.flat_map(move |golden| {
            assert!(!golden.items.is_empty(), "{} is missing: `make items`", golden.path);
            golden.items.into_iter().map(move |item| (golden.path.clone(), item, kind))
        })
    };
    kinds().flat_map(each).collect()
}

fn item(attributes: &Attributes) -> Item {
    attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn is_key(name: &str) -> bool {
    matches!(name, "pk" | "sk")
}

/// The item with one attribute changed, for each attribute that can be something else where the item is.
fn changes(kind: &Kind, before: &Item) -> Vec<(String, Item)> {
    let read = kind.rewritten(before.clone()).unwrap();
    let other = |name: &String, value: &AttributeValue| {
        let value = match value {
            AttributeValue::Bool(is) => AttributeValue::Bool(!is),
            AttributeValue::N(number) => AttributeValue::N((number.parse::<i64>().ok()? + 1).to_string()),
            AttributeValue::S(text) => AttributeValue::S(format!("{text}x")),
            _ => return None,
        };
        let mut after = before.clone();
        after.insert(name.clone(), value);
        let written = kind.rewritten(after.clone()).ok()?;
        let differs = |name: &str| written.get(name) != read.get(name);
        (differs(name) && !differs("pk") && !differs("sk")).then(|| (name.clone(), after))
    };
    read.iter().filter_map(|(name, value)| other(name, value)).collect()
}
