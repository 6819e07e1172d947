//! Bodies that are like others.

use serde_json::Value;

/// This body with some of it changed.
pub fn with(body: &Value, changes: &Value) -> Value {
    let mut all = body.as_object().expect("a body is an object").clone();
    all.extend(changes.as_object().expect("changes are members of it").clone());
    Value::Object(all)
}

/// This body without some of it.
pub fn without(body: &Value, names: &[&str]) -> Value {
    let mut all = body.as_object().expect("a body is an object").clone();
    all.retain(|name, _| !names.contains(&name.as_str()));
    Value::Object(all)
}
