//! The local cloud as a process: started, killed, started again.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod crash;
mod load;
mod process;
