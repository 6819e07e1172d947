//! Administering accounts: roles, status and names, and the record of who changed them.

pub mod change;
pub mod http;
mod list;
pub mod rules;
pub mod store;

use std::collections::BTreeMap;

use access::{Context, PLATFORM, Principal};
use serde::{Deserialize, Serialize};
use table::{Key, Row};
use uuid::Uuid;
use wire::{FieldErrors, Stamp};

use crate::account::Account;
use crate::{loyalty, prepaid};

/// The roles of a context.
pub struct Roles {
    /// The context.
    pub context: Context,
    /// The roles that an administrator may give.
    pub names: &'static [&'static str],
    /// Those among them that run the context: its staff and its administrators.
    pub staff: &'static [&'static str],
}

const fn context(name: &'static str, newcomer: &'static str, administrator: &'static str) -> Context {
    Context { name, newcomer, administrator }
}

/// Every context's roles, as accounts carry them. Memberships of the CRM's tenants are its own.
pub const ROLES: &[Roles] = &[
    Roles { context: PLATFORM, names: &["user", "admin"], staff: &["admin"] },
    Roles { context: loyalty::CONTEXT, names: &["member", "staff", "admin"], staff: &["staff", "admin"] },
    Roles { context: prepaid::CONTEXT, names: &["user", "staff"], staff: &["staff"] },
    Roles {
        context: context("ticketing", "customer", "administrator"),
        names: &["customer", "event_organizer", "administrator"],
        staff: &["administrator"],
    },
    Roles { context: context("crm", "outsider", "staff"), names: &["outsider", "staff"], staff: &["staff"] },
    Roles {
        context: context("market", "buyer", "admin"),
        names: &["buyer", "seller", "both", "admin"],
        staff: &["admin"],
    },
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
    /// What the administrator found.
    pub before: Standing,
    /// What the administrator left.
    pub after: Standing,
}

impl Audit {
    /// The record of what the administrator `by` made of an account.
    pub fn of(before: &Account, after: &Account, by: u64, now: Stamp) -> Self {
        let (id, account) = (Uuid::now_v7().to_string(), before.id());
        Self { account, by, at: now, id, before: Standing::of(before), after: Standing::of(after) }
    }
}

/// What an administrator decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The roles that were given.
    pub roles: BTreeMap<String, String>,
    /// The status.
    pub status: access::Status,
    /// The address.
    #[serde(default)]
    pub email: String,
    /// First and last name.
    #[serde(default)]
    pub full_name: String,
}

impl Standing {
    fn of(account: &Account) -> Self {
        let Principal { roles, status, email, .. } = account.principal.clone();
        Self { roles, status, email, full_name: account.full_name() }
    }
}

impl Row for Audit {
    const KIND: &'static str = "audit";

    fn key(&self) -> Key {
        Key::new(format!("IDENTITY#AUDIT#{:016}", self.account), format!("{}#{}", self.at, self.id))
    }
}

/// Why an account cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// An administrator may not shut themselves out.
    Oneself,
    /// The account belongs to another context's staff, who answer to that context.
    Elsewhere,
    /// The names do not go with each other.
    Names(FieldErrors),
    /// There is no such context.
    Context(String),
    /// The context has no such role.
    Role(String, String),
}
