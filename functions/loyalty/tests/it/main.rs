//! Loyalty from the gateway's event to the stored items and the mail.

#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod bursts;
mod client;
mod days;
mod expiry;
mod faults;
mod idempotency;
mod jobs;
mod letters;
mod limits;
mod lists;
mod members;
mod model;
mod points;
mod races;
mod redeem;
mod scope;
mod shop;
mod statistics;
mod sums;
mod tiers;
mod trace;
mod vouchers;
mod wire;
mod witnesses;
