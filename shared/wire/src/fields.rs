//! Fields of a body: what a value must be to become one, and reading them all before answering.

use serde_json::{Map, Value};
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::{Day, FieldErrors, Messages, Stamp, schema};

/// A type that a field of a body can have.
pub trait Field: Sized {
    /// Reads a value that is not null.
    fn read(value: &Value) -> Result<Self, Messages>;

    /// How such a field is described to clients.
    fn schema() -> RefOr<Schema>;

    /// What null stands for; nothing, unless the type says otherwise.
    fn null() -> Result<Self, Messages> {
        Err("This field may not be null.".into())
    }

    /// Reads any value.
    fn read_or_null(value: &Value) -> Result<Self, Messages> {
        if value.is_null() { Self::null() } else { Self::read(value) }
    }
}

/// Reads the fields of one object and notes every fault on the way.
#[derive(Debug)]
pub struct Fields<'m> {
    sent: &'m Map<String, Value>,
    errors: FieldErrors,
}

impl<'m> Fields<'m> {
    /// The fields of `sent`.
    pub fn of(sent: &'m Map<String, Value>) -> Fields<'m> {
        Fields { sent, errors: FieldErrors::new() }
    }

    /// A field that must be there.
    pub fn required<T: Field>(&mut self, name: &str) -> Option<T> {
        match self.sent.get(name) {
            Some(value) => self.keep(name, T::read_or_null(value)),
            None => self.keep(name, Err("This field is required.".into())),
        }
    }

    /// A field that may be absent.
    pub fn optional<T: Field>(&mut self, name: &str, default: impl FnOnce() -> T) -> Option<T> {
        match self.sent.get(name) {
            Some(value) => self.keep(name, T::read_or_null(value)),
            None => Some(default()),
        }
    }

    /// Every fault that was met.
    pub fn errors(self) -> FieldErrors {
        self.errors
    }

    fn keep<T>(&mut self, name: &str, read: Result<T, Messages>) -> Option<T> {
        read.map_err(|messages| self.errors.add(name, messages)).ok()
    }
}

/// The name Python has for the kind of a value, which DRF's sentences use.
pub(crate) fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

impl<T: Field> Field for Option<T> {
    fn read(value: &Value) -> Result<Self, Messages> {
        T::read(value).map(Some)
    }

    fn schema() -> RefOr<Schema> {
        schema::or_null(T::schema())
    }

    fn null() -> Result<Self, Messages> {
        Ok(None)
    }
}

/// A field of an edit: what was sent, or nothing. Unlike an `Option` it is not null unless `T` may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T>(pub Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Field> Field for Given<T> {
    fn read(value: &Value) -> Result<Self, Messages> {
        T::read(value).map(|given| Self(Some(given)))
    }

    fn schema() -> RefOr<Schema> {
        T::schema()
    }

    fn null() -> Result<Self, Messages> {
        T::null().map(|given| Self(Some(given)))
    }
}

/// The most entries of a list in a body: it becomes part of a row.
const MOST_ENTRIES: usize = 100;

impl<T: Field> Field for Vec<T> {
    /// Faults of plain entries are told by position, those of objects as a list as long as the one sent.
    fn read(value: &Value) -> Result<Self, Messages> {
        let Value::Array(sent) = value else {
            return Err(format!(r#"Expected a list of items but got type "{}"."#, python_type(value)).into());
        };
        if sent.len() > MOST_ENTRIES {
            return Err(format!("Ensure this field has no more than {MOST_ENTRIES} elements.").into());
        }
        let mut items = Vec::with_capacity(sent.len());
        let mut faults = Vec::new();
        for (position, value) in sent.iter().enumerate() {
            match T::read_or_null(value) {
                Ok(item) => items.push(item),
                Err(messages) => faults.push((position, messages)),
            }
        }
        if faults.is_empty() { Ok(items) } else { Err(told_by_position(faults, sent.len())) }
    }

    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new().items(T::schema()).max_items(Some(MOST_ENTRIES)).into()
    }
}

fn told_by_position(faults: Vec<(usize, Messages)>, length: usize) -> Messages {
    if faults.iter().all(|(_, messages)| matches!(messages, Messages::Within(_))) {
        let mut each = vec![FieldErrors::new(); length];
        for (position, messages) in faults {
            if let Messages::Within(errors) = messages {
                each[position] = errors;
            }
        }
        return Messages::Each(each);
    }
    let mut errors = FieldErrors::new();
    for (position, messages) in faults {
        errors.add(&position.to_string(), messages);
    }
    Messages::Within(errors)
}

/// An object of the client's own making.
impl Field for Map<String, Value> {
    fn read(value: &Value) -> Result<Self, Messages> {
        match value {
            Value::Object(members) => Ok(members.clone()),
            other => {
                Err(format!(r#"Expected a dictionary of items but got type "{}"."#, python_type(other))
                    .into())
            }
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).into()
    }
}

/// The same, of at most `MAX` bytes as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object<const MAX: usize>(Map<String, Value>);

impl<const MAX: usize> From<Object<MAX>> for Map<String, Value> {
    fn from(object: Object<MAX>) -> Self {
        object.0
    }
}

impl<const MAX: usize> Field for Object<MAX> {
    fn read(value: &Value) -> Result<Self, Messages> {
        let members = <Map<String, Value> as Field>::read(value)?;
        if value.to_string().len() > MAX {
            return Err(format!("Ensure this field has no more than {MAX} bytes.").into());
        }
        Ok(Self(members))
    }

    fn schema() -> RefOr<Schema> {
        <Map<String, Value> as Field>::schema()
    }
}

impl Field for bool {
    /// Takes the forms that DRF takes, in any case.
    fn read(value: &Value) -> Result<Self, Messages> {
        let word = match value {
            Value::Bool(flag) => return Ok(*flag),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_ascii_lowercase(),
            _ => String::new(),
        };
        match word.as_str() {
            "t" | "y" | "yes" | "true" | "on" | "1" | "1.0" => Ok(true),
            "f" | "n" | "no" | "false" | "off" | "0" | "0.0" => Ok(false),
            _ => Err("Must be a valid boolean.".into()),
        }
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

impl Field for Day {
    fn read(value: &Value) -> Result<Self, Messages> {
        let formats = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.";
        value.as_str().and_then(Day::parse).ok_or_else(|| formats.into())
    }

    fn schema() -> RefOr<Schema> {
        <Day as PartialSchema>::schema()
    }
}

impl Field for Stamp {
    /// A bare date is its first instant, as in Django.
    fn read(value: &Value) -> Result<Self, Messages> {
        let formats = "Datetime has wrong format. Use one of these formats instead: \
                       YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
        value.as_str().and_then(Stamp::parse_from).ok_or_else(|| formats.into())
    }

    fn schema() -> RefOr<Schema> {
        <Stamp as PartialSchema>::schema()
    }
}
