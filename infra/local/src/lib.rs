//! The local cloud: every function in one process, behind stand-ins that speak the real wires.

pub mod deliver;
pub mod demo;
pub mod event;
mod extras;
mod functions;
pub mod gateway;
pub mod secrets;
pub mod settings;
pub mod stripe;
mod whole;

pub use extras::{Extras, queue};
pub use whole::{Options, Whole, root};
