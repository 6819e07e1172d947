//! Signing out of one session, in whatever words somebody asks for it.

use access::{Caller, Kind};
use table::Answered;
use wire::Reply;

use super::{Refusal, opaque, store};
use crate::Identity;

/// Ends the session of a refresh token or, without one, that of the caller's own token; false if it is no token of the
/// caller's. A session that has ended already does not matter.
///
/// The token that asks may die by this: only the answer that is kept with it tells a repeat that it was done. The
/// caller's record must have settled the policy before.
pub async fn leave(
    identity: &Identity,
    caller: &Caller,
    refresh: Option<&str>,
    answered: Option<Answered>,
) -> Reply<bool> {
    let table = &identity.app.table;
    let named = match refresh {
        Some(token) => identity.app.keyring().verify(token, Kind::Refresh).await,
        None => Some(caller.claims().clone()),
    };
    let Some(named) = named.filter(|claims| claims.user_id == caller.id()) else { return Ok(false) };
    if let Some(token) = caller.opaque().filter(|_| refresh.is_none()) {
        table.commit(opaque::revoke(token).answering(answered)).await?;
    } else if let Some(session) = named.family {
        let ended = store::ended(caller.id(), &[session]);
        table.apply_once(ended, Refusal::NoSession, answered).await?;
    }
    tracing::info!(target: "security", event = "logout", user = caller.id());
    Ok(true)
}
