//! Administering accounts: roles, status, and the record of who changed them.

pub mod http;
mod list;
pub mod rules;
pub mod store;

use std::collections::BTreeMap;

use access::{Context, PLATFORM, Principal};
use serde::{Deserialize, Serialize};
use table::{Key, Row};
use wire::Stamp;

/// The roles of a context.
pub struct Roles {
    /// The context.
    pub context: Context,
    /// The roles that an administrator may give.
    pub names: &'static [&'static str],
}

const fn context(name: &'static str, newcomer: &'static str, administrator: &'static str) -> Context {
    Context { name, newcomer, administrator }
}

/// Every context's roles, as accounts carry them. Memberships of the CRM's tenants are its own.
pub const ROLES: &[Roles] = &[
    Roles { context: PLATFORM, names: &["user", "admin"] },
    Roles { context: context("loyalty", "member", "admin"), names: &["member", "staff", "admin"] },
    Roles { context: context("prepaid", "user", "staff"), names: &["user", "staff"] },
    Roles {
        context: context("ticketing", "customer", "administrator"),
        names: &["customer", "event_organizer", "administrator"],
    },
    Roles { context: context("crm", "outsider", "staff"), names: &["outsider", "staff"] },
    Roles { context: context("market", "buyer", "admin"), names: &["buyer", "seller", "both", "admin"] },
];

/// The role of an account in each context.
pub fn roles_of(principal: &Principal) -> BTreeMap<&'static str, String> {
    ROLES.iter().map(|roles| (roles.context.name, roles.context.role(&principal.roles).to_owned())).collect()
}

/// A change of an account by an administrator. Never changed or removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// The account.
    pub account: u64,
    /// The administrator.
    pub by: u64,
    /// When.
    pub at: Stamp,
    /// The record's own identity.
    pub id: String,
    /// Roles and status before.
    pub before: Standing,
    /// Roles and status after.
    pub after: Standing,
}

/// What an administrator decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The roles that were given.
    pub roles: BTreeMap<String, String>,
    /// The status.
    pub status: access::Status,
}

impl Row for Audit {
    const KIND: &'static str = "audit";

    fn key(&self) -> Key {
        Key::new(format!("IDENTITY#AUDIT#{:016}", self.account), format!("{}#{}", self.at, self.id))
    }
}

/// Why an account's standing cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An administrator may not shut themselves out.
    Oneself,
    /// There is no such context.
    Context(String),
    /// The context has no such role.
    Role(String, String),
}
