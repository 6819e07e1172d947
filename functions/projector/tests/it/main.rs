//! Events in, effects out, on a cloud of stand-ins.

#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod relay;
mod search;
