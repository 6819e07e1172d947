//! Going on with a refresh token.

use access::{Kind, Principal};
use outbox::Letter;
use table::{Denied, Tx, again, digest};
use wire::{Problem, Reply, Stamp};

use super::enter::Pair;
use super::rules::{self, Presented};
use super::tokens::{self, secret};
use super::{Family, Refusal, Sessions, store};
use crate::Identity;
use crate::account::Account;
use crate::dialect::Dialect;

/// What a refresh token says, once its signature is checked.
struct Ticket {
    account: u64,
    ver: u64,
    session: String,
    token: String,
}

/// Gives another access token for a refresh token, and a successor of that one too if asked to.
///
/// The session decides, in the write that notes its use: no token is given on what was read before. A replaced
/// token that comes again ends its session, since whoever holds its successor may not be the owner.
pub async fn refresh(identity: &Identity, presented: &str, replace: bool, address: &str) -> Reply<Pair> {
    let claims = identity.app.keyring().verify(presented, Kind::Refresh).await.ok_or(Refusal::DeadToken)?;
    let session = claims.family.ok_or(Refusal::DeadToken)?;
    let ticket = Ticket { account: claims.user_id, ver: claims.ver, session, token: digest(&claims.jti) };
    let (now, key) = (identity.app.clock.now(), Principal::key_of(ticket.account));
    // Roles change without ending tokens, so a record that lags could not be told by its version.
    let principal = identity.app.table.get_strong::<Principal>(&key);
    let used = async {
        if replace {
            again(|| rotate(identity, &ticket, address, now))
                .await
                .map(|(sessions, next)| (sessions, Some(next)))
        } else {
            touch(identity, &ticket, address, now).await.map(|sessions| (sessions, None))
        }
    };
    let (principal, used) = tokio::join!(principal, used);
    let (sessions, next) = used?;
    let (Some(principal), Some(family)) = (principal?, sessions.families.get(&ticket.session)) else {
        return Err(Refusal::DeadToken.into());
    };
    let issuer = identity.issuer();
    let dialect = Dialect::named(&family.dialect);
    let access = tokens::access(&issuer, &principal, dialect, sessions.ver, &ticket.session, now);
    let key = identity.signer.key().await;
    let access = key.sign(&access)?;
    let refresh = match next {
        Some(next) => {
            let (ver, end) = (sessions.ver, family.end);
            let claims = tokens::refresh(&issuer, principal.id, ver, &ticket.session, &next, now, end);
            key.sign(&claims)?
        }
        None => presented.to_owned(),
    };
    Ok(Pair { access, refresh })
}

/// Notes the use of the session, in one write that is also the decision.
async fn touch(
    identity: &Identity,
    ticket: &Ticket,
    address: &str,
    now: Stamp,
) -> Result<Sessions, Denied<Problem>> {
    let table = &identity.app.table;
    match store::touch(table, ticket.account, ticket.ver, &ticket.session, &ticket.token, now).await {
        Ok(sessions) => Ok(sessions),
        Err(Denied::Fault(fault)) => Err(fault.into()),
        Err(_) => {
            // Why is worth a read: a token that comes again must not stay without consequence.
            judge(identity, ticket, address, now).await?;
            Err(dead())
        }
    }
}

/// Replaces the session's refresh token; answers with the sessions and the new token's secret.
async fn rotate(
    identity: &Identity,
    ticket: &Ticket,
    address: &str,
    now: Stamp,
) -> Result<(Sessions, String), Denied<Problem>> {
    let (sessions, family) = judge(identity, ticket, address, now).await?;
    let next = secret();
    let rotated = rules::rotate(&family, &ticket.token, &digest(&next), now);
    let update = store::replaced(&sessions, &ticket.session, &family, &rotated);
    match identity.app.table.apply(update, ()).await {
        Ok(item) => Ok((table::from_item(item)?, next)),
        Err(Denied::Fault(fault)) => Err(fault.into()),
        // Another tab was faster: judge what it left.
        Err(_) => Err(Denied::Stale),
    }
}

/// The session of a good token, as the newest write left it.
async fn judge(
    identity: &Identity,
    ticket: &Ticket,
    address: &str,
    now: Stamp,
) -> Result<(Sessions, Family), Denied<Problem>> {
    let sessions = store::sessions(&identity.app.table, ticket.account).await?.ok_or_else(dead)?;
    let live = sessions.open && sessions.ver == ticket.ver;
    let family = sessions.families.get(&ticket.session).filter(|_| live).cloned().ok_or_else(dead)?;
    match rules::judge(&family, &ticket.token, now) {
        Presented::Good => Ok((sessions, family)),
        Presented::Dead => Err(dead()),
        Presented::Reused => {
            end_reused(identity, ticket, address, now).await?;
            Err(dead())
        }
    }
}

/// Ends a session whose replaced token came again, and tells its owner.
async fn end_reused(
    identity: &Identity,
    ticket: &Ticket,
    address: &str,
    now: Stamp,
) -> Result<(), Denied<Problem>> {
    let table = &identity.app.table;
    let Some(account) = table.get::<Account>(&Principal::key_of(ticket.account)).await? else {
        return Ok(());
    };
    let letter = Letter::new("identity/session-reuse", &account.principal.email)
        .with("name", account.called())
        .with("at", now.to_string())
        .with("address", address);
    let ending = store::ending(ticket.account, &ticket.session);
    let tx = Tx::new().update(ending, Refusal::NoSession).tell(letter.message("identity", now));
    tracing::warn!(target: "security", event = "refresh_reused", user = ticket.account);
    match table.commit(tx).await {
        // Ended meanwhile, and told by whoever ended it.
        Ok(()) | Err(Denied::Refused(_) | Denied::Stale) => Ok(()),
        Err(denied) => Err(Denied::Refused(denied.into())),
    }
}

fn dead() -> Denied<Problem> {
    Denied::Refused(Refusal::DeadToken.into())
}
