//! Bodies described once: struct, reader and schema.

use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::fields::python_type;
use crate::{Field, FieldErrors, Messages, NON_FIELD, schema};

/// A body that [`input!`](crate::input!) describes.
pub trait Input: Sized {
    /// The names of its fields, each with whether it must be sent.
    const FIELDS: &'static [(&'static str, bool)];

    /// Reads every field; answers all faults at once, in declared order.
    fn read(sent: &Map<String, Value>) -> Result<Self, FieldErrors>;
}

/// Reads a value that must be an object: a whole body, or an entry in a list of objects.
pub fn read_object<T: Input>(value: &Value) -> Result<T, FieldErrors> {
    match value {
        Value::Object(sent) => T::read(sent),
        other => Err(not_an_object(other)),
    }
}

pub(crate) fn not_an_object(value: &Value) -> FieldErrors {
    let text = format!("Invalid data. Expected a dictionary, but got {}.", python_type(value));
    FieldErrors::new().and(NON_FIELD, text)
}

/// One field in the schema of an input.
#[doc(hidden)]
pub struct Property {
    pub name: &'static str,
    pub schema: RefOr<Schema>,
    pub required: bool,
    pub doc: &'static [&'static str],
}

/// The schema of an input with these fields.
#[doc(hidden)]
pub fn object_schema(doc: &[&str], properties: Vec<Property>) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(sentence(doc));
    for property in properties {
        let text = sentence(property.doc).unwrap_or_default();
        object = object.property(property.name, schema::described(property.schema, &text));
        if property.required {
            object = object.required(property.name);
        }
    }
    object.into()
}

/// Doc comment lines as one text.
fn sentence(doc: &[&str]) -> Option<String> {
    let lines: Vec<&str> = doc.iter().map(|line| line.trim()).collect();
    (!lines.is_empty()).then(|| lines.join("\n").trim().to_owned())
}

/// How a field that is itself an input is read.
#[doc(hidden)]
pub fn read_nested<T: Input>(value: &Value) -> Result<T, Messages> {
    read_object(value).map_err(Messages::Within)
}

/// How a field's type is known to the macro.
#[doc(hidden)]
pub fn property<T: Field>(name: &'static str, required: bool, doc: &'static [&'static str]) -> Property {
    Property { name, schema: T::schema(), required, doc }
}

/// Describes a body: a struct, the reader that answers every fault at once, and the schema for clients.
///
/// A field with a default may be absent; `kind as "type": Kind` is called `type` on the wire.
/// ```
/// wire::input! {
///     /// A member to be.
///     pub struct NewMember {
///         /// As it is printed on the card.
///         name: wire::Text<255>,
///         email: wire::Email,
///         address: wire::Prose<1000> = wire::Prose::default(),
///         kind as "type": Option<wire::Text<20>> = None,
///     }
/// }
/// ```
#[macro_export]
macro_rules! input {
    (
        $(#[doc = $doc:expr])*
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $about:expr])*
                $field:ident $(as $wire:literal)? : $type:ty $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(
                $(#[doc = $about])*
                #[doc = concat!("\n\n`", $crate::input!(@name $field $($wire)?), "` on the wire.")]
                pub $field: $type,
            )*
        }

        impl $crate::Input for $name {
            const FIELDS: &'static [(&'static str, bool)] = &[$(
                ($crate::input!(@name $field $($wire)?), $crate::input!(@required $($default)?)),
            )*];

            fn read(
                sent: &$crate::serde_json::Map<String, $crate::serde_json::Value>,
            ) -> Result<Self, $crate::FieldErrors> {
                let mut fields = $crate::Fields::of(sent);
                $(
                    let $field: Option<$type> =
                        $crate::input!(@read fields, $crate::input!(@name $field $($wire)?) $(, $default)?);
                )*
                match ($($field,)*) {
                    ($(Some($field),)*) => Ok($name { $($field),* }),
                    _ => Err(fields.errors()),
                }
            }
        }

        impl $crate::Field for $name {
            fn read(value: &$crate::serde_json::Value) -> Result<Self, $crate::Messages> {
                $crate::read_nested(value)
            }

            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::Schema> {
                <$name as $crate::utoipa::PartialSchema>::schema()
            }
        }

        impl $crate::utoipa::PartialSchema for $name {
            fn schema() -> $crate::utoipa::openapi::RefOr<$crate::utoipa::openapi::Schema> {
                $crate::object_schema(
                    &[$($doc),*],
                    vec![$(
                        $crate::property::<$type>(
                            $crate::input!(@name $field $($wire)?),
                            $crate::input!(@required $($default)?),
                            &[$($about),*],
                        ),
                    )*],
                )
            }
        }

        impl $crate::utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $wire:literal) => { $wire };
    (@read $fields:ident, $name:expr) => { $fields.required($name) };
    (@read $fields:ident, $name:expr, $default:expr) => { $fields.optional($name, || $default) };
    (@required) => { true };
    (@required $default:expr) => { false };
}
