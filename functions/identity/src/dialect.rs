//! Dialects: how a context's own clients sign in. Each is a value here and a small module of shapes beside it.

use std::time::Duration;

use access::{Context, PLATFORM};

use crate::loyalty;

/// What differs from context to context about tokens.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The name, kept with every session it opens.
    pub name: &'static str,
    /// The context whose role its tokens show as `role`.
    pub context: Context,
    /// How long an access token lives.
    pub access: Duration,
    /// How long a session lives at most.
    pub refresh: Duration,
    /// Whether a replaced refresh token stays good for moments, for tabs that refresh at the same time.
    pub patient: bool,
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The platform's own, below `/api/auth`.
pub const CANONICAL: Dialect = Dialect {
    name: "identity",
    context: PLATFORM,
    access: Duration::from_secs(60 * MINUTE),
    refresh: Duration::from_secs(7 * DAY),
    patient: true,
};

/// Loyalty's, below `/api/loyalty/auth`.
pub const LOYALTY: Dialect = Dialect {
    name: "loyalty",
    context: loyalty::CONTEXT,
    access: Duration::from_secs(60 * MINUTE),
    refresh: Duration::from_secs(7 * DAY),
    patient: false,
};

const ALL: &[Dialect] = &[CANONICAL, LOYALTY];

impl Dialect {
    /// The dialect that opened a session.
    pub fn named(name: &str) -> Dialect {
        ALL.iter().copied().find(|dialect| dialect.name == name).unwrap_or(CANONICAL)
    }
}
