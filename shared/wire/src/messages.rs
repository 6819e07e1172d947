//! What is wrong with which field, in the order the fields were declared.

use serde_json::{Map, Value};

/// The key under which faults stand that belong to no single field.
pub const NON_FIELD: &str = "non_field_errors";

/// What is wrong with one field: sentences, or the same again one level down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Messages {
    /// Sentences about the value itself.
    Texts(Vec<String>),
    /// The faults within an object, or by position within a list of plain values.
    Within(FieldErrors),
    /// The faults of each object in a list; an object without fault has an empty map.
    Each(Vec<FieldErrors>),
}

impl Messages {
    /// One sentence.
    pub fn of(text: impl Into<String>) -> Messages {
        Messages::Texts(vec![text.into()])
    }

    /// The JSON that DRF answers.
    pub fn into_value(self) -> Value {
        match self {
            Messages::Texts(texts) => Value::from(texts),
            Messages::Within(errors) => Value::Object(errors.into_map()),
            Messages::Each(items) => items.into_iter().map(FieldErrors::into_map).collect(),
        }
    }

    /// Adds `more`; sentences join sentences, anything else takes the place of what was there.
    fn join(&mut self, more: Messages) {
        match (self, more) {
            (Messages::Texts(texts), Messages::Texts(more)) => texts.extend(more),
            (Messages::Within(errors), Messages::Within(more)) => errors.extend(more),
            (here, more) => *here = more,
        }
    }
}

impl From<&str> for Messages {
    fn from(text: &str) -> Self {
        Messages::of(text)
    }
}

impl From<String> for Messages {
    fn from(text: String) -> Self {
        Messages::of(text)
    }
}

impl From<Vec<String>> for Messages {
    fn from(texts: Vec<String>) -> Self {
        Messages::Texts(texts)
    }
}

impl From<FieldErrors> for Messages {
    fn from(errors: FieldErrors) -> Self {
        Messages::Within(errors)
    }
}

/// The faults of a whole body: an ordered map from field to messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<(String, Messages)>);

impl FieldErrors {
    /// No fault yet.
    pub fn new() -> FieldErrors {
        FieldErrors::default()
    }

    /// These faults and one more.
    pub fn and(mut self, field: &str, messages: impl Into<Messages>) -> FieldErrors {
        self.add(field, messages);
        self
    }

    /// Notes a fault of `field`; a second one of the same field joins the first.
    pub fn add(&mut self, field: &str, messages: impl Into<Messages>) {
        let messages = messages.into();
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, known)) => known.join(messages),
            None => self.0.push((field.to_owned(), messages)),
        }
    }

    /// Takes over all faults of `others`.
    pub fn extend(&mut self, others: FieldErrors) {
        for (field, messages) in others.0 {
            self.add(&field, messages);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with `field`.
    pub fn get(&self, field: &str) -> Option<&Messages> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, messages)| messages)
    }

    /// `value` when nothing is wrong, these faults otherwise.
    pub fn or<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The JSON that DRF answers.
    pub fn into_map(self) -> Map<String, Value> {
        self.0.into_iter().map(|(field, messages)| (field, messages.into_value())).collect()
    }
}
