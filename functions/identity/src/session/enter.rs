//! Entering with login and password.

use access::Principal;
use table::{Denied, digest};
use uuid::Uuid;
use wire::{Fault, Reply, Stamp};

use super::tokens::secret;
use super::{Credential, Family, Refusal, Sessions, rules, store, tokens};
use crate::Identity;
use crate::account::Account;
use crate::dialect::Dialect;
use crate::hasher::Match;

/// Somebody who entered.
pub struct Entered {
    /// The account.
    pub account: Account,
    /// What it may go on with.
    pub tokens: Pair,
    /// When.
    pub at: Stamp,
}

/// An access token and the refresh token to go on with.
pub struct Pair {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// A session that is about to be opened, and the secret of its first refresh token.
pub struct Opening {
    /// The session's id, which sorts by time.
    pub id: String,
    /// The session.
    pub family: Family,
    secret: String,
}

impl Opening {
    /// A session in this dialect, for a client that calls itself `device`.
    pub fn new(dialect: Dialect, device: &str, now: Stamp) -> Self {
        let secret = secret();
        let family = rules::open(dialect, device, &digest(&secret), now);
        Self { id: Uuid::now_v7().to_string(), family, secret }
    }

    /// The tokens of the session, once it is open.
    pub async fn tokens(&self, identity: &Identity, principal: &Principal, ver: u64) -> Result<Pair, Fault> {
        let (now, issuer) = (self.family.created, identity.issuer());
        let dialect = Dialect::named(&self.family.dialect);
        let access = tokens::access(&issuer, principal, dialect, ver, &self.id, now);
        let refresh =
            tokens::refresh(&issuer, principal.id, ver, &self.id, &self.secret, now, self.family.end);
        let key = identity.signer.key().await;
        Ok(Pair { access: key.sign(&access)?, refresh: key.sign(&refresh)? })
    }
}

/// Compares the password and opens a session; `None` for every reason not to.
///
/// `credential` may lag. Never refuses on it: what fails is looked at anew, and judged again if it changed.
pub async fn enter(
    identity: &Identity,
    dialect: Dialect,
    login: &str,
    password: &str,
    device: &str,
    credential: Option<Credential>,
    now: Stamp,
) -> Reply<Option<Entered>> {
    let entered = attempt(identity, dialect, password, device, credential.as_ref(), now).await?;
    if entered.is_some() {
        return Ok(entered);
    }
    let newest = store::newest_credential(&identity.app.table, login).await?;
    if newest == credential {
        return Ok(None);
    }
    attempt(identity, dialect, password, device, newest.as_ref(), now).await
}

async fn attempt(
    identity: &Identity,
    dialect: Dialect,
    password: &str,
    device: &str,
    credential: Option<&Credential>,
    now: Stamp,
) -> Reply<Option<Entered>> {
    let table = &identity.app.table;
    let matched = identity.hasher.compare(password, credential.map(|known| known.hash.as_str())).await?;
    let Some(credential) = credential.filter(|_| matched != Match::No) else { return Ok(None) };
    let opening = Opening::new(dialect, device, now);
    let key = Principal::key_of(credential.account);
    let opened = store::open(table, credential, &opening.id, &opening.family);
    let (opened, account) = tokio::join!(opened, table.get::<Account>(&key));
    let sessions = match opened {
        Ok(sessions) => sessions,
        Err(Denied::Refused(Refusal::NoEntry)) => return Ok(None),
        Err(denied) => return Err(denied.into()),
    };
    // The account was put in one transaction with the sessions: a lagging read may miss it, a strong one cannot.
    let account = match account? {
        Some(account) if account.principal.ver == sessions.ver => Some(account),
        _ => table.get_strong(&key).await?,
    };
    let Some(account) = account else { return Ok(None) };
    tidy(identity, &sessions, now).await;
    if matched == Match::Outdated {
        renew(identity, &account, credential, password).await;
    }
    let tokens = opening.tokens(identity, &account.principal, sessions.ver).await?;
    Ok(Some(Entered { account, tokens, at: now }))
}

/// Ends the sessions that are too many. Not worth failing a login for.
async fn tidy(identity: &Identity, sessions: &Sessions, now: Stamp) {
    if sessions.families.len() <= rules::MOST {
        return;
    }
    let surplus = store::ended(sessions.account, &rules::pushed_out(sessions, now));
    if let Err(denied) = identity.app.table.apply(surplus, Refusal::NoSession).await {
        tracing::warn!(target: "fault", ?denied, "old sessions were not ended");
    }
}

/// Stores a hash by today's parameters in place of an older one. Not worth failing a login for.
async fn renew(identity: &Identity, account: &Account, credential: &Credential, password: &str) {
    let renewed = async {
        let hash = identity.hasher.hash(password).await?;
        let tx = store::rehashed(&account.logins(), credential, &hash);
        identity.app.table.commit(tx).await
    };
    if let Err(denied) = renewed.await {
        tracing::warn!(target: "fault", ?denied, "an outdated hash was not renewed");
    }
}
