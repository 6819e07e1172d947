//! Message attributes: their digest and their form in a Lambda event.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// The digest that AWS gives with message attributes; none without attributes.
///
/// Names in order, then for each: name, type, a byte for text or binary, value - all lengths in four bytes.
pub(super) fn digest(attributes: &Map<String, Value>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| name.as_str());
    let mut bytes = Vec::new();
    for (name, attribute) in sorted {
        put(&mut bytes, name.as_bytes());
        put(&mut bytes, attribute["DataType"].as_str().unwrap_or_default().as_bytes());
        if let Some(binary) = attribute["BinaryValue"].as_str() {
            bytes.push(2);
            put(&mut bytes, &BASE64_STANDARD.decode(binary).unwrap_or_default());
        } else {
            bytes.push(1);
            put(&mut bytes, attribute["StringValue"].as_str().unwrap_or_default().as_bytes());
        }
    }
    Some(format!("{:x}", md5::compute(bytes)))
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("a message is far smaller than 4 GB");
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(part);
}

/// Attributes as a Lambda event has them.
pub(super) fn for_lambda(attributes: &Map<String, Value>) -> Map<String, Value> {
    let lambda = |attribute: &Value| {
        let mut lambda = json!({
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": attribute["DataType"],
        });
        for (theirs, ours) in [("stringValue", "StringValue"), ("binaryValue", "BinaryValue")] {
            if let Some(value) = attribute.get(ours) {
                lambda[theirs] = value.clone();
            }
        }
        lambda
    };
    attributes.iter().map(|(name, attribute)| (name.clone(), lambda(attribute))).collect()
}
