//! Loyalty's dialect: how the clients of the loyalty desk register, sign in and administer accounts.
//!
//! Only shapes and sentences live here. What is done is what the other dialects do as well.

pub mod http;
mod list;

use access::{Context, Principal};
use wire::Choice;

/// Where the paths begin, as the document has them.
pub const MOUNT: &str = "/api/loyalty";

/// Where this dialect is spoken: what is beside it below the mount belongs to loyalty itself.
pub const PATH: &str = "/api/loyalty/auth";

/// How accounts are known in loyalty.
pub const CONTEXT: Context = Context { name: "loyalty", newcomer: "member", administrator: "admin" };

/// The roles of loyalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Admin,
    Staff,
    Member,
}

impl Choice for Role {
    const ALL: &'static [Self] = &[Self::Admin, Self::Staff, Self::Member];

    fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Staff => "staff",
            Self::Member => "member",
        }
    }
}

/// The status of an account, as far as loyalty knows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Active,
    Inactive,
    Suspended,
}

impl Choice for Status {
    const ALL: &'static [Self] = &[Self::Active, Self::Inactive, Self::Suspended];

    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
        }
    }
}

impl Status {
    /// What loyalty sees of an account. That a marketplace blocked it is none of loyalty's business.
    fn of(principal: &Principal) -> Self {
        match principal.status {
            access::Status::Active | access::Status::Blocked => Self::Active,
            access::Status::Inactive => Self::Inactive,
            access::Status::Suspended => Self::Suspended,
        }
    }

    /// The status that an account gets by this, and keeps where loyalty sees no difference.
    fn given_to(self, principal: &Principal) -> access::Status {
        match self {
            same if same == Self::of(principal) => principal.status,
            Self::Active => access::Status::Active,
            Self::Inactive => access::Status::Inactive,
            Self::Suspended => access::Status::Suspended,
        }
    }
}
