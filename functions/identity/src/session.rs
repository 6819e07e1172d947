//! Sessions: who signed in, where from, and for how long.

pub mod attempts;
pub mod enter;
pub mod failures;
pub mod http;
pub mod leave;
pub mod opaque;
pub mod refresh;
pub mod rules;
pub mod sign_in;
pub mod store;
pub mod tokens;

use std::collections::BTreeMap;

use access::figures;
use serde::{Deserialize, Serialize};
use table::{Counts, Key, Row, Tallies, of_day};
use wire::Stamp;

/// What a login leads to: an account and the hash of its password.
///
/// An account has one under its user name and one under its address, written together. Never readable by any
/// function but identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    /// The user name or address, without case.
    pub login: String,
    /// The account.
    pub account: u64,
    /// The hash of the password.
    pub hash: String,
    /// How often the password was changed. The sessions know it too: a login by a stale hash opens none.
    pub password: u64,
}

impl Row for Credential {
    const KIND: &'static str = "credential";

    fn key(&self) -> Key {
        store::credential_key(&self.login)
    }
}

/// The sessions of an account, in one row, so that all of them end in one write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sessions {
    /// The account.
    pub account: u64,
    /// How often the password was changed.
    pub password: u64,
    /// The version that the account's tokens must have.
    pub ver: u64,
    /// Whether the account may sign in.
    pub open: bool,
    /// When it last did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login: Option<Stamp>,
    /// Each session by its id, which sorts by time.
    pub families: BTreeMap<String, Family>,
}

impl Sessions {
    /// The sessions of an account that nobody has signed in to.
    pub fn none(account: u64) -> Self {
        Self { account, password: 0, ver: 0, open: true, last_login: None, families: BTreeMap::new() }
    }
}

impl Row for Sessions {
    const KIND: &'static str = "sessions";

    fn key(&self) -> Key {
        store::sessions_key(self.account)
    }
}

impl Counts for Sessions {
    /// The account's last sign-in.
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        if let Some(last) = self.last_login {
            counted.add(&of_day(figures::DAYS, last.day()), [(figures::ACTIVE, 1)]);
        }
        counted
    }
}

/// One session: the refresh tokens that descend from one sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// The dialect that opened it.
    pub dialect: String,
    /// When it was opened.
    pub created: Stamp,
    /// When it was last used.
    pub used: Stamp,
    /// When it ends, however much it is used.
    pub end: Stamp,
    /// What the client called itself.
    pub device: String,
    /// The hash of each refresh token, and until when it is good. A replaced token may be good for moments more.
    pub tokens: BTreeMap<String, Stamp>,
    /// The hash of each token that was replaced and is good no more, and until when its coming again is no theft yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replaced: BTreeMap<String, Stamp>,
}

/// Why somebody cannot enter. They all read alike from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such user, another password, or a closed account.
    NoEntry,
    /// The refresh token is not, or no longer, good.
    DeadToken,
    /// The session is not there.
    NoSession,
}

impl From<Refusal> for wire::Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoEntry => Self::unauthorized("No active account found with the given credentials"),
            Refusal::DeadToken => Self::dead_token(),
            Refusal::NoSession => Self::not_found(),
        }
    }
}
