//! The documents themselves, as JSON or as YAML.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;
use wire::{Problem, Query};

use crate::content::{Content, Keep};
use crate::documents::{DOCUMENTS, Document, Scope};
use crate::{merge, negotiate};

#[derive(Clone, Copy)]
enum Format {
    Json,
    Yaml,
}

/// One document in both of its forms, each written at its first use and then kept.
struct Schema {
    scope: Scope,
    json: OnceLock<Content>,
    yaml: OnceLock<Content>,
}

/// The routes of the document about `scope`.
pub(crate) fn routes(scope: Scope) -> Router {
    let path = format!("{}/schema", scope.mount());
    Router::new()
        .route(&path, get(chosen))
        .route(&format!("{path}.json"), get(json))
        .route(&format!("{path}.yaml"), get(yaml))
        .with_state(Arc::new(Schema { scope, json: OnceLock::new(), yaml: OnceLock::new() }))
}

/// The form that the query names, or else the headers.
async fn chosen(State(schema): State<Arc<Schema>>, query: Query, asked: HeaderMap) -> Response {
    match query.get("format") {
        Some("json") => schema.answer(Format::Json, &asked),
        Some("yaml") => schema.answer(Format::Yaml, &asked),
        Some(_) => Problem::not_found().into_response(),
        None if negotiate::prefers_yaml(&asked) => schema.answer(Format::Yaml, &asked),
        None => schema.answer(Format::Json, &asked),
    }
}

async fn json(State(schema): State<Arc<Schema>>, asked: HeaderMap) -> Response {
    schema.answer(Format::Json, &asked)
}

async fn yaml(State(schema): State<Arc<Schema>>, asked: HeaderMap) -> Response {
    schema.answer(Format::Yaml, &asked)
}

impl Schema {
    fn answer(&self, format: Format, asked: &HeaderMap) -> Response {
        let content = match format {
            Format::Json => self.json.get_or_init(|| Content::pack("application/json", &self.text(format))),
            Format::Yaml => self.yaml.get_or_init(|| Content::pack("application/yaml", &self.text(format))),
        };
        content.answer(asked, Keep::ToCompare)
    }

    fn text(&self, format: Format) -> String {
        let document = match self.scope {
            Scope::Whole => merge::whole(DOCUMENTS),
            Scope::One(document) => read(document),
        };
        match format {
            Format::Json => document.to_string(),
            Format::Yaml => serde_norway::to_string(&document).expect("every JSON value has a YAML form"),
        }
    }
}

/// The value of a document.
pub(crate) fn read(document: &Document) -> Value {
    serde_json::from_str(document.json).expect("a committed document is JSON: a test reads each")
}
