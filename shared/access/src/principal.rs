//! The live record of who somebody is: roles, status and the version of their tokens.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use table::{Key, Row};

/// One part of the platform, and what it takes an account for that it knows nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The name, as in `roles` and in keys.
    pub name: &'static str,
    /// The role of an account that has none here.
    pub newcomer: &'static str,
    /// The role of the platform's administrators here.
    pub administrator: &'static str,
}

/// The platform as a whole.
pub const PLATFORM: Context = Context { name: "platform", newcomer: "user", administrator: "admin" };

impl Context {
    /// The role that these roles give here.
    pub fn role<'a>(&self, roles: &'a BTreeMap<String, String>) -> &'a str
    where
        Self: 'a,
    {
        let platform = roles.get(PLATFORM.name).map(String::as_str);
        if platform == Some(PLATFORM.administrator) {
            return self.administrator;
        }
        roles.get(self.name).map_or(self.newcomer, String::as_str)
    }
}

/// Whether an account may act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// Its owner or an administrator put it aside.
    Inactive,
    /// An administrator stopped it.
    Suspended,
    /// A marketplace stopped it; other contexts let it be.
    Blocked,
}

impl Status {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
            Self::Blocked => "blocked",
        }
    }

    /// Whether the account may sign in and use its tokens at all.
    pub fn may_enter(self) -> bool {
        matches!(self, Self::Active | Self::Blocked)
    }
}

impl wire::Choice for Status {
    const ALL: &'static [Self] = &[Self::Active, Self::Inactive, Self::Suspended, Self::Blocked];

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

/// What every context may know of an account.
///
/// Identity keeps more in the same row; it reads and changes it as its own type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Principal {
    /// The account.
    pub id: u64,
    /// The user name, as given.
    pub username: String,
    /// The address, as given.
    pub email: String,
    /// The first name.
    #[serde(default)]
    pub first_name: String,
    /// The last name.
    #[serde(default)]
    pub last_name: String,
    /// The roles by context; a context that is missing takes the account for a newcomer.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// Whether the account may act.
    #[serde(default)]
    pub status: Status,
    /// The version that its tokens must have.
    pub ver: u64,
}

impl Principal {
    /// The kind of the row.
    pub const KIND: &'static str = "principal";

    /// The key of an account's row.
    pub fn key_of(id: u64) -> Key {
        Key::new(format!("PRINCIPAL#{id:016}"), "PRINCIPAL")
    }
}

impl Row for Principal {
    const KIND: &'static str = Principal::KIND;

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Context = Context { name: "shop", newcomer: "customer", administrator: "keeper" };

    #[test]
    fn a_context_knows_newcomers_and_the_platforms_administrators() {
        let roles = |pairs: &[(&str, &str)]| pairs.iter().map(|(c, r)| ((*c).into(), (*r).into())).collect();
        assert_eq!(SHOP.role(&roles(&[])), "customer");
        assert_eq!(SHOP.role(&roles(&[("shop", "clerk")])), "clerk");
        assert_eq!(SHOP.role(&roles(&[("platform", "admin")])), "keeper");
        assert_eq!(SHOP.role(&roles(&[("platform", "admin"), ("shop", "clerk")])), "keeper", "everywhere");
        assert_eq!(SHOP.role(&roles(&[("platform", "user"), ("other", "x")])), "customer");
        assert_eq!(PLATFORM.role(&roles(&[("platform", "admin")])), "admin");
    }
}
