//! Stripe, as far as this platform talks to it: payment intents, refunds, and the events that it sends.
//!
//! It knows no context of ours. What a payment is for stands in the metadata that its creator chose.

mod client;
mod event;
mod form;
mod intent;
mod network;
mod refund;
mod signature;
mod trouble;
mod view;

pub use client::{Mode, Stripe};
pub use event::{Happening, NotAnEvent, Notice};
pub use intent::{ClientSecret, Intent, IntentStatus, LastError, NewIntent};
pub use refund::{NewRefund, Refund, RefundReason, RefundStatus};
pub use signature::{NotSigned, Secrets, TOLERANCE};
pub use trouble::{Refusal, Trouble};

/// The version of Stripe's interface that everything here is written for.
pub const VERSION: &str = "2024-06-20";
