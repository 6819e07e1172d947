//! The stand-ins through the real SDK clients.
#![expect(clippy::disallowed_methods, reason = "the stand-ins are tried by the bare SDK")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod mail;
mod parameters;
mod payments;
mod policies;
mod queues;
mod restart;
mod world;
