//! What the wire promises, by example and by property.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like the tests themselves")]

mod body;
mod csv;
mod fields;
mod input;
mod money;
mod numbers;
mod page;
mod problem;
mod query;
mod text;
mod time;
