//! Values out of a fixed set.

use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};

use crate::{Field, Messages, schema};

/// An enum whose values have names on the wire.
pub trait Choice: Copy + 'static {
    /// Every value, in the order documents show them.
    const ALL: &'static [Self];

    /// The name on the wire.
    fn as_str(self) -> &'static str;

    /// The value of that name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.as_str() == name)
    }
}

impl<C: Choice> Field for C {
    fn read(value: &Value) -> Result<Self, Messages> {
        value.as_str().and_then(C::named).ok_or_else(|| {
            let sent = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!(r#""{sent}" is not a valid choice."#).into()
        })
    }

    fn schema() -> RefOr<Schema> {
        schema::string().enum_values(Some(C::ALL.iter().map(|choice| choice.as_str()))).into()
    }
}
