//! What is true of the workspace as a whole.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod canary;
mod capacity;
mod faults;
mod headers;
mod hostile;
mod items;
mod matrix;
mod openapi;
mod people;
mod project;
mod tidy;
