//! Who may do what.

use access::{Policy, Principal};

use crate::CONTEXT;

/// The role of those who look after catalogue, discounts and refunds.
const STAFF: &[&str] = &["staff"];

/// A policy for staff.
pub fn staff() -> Policy {
    Policy::roles(CONTEXT, STAFF).live()
}

/// A policy for everybody with an account, within what is their own.
pub fn own(what: &'static str) -> Policy {
    Policy::signed_in().live().owner(what)
}

/// Whether somebody is of the staff, as their record says.
pub fn is_staff(principal: Option<&Principal>) -> bool {
    principal.is_some_and(|principal| STAFF.contains(&CONTEXT.role(&principal.roles)))
}
