//! Counts kept figures anew from the rows that they count, and restores the words that rows are found by.
//!
//! An operator's tool. Besides migrations it is the one thing that reads the table from end to end, which is why it
//! is not deployed: no role may do that.

pub mod arguments;
mod contexts;
mod figures;
mod finding;
mod pages;
mod words;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use platform::Host;
use table::Table;
use wire::{Clock, Fault};

pub use finding::{Finding, Report};

/// The table, as somebody sees it who may do everything.
#[derive(Debug)]
pub struct Rebuild {
    table: Table,
    client: Client,
    name: String,
    clock: Clock,
    /// How long a write may take from its first row to its last.
    pause: Duration,
}

impl Rebuild {
    /// The table that the variables name. Between reading figures and reading rows it waits for `pause`.
    pub fn open(host: &Host, pause: Duration) -> Result<Self, Fault> {
        Ok(Self {
            table: host.table_without_seal()?,
            client: Client::new(&host.sdk("DYNAMODB")?),
            name: host.env.require("MERCATO_TABLE")?.to_owned(),
            clock: host.clock.clone(),
            pause,
        })
    }
}
