//! The mailbox: every accepted mail, durable and newest first.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use tokio::sync::broadcast;
use wire::{Clock, Stamp};

use super::events;
use super::mail::{Mail, address};
use crate::answer::Refusal;
use crate::store::{self, lock};
use crate::{ACCOUNT, Error};

/// What mail is accepted.
#[derive(Clone, Debug, Default)]
pub struct MailRules {
    /// How many mails a second are accepted before the rest is throttled; any number when there is none.
    pub per_second: Option<u32>,
    /// The addresses and domains that may send; anybody when there are none.
    pub senders: Vec<String>,
}

/// All mail that was sent.
#[derive(Clone)]
pub struct Mailbox(Arc<Inner>);

struct Inner {
    mails: Mutex<Connection>,
    rules: MailRules,
    this_second: Mutex<(i64, u32)>,
    events: broadcast::Sender<Value>,
    clock: Clock,
    region: String,
}

/// Recipients stand between line breaks, so that one can be looked for whole.
const TABLE: &str = "
CREATE TABLE IF NOT EXISTS mails(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, recipients TEXT NOT NULL, mail TEXT NOT NULL);
";

impl Mailbox {
    pub(crate) fn open(data: &Path, rules: MailRules, clock: Clock, region: &str) -> Result<Mailbox, Error> {
        Ok(Mailbox(Arc::new(Inner {
            mails: Mutex::new(store::open(&data.join("mails.db"), TABLE)?),
            rules,
            this_second: Mutex::new((0, 0)),
            events: broadcast::Sender::new(EVENTS_KEPT),
            clock,
            region: region.to_owned(),
        })))
    }

    /// The newest mails, newest first.
    pub fn list(&self, limit: usize) -> Result<Vec<Mail>, Error> {
        self.select("SELECT mail FROM mails ORDER BY number DESC LIMIT ?1", params![limit])
    }

    /// The newest mails to that address, newest first.
    pub fn to(&self, recipient: &str, limit: usize) -> Result<Vec<Mail>, Error> {
        let recipient = format!("\n{}\n", recipient.to_ascii_lowercase());
        self.select(
            "SELECT mail FROM mails WHERE instr(recipients, ?2) ORDER BY number DESC LIMIT ?1",
            params![limit, recipient],
        )
    }

    /// The mail of that id.
    pub fn get(&self, id: &str) -> Result<Option<Mail>, Error> {
        let mails = lock(&self.0.mails);
        let mail: Option<String> =
            mails.query_row("SELECT mail FROM mails WHERE id = ?1", [id], |row| row.get(0)).optional()?;
        Ok(mail.map(|mail| serde_json::from_str(&mail)).transpose()?)
    }

    /// Throws all mail away.
    pub fn clear(&self) -> Result<(), Error> {
        lock(&self.0.mails).execute("DELETE FROM mails", [])?;
        Ok(())
    }

    /// From now on, the `EventBridge` events of mail to the addresses of the SES mailbox simulator.
    pub fn events(&self) -> broadcast::Receiver<Value> {
        self.0.events.subscribe()
    }

    pub(super) fn now(&self) -> Stamp {
        self.0.clock.now()
    }

    /// Takes a mail that the rules allow.
    pub(super) fn accept(&self, mail: &Mail) -> Result<(), Refusal> {
        self.check_sender(&mail.from)?;
        self.check_rate(mail.at)?;
        let recipients: Vec<_> = mail.recipients().collect();
        let json = serde_json::to_string(mail).map_err(Error::from)?;
        lock(&self.0.mails).execute(
            "INSERT INTO mails(id, recipients, mail) VALUES (?1, ?2, ?3)",
            params![mail.id, format!("\n{}\n", recipients.join("\n")), json],
        )?;
        for event in events::of(mail, &self.0.region) {
            // Nobody may be listening, which is no reason to refuse the mail.
            let _ = self.0.events.send(event);
        }
        Ok(())
    }

    fn check_sender(&self, from: &str) -> Result<(), Refusal> {
        let sender = address(from);
        let domain = sender.rsplit('@').next().unwrap_or_default();
        let senders = &self.0.rules.senders;
        if senders.is_empty() || senders.iter().any(|known| known == sender || known == domain) {
            return Ok(());
        }
        let region = self.0.region.to_ascii_uppercase();
        Err(Refusal::new(
            "MessageRejected",
            format!(
                "Email address is not verified. The following identities failed the check in region {region}: {sender}"
            ),
        ))
    }

    fn check_rate(&self, now: Stamp) -> Result<(), Refusal> {
        let Some(per_second) = self.0.rules.per_second else { return Ok(()) };
        let mut this_second = lock(&self.0.this_second);
        if this_second.0 != now.seconds() {
            *this_second = (now.seconds(), 0);
        }
        if this_second.1 >= per_second {
            return Err(Refusal::new("Throttling", "Maximum sending rate exceeded."));
        }
        this_second.1 += 1;
        Ok(())
    }

    fn select(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Vec<Mail>, Error> {
        let mails = lock(&self.0.mails);
        let mut statement = mails.prepare_cached(sql)?;
        let texts = statement.query_map(params, |row| row.get::<_, String>(0))?;
        texts.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
    }
}

const EVENTS_KEPT: usize = 256;

/// The identity a mail was sent by.
pub(super) fn identity_arn(region: &str, from: &str) -> String {
    format!("arn:aws:ses:{region}:{ACCOUNT}:identity/{}", address(from))
}
