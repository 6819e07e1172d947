//! The rules that the deployable template must keep, each with a proof that breaking it is noticed.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod alarms;
mod api;
mod binaries;
mod data;
mod deployment;
mod events;
mod permissions;
mod queues;
mod reading;
mod triggers;

use std::path::PathBuf;

use serde_json::{Map, Value};
use template::{Resource, Resources, Template};

/// A rule answers with whoever breaks it.
type Rule = fn(&Template) -> Vec<String>;

/// The root of the workspace.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The template as one stage deploys it.
fn stage(name: &str) -> Template {
    let parameters =
        [("Stage", name), ("MailFrom", "no-reply@mercato.example"), ("MailDomain", "mercato.example")];
    Template::read_with(&root(), &parameters).unwrap()
}

/// The rule holds in every stage.
#[track_caller]
fn holds(rule: Rule) {
    for name in ["dev", "staging", "prod"] {
        assert_eq!(rule(&stage(name)), Vec::<String>::new(), "in {name}");
    }
}

/// The rule notices when a property is another, or is gone (null).
#[track_caller]
fn notices(rule: Rule, id: &str, pointer: &str, value: Value) {
    notices_change(rule, |resources| set(&mut resource(resources, id).properties, pointer, value));
}

/// The rule notices a change of the resources.
#[track_caller]
fn notices_change(rule: Rule, change: impl FnOnce(&mut Resources)) {
    let mut resources = stage("prod").resources().clone();
    change(&mut resources);
    let broken = Template::of(resources).unwrap();
    assert_ne!(rule(&broken), Vec::<String>::new(), "the rule sees no difference");
}

fn resource<'a>(resources: &'a mut Resources, id: &str) -> &'a mut Resource {
    resources.get_mut(id).unwrap_or_else(|| panic!("there is no resource {id}"))
}

/// All resources of a kind, by name.
fn of_kind<'a>(template: &'a Template, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Resource)> {
    template.resources().iter().filter(move |(_, resource)| resource.kind == kind)
}

/// Puts a value where a pointer leads, making the maps on the way; null takes away what is there.
fn set(value: &mut Value, pointer: &str, new: Value) {
    let (path, last) = pointer.rsplit_once('/').unwrap();
    let mut at = value;
    for name in path.split('/').skip(1) {
        at = match at {
            Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
            at => at.as_object_mut().unwrap().entry(name).or_insert_with(|| Map::new().into()),
        };
    }
    match (at, new) {
        (Value::Array(items), new) => items[last.parse::<usize>().unwrap()] = new,
        (at, Value::Null) => drop(at.as_object_mut().unwrap().remove(last).unwrap()),
        (at, new) => drop(at.as_object_mut().unwrap().insert(last.to_owned(), new)),
    }
}
