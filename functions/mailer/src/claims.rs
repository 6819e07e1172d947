//! Claims: one row for each message, so that no two mailers send it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use table::{Condition, Denied, Key, Row, Table, Update};
use wire::{Fault, Stamp};

/// How long a mailer may work on a message before another takes over: longer than the function lives, shorter than
/// the queue hides the message.
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// How long a message is remembered: far longer than any queue keeps it.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// A mailer is at it until its lease ends.
    Claimed,
    /// SES took it.
    Sent,
    /// Its address is suppressed.
    Suppressed,
    /// It can never be sent.
    Refused,
}

/// A message in hand, or done with. Holds nothing of the mail itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claim {
    message: String,
    template: String,
    state: State,
    lease: Stamp,
    /// The id that SES gave the mail.
    #[serde(default)]
    provider: Option<String>,
}

/// What came of trying to claim.
#[derive(Debug, PartialEq)]
pub(crate) enum Taken {
    /// The message is ours until the lease ends.
    Ours(Claim),
    /// Another mailer is at it.
    Held,
    /// It is done with.
    Settled,
}

impl Row for Claim {
    const KIND: &'static str = "mail";

    fn key(&self) -> Key {
        key(&self.message)
    }

    fn ends(&self) -> Option<Stamp> {
        Some(self.lease + KEPT)
    }
}

fn key(message: &str) -> Key {
    Key::new(format!("MAIL#{message}"), "CLAIM")
}

/// Claims a message that nobody has, or that somebody had for too long.
pub(crate) async fn claim(table: &Table, message: &str, template: &str, now: Stamp) -> Result<Taken, Fault> {
    let claim = Claim {
        message: message.to_owned(),
        template: template.to_owned(),
        state: State::Claimed,
        lease: now + LEASE,
        provider: None,
    };
    let left = Condition::exists().is("state", State::Claimed).at_most("lease", now);
    let update = Update::when(claim.key(), Condition::absent().or(left))
        .of_kind(Claim::KIND)
        .set("message", message)
        .set("template", template)
        .set("state", claim.state)
        .set("lease", claim.lease)
        .set("ttl", (claim.lease + KEPT).seconds());
    match table.apply(update, ()).await {
        Ok(_) => Ok(Taken::Ours(claim)),
        Err(Denied::Refused(())) => {
            let found: Option<Claim> = table.get_strong(&claim.key()).await?;
            // A claim that is gone by now was removed by its time: whoever comes next may have the message.
            let settled = found.is_some_and(|claim| claim.state != State::Claimed);
            Ok(if settled { Taken::Settled } else { Taken::Held })
        }
        Err(denied) => Err(fault(denied)),
    }
}

/// Marks a claimed message as done with, whoever may hold it by now: what was sent was sent.
pub(crate) async fn settle(
    table: &Table,
    claim: &Claim,
    state: State,
    provider: Option<&str>,
) -> Result<(), Fault> {
    let update =
        Update::when(claim.key(), Condition::exists().is("state", State::Claimed)).set("state", state);
    let update = provider.into_iter().fold(update, |update, provider| update.set("provider", provider));
    table.apply(update, ()).await.map(drop).map_err(fault)
}

/// Lets go of a message that was surely not sent.
pub(crate) async fn release(table: &Table, claim: &Claim, now: Stamp) -> Result<(), Fault> {
    let ours = Condition::exists().is("state", State::Claimed).is("lease", claim.lease);
    table.apply(Update::when(claim.key(), ours).set("lease", now), ()).await.map(drop).map_err(fault)
}

fn fault(denied: Denied<()>) -> Fault {
    match denied {
        Denied::Fault(fault) => fault,
        other => Fault::busy(format!("a claim was lost: {other:?}")),
    }
}
