//! Making an account, in whatever words somebody asks for one.

use access::Context;
use outbox::Letter;
use platform::metric;
use serde_json::Value;
use table::Answered;
use wire::{Input, Reply, Sent, Stamp};

use super::rules::{self, Names, Wish};
use super::{Account, Refusal, store, writing};
use crate::dialect::Dialect;
use crate::password::{Strong, reading};
use crate::session::enter::Opening;
use crate::users::Audit;
use crate::{Identity, ids};

/// What somebody sent who wants an account, or everything that is wrong with it at once.
pub fn read<T: Input>(sent: &Sent) -> Reply<T> {
    let text = |name| sent.get(name).and_then(Value::as_str).unwrap_or_default();
    let [username, email] = ["username", "email"].map(text);
    let [first_name, last_name] = ["first_name", "last_name"].map(text);
    reading::read(sent, "password", Names { username, first_name, last_name, email })
}

/// Somebody who is about to have an account.
pub struct Newcomer {
    /// The account that they will have.
    pub account: Account,
    dialect: Dialect,
    hash: String,
    given: Option<Audit>,
}

impl Newcomer {
    /// Whom a wish and a password make.
    ///
    /// Refuses what nobody may have. Whether the names are free is seen when the account is written.
    pub async fn of(
        identity: &Identity,
        dialect: Dialect,
        wish: Wish,
        password: &Strong,
        now: Stamp,
    ) -> Reply<Self> {
        let mut errors = rules::name_of_ones_own(&wish.username, &wish.email);
        errors.extend(rules::password_apart("password", password.expose(), Names::from(&wish)));
        errors.or(())?;
        let hash = identity.hasher.hash(password.expose()).await?;
        let account = rules::register(ids::account(now), wish, dialect.name, now);
        Ok(Self { account, dialect, hash, given: None })
    }

    /// The same with a role that an administrator gives, which is on record like any other that they give.
    pub fn given(mut self, context: Context, role: &str, by: u64) -> Self {
        let before = self.account.clone();
        self.account.principal.roles.insert(context.name.to_owned(), role.to_owned());
        self.given = Some(Audit::of(&before, &self.account, by, before.joined));
        self
    }

    /// Writes the account, its first session if it signs in at once, and the answer that the client is about to read.
    pub async fn join(
        &self,
        identity: &Identity,
        opening: Option<&Opening>,
        answered: Option<Answered>,
    ) -> Reply<()> {
        let Self { account, dialect, hash, given } = self;
        let tx = store::register(account, hash, opening, welcome(identity, *dialect, account));
        let tx = given.iter().fold(tx, |tx, audit| tx.insert(audit, Refusal::Number));
        if let Err(denied) = identity.app.table.commit(tx.answering(answered)).await {
            return Err(writing::refused(identity, denied, account, None, *dialect).await?);
        }
        metric::count("Registrations", account.joined);
        tracing::info!(target: "security", event = "registered", user = account.id());
        if let Some(Audit { by, .. }) = given {
            tracing::info!(target: "security", event = "standing_changed", user = account.id(), by);
        }
        Ok(())
    }
}

fn welcome(identity: &Identity, dialect: Dialect, account: &Account) -> table::Message {
    Letter::new(&dialect.letter("welcome"), &account.principal.email)
        .with("name", account.called())
        .with("username", account.principal.username.as_str())
        .with("address", account.principal.email.as_str())
        .with("link", identity.frontend(dialect))
        .message("identity", account.joined)
}
