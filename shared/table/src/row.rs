//! Rows: serde structs that know their key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{Fault, Stamp};

use crate::{Key, Places, Words};

/// An item as the table holds it.
pub type Item = HashMap<String, AttributeValue>;

/// One kind of item.
pub trait Row: Serialize + DeserializeOwned {
    /// The name of the kind; every item carries it.
    const KIND: &'static str;
    /// The version of the shape; readers accept the previous one.
    const VERSION: u32 = 1;

    /// The item's key.
    fn key(&self) -> Key;

    /// The item's places in the indexes.
    fn places(&self) -> Places {
        Places::none()
    }

    /// When the table may remove the item. Removal lags: always compare the time as well.
    fn ends(&self) -> Option<Stamp> {
        None
    }

    /// The words the item is found by.
    fn words(&self) -> Option<Words> {
        None
    }
}

/// The item a row is stored as.
pub fn to_item<R: Row>(row: &R) -> Item {
    let mut item: Item = serde_dynamo::to_item(row).expect("rows are structs of plain values");
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    item.extend(row.key().attributes());
    item.extend(row.places().attributes());
    item.insert("kind".to_owned(), AttributeValue::S(R::KIND.to_owned()));
    item.insert("v".to_owned(), AttributeValue::N(R::VERSION.to_string()));
    if let Some(end) = row.ends() {
        item.insert("ttl".to_owned(), AttributeValue::N(end.seconds().to_string()));
    }
    if let Some(words) = row.words() {
        item.insert("found_by".to_owned(), attribute(&words));
    }
    item
}

/// The kind that an item says it is of.
pub fn kind_of(item: &Item) -> &str {
    item.get("kind").and_then(|kind| kind.as_s().ok()).map_or("nothing", String::as_str)
}

/// Reads a row back; an item of another kind or of an unreadable shape is a bug.
pub fn from_item<R: Row>(item: Item) -> Result<R, Fault> {
    let kind = kind_of(&item);
    if kind != R::KIND {
        return Err(Fault::bug(format!("expected a row of kind {}, found {kind}", R::KIND)));
    }
    serde_dynamo::from_item(item)
        .map_err(|error| Fault::bug(format!("a {} row does not read: {error}", R::KIND)))
}

/// A value as an attribute.
pub fn attribute(value: &impl Serialize) -> AttributeValue {
    serde_dynamo::to_attribute_value(value).expect("attributes are made of plain values")
}
