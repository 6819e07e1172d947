//! Prepaid's dialect: how the clients of the voucher shop register, sign in and look after their accounts.
//!
//! Only shapes and sentences live here. What is done is what the other dialects do as well.

pub mod http;
mod list;

use std::time::Duration;

use ::http::StatusCode;
use access::{Context, Principal};
use wire::Problem;

use crate::dialect::PREPAID;
use crate::password::forgotten::Forgotten;

/// Where the paths begin, as the document has them. What is not here belongs to prepaid itself.
pub const MOUNT: &str = "/api/prepaid";

/// How accounts are known in prepaid.
pub const CONTEXT: Context = Context { name: "prepaid", newcomer: "user", administrator: "staff" };

/// How a forgotten password is replaced here.
const FORGOTTEN: Forgotten = Forgotten {
    dialect: PREPAID,
    promised: Duration::from_hours(72),
    most: Some(3),
    link: |base, account, secret| format!("{base}/reset-password/{account}/{secret}/"),
    stale: || Problem::said(StatusCode::BAD_REQUEST, "Invalid or expired token"),
};

/// The longest user name that is made of an address; room is left for what makes it unlike others.
const LONGEST: usize = 140;

/// Whether somebody runs the shop.
fn is_staff(principal: &Principal) -> bool {
    CONTEXT.role(&principal.roles) == CONTEXT.administrator
}

/// A user name for somebody who chose none: what stands before the `@` of their address.
fn named_after(address: &str) -> String {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    let fits = |c: &char| c.is_alphanumeric() || "_.+-".contains(*c);
    let name: String = local.chars().filter(fits).take(LONGEST).collect();
    if name.is_empty() { CONTEXT.newcomer.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Username;

    #[test]
    fn a_name_is_made_of_an_address() {
        for (address, name) in [
            ("ama@example.org", "ama"),
            ("ama.b+shop@example.org", "ama.b+shop"),
            ("o'hara!#$@example.org", "ohara"),
            ("!#$@example.org", "user"),
        ] {
            assert_eq!(named_after(address), name);
        }
        let long = named_after(&format!("{}@example.org", "a".repeat(200)));
        assert_eq!(long.len(), 140);
        assert!(Username::parse(&format!("{long}1234")).is_ok());
    }
}
