//! Objects of a client's own making, kept as text: `#[serde(with = "table::as_text")]`.
//!
//! The table's own maps would not do: they hold fewer digits than a number of JSON may have, and refuse what is too large.

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a value as JSON text.
pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
}

/// Reads a value from JSON text.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    // The error is kept back: it may cite what the text holds.
    serde_json::from_str(&String::deserialize(deserializer)?)
        .map_err(|_| D::Error::custom("the text is not the JSON that was expected"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde_json::{Map, Value, json};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Shelf {
        #[serde(with = "crate::as_text")]
        notes: Map<String, Value>,
    }

    #[test]
    fn every_number_comes_back_as_it_was() {
        for number in [1.326_591_032_480_473_7e154, -2.182_129_022_838_824e16, 5e-324, f64::MAX, -0.0] {
            let text = json!({ "far": number }).to_string();
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn what_the_table_could_not_hold_comes_back_as_it_was() {
        let notes =
            json!({ "far": 1e300, "near": 0.1, "deep": { "none": null, "list": [1, "two", {}] }, "": "" });
        let shelf = Shelf { notes: notes.as_object().unwrap().clone() };
        let kept = crate::attribute(&shelf);
        let text = kept.as_m().unwrap()["notes"].as_s().unwrap();
        assert!(text.contains("1e+300"), "{text}");
        assert_eq!(serde_dynamo::from_attribute_value::<AttributeValue, Shelf>(kept).unwrap(), shelf);
        let broken = AttributeValue::M([("notes".to_owned(), AttributeValue::S("SECRET".to_owned()))].into());
        let error = serde_dynamo::from_attribute_value::<AttributeValue, Shelf>(broken).unwrap_err();
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
}
