//! What an administrator may decide.

use std::collections::BTreeMap;

use access::{PLATFORM, Status};
use wire::Stamp;

use super::{ROLES, Refusal};
use crate::account::Account;

/// What an administrator wants changed; a role of `None` is taken away.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Roles by context.
    pub roles: BTreeMap<String, Option<String>>,
    /// The status.
    pub status: Option<Status>,
}

/// The account as the administrator `by` wants it.
///
/// Never lets administrators take the platform from themselves: somebody else has to.
pub fn change(account: &Account, wish: Wish, by: u64, now: Stamp) -> Result<Account, Refusal> {
    let mut after = account.clone();
    for (context, role) in wish.roles {
        let known = ROLES.iter().find(|roles| roles.context.name == context);
        let known = known.ok_or_else(|| Refusal::Context(context.clone()))?;
        match role {
            None => drop(after.principal.roles.remove(&context)),
            Some(role) if known.names.contains(&role.as_str()) => {
                after.principal.roles.insert(context, role);
            }
            Some(role) => return Err(Refusal::Role(context, role)),
        }
    }
    after.principal.status = wish.status.unwrap_or(account.principal.status);
    let shut_out = !after.principal.status.may_enter()
        || PLATFORM.role(&after.principal.roles) != PLATFORM.administrator;
    if account.id() == by && shut_out {
        return Err(Refusal::Oneself);
    }
    if after.principal != account.principal {
        after.principal.ver += 1;
        after.updated = now;
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::rules::{Wish as NewAccount, register};

    fn account(id: u64, roles: &[(&str, &str)]) -> Account {
        let wish = NewAccount {
            username: "rina".into(),
            email: "rina@shop.test".into(),
            first_name: String::new(),
            last_name: String::new(),
            phone_number: String::new(),
        };
        let mut account = register(id, wish, "identity", Stamp::from_seconds(0));
        account.principal.roles = roles.iter().map(|(c, r)| ((*c).to_owned(), (*r).to_owned())).collect();
        account
    }

    fn role(context: &str, role: Option<&str>) -> Wish {
        Wish { roles: [(context.to_owned(), role.map(str::to_owned))].into(), status: None }
    }

    #[test]
    fn a_change_ends_the_tokens_and_no_change_does_not() {
        let before = account(7, &[]);
        let after = change(&before, role("loyalty", Some("staff")), 1, Stamp::from_seconds(1)).unwrap();
        assert_eq!((after.principal.ver, after.principal.roles["loyalty"].as_str()), (1, "staff"));
        let same = change(&after, role("loyalty", Some("staff")), 1, Stamp::from_seconds(2)).unwrap();
        assert_eq!(same, after);
        let taken = change(&after, role("loyalty", None), 1, Stamp::from_seconds(3)).unwrap();
        assert!(taken.principal.roles.is_empty());
    }

    #[test]
    fn unknown_contexts_and_roles_are_refused() {
        let before = account(7, &[]);
        let refused = |wish| change(&before, wish, 1, Stamp::from_seconds(1)).unwrap_err();
        assert_eq!(refused(role("casino", Some("staff"))), Refusal::Context("casino".into()));
        assert_eq!(refused(role("loyalty", Some("king"))), Refusal::Role("loyalty".into(), "king".into()));
    }

    #[test]
    fn nobody_shuts_themselves_out() {
        let admin = account(1, &[("platform", "admin")]);
        let suspended = Wish { status: Some(Status::Suspended), ..Wish::default() };
        for wish in [role("platform", None), role("platform", Some("user")), suspended] {
            assert_eq!(
                change(&admin, wish.clone(), 1, Stamp::from_seconds(1)).unwrap_err(),
                Refusal::Oneself
            );
            assert!(change(&admin, wish, 2, Stamp::from_seconds(1)).is_ok(), "somebody else may");
        }
        assert!(change(&admin, role("loyalty", Some("staff")), 1, Stamp::from_seconds(1)).is_ok());
    }
}
