//! Who may do what.

use access::{Policy, Principal};
use table::{Asked, Kept};

use crate::CONTEXT;
use crate::figures::of_account;

/// The role of those who look after catalogue, discounts and refunds.
const STAFF: &[&str] = &["staff"];

/// A policy for staff.
pub fn staff() -> Policy {
    Policy::roles(CONTEXT, STAFF)
}

/// Whether somebody is of the staff, as their record says.
pub fn is_staff(principal: Option<&Principal>) -> bool {
    principal.is_some_and(|principal| STAFF.contains(&CONTEXT.role(&principal.roles)))
}

/// The partition of an account whose number this is; none, if it is no number.
pub fn partition_of(account: &str, partition: fn(u64) -> String) -> Vec<String> {
    account.parse().ok().map(partition).into_iter().collect()
}

/// What the account that a list is of counts under these names.
pub fn counted_by_one<N: Into<String>>(asked: &Asked, names: impl IntoIterator<Item = N>) -> Kept {
    Kept::sum(of_account(asked.of().parse().unwrap_or_default()), names)
}
