//! Delivering a batch, one mail after the other.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use outbox::{Letter, Unfit};
use platform::queue::{Record, report};
use platform::{guarded, log, metric};
use serde_json::{Value, json};
use table::{Message, Table};
use wire::{Clock, Fault};

use crate::claims::{self, Claim, State, Taken};
use crate::event::Event;
use crate::rules::Verdict;
use crate::send::{Post, Unsent};
use crate::suppressions::{self, Reason, is_suppressed};

/// After so long no other mail is begun, so that none is cut off between SES and its mark.
const BUDGET: Duration = Duration::from_secs(9);

/// SES counts by the second: when it has enough, the next mail waits for the next second.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct Mailer {
    pub(crate) table: Table,
    pub(crate) post: Post,
    pub(crate) clock: Clock,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Sent,
    Suppressed,
    Refused,
    Repeated,
    Held,
    Throttled,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
            Self::Held => "held",
            Self::Throttled => "throttled",
        }
    }

    /// Whether the queue should hand the message out again.
    fn is_for_later(self) -> bool {
        matches!(self, Self::Held | Self::Throttled)
    }
}

impl Mailer {
    pub(crate) async fn handle(&self, event: Value) -> Result<Value, Fault> {
        match Event::read(&event)? {
            Event::Mails(records) => Ok(self.deliver(&records).await),
            Event::Returned(addresses, reason) => self.suppress(&addresses, reason).await,
            Event::Nothing => Ok(json!({ "suppressed": 0 })),
        }
    }

    /// Delivers each and reports those that must come again.
    async fn deliver(&self, records: &[Record]) -> Value {
        let started = Instant::now();
        let (mut failures, mut pause) = (Vec::new(), false);
        for record in records {
            if pause {
                tokio::time::sleep(PAUSE).await;
            }
            let late = started.elapsed() > BUDGET;
            let outcome = if late { Ok(Outcome::Held) } else { guarded(Box::pin(self.one(record))).await };
            if let Err(fault) = &outcome {
                log::fault(fault);
            }
            pause = matches!(outcome, Ok(Outcome::Throttled));
            if outcome.map_or(true, Outcome::is_for_later) {
                failures.push(record);
            }
        }
        report(failures)
    }

    async fn one(&self, record: &Record) -> Result<Outcome, Fault> {
        let started = Instant::now();
        // The error is kept back: it may cite what the message holds.
        let message: Message = serde_json::from_str(&record.body)
            .map_err(|_| Fault::bug("the body of a record is no message"))?;
        let letter = Letter::read(&message)?;
        let outcome = self.attempt(&message, &letter).await;
        let name = outcome.as_ref().map_or("failed", |outcome| outcome.name());
        let template = letter.template();
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(target: "mail", message = message.id, template, outcome = name, ms, "mail");
        match outcome {
            Ok(Outcome::Sent) => metric::count("MailsSent", self.clock.now()),
            Ok(Outcome::Suppressed) => metric::count("MailsSuppressed", self.clock.now()),
            _ => {}
        }
        outcome
    }

    async fn attempt(&self, message: &Message, letter: &Letter) -> Result<Outcome, Fault> {
        let claim = match claims::claim(&self.table, &message.id, letter.template(), self.clock.now()).await?
        {
            Taken::Ours(claim) => claim,
            Taken::Held => return Ok(Outcome::Held),
            Taken::Settled => return Ok(Outcome::Repeated),
        };
        match self.send(letter).await {
            Ok(id) => Ok(self.settle(&claim, State::Sent, Some(&id), Outcome::Sent).await),
            Err(Stop::Suppressed) => {
                Ok(self.settle(&claim, State::Suppressed, None, Outcome::Suppressed).await)
            }
            Err(Stop::Refused(why)) => {
                tracing::warn!(target: "mail", message = message.id, why, "refused");
                Ok(self.settle(&claim, State::Refused, None, Outcome::Refused).await)
            }
            Err(Stop::Throttled) => {
                self.release(&claim).await;
                Ok(Outcome::Throttled)
            }
            Err(Stop::Broken(fault)) => {
                self.release(&claim).await;
                Err(fault)
            }
            // The mail may be out. The lease keeps others off it for a while.
            Err(Stop::Unknown(fault)) => Err(fault),
        }
    }

    async fn send(&self, letter: &Letter) -> Result<String, Stop> {
        let to = letter.address()?;
        if is_suppressed(&self.table, to).await? {
            return Err(Stop::Suppressed);
        }
        Ok(self.post.send(&letter.mail()?, to, letter.template()).await?)
    }

    /// Marks a message as done with. If that fails it is done with all the same: coming again, it would be sent again.
    async fn settle(&self, claim: &Claim, state: State, provider: Option<&str>, outcome: Outcome) -> Outcome {
        if let Err(fault) = claims::settle(&self.table, claim, state, provider).await {
            log::fault(&fault);
        }
        outcome
    }

    /// Lets go of a message. If that fails its lease ends by itself.
    async fn release(&self, claim: &Claim) {
        if let Err(fault) = claims::release(&self.table, claim, self.clock.now()).await {
            log::fault(&fault);
        }
    }

    async fn suppress(&self, addresses: &BTreeSet<String>, reason: Reason) -> Result<Value, Fault> {
        for address in addresses {
            suppressions::suppress(&self.table, address, reason, self.clock.now()).await?;
        }
        tracing::info!(target: "mail", addresses = addresses.len(), ?reason, "suppressed");
        Ok(json!({ "suppressed": addresses.len() }))
    }
}

/// Why a claimed message was not sent.
enum Stop {
    Suppressed,
    Refused(String),
    Throttled,
    Broken(Fault),
    Unknown(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<Unfit> for Stop {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Header(why) => Self::Refused(why.to_owned()),
            Unfit::Template(fault) => Self::Broken(fault),
        }
    }
}

impl From<Unsent> for Stop {
    fn from(Unsent { verdict, fault }: Unsent) -> Self {
        match verdict {
            Verdict::Throttled => Self::Throttled,
            Verdict::Refused => Self::Refused(fault.to_string()),
            Verdict::Broken => Self::Broken(fault),
            Verdict::Unknown => Self::Unknown(fault),
        }
    }
}
