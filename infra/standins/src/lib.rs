//! Local stand-ins, compatible on the wire: `DynamoDB`, SQS, SES and SSM of AWS, and Stripe, on one port.
//!
//! They know no function of ours. The local cloud keeps one [`Cloud`] for as long as it runs, a test starts
//! one of its own; either way functions run the same SDK code as in production and only endpoints differ.

mod answer;
mod cloud;
pub mod dynamo;
mod error;
mod front;
mod policies;
pub mod ses;
pub mod sqs;
pub mod ssm;
mod store;
pub mod stripe;

pub use cloud::{Cloud, Options, scratch};
pub use error::Error;
pub use policies::{Policies, Statement};

/// The account that all local resources belong to.
pub const ACCOUNT: &str = "000000000000";
