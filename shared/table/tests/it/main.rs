//! The table against the embedded `DynamoDB`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod books;
mod budgets;
mod costs;
mod days;
mod documents;
mod lists;
mod searches;
mod writing;
