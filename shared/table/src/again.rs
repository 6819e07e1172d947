//! Trying again: after a pause, and with a judgement of what is there now.

use std::future::Future;
use std::time::Duration;

use crate::Denied;

/// How often a write that met a conflict, or a decision that went stale, is tried in all.
///
/// With the pauses between them that is some two seconds: a burst of a hundred on one row is decided within it, and
/// what is not is answered as busy.
pub(crate) const TRIES: u32 = 12;

/// Judges and writes anew while the judged rows change meanwhile, a few times.
pub async fn again<T, R, F>(attempt: impl Fn() -> F) -> Result<T, Denied<R>>
where
    F: Future<Output = Result<T, Denied<R>>>,
{
    for tries in 1..TRIES {
        match attempt().await {
            Err(Denied::Stale) => pause(tries).await,
            decided => return decided,
        }
    }
    attempt().await
}

/// The same for a state that was read beside the caller's record; it is read again only when it went stale.
pub async fn again_on<S, T, R, L, E, F>(
    first: S,
    reload: impl Fn() -> L,
    attempt: impl Fn(S) -> F,
) -> Result<T, Denied<R>>
where
    L: Future<Output = Result<S, E>>,
    Denied<R>: From<E>,
    F: Future<Output = Result<T, Denied<R>>>,
{
    let mut state = first;
    for tries in 1..TRIES {
        match attempt(state).await {
            Err(Denied::Stale) => pause(tries).await,
            decided => return decided,
        }
        state = reload().await?;
    }
    attempt(state).await
}

/// The same for a first state that may lag behind the table: neither a refusal nor a stale decision rests on it.
pub async fn again_from<S, T, R, L, E, F>(
    lagging: S,
    reload: impl Fn() -> L,
    attempt: impl Fn(S) -> F,
) -> Result<T, Denied<R>>
where
    L: Future<Output = Result<S, E>>,
    Denied<R>: From<E>,
    F: Future<Output = Result<T, Denied<R>>>,
{
    match attempt(lagging).await {
        Err(Denied::Refused(_) | Denied::Stale) => again_on(reload().await?, reload, attempt).await,
        decided => decided,
    }
}

/// Waits a random time below a bound that doubles, so that those who collided part.
pub(crate) async fn pause(attempt: u32) {
    let bound = 10_u64 << attempt.min(5);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=bound))).await;
}
