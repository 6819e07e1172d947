//! Prepaid from the gateway's event to the stored items, the bank and the mail.

#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod admin;
mod analytics;
mod buying;
mod claim;
mod client;
mod confirm;
mod days;
mod discounts;
mod faults;
mod guesses;
mod history;
mod idempotency;
mod intents;
mod jobs;
mod letters;
mod lists;
mod model;
mod purchase;
mod races;
mod real;
mod redeem;
mod refunds;
mod reserve;
mod rollback;
mod shapes;
mod states;
mod sums;
mod till;
mod trouble;
mod types;
mod usages;
mod validate;
mod vouchers;
mod webhook;
mod wire;
mod witnesses;
