//! Whose data a caller sees: staff everything, members what is their own.

use std::future::Future;

use access::{Caller, Policy, Principal};
use wire::Reply;

use crate::ids::Number;
use crate::unique::Unique;
use crate::{CONTEXT, Loyalty};

/// The roles of the desk: they see everything and may book for everybody.
const DESK: &[&str] = &["staff", "admin"];

/// Whose data a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    Desk,
    /// That of one member; nobody's, while none is linked to the account.
    Own(Option<Number>),
}

impl Scope {
    /// Whether the data of this member is within the scope.
    pub fn sees(self, member: Number) -> bool {
        match self {
            Self::Desk => true,
            Self::Own(own) => own == Some(member),
        }
    }
}

/// A policy for staff and administrators.
pub fn desk() -> Policy {
    Policy::roles(CONTEXT, DESK).live()
}

/// A policy for administrators.
pub fn administrators() -> Policy {
    Policy::roles(CONTEXT, &["admin"]).live()
}

/// Whether a role is one of the desk.
pub fn is_desk(role: &str) -> bool {
    DESK.contains(&role)
}

impl Loyalty {
    /// Reads within the caller's scope, and settles the policy by the live record.
    pub async fn within<T, F>(&self, caller: &Caller, load: impl Fn(Scope) -> F) -> Reply<T>
    where
        F: Future<Output = Reply<T>>,
    {
        Ok(self.within_as(caller, load).await?.2)
    }

    /// The same, and who the caller is and what it sees.
    ///
    /// What the token says of the role only says what to read beside the record; the record decides.
    pub async fn within_as<T, F>(
        &self,
        caller: &Caller,
        load: impl Fn(Scope) -> F,
    ) -> Reply<(Principal, Scope, T)>
    where
        F: Future<Output = Reply<T>>,
    {
        if is_desk(caller.role(CONTEXT)) {
            let (principal, loaded) = caller.beside(load(Scope::Desk)).await?;
            if is_desk(CONTEXT.role(&principal.roles)) {
                return Ok((principal, Scope::Desk, loaded));
            }
        }
        let linked = async { Ok(Unique::linked(&self.app.table, caller.id()).await?) };
        let (principal, number) = caller.beside(linked).await?;
        let desk = is_desk(CONTEXT.role(&principal.roles));
        let scope = if desk { Scope::Desk } else { Scope::Own(number) };
        let loaded = load(scope).await?;
        Ok((principal, scope, loaded))
    }
}
