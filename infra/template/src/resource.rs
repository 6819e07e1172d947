use serde_json::Value;

/// One resource, with parameters put in and references to the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its type, such as `AWS::SQS::Queue`.
    pub kind: String,
    /// The file that declares it.
    pub stack: String,
    /// Whether it outlives its removal from the template and its replacement.
    pub retained: bool,
    /// Its properties.
    pub properties: Value,
    /// Its metadata.
    pub metadata: Value,
}

/// A whole number, which a parameter may have left as text.
pub(crate) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A list of strings, which may be written as one string.
pub(crate) fn strings(value: &Value) -> Vec<String> {
    items(value).filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The items of a list, or the one item that stands in its place.
pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
    .iter()
}
