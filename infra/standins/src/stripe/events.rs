//! Events on their way: signed, and sent until somebody takes them or three days have passed.

use std::fmt::Write as _;

use ring::hmac;
use rusqlite::params;
use wire::Stamp;

use super::{Stripe, ledger};
use crate::Error;
use crate::store::lock;

/// The version of the interface that events are written in.
pub(super) const VERSION: &str = "2024-06-20";

/// As many as are sent before the next look.
const BATCH: u32 = 20;

const SECOND: i64 = 1_000_000;

/// How long an event is tried.
const PATIENCE: i64 = 3 * 24 * 3600 * SECOND;

/// The longest pause between two tries.
const LONGEST_PAUSE: i64 = 3600 * SECOND;

/// Somebody who is told of what happens.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where events are sent.
    pub path: String,
    /// What they are signed with.
    pub secret: String,
}

/// An event that is to be sent now.
#[derive(Clone, Debug)]
pub struct Dispatch {
    number: i64,
    /// Where to.
    pub path: String,
    /// The header `Stripe-Signature`.
    pub signature: String,
    /// The body.
    pub body: String,
}

/// Signs a body as sent at a time: the header `Stripe-Signature`.
pub fn sign(secret: &str, body: &[u8], now: Stamp) -> String {
    let time = now.seconds();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, &[time.to_string().as_bytes(), b".", body].concat());
    let mut header = format!("t={time},v1=");
    for byte in tag.as_ref() {
        write!(header, "{byte:02x}").expect("writing to a String cannot fail");
    }
    header
}

impl Stripe {
    /// The events that are to be sent now.
    pub fn due(&self) -> Result<Vec<Dispatch>, Error> {
        let trouble = self.trouble();
        if trouble.events_held {
            return Ok(Vec::new());
        }
        let now = self.0.clock.now();
        let ledger = lock(&self.0.ledger);
        let order = if trouble.events_reversed { "DESC" } else { "ASC" };
        let mut statement = ledger.prepare_cached(&format!(
            "SELECT deliveries.number, endpoint, body FROM deliveries JOIN events ON events.id = event
             WHERE state = 'waiting' AND due <= ?1 ORDER BY deliveries.number {order} LIMIT ?2"
        ))?;
        let rows = statement.query_map(params![now.micros(), BATCH], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        let mut due = Vec::new();
        for row in rows {
            let (number, path, body) = row?;
            let Some(endpoint) = self.0.endpoints.iter().find(|endpoint| endpoint.path == path) else {
                // It was there when the event happened, and is no more.
                ledger.execute("UPDATE deliveries SET state = 'given up' WHERE number = ?1", [number])?;
                continue;
            };
            let dispatch =
                Dispatch { number, signature: sign(&endpoint.secret, body.as_bytes(), now), path, body };
            due.extend(trouble.events_twice.then(|| dispatch.clone()));
            due.push(dispatch);
        }
        Ok(due)
    }

    /// Notes how an event was answered. Anything but success has it sent again, later and later.
    pub fn sent(&self, dispatch: &Dispatch, status: u16) -> Result<(), Error> {
        let now = self.0.clock.now().micros();
        let ledger = lock(&self.0.ledger);
        let taken = (200..300).contains(&status);
        let (attempts, since): (u32, i64) = ledger.query_row(
            "SELECT attempts, since FROM deliveries WHERE number = ?1",
            [dispatch.number],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let pause = SECOND.saturating_mul(1_i64 << attempts.min(20)).min(LONGEST_PAUSE);
        let state = match () {
            () if taken => "delivered",
            () if now + pause - since > PATIENCE => "given up",
            () => "waiting",
        };
        // Of two that were sent at once, the one that was taken counts.
        ledger.execute(
            "UPDATE deliveries SET attempts = attempts + 1, status = ?2, state = ?3, due = ?4
             WHERE number = ?1 AND state = 'waiting'",
            params![dispatch.number, status, state, now + pause],
        )?;
        Ok(())
    }

    /// Sends an event once more, to everybody.
    pub fn send_again(&self, event: &str) -> Result<(), Error> {
        let ledger = lock(&self.0.ledger);
        let known: bool =
            ledger
                .query_row("SELECT EXISTS(SELECT 1 FROM events WHERE id = ?1)", [event], |row| row.get(0))?;
        if !known {
            return Err(Error::new(format!("there is no event {event}")));
        }
        for endpoint in &self.0.endpoints {
            ledger::deliver(&ledger, event, &endpoint.path, self.0.clock.now())?;
        }
        drop(ledger);
        self.0.happened.send_replace(());
        Ok(())
    }

    /// The kinds and ids of the events so far, the oldest first.
    pub fn events(&self) -> Result<Vec<(String, String)>, Error> {
        let ledger = lock(&self.0.ledger);
        let mut statement = ledger.prepare_cached("SELECT kind, id FROM events ORDER BY number")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
