//! Signing in, in whatever words somebody asks for it.

use access::Visit;
use platform::metric;
use wire::{Reply, folded};

use super::attempts::{self, Attempts};
use super::enter::{Entered, enter};
use super::{failures, store};
use crate::Identity;
use crate::dialect::Dialect;

/// Counts the visit and lets whoever has the password in; `None` for every reason not to.
///
/// Those who guess are slowed down, and told so.
pub async fn sign_in(
    identity: &Identity,
    dialect: Dialect,
    visit: &Visit,
    device: &str,
    username: &str,
    password: &str,
) -> Reply<Option<Entered>> {
    let (table, now) = (&identity.app.table, identity.app.clock.now());
    let login = folded(username);
    let known = async { Ok(store::credential(table, &login).await?) };
    let (counter, credential) = visit.beside(known).await?;
    let attempts = Attempts::of(&counter);
    attempts.admit(&login, dialect.guessing, now)?;
    let Some(entered) = enter(identity, dialect, &login, password, device, credential, now).await? else {
        metric::count("LoginFailures", now);
        tracing::info!(target: "security", event = "login_failed", address = visit.address());
        let noted = attempts::note_failure(table, visit.counter(), attempts, &login, now);
        let (noted, welcome) = tokio::join!(noted, failures::note_sign_in(table, &login, now));
        noted?;
        welcome?;
        return Ok(None);
    };
    if attempts.remembers(&login) {
        attempts::forgive(table, visit.counter(), attempts, &login).await?;
    }
    metric::count("Logins", now);
    tracing::info!(target: "security", event = "login", user = entered.account.id());
    Ok(Some(entered))
}
