//! The ground that functions stand on: boot, configuration, logs and the layers around every request.

pub mod api;
mod app;
mod edge;
mod env;
mod function;
mod host;
pub mod log;
pub mod metric;
mod parameters;
pub mod queue;
pub mod routes;

pub use app::App;
pub use edge::{Edge, Envelope, Idempotency};
pub use env::{Env, Stage};
pub use function::{Function, guarded, run};
pub use host::Host;
pub use parameters::{Parameters, Values};
