//! Small pieces of schemas.

use std::borrow::Cow;
use std::marker::PhantomData;

use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::{Day, Stamp};

/// A text.
pub(crate) fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A text of a format such as `date-time`.
pub(crate) fn formatted(format: &str) -> ObjectBuilder {
    string().format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// The same schema, or null.
pub(crate) fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) if matches!(object.schema_type, SchemaType::Type(_)) => {
            if let SchemaType::Type(only) = object.schema_type {
                object.schema_type = SchemaType::Array(vec![only, Type::Null]);
            }
            if let Some(values) = &mut object.enum_values {
                values.push(serde_json::Value::Null);
            }
            RefOr::T(Schema::Object(object))
        }
        other => AnyOfBuilder::new().item(other).item(ObjectBuilder::new().schema_type(Type::Null)).into(),
    }
}

/// The same schema with a sentence about it, unless it has one.
pub(crate) fn described(mut schema: RefOr<Schema>, text: &str) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema
        && object.description.is_none()
        && !text.is_empty()
    {
        object.description = Some(text.to_owned());
    }
    schema
}

/// The body of a `PATCH`, for documents: an input of which nothing need be sent.
pub struct Patch<T>(PhantomData<T>);

impl<T: PartialSchema> PartialSchema for Patch<T> {
    fn schema() -> RefOr<Schema> {
        let mut schema = T::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.clear();
        }
        schema
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> Cow<'static, str> {
        format!("Patch{}", T::name()).into()
    }
}

impl PartialSchema for Stamp {
    fn schema() -> RefOr<Schema> {
        formatted("date-time").into()
    }
}

impl ToSchema for Stamp {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Stamp")
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        formatted("date").into()
    }
}

impl ToSchema for Day {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Day")
    }
}
