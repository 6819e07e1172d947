//! Requests in, answers out, without AWS.

#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod assets;
mod gateway;
mod health;
mod merge;
mod pages;
mod schema;
mod world;
