//! Dialects: how a context's own clients sign in. Each is a value here and a small module of shapes beside it.

use std::time::Duration;

use access::{Context, PLATFORM};

use crate::session::attempts::Patience;
use crate::{loyalty, prepaid};

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
    /// How those who guess passwords are slowed down.
    pub guessing: Patience,
    /// Whose letters are sent: the folder of their templates.
    letters: &'static str,
    /// What is said of an address that has an account already.
    pub address_taken: &'static str,
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
    guessing: Patience::Doubling,
    letters: "identity",
    address_taken: ADDRESS_TAKEN,
};

/// Loyalty's, below `/api/loyalty/auth`.
pub const LOYALTY: Dialect = Dialect {
    name: "loyalty",
    context: loyalty::CONTEXT,
    access: Duration::from_secs(60 * MINUTE),
    refresh: Duration::from_secs(7 * DAY),
    patient: false,
    guessing: Patience::Doubling,
    letters: "identity",
    address_taken: ADDRESS_TAKEN,
};

/// Prepaid's, below `/api/prepaid/auth` and where else its clients look for it.
pub const PREPAID: Dialect = Dialect {
    name: "prepaid",
    context: prepaid::CONTEXT,
    access: Duration::from_secs(60 * MINUTE),
    refresh: Duration::from_secs(7 * DAY),
    patient: true,
    guessing: Patience::Window,
    letters: "prepaid",
    address_taken: "User with this email address already exists.",
};

const ADDRESS_TAKEN: &str = "user with this email address already exists.";

const ALL: &[Dialect] = &[CANONICAL, LOYALTY, PREPAID];

impl Dialect {
    /// The template of one of its letters.
    pub fn letter(&self, name: &str) -> String {
        format!("{}/{name}", self.letters)
    }

    /// The dialect that opened a session.
    pub fn named(name: &str) -> Dialect {
        ALL.iter().copied().find(|dialect| dialect.name == name).unwrap_or(CANONICAL)
    }
}
