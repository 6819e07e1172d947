//! Getting another password when it is forgotten, in whatever words somebody asks for it.

use std::time::Duration;

use access::Visit;
use outbox::Letter;
use table::{Answered, Denied, again, digest};
use wire::{Email, Problem, Reply, folded};

use super::change::{changed, hash_of, otherwise};
use super::{Reset, Strong, store};
use crate::Identity;
use crate::account::store::account as account_of;
use crate::dialect::Dialect;
use crate::session::failures;
use crate::session::store::newest_credential;
use crate::session::tokens::secret;

/// How a dialect lets people replace a password that they forgot.
pub struct Forgotten {
    /// The dialect.
    pub dialect: Dialect,
    /// How long a promise of a new password holds.
    pub promised: Duration,
    /// How many mails an address gets in an hour, if that is limited.
    pub most: Option<u64>,
    /// The link of the mail, from the origin of links, the account and the secret.
    pub link: fn(&str, u64, &str) -> String,
    /// What is said of a promise that does not hold, or never was one.
    pub stale: fn() -> Problem,
}

/// What somebody shows who may set a new password.
#[derive(Clone, Copy)]
pub struct Right<'a> {
    /// The secret of the mail.
    pub token: &'a str,
    /// The account that the link names, where links do.
    pub of: Option<u64>,
}

/// Promises a new password to whoever reads the mail of an address, and keeps the answer with it.
///
/// Whether the address has an account, and whether a mail is on its way, makes no difference but for the mail.
pub async fn ask(
    identity: &Identity,
    manner: &Forgotten,
    visit: &Visit,
    email: &Email,
    answered: Option<Answered>,
) -> Reply<()> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let known = async { Ok(newest_credential(table, &email.folded()).await?) };
    let (_, known) = visit.beside(known).await?;
    let (id, password) = known.map_or((0, 0), |known| (known.account, known.password));
    let welcome = async {
        match manner.most {
            Some(most) => Ok(failures::note_mail(table, &email.folded(), now).await? <= most),
            None => Ok(true),
        }
    };
    let (account, welcome) = tokio::try_join!(account_of(table, id), welcome)?;
    // A user name may look like an address; only the account's address gets mail.
    let account = account.filter(|account| welcome && folded(&account.principal.email) == email.folded());
    let secret = secret();
    let reset = Reset::promised(account.as_ref(), password, &secret, now + manner.promised);
    let letter = account.as_ref().map(|account| {
        let minutes = manner.promised.as_secs() / 60;
        Letter::new(&manner.dialect.letter("password-reset"), &account.principal.email)
            .with("name", account.called())
            .with("link", (manner.link)(identity.frontend(manner.dialect), account.id(), &secret))
            .with("minutes", minutes)
            .with("days", minutes / (24 * 60))
            .message("identity", now)
    });
    let tx = store::promise(&reset, letter).answering(answered);
    table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Stale))?;
    Ok(())
}

/// Sets a new password by a promise, and keeps the answer with it. All sessions and tokens end.
pub async fn confirm(
    identity: &Identity,
    manner: &Forgotten,
    visit: &Visit,
    right: Right<'_>,
    password: &Strong,
    answered: Option<Answered>,
) -> Reply<()> {
    let (table, now, token) = (&identity.app.table, identity.app.clock.now(), digest(right.token));
    let promised = async { Ok(store::reset(table, &token, now).await?) };
    let (_, reset) = visit.beside(promised).await?;
    let reset = reset.filter(|reset| right.of.is_none_or(|named| named == reset.account));
    let reset = reset.ok_or_else(manner.stale)?;
    let keeping = again(|| async {
        let account = account_of(table, reset.account).await?;
        let account = account.filter(|account| account.principal.email == reset.email);
        let account = account.ok_or_else(|| Denied::Refused((manner.stale)()))?;
        let hash = hash_of(identity, "password", password, &account).await.map_err(Denied::Refused)?;
        let letter = changed(identity, manner.dialect, &account, now);
        let tx = store::keep(&reset, &account, &hash, letter).answering(answered.clone());
        table.commit(tx).await.map_err(|denied| otherwise(denied, Denied::Refused((manner.stale)())))
    });
    keeping.await?;
    tracing::info!(target: "security", event = "password_reset", user = reset.account);
    Ok(())
}
