//! What a client says it can read.

use std::cmp::Ordering;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName, IF_NONE_MATCH};

use crate::documents::Form;

const YAML: &[&str] =
    &["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "application/vnd.oai.openapi"];
const JSON: &[&str] = &["application/json", "application/vnd.oai.openapi+json"];

/// Whether the client takes a body under gzip.
pub(crate) fn takes_gzip(asked: &HeaderMap) -> bool {
    weight(asked, ACCEPT_ENCODING, &["gzip", "x-gzip"])
        .or_else(|| weight(asked, ACCEPT_ENCODING, &["*"]))
        .is_some_and(|weight| weight > 0.0)
}

/// The form that the client likes better; none when it names neither, or likes both alike.
pub(crate) fn form(asked: &HeaderMap) -> Option<Form> {
    let [yaml, json] = [YAML, JSON].map(|names| weight(asked, ACCEPT, names).unwrap_or(0.0));
    match yaml.total_cmp(&json) {
        Ordering::Greater => Some(Form::Yaml),
        Ordering::Less => Some(Form::Json),
        Ordering::Equal => None,
    }
}

/// Whether the client already holds the body of this tag.
pub(crate) fn holds(asked: &HeaderMap, tag: &str) -> bool {
    items(asked, IF_NONE_MATCH).any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

/// The greatest weight that a field of the request gives to one of the names; none when it names none.
fn weight(asked: &HeaderMap, field: HeaderName, names: &[&str]) -> Option<f32> {
    items(asked, field)
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next()?;
            names.iter().any(|known| known.eq_ignore_ascii_case(name)).then(|| {
                let weight = parts.find_map(|part| part.strip_prefix("q="));
                weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0)
            })
        })
        .reduce(f32::max)
}

fn items(asked: &HeaderMap, field: HeaderName) -> impl Iterator<Item = &str> {
    let lines = asked.get_all(field).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}
