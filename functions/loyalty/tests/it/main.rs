//! Loyalty from the gateway's event to the stored items and the mail.

#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod shop;
mod trace;
