//! Changing somebody's account, in whatever words an administrator asks for it.

use table::again_on;
use wire::{Problem, Reply};

use super::rules::{self, Administrator, Wish};
use super::store;
use crate::Identity;
use crate::account::store::{account, found};
use crate::account::{Account, Found, writing};

/// The account of that number, in whatever form the number was sent.
pub async fn find(identity: &Identity, id: &str) -> Reply<Found> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    found(&identity.app.table, id).await?.ok_or_else(Problem::not_found)
}

/// The account after the change that `wish` asks for, judged by what the account is when it is written.
pub async fn change(
    identity: &Identity,
    found: Found,
    by: Administrator<'_>,
    wish: impl Fn(&Account) -> Wish,
) -> Reply<Found> {
    let (now, id, administrator) = (identity.app.clock.now(), found.account.id(), by.principal.id);
    let reload = || async {
        let account = account(&identity.app.table, id).await?;
        account.ok_or_else(Problem::not_found)
    };
    let decided = |before: Account| {
        let after = rules::change(&before, wish(&before), by, now);
        async move {
            let after = after.map_err(Problem::from)?;
            if after == before {
                return Ok(after);
            }
            let record = |tx, after: &Account| store::change(tx, &before, after, administrator, now);
            let after = writing::edited(identity, &before, after, now, record).await?;
            tracing::info!(target: "security", event = "standing_changed", user = after.id(), by = administrator);
            Ok(after)
        }
    };
    let account = again_on(found.account, reload, decided).await?;
    Ok(Found { account, last_login: found.last_login })
}
