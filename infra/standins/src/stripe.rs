//! Stripe: payment intents and refunds by its HTTP API, signed events, pages to pay on, and trouble on demand.

mod cards;
mod desk;
mod events;
mod intents;
mod ledger;
mod page;
mod params;
mod protocol;
mod refunds;
mod refusal;
mod requests;

use std::collections::{HashSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::watch;
use wire::Clock;

use crate::Error;
use crate::store::{self, lock};

pub use events::{Dispatch, Endpoint, sign};
pub use requests::Heard;

use desk::{Cause, Desk};
use refusal::Refusal;

/// The one secret key there is.
pub const SECRET_KEY: &str = "sk_test_standin";

/// The one publishable key there is.
pub const PUBLISHABLE_KEY: &str = "pk_test_standin";

/// What goes wrong, for as long as it is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "switches, of which each is on or off by itself")]
pub struct Trouble {
    /// So many of the next calls with the secret key happen, and are not answered.
    pub lost_answers: u32,
    /// Nothing happens, and every call is answered with 503.
    pub unavailable: bool,
    /// Each call takes so much longer.
    pub slow: Duration,
    /// No event is sent. They wait.
    pub events_held: bool,
    /// Each event is sent twice.
    pub events_twice: bool,
    /// Of the events that are due, the last is sent first.
    pub events_reversed: bool,
    /// Every new refund stays pending until it is settled.
    pub refunds_wait: bool,
}

/// A Stripe account of ours alone.
#[derive(Clone)]
pub struct Stripe(Arc<Inner>);

struct Inner {
    ledger: Mutex<Connection>,
    endpoints: Vec<Endpoint>,
    trouble: Mutex<Trouble>,
    /// The idempotency keys whose first call is not answered yet.
    busy: Mutex<HashSet<String>>,
    heard: Mutex<VecDeque<Heard>>,
    happened: watch::Sender<()>,
    clock: Clock,
}

impl Stripe {
    pub(crate) fn open(data: &Path, endpoints: Vec<Endpoint>, clock: Clock) -> Result<Stripe, Error> {
        Ok(Stripe(Arc::new(Inner {
            ledger: Mutex::new(store::open(&data.join("stripe.db"), ledger::TABLES)?),
            endpoints,
            trouble: Mutex::default(),
            busy: Mutex::default(),
            heard: Mutex::default(),
            happened: watch::Sender::new(()),
            clock,
        })))
    }

    /// What goes wrong now.
    pub fn trouble(&self) -> Trouble {
        lock(&self.0.trouble).clone()
    }

    /// From now on this goes wrong.
    pub fn meet(&self, trouble: Trouble) {
        *lock(&self.0.trouble) = trouble;
        self.0.happened.send_replace(());
    }

    /// An intent, a charge or a refund as it is stored.
    pub fn object(&self, id: &str) -> Result<Option<Value>, Error> {
        Ok(ledger::find(&lock(&self.0.ledger), id)?)
    }

    /// All intents, charges or refunds, by the name that Stripe has for the kind, the newest first.
    pub fn all(&self, kind: &str) -> Result<Vec<Value>, Error> {
        Ok(ledger::newest(&lock(&self.0.ledger), kind, u32::MAX)?)
    }

    /// Changes a stored object as nobody could by a call, to see who notices.
    pub fn alter(&self, id: &str, change: impl FnOnce(&mut Value)) -> Result<(), Error> {
        let ledger = lock(&self.0.ledger);
        let object = ledger::find(&ledger, id)?;
        let mut object = object.ok_or_else(|| Error::new(format!("there is no {id}")))?;
        change(&mut object);
        Ok(ledger::put(&ledger, &object)?)
    }

    /// Pays an intent with a test payment method, as its customer would; the intent as it is then, or why not.
    pub fn pay(&self, intent: &str, payment_method: &str) -> Result<Value, Error> {
        self.by_hand(|desk| desk.pay(intent, payment_method))
    }

    /// The customer proves to the bank who they are, or fails to.
    pub fn authenticate(&self, intent: &str, proven: bool) -> Result<Value, Error> {
        self.by_hand(|desk| desk.authenticate(intent, proven))
    }

    /// The bank is done with an intent that is processing.
    pub fn clear(&self, intent: &str, paid: bool) -> Result<Value, Error> {
        self.by_hand(|desk| desk.clear(intent, paid))
    }

    /// A refund arrives, or comes back; a pending one, or one that seemed to have succeeded.
    pub fn settle_refund(&self, refund: &str, arrived: bool) -> Result<Value, Error> {
        self.by_hand(|desk| desk.settle_refund(refund, arrived))
    }

    /// The customer asks the bank for the money of a paid intent.
    pub fn dispute(&self, intent: &str) -> Result<Value, Error> {
        self.by_hand(|desk| desk.dispute_intent(intent))
    }

    /// Wakes its holder when something happened that events tell of.
    pub fn happened(&self) -> watch::Receiver<()> {
        self.0.happened.subscribe()
    }

    fn by_hand<T>(&self, work: impl FnOnce(&Desk<'_>) -> Result<T, Refusal>) -> Result<T, Error> {
        self.at_the_desk(Cause::default(), work).map_err(|refusal| Error::new(refusal.message()))
    }

    /// Does one thing wholly or, where we fail ourselves, not at all. What Stripe refuses may still leave its traces:
    /// a decline does.
    fn at_the_desk<T>(
        &self,
        cause: Cause,
        work: impl FnOnce(&Desk<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let refunds_wait = self.trouble().refunds_wait;
        let mut ledger = lock(&self.0.ledger);
        let change = ledger.transaction()?;
        let now = self.0.clock.now();
        let done = work(&Desk { ledger: &change, endpoints: &self.0.endpoints, now, cause, refunds_wait });
        if done.as_ref().is_err_and(Refusal::is_ours) {
            return done;
        }
        change.commit()?;
        drop(ledger);
        self.0.happened.send_replace(());
        done
    }
}
