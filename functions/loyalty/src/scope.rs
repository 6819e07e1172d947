//! Whose data a caller sees: staff everything, members what is their own.

use std::future::Future;

use access::{Caller, Policy, Principal};
use table::{Asked, Collection, Kept, Listing, Row, Table};
use wire::{Page, Reply};

use crate::ids::Number;
use crate::members::store::{gone_key, living_key};
use crate::points::store::member_partition;
use crate::unique;
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

/// Whose rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    Everybodys,
    /// Those of one member; of nobody, where there is no such member or the caller may not see it.
    Ones(Option<Number>),
}

impl Whose {
    /// Whose rows somebody sees who asks for those of this member, or of no member in particular.
    pub fn within(scope: Scope, asked_for: Option<&str>) -> Self {
        match (scope, asked_for) {
            (Scope::Desk, None) => Self::Everybodys,
            (Scope::Own(own), None) => Self::Ones(own),
            (_, Some(id)) => Self::Ones(Number::parse(id).filter(|number| scope.sees(*number))),
        }
    }

    /// A page of these rows: one member's come from that member's own partition.
    pub async fn page<R: Row>(
        self,
        table: &Table,
        listing: &Listing<'_>,
        everybodys: &'static Collection<R>,
        ones: &'static Collection<R>,
    ) -> Reply<Page<R>> {
        match self {
            Self::Everybodys => everybodys.page(table, listing).await,
            Self::Ones(number) => {
                let of = number.map_or_else(|| "nobody".to_owned(), Number::in_key);
                ones.page(table, &listing.clone().of(&of)).await
            }
        }
    }
}

/// The partition of the one member that a list is of; none, if the rows of another are asked for as well.
pub fn partition_of_one(asked: &Asked) -> Vec<String> {
    the_one(asked).map(member_partition).into_iter().collect()
}

/// What the member that a list is of counts under these names.
pub fn counted_by_one<N: Into<String>>(asked: &Asked, names: impl IntoIterator<Item = N>) -> Option<Kept> {
    the_one(asked).map(|number| Kept::written([living_key(number), gone_key(number)], names))
}

fn the_one(asked: &Asked) -> Option<Number> {
    let own = Number::from_key(asked.of());
    let asked_for = asked.text("member").map(Number::parse);
    own.filter(|own| asked_for.is_none_or(|asked_for| asked_for == Some(*own)))
}

/// A policy for staff and administrators.
pub fn desk() -> Policy {
    Policy::roles(CONTEXT, DESK)
}

/// A policy for administrators.
pub fn administrators() -> Policy {
    Policy::roles(CONTEXT, &["admin"])
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
        let linked = async { Ok(unique::linked(&self.table, caller.id()).await?) };
        let (principal, number) = caller.beside(linked).await?;
        let desk = is_desk(CONTEXT.role(&principal.roles));
        let scope = if desk { Scope::Desk } else { Scope::Own(number) };
        let loaded = load(scope).await?;
        Ok((principal, scope, loaded))
    }
}
