//! One's own account: looking at it, and changing what it tells of oneself.

use access::Caller;
use table::again;
use wire::{Problem, Reply};

use super::rules::{self, Edit};
use super::{Account, Found, store, writing};
use crate::Identity;
use crate::session::store::sessions;

/// The caller's account, which also settles the policy.
pub async fn look(identity: &Identity, caller: &Caller) -> Reply<Found> {
    let found = store::found(&identity.app.table, caller.id()).await?;
    caller.judge(found.as_ref().map(|found| found.account.principal.clone()))?;
    found.ok_or_else(Problem::bad_token)
}

/// The caller's account after the edit that `wish` makes of it.
pub async fn edit(
    identity: &Identity,
    caller: &Caller,
    wish: impl Fn(&Account) -> Reply<Edit>,
) -> Reply<Found> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let edited = again(|| async {
        let before = store::account(table, caller.id()).await?;
        caller.judge(before.as_ref().map(|account| account.principal.clone()))?;
        let before = before.ok_or_else(Problem::bad_token)?;
        let after = rules::edit(&before, wish(&before)?, now);
        rules::renamed(&before, &after).map_err(Problem::from)?;
        writing::edited(identity, &before, after, now, |tx, _| tx).await
    });
    let (account, sessions) = tokio::join!(edited, sessions(table, caller.id()));
    let last_login = sessions?.and_then(|sessions| sessions.last_login);
    Ok(Found { account: account?, last_login })
}
