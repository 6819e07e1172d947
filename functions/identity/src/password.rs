//! Passwords: what a good one is, changing it, and what to do when it is forgotten.

pub mod change;
pub mod forgotten;
pub mod http;
pub mod reading;
pub mod rules;
pub mod store;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use table::{Key, Row, digest};
use utoipa::openapi::{RefOr, Schema};
use wire::{Field, Messages, Secret, Stamp};

use crate::account::Account;

/// A password that may be set: long enough, and not among those that everybody tries.
#[derive(Clone, Debug)]
pub struct Strong(Secret);

impl Strong {
    /// The password itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Field for Strong {
    fn read(value: &Value) -> Result<Self, Messages> {
        let secret = <Secret as Field>::read(value)?;
        let weaknesses = rules::weaknesses(secret.expose());
        if weaknesses.is_empty() { Ok(Self(secret)) } else { Err(Messages::Texts(weaknesses)) }
    }

    fn schema() -> RefOr<Schema> {
        Secret::schema()
    }
}

/// A promise to let somebody set a new password who has its secret.
///
/// Stored under the hash of the secret; the secret itself stands in the letter that rides in this row, and nowhere
/// else. The row is readable by identity alone and means nothing after half an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reset {
    /// The hash of the secret.
    pub token: String,
    /// The account; zero when nobody has the address that was asked about.
    pub account: u64,
    /// How often the password had been changed: a change, by this promise or otherwise, ends the promise.
    pub password: u64,
    /// Where the mail went: another address ends the promise.
    pub email: String,
    /// When the promise ends.
    pub end: Stamp,
}

impl Reset {
    /// The promise to an account whose password was changed so often, or the like of one to nobody.
    pub fn promised(account: Option<&Account>, password: u64, secret: &str, end: Stamp) -> Self {
        let email = account.map_or_else(String::new, |account| account.principal.email.clone());
        Self { token: digest(secret), account: account.map_or(0, Account::id), password, email, end }
    }
}

impl Row for Reset {
    const KIND: &'static str = "reset";

    fn key(&self) -> Key {
        store::reset_key(&self.token)
    }

    fn ends(&self) -> Option<Stamp> {
        Some(self.end)
    }
}
