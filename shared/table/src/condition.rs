//! Conditions and updates as data, rendered to expressions in one place.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::row::attribute;
use crate::{Item, Key, Row};

/// What must hold of an item for a write to happen; `a.b` names a member of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Vec<Test>);

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Exists(String),
    Missing(String),
    Compare(String, &'static str, AttributeValue),
    Either(Condition, Condition),
}

impl Condition {
    /// The item is there.
    pub fn exists() -> Self {
        Self(vec![Test::Exists("pk".to_owned())])
    }

    /// No such item is there.
    pub fn absent() -> Self {
        Self(vec![Test::Missing("pk".to_owned())])
    }

    /// Always holds. For counters, which are right whatever they stand at.
    pub fn always() -> Self {
        Self(Vec::new())
    }

    /// And the attribute equals the value.
    pub fn is(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, "=", &value)
    }

    /// And the attribute differs from the value or is missing.
    pub fn is_not(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, "<>", &value)
    }

    /// And the attribute is at least the value.
    pub fn at_least(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, ">=", &value)
    }

    /// And the attribute is at most the value.
    pub fn at_most(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, "<=", &value)
    }

    /// And the attribute is less than the value.
    pub fn less(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, "<", &value)
    }

    /// And the attribute is more than the value.
    pub fn more(self, name: &str, value: impl Serialize) -> Self {
        self.compare(name, ">", &value)
    }

    /// And the attribute is missing.
    pub fn missing(mut self, name: &str) -> Self {
        self.0.push(Test::Missing(name.to_owned()));
        self
    }

    /// And the attribute is there.
    pub fn has(mut self, name: &str) -> Self {
        self.0.push(Test::Exists(name.to_owned()));
        self
    }

    /// This condition, or else the other.
    pub fn or(self, other: Self) -> Self {
        Self(vec![Test::Either(self, other)])
    }

    fn compare(mut self, name: &str, operator: &'static str, value: &impl Serialize) -> Self {
        self.0.push(Test::Compare(name.to_owned(), operator, attribute(value)));
        self
    }

    pub(crate) fn equals(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.push(Test::Compare(name.to_owned(), "=", value));
        self
    }

    pub(crate) fn render(&self, terms: &mut Terms) -> Option<String> {
        let tests: Vec<String> = self
            .0
            .iter()
            .map(|test| match test {
                Test::Exists(name) => format!("attribute_exists({})", terms.path(name)),
                Test::Missing(name) => format!("attribute_not_exists({})", terms.path(name)),
                Test::Compare(name, operator, value) => {
                    format!("{} {operator} {}", terms.path(name), terms.value(value.clone()))
                }
                Test::Either(one, other) => format!("({} OR {})", one.enclosed(terms), other.enclosed(terms)),
            })
            .collect();
        (!tests.is_empty()).then(|| tests.join(" AND "))
    }

    /// The same in parentheses, of which DynamoDB takes no two around one thing.
    fn enclosed(&self, terms: &mut Terms) -> String {
        let text = self.render(terms).unwrap_or_default();
        if matches!(self.0.as_slice(), [Test::Either(..)]) { text } else { format!("({text})") }
    }
}

/// A change of named attributes of one item; what it does not name stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    pub(crate) key: Key,
    pub(crate) condition: Condition,
    sets: Vec<(String, AttributeValue)>,
    adds: Vec<(String, i64)>,
    removes: Vec<String>,
}

impl Update {
    /// A change of the item at `key`, provided that `condition` holds.
    pub fn when(key: Key, condition: Condition) -> Self {
        Self { key, condition, sets: Vec::new(), adds: Vec::new(), removes: Vec::new() }
    }

    /// The attributes in which `after` differs from `before`, provided that each of them, and each attribute
    /// in `watching`, still is as `before` has it.
    pub fn between<R: Row>(before: &R, after: &R, watching: &[&str]) -> Self {
        let (old, new) = (crate::row::to_item(before), crate::row::to_item(after));
        // What is watched may be missing before and after, and be there meanwhile.
        let names = old.keys().chain(new.keys()).map(String::as_str).chain(watching.iter().copied());
        let names: BTreeSet<&str> = names.collect();
        // What is computed from the row rests on all of it, not only on what changes beside it.
        let whole = names.iter().any(|name| is_derived(name) && old.get(*name) != new.get(*name));
        let mut update = Self::when(before.key(), Condition::exists());
        for name in names {
            let (was, is) = (old.get(name), new.get(name));
            let changed = was != is;
            let judged = !is_derived(name) && (whole || changed || watching.contains(&name));
            if judged {
                update.condition = match was {
                    Some(value) => update.condition.equals(name, value.clone()),
                    None => update.condition.missing(name),
                };
            }
            match is {
                Some(value) if changed => update.sets.push((name.to_owned(), value.clone())),
                None if changed => update.removes.push(name.to_owned()),
                _ => {}
            }
        }
        update
    }

    /// Whether it changes nothing, which the table would not take.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.adds.is_empty() && self.removes.is_empty()
    }

    pub(crate) fn and(mut self, more: impl FnOnce(Condition) -> Condition) -> Self {
        self.condition = more(self.condition);
        self
    }

    /// Says what kind of item this makes, should there be none yet.
    pub fn of_kind(self, kind: &str) -> Self {
        self.set("kind", kind).set("v", 1)
    }

    /// Sets an attribute; `a.b` names a member of a map that is there.
    pub fn set(mut self, path: &str, value: impl Serialize) -> Self {
        self.sets.push((path.to_owned(), attribute(&value)));
        self
    }

    /// Adds to a number, which counts as zero while it is missing.
    pub fn add(mut self, path: &str, amount: i64) -> Self {
        self.adds.push((path.to_owned(), amount));
        self
    }

    /// Removes an attribute.
    pub fn remove(mut self, path: &str) -> Self {
        self.removes.push(path.to_owned());
        self
    }

    pub(crate) fn render(&self, terms: &mut Terms) -> String {
        let mut text = String::new();
        let sets: Vec<String> = self
            .sets
            .iter()
            .map(|(path, value)| format!("{} = {}", terms.path(path), terms.value(value.clone())))
            .collect();
        let adds: Vec<String> = self
            .adds
            .iter()
            .map(|(path, amount)| {
                format!("{} {}", terms.path(path), terms.value(AttributeValue::N(amount.to_string())))
            })
            .collect();
        let removes: Vec<String> = self.removes.iter().map(|path| terms.path(path)).collect();
        for (verb, clauses) in [("SET", sets), ("ADD", adds), ("REMOVE", removes)] {
            if !clauses.is_empty() {
                let _ = write!(text, "{verb} {} ", clauses.join(", "));
            }
        }
        text
    }
}

/// Attributes computed from the row's own: keys of indexes, the words it is found by, its end.
fn is_derived(name: &str) -> bool {
    name.starts_with("gsi")
        || matches!(name, "duepk" | "duesk" | "ttl" | "found_by" | "kind" | "v" | "pk" | "sk")
}

/// The names and values that an expression's placeholders stand for.
#[derive(Default)]
pub(crate) struct Terms {
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Terms {
    pub(crate) fn name(&mut self, name: &str) -> String {
        if let Some((slot, _)) = self.names.iter().find(|(_, known)| *known == name) {
            return slot.clone();
        }
        let slot = format!("#n{}", self.names.len());
        self.names.insert(slot.clone(), name.to_owned());
        slot
    }

    pub(crate) fn path(&mut self, path: &str) -> String {
        let parts: Vec<String> = path.split('.').map(|name| self.name(name)).collect();
        parts.join(".")
    }

    pub(crate) fn value(&mut self, value: AttributeValue) -> String {
        let slot = format!(":v{}", self.values.len());
        self.values.insert(slot.clone(), value);
        slot
    }

    pub(crate) fn parts(self) -> (Option<HashMap<String, String>>, Option<Item>) {
        ((!self.names.is_empty()).then_some(self.names), (!self.values.is_empty()).then_some(self.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_renders_with_placeholders_only() {
        let mut terms = Terms::default();
        let condition = Condition::exists().is("status", "open").at_least("stock", 3).missing("gone");
        assert_eq!(
            condition.render(&mut terms).unwrap(),
            "attribute_exists(#n0) AND #n1 = :v0 AND #n2 >= :v1 AND attribute_not_exists(#n3)"
        );
        assert_eq!(terms.names["#n1"], "status");
        assert_eq!(terms.values[":v1"], AttributeValue::N("3".into()));
    }

    #[test]
    fn either_side_may_hold() {
        let mut terms = Terms::default();
        let condition = Condition::absent().or(Condition::exists().less("seq", "7"));
        assert_eq!(
            condition.render(&mut terms).unwrap(),
            "((attribute_not_exists(#n0)) OR (attribute_exists(#n0) AND #n1 < :v0))"
        );
    }

    #[test]
    fn one_of_three_has_no_parentheses_to_spare() {
        let one = |name| Condition::always().is(name, 1);
        assert_eq!(
            one("a").or(one("b")).or(one("c")).render(&mut Terms::default()).unwrap(),
            "(((#n0 = :v0) OR (#n1 = :v1)) OR (#n2 = :v2))"
        );
    }

    #[test]
    fn an_update_renders_paths_and_every_verb() {
        let mut terms = Terms::default();
        let update = Update::when(Key::new("A#1", "A"), Condition::exists())
            .set("families.f1", "x")
            .add("used", -2)
            .remove("old");
        assert_eq!(update.render(&mut terms), "SET #n0.#n1 = :v0 ADD #n2 :v1 REMOVE #n3 ");
    }

    #[derive(Clone, Serialize, serde::Deserialize)]
    struct Shelf {
        books: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lent_to: Option<String>,
    }

    impl Row for Shelf {
        const KIND: &'static str = "shelf";

        fn key(&self) -> Key {
            Key::new("SHELF#1", "SHELF")
        }
    }

    #[test]
    fn what_is_watched_must_be_missing_still_where_it_was_missing() {
        let (before, reader) = (Shelf { books: 3, lent_to: None }, Some("Ama".to_owned()));
        let changed = |before: &Shelf, after: &Shelf| Update::between(before, after, &["lent_to"]).condition;
        let fewer = Shelf { books: 2, ..before.clone() };
        let missing = Condition::exists().is("books", 3).missing("lent_to");
        assert_eq!(changed(&before, &fewer), missing);
        assert_eq!(changed(&before, &Shelf { lent_to: reader.clone(), ..fewer.clone() }), missing);
        let (lent, more) = (Shelf { lent_to: reader.clone(), ..before }, Shelf { lent_to: reader, ..fewer });
        assert_eq!(changed(&lent, &more), Condition::exists().is("books", 3).is("lent_to", "Ama"));
    }
}
