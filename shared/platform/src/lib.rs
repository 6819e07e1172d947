//! The ground that functions stand on: boot, configuration, logs and the layers around every request.

mod app;
mod asked;
mod edge;
mod env;
mod function;
mod host;
pub mod log;
pub mod metric;
mod parameters;
pub mod queue;

pub use app::{App, beside};
pub use edge::{Edge, Envelope, Idempotency};
pub use env::{Env, Stage};
pub use function::{Function, guarded, run};
pub use host::Host;
pub use parameters::{Parameters, Values};
