//! One document made of many.

mod clash;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::documents::Document;
use crate::schema;
use clash::Clashes;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document of the whole platform.
///
/// Components that several contexts name alike are one where they are alike, and get their context's name in front
/// where they differ. A context's tags become `context.tag`, and a group of their own for readers that know groups.
pub fn whole(documents: &[Document]) -> Value {
    let mut parts: Vec<Value> = documents.iter().map(schema::read).collect();
    let clashes = Clashes::between(&parts);
    let mut paths = Map::new();
    let mut components: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let (mut tags, mut groups) = (Vec::new(), Vec::new());
    for (document, part) in documents.iter().zip(&mut parts) {
        spread_security(part);
        clashes.rename(document.context, part);
        let own = name_tags(document.context, part);
        let names: Vec<&Value> = own.iter().map(|tag| &tag["name"]).collect();
        groups.push(json!({ "name": document.title, "tags": names }));
        tags.extend(own);
        paths.extend(object(part["paths"].take()));
        for (section, entries) in object(part["components"].take()) {
            components.entry(section).or_default().extend(object(entries));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Mercato", "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": components,
        "tags": tags,
        "x-tagGroups": groups,
    })
}

/// The operations of a document.
fn operations(part: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = part.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    items
        .filter_map(Value::as_object_mut)
        .flatten()
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .map(|(_, operation)| operation)
}

/// What a document asks of all its operations is written to each, since the whole has no such rule.
fn spread_security(part: &mut Value) {
    let rule = part["security"].take();
    if !rule.is_null() {
        for operation in operations(part).filter(|operation| operation.get("security").is_none()) {
            operation["security"] = rule.clone();
        }
    }
}

/// Puts the context in front of its tags, and returns them in the order of their first use.
fn name_tags(context: &str, part: &mut Value) -> Vec<Value> {
    let full = |tag: &str| if tag == context { tag.to_owned() } else { format!("{context}.{tag}") };
    let mut tags = list(part["tags"].take());
    for tag in &mut tags {
        tag["name"] = full(tag["name"].as_str().unwrap_or(context)).into();
    }
    for operation in operations(part) {
        let mut names: Vec<Value> = list(operation["tags"].take())
            .iter()
            .filter_map(Value::as_str)
            .map(|tag| full(tag).into())
            .collect();
        if names.is_empty() {
            names.push(context.into());
        }
        for name in &names {
            if !tags.iter().any(|tag| tag["name"] == *name) {
                tags.push(json!({ "name": name }));
            }
        }
        operation["tags"] = names.into();
    }
    tags
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}
