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
use crate::documents::{DOCUMENTS, Document, Form, Scope};
use crate::{merge, negotiate};

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

/// The form that the query names, or else the headers, or else the document's own.
async fn chosen(State(schema): State<Arc<Schema>>, query: Query, asked: HeaderMap) -> Response {
    let form = match query.get("format") {
        Some("json") => Form::Json,
        Some("yaml") => Form::Yaml,
        Some(_) => return Problem::not_found().into_response(),
        None => negotiate::form(&asked).unwrap_or(schema.scope.form()),
    };
    schema.answer(form, &asked)
}

async fn json(State(schema): State<Arc<Schema>>, asked: HeaderMap) -> Response {
    schema.answer(Form::Json, &asked)
}

async fn yaml(State(schema): State<Arc<Schema>>, asked: HeaderMap) -> Response {
    schema.answer(Form::Yaml, &asked)
}

impl Schema {
    fn answer(&self, form: Form, asked: &HeaderMap) -> Response {
        let content = match form {
            Form::Json => self.json.get_or_init(|| Content::pack("application/json", &self.text(form))),
            Form::Yaml => self.yaml.get_or_init(|| Content::pack("application/yaml", &self.text(form))),
        };
        content.answer(asked, Keep::ToCompare)
    }

    fn text(&self, form: Form) -> String {
        let document = match self.scope {
            Scope::Whole => merge::whole(DOCUMENTS),
            Scope::One(document) => read(document),
        };
        match form {
            Form::Json => document.to_string(),
            Form::Yaml => serde_norway::to_string(&document).expect("every JSON value has a YAML form"),
        }
    }
}

/// The value of a document.
pub(crate) fn read(document: &Document) -> Value {
    serde_json::from_str(document.json).expect("a committed document is JSON: a test reads each")
}
