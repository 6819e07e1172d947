//! The committed `OpenAPI` documents: what the routes say, and all that a reader needs.

use std::collections::BTreeSet;

use docs::{DOCUMENTS, Document};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::project;

/// How each context describes itself.
fn described(context: &str) -> OpenApi {
    match context {
        "identity" => identity::document(),
        "loyalty" => joined([loyalty::document(), identity::loyalty_document()]),
        "prepaid" => joined([prepaid::document(), identity::prepaid_document()]),
        other => panic!("say here how {other} describes itself"),
    }
}

/// The document of a mount that several functions share. What they name alike has to be the same.
fn joined(parts: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let join = |whole: OpenApi, part: OpenApi| {
        let said = serde_json::to_value(&part).unwrap();
        let whole = whole.merge_from(part);
        let joined = serde_json::to_value(&whole).unwrap();
        for section in
            ["/paths", "/components/schemas", "/components/responses", "/components/securitySchemes"]
        {
            for (name, meaning) in said.pointer(section).and_then(Value::as_object).into_iter().flatten() {
                assert_eq!(&joined.pointer(section).unwrap()[name], meaning, "{name} means two things");
            }
        }
        whole
    };
    parts.into_iter().reduce(join).expect("a document has a part")
}

/// Every operation of a document: its method, its path and itself.
pub fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| {
            let operations = item.as_object().unwrap().iter();
            let operations = operations.filter(|(method, _)| METHODS.contains(&method.as_str()));
            operations.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
        .collect()
}

/// The committed document of a context.
pub fn committed(document: &Document) -> Value {
    serde_json::from_str(document.json).unwrap()
}

/// What a reference leads to.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// The schema of an operation's JSON body, if it has one.
pub fn body<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    Some(resolved(document, schema))
}

/// The path to something that is not there.
pub fn unknown(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "999" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// A body that fits a schema.
pub fn example(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    for many in ["oneOf", "anyOf"] {
        if let Some(schemas) = schema[many].as_array() {
            return example(document, schemas.iter().find(|schema| schema["type"] != "null").unwrap());
        }
    }
    if let Some(choices) = schema["enum"].as_array() {
        return choices[0].clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find_map(Value::as_str).unwrap(),
        kind => kind.as_str().unwrap_or("object"),
    };
    match kind {
        "object" => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties.map(|(name, property)| (name.clone(), example(document, property))).collect()
        }
        "array" => json!([]),
        "boolean" => json!(false),
        "integer" | "number" => json!(1),
        _ => match schema["format"].as_str() {
            Some("email") => json!("somebody@else.test"),
            Some("date") => json!("2026-01-01"),
            Some("date-time") => json!("2026-01-01T00:00:00Z"),
            _ => json!("example-text-17"),
        },
    }
}

#[test]
fn committed_documents_are_what_the_routes_say() {
    for document in DOCUMENTS {
        let path = format!("infra/openapi/{}.json", document.context);
        let now = serde_json::to_string_pretty(&described(document.context)).unwrap() + "\n";
        if project::updates("UPDATE_OPENAPI") {
            std::fs::write(project::root().join(&path), &now).unwrap();
        }
        assert!(
            project::read(&path) == now,
            "{path} is not what the routes say: run `make openapi` and commit it"
        );
    }
}

#[test]
fn documents_are_ours_and_of_the_newest_version() {
    for document in DOCUMENTS {
        let json = committed(document);
        assert_eq!(
            json["openapi"].as_str().unwrap().rsplit_once('.').unwrap().0,
            "3.1",
            "{}",
            document.context
        );
        assert_eq!(json["info"]["title"], document.title);
        for leak in ["utoipa", "workspace-tests", "license", "contact"] {
            assert!(json["info"].get(leak).is_none() && !document.json.contains("utoipa"), "{leak} leaked");
        }
        assert!(json["components"]["securitySchemes"]["bearer"].is_object());
        assert!(json["info"]["description"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

#[test]
fn every_operation_says_all_that_a_reader_needs() {
    let mut ids = BTreeSet::new();
    for document in DOCUMENTS {
        let json = committed(document);
        for (method, path, operation) in operations(&json) {
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            let said = mistakes(document, path, operation);
            assert!(said.is_empty(), "{method} {path}: {said:?}");
        }
    }
}

fn mistakes(document: &Document, path: &str, operation: &Value) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut demand = |holds: bool, what: String| {
        if !holds {
            mistakes.push(what);
        }
    };
    let id: Vec<&str> = operation["operationId"].as_str().unwrap_or_default().split('_').collect();
    let feature = operation["tags"][0].as_str().unwrap_or_default();
    demand(path.starts_with(&format!("{}/", document.mount)), format!("is outside of {}", document.mount));
    demand(
        id.len() >= 3 && id[0] == document.context,
        "operationId is not <context>_<feature>_<verb>".to_owned(),
    );
    demand(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "has not one tag".to_owned());
    demand(
        !feature.is_empty() && id.get(1) == Some(&feature),
        format!("its tag {feature} is not its feature"),
    );
    let summary = operation["summary"].as_str().unwrap_or_default();
    demand(!summary.is_empty() && summary.len() < 100, format!("its summary is {summary:?}"));
    demand(operation["x-access"]["public"].is_boolean(), "has no x-access".to_owned());
    let guarded = operation["x-access"]["public"] == false;
    demand(guarded == operation["security"].is_array(), "security and x-access disagree".to_owned());
    let responses = operation["responses"].as_object().cloned().unwrap_or_default();
    let success = responses.keys().filter(|status| status.starts_with('2')).count();
    demand(success == 1, format!("documents {success} successes"));
    for (status, response) in &responses {
        let body = response["content"].is_object() || matches!(status.as_str(), "204" | "205");
        demand(body, format!("{status} has no schema"));
        demand(
            response["description"].as_str().is_some_and(|text| !text.is_empty()),
            format!("{status} is not described"),
        );
    }
    let wanted = path.split('/').filter(|part| part.starts_with('{')).count();
    let named = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "path");
    demand(wanted == named.count(), "its path's variables are not described".to_owned());
    mistakes
}

#[test]
fn every_property_that_clients_write_is_bounded() {
    for document in DOCUMENTS {
        let json = committed(document);
        for (method, path, operation) in operations(&json) {
            let Some(schema) = body(&json, operation) else { continue };
            let properties = schema["properties"]
                .as_object()
                .unwrap_or_else(|| panic!("{method} {path} has no properties"));
            for (name, property) in properties {
                let unbounded = unbounded(&json, property);
                assert!(!unbounded, "{method} {path}: {name} is unbounded or untyped: {property}");
            }
        }
    }
}

/// Whether a text may be of any length, or the property of any type.
fn unbounded(document: &Value, property: &Value) -> bool {
    let property = resolved(document, property);
    for many in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = property[many].as_array() {
            return schemas.iter().any(|schema| unbounded(document, schema));
        }
    }
    let types = match &property["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => return true,
    };
    let bounded = ["maxLength", "enum", "format"].iter().any(|bound| property.get(bound).is_some());
    types.contains(&"string") && !bounded
}
