//! What a record of the stream says to us.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_dynamo::{AttributeValue, from_attribute_value};
use serde_json::Value;
use table::{Message, Words};
use wire::Fault;

/// What one record asks for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Change {
    /// The words the row was found by.
    pub(crate) old: Option<Words>,
    /// The words it is found by from now on.
    pub(crate) new: Option<Words>,
    /// The messages it promises.
    pub(crate) told: Vec<Message>,
}

/// The record, as far as we read it. Lambda hands over the table's own JSON.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    old_image: Option<Image>,
    new_image: Option<Image>,
}

#[derive(Deserialize)]
struct Image {
    kind: Option<AttributeValue>,
    found_by: Option<AttributeValue>,
    told: Option<AttributeValue>,
}

impl Change {
    /// Reads a record. One of our own index entries asks for nothing, and most others for little.
    pub(crate) fn read(mut record: Value) -> Result<Self, Fault> {
        // The errors are kept back: they may cite what the row holds.
        let record = Record::deserialize(record["dynamodb"].take())
            .map_err(|_| Fault::bug("a record of the stream does not read"))?;
        let (old, new) = (record.old_image, record.new_image);
        if [&old, &new].into_iter().flatten().any(Image::is_index_entry) {
            return Ok(Self::default());
        }
        let is_insert = old.is_none();
        let (new_words, told) = new.map_or((None, None), |new| (new.found_by, new.told));
        Ok(Self {
            old: words(old.and_then(|old| old.found_by))?,
            new: words(new_words)?,
            // A later change of the row still shows what was told when it was new.
            told: told.filter(|_| is_insert).map(|told| read(told, "told")).transpose()?.unwrap_or_default(),
        })
    }
}

impl Image {
    fn is_index_entry(&self) -> bool {
        matches!(&self.kind, Some(AttributeValue::S(kind)) if kind == "word")
    }
}

fn words(value: Option<AttributeValue>) -> Result<Option<Words>, Fault> {
    value.map(|value| read(value, "found_by")).transpose()
}

fn read<T: DeserializeOwned>(value: AttributeValue, name: &str) -> Result<T, Fault> {
    from_attribute_value(value)
        .map_err(|_| Fault::bug(format!("the attribute {name} of a record does not read")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use table::Item;
    use wire::Stamp;

    fn attribute(value: &impl serde::Serialize) -> Value {
        let value: AttributeValue = serde_dynamo::to_attribute_value(value).unwrap();
        serde_json::to_value(value).unwrap()
    }

    fn message() -> Message {
        let body = json!({ "n": 1, "deep": { "list": [true, null, 1.5, "x"] } });
        Message::new("identity", "mail", body, Stamp::from_seconds(9))
    }

    fn anna() -> Words {
        Words::new("IDENTITY#ACCOUNTS", "1").text("anna")
    }

    #[test]
    fn a_new_row_is_found_and_told() {
        let image = json!({ "kind": { "S": "account" }, "found_by": attribute(&anna()), "told": attribute(&[message()]) });
        let insert = Change::read(json!({ "dynamodb": { "NewImage": image } })).unwrap();
        assert_eq!(insert, Change { old: None, new: Some(anna()), told: vec![message_like(&insert)] });
        let modify = Change::read(json!({ "dynamodb": { "NewImage": image, "OldImage": image } })).unwrap();
        assert_eq!(modify, Change { old: Some(anna()), new: Some(anna()), told: vec![] });
        let remove = Change::read(json!({ "dynamodb": { "OldImage": image } })).unwrap();
        assert_eq!(remove, Change { old: Some(anna()), ..Change::default() });
    }

    /// The message with the identity that the change read.
    fn message_like(change: &Change) -> Message {
        Message { id: change.told[0].id.clone(), ..message() }
    }

    #[test]
    fn index_entries_and_bare_rows_ask_for_nothing() {
        let entry =
            json!({ "kind": { "S": "word" }, "word": { "S": "anna" }, "found_by": { "S": "unread" } });
        let bare = json!({ "kind": { "S": "session" }, "ttl": { "N": "1" }, "blob": { "B": "AAEC" } });
        for image in [entry, bare] {
            for sides in [json!({ "NewImage": image }), json!({ "OldImage": image })] {
                assert_eq!(Change::read(json!({ "dynamodb": sides })).unwrap(), Change::default());
            }
        }
    }

    #[test]
    fn what_does_not_read_is_a_bug_that_cites_nothing() {
        let told = json!({ "told": { "L": [{ "M": { "id": { "S": "SECRET" } } }] } });
        let words = json!({ "found_by": { "S": "SECRET" } });
        for image in [told, words, json!({ "kind": { "SECRET": "S" } }), json!("SECRET")] {
            let fault = Change::read(json!({ "dynamodb": { "NewImage": image } })).unwrap_err();
            assert!(!fault.is_busy() && !fault.to_string().contains("SECRET"), "{fault}");
        }
        assert!(Change::read(json!({})).is_err());
    }

    #[test]
    fn the_table_writes_what_is_read_here() {
        let told: Item = [("told".to_owned(), table::attribute(&vec![message()]))].into();
        assert!(told["told"].is_l());
        let found_by = table::attribute(&anna());
        assert!(found_by.as_m().is_ok_and(|map| map["words"].is_l()));
    }
}
