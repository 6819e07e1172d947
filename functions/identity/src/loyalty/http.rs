//! The shapes of loyalty's dialect, and the routes that speak it.

mod entering;
mod own;
mod users;

use access::Routes;
use serde::Serialize;
use utoipa::ToSchema;
use wire::{Choice, Stamp};

use super::{CONTEXT, Status};
use crate::Identity;
use crate::account::{Account, Found};

/// The routes of the dialect.
pub fn routes() -> Routes<Identity> {
    Routes::new().merge(entering::routes()).merge(own::routes()).merge(users::routes()).below(super::MOUNT)
}

/// An account, as loyalty shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UserView {
    id: String,
    username: String,
    email: String,
    full_name: String,
    /// `admin`, `staff` or `member`: the role in loyalty.
    role: String,
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    last_login_at: Option<Stamp>,
    created_at: Stamp,
    updated_at: Stamp,
}

impl UserView {
    /// The view of an account that last signed in then.
    fn new(account: &Account, last_login: Option<Stamp>) -> Self {
        let principal = &account.principal;
        Self {
            id: principal.id.to_string(),
            username: principal.username.clone(),
            email: principal.email.clone(),
            full_name: account.full_name(),
            role: CONTEXT.role(&principal.roles).to_owned(),
            status: Status::of(principal).as_str(),
            last_login_at: last_login,
            created_at: account.joined,
            updated_at: account.updated,
        }
    }
}

impl From<Found> for UserView {
    fn from(found: Found) -> Self {
        Self::new(&found.account, found.last_login)
    }
}
