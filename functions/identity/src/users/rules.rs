//! What an administrator may decide.

use std::collections::BTreeMap;

use access::{Context, PLATFORM, Principal, Status};
use wire::Stamp;

use super::{ROLES, Refusal};
use crate::account::rules::{Edit, edit, renamed};
use crate::account::{Account, Closed};

/// What an administrator wants changed.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Roles by context; one of `None` is taken away.
    pub roles: BTreeMap<String, Option<String>>,
    /// The status.
    pub status: Option<Status>,
    /// The address.
    pub email: Option<String>,
    /// First and last name.
    pub full_name: Option<String>,
}

/// Who decides, and which context it is an administrator's decision of.
#[derive(Clone, Copy, Debug)]
pub struct Administrator<'a> {
    /// Who.
    pub principal: &'a Principal,
    /// The context.
    pub context: Context,
}

impl Administrator<'_> {
    /// Whether the platform itself is theirs, and so all of its contexts.
    fn is_everywhere(&self) -> bool {
        PLATFORM.role(&self.principal.roles) == PLATFORM.administrator
    }
}

/// The account as an administrator wants it.
///
/// Never lets administrators take their context from themselves: somebody else has to. Never lets them touch address
/// or status of another context's staff: whoever has the address gets the password, and with it that context.
pub fn change(account: &Account, wish: Wish, by: Administrator<'_>, now: Stamp) -> Result<Account, Refusal> {
    let oneself = account.id() == by.principal.id;
    if oneself && resigns(&wish, by.context) {
        return Err(Refusal::Oneself);
    }
    let mut after = named(account, &wish, now)?;
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
    if let Some(wanted) = wish.status.filter(|wanted| *wanted != account.principal.status) {
        (after.principal.status, after.closed) = moved(account, wanted, by)?;
    }
    let (before, is) = (&account.principal, &after.principal);
    if oneself && by.context.role(&is.roles) != by.context.administrator {
        return Err(Refusal::Oneself);
    }
    let touched = (&before.email, before.status) != (&is.email, is.status);
    if touched && is_staff_elsewhere(before, by.context) && !by.is_everywhere() {
        return Err(Refusal::Elsewhere);
    }
    // A role acts by the live record. Only who may not enter any more loses the tokens.
    if before.status.may_enter() && !is.status.may_enter() {
        after.principal.ver += 1;
    }
    if after.principal != account.principal {
        after.updated = now;
    }
    Ok(after)
}

/// Whether this wish, of oneself, gives the context away.
fn resigns(wish: &Wish, context: Context) -> bool {
    let role = wish.roles.get(context.name);
    let demoted = role.is_some_and(|role| role.as_deref() != Some(context.administrator));
    demoted || wish.status.is_some_and(|status| !status.may_enter())
}

/// The status that an account gets, and what is remembered while it is closed.
///
/// Whoever closed it may open it, and the platform. A marketplace's block lies beneath and comes back: it is lifted
/// where it is seen.
fn moved(
    account: &Account,
    wanted: Status,
    by: Administrator<'_>,
) -> Result<(Status, Option<Closed>), Refusal> {
    let closed = account.closed.as_ref();
    if closed.is_some_and(|closed| closed.by != by.context.name) && !by.is_everywhere() {
        return Err(Refusal::Elsewhere);
    }
    let blocked = closed.map_or(account.principal.status == Status::Blocked, |closed| closed.blocked);
    Ok(match wanted {
        Status::Active if closed.is_some() && blocked => (Status::Blocked, None),
        open if open.may_enter() => (open, None),
        shut => (shut, Some(Closed { by: by.context.name.to_owned(), blocked })),
    })
}

/// The account under the names that are wanted.
fn named(account: &Account, wish: &Wish, now: Stamp) -> Result<Account, Refusal> {
    let before = Edit::nothing(account);
    let email = wish.email.clone().unwrap_or_else(|| before.email.clone());
    let edited = edit(account, Edit { email, full_name: wish.full_name.clone(), ..before }, now);
    renamed(account, &edited).map_err(Refusal::Names)?;
    Ok(Account { updated: account.updated, ..edited })
}

/// Whether an account is among those who run another context than this.
fn is_staff_elsewhere(principal: &Principal, context: Context) -> bool {
    let mut others = ROLES.iter().filter(|roles| roles.context.name != context.name);
    others.any(|roles| roles.staff.contains(&roles.context.role(&principal.roles)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::rules::{Wish as NewAccount, register};
    use crate::loyalty::CONTEXT;

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
        let roles = [(context.to_owned(), role.map(str::to_owned))].into();
        Wish { roles, ..Wish::default() }
    }

    fn status(status: Status) -> Wish {
        Wish { status: Some(status), ..Wish::default() }
    }

    fn at(seconds: i64) -> Stamp {
        Stamp::from_seconds(seconds)
    }

    /// The same as an administrator of the platform wants it.
    fn by_the_platform(account: &Account, wish: Wish, by: u64, now: Stamp) -> Result<Account, Refusal> {
        let by = self::account(by, &[("platform", "admin")]);
        change(account, wish, Administrator { principal: &by.principal, context: PLATFORM }, now)
    }

    /// The same as an administrator of loyalty wants it.
    fn by_loyalty(account: &Account, wish: Wish, by: u64) -> Result<Account, Refusal> {
        let by = self::account(by, &[("loyalty", "admin")]);
        change(account, wish, Administrator { principal: &by.principal, context: CONTEXT }, at(1))
    }

    #[test]
    fn a_role_ends_no_token_and_a_suspension_ends_all() {
        let before = account(7, &[]);
        let after = by_the_platform(&before, role("loyalty", Some("staff")), 1, at(1)).unwrap();
        assert_eq!((after.principal.ver, after.principal.roles["loyalty"].as_str()), (0, "staff"));
        assert_eq!(after.updated, at(1));
        let same = by_the_platform(&after, role("loyalty", Some("staff")), 1, at(2)).unwrap();
        assert_eq!(same, after);
        let taken = by_the_platform(&after, role("loyalty", None), 1, at(3)).unwrap();
        assert!(taken.principal.roles.is_empty());
        let stopped = by_the_platform(&taken, status(Status::Suspended), 1, at(4)).unwrap();
        assert_eq!(stopped.principal.ver, 1);
        let still = by_the_platform(&stopped, status(Status::Inactive), 1, at(5)).unwrap();
        assert_eq!(still.principal.ver, 1, "there is none left to end");
        let back = by_the_platform(&still, status(Status::Active), 1, at(6)).unwrap();
        assert_eq!(back.principal.ver, 1);
        let blocked = by_the_platform(&back, status(Status::Blocked), 1, at(7)).unwrap();
        assert_eq!(blocked.principal.ver, 1, "who is blocked may enter");
    }

    #[test]
    fn unknown_contexts_and_roles_are_refused() {
        let before = account(7, &[]);
        let refused = |wish| by_the_platform(&before, wish, 1, at(1)).unwrap_err();
        assert_eq!(refused(role("casino", Some("staff"))), Refusal::Context("casino".into()));
        assert_eq!(refused(role("loyalty", Some("king"))), Refusal::Role("loyalty".into(), "king".into()));
    }

    #[test]
    fn nobody_shuts_themselves_out() {
        let admin = account(1, &[("platform", "admin")]);
        for wish in [role("platform", None), role("platform", Some("user")), status(Status::Suspended)] {
            assert_eq!(by_the_platform(&admin, wish.clone(), 1, at(1)).unwrap_err(), Refusal::Oneself);
            assert!(by_the_platform(&admin, wish, 2, at(1)).is_ok(), "somebody else may");
        }
        assert!(by_the_platform(&admin, role("loyalty", Some("staff")), 1, at(1)).is_ok());

        let keeper = account(3, &[("loyalty", "admin")]);
        for wish in [role("loyalty", None), role("loyalty", Some("staff")), status(Status::Inactive)] {
            assert_eq!(by_loyalty(&keeper, wish.clone(), 3).unwrap_err(), Refusal::Oneself);
            assert!(by_loyalty(&keeper, wish, 4).is_ok(), "somebody else may");
        }
        let named = Wish { full_name: Some("Dewi Lestari".into()), ..role("loyalty", Some("admin")) };
        assert_eq!(by_loyalty(&keeper, named, 3).unwrap().full_name(), "Dewi Lestari");
    }

    #[test]
    fn whoever_closed_an_account_may_open_it_and_the_platform_may() {
        let open = account(7, &[]);
        let theirs = by_loyalty(&open, status(Status::Suspended), 3).unwrap();
        assert_eq!(by_loyalty(&theirs, status(Status::Active), 4).unwrap().principal.status, Status::Active);
        let lifted = by_the_platform(&theirs, status(Status::Active), 1, at(2)).unwrap();
        assert_eq!((lifted.principal.status, lifted.closed), (Status::Active, None));

        let ours = by_the_platform(&open, status(Status::Suspended), 1, at(1)).unwrap();
        for wanted in [Status::Active, Status::Inactive] {
            assert_eq!(by_loyalty(&ours, status(wanted), 3), Err(Refusal::Elsewhere));
        }
        let taken_over = by_the_platform(&theirs, status(Status::Inactive), 1, at(2)).unwrap();
        assert_eq!(by_loyalty(&taken_over, status(Status::Active), 3), Err(Refusal::Elsewhere));
        assert!(by_loyalty(&ours, role("loyalty", Some("staff")), 3).is_ok(), "a role opens nothing");
    }

    #[test]
    fn a_block_comes_back_with_the_account() {
        let blocked = by_the_platform(&account(7, &[]), status(Status::Blocked), 1, at(1)).unwrap();
        let suspended = by_loyalty(&blocked, status(Status::Suspended), 3).unwrap();
        let inactive = by_loyalty(&suspended, status(Status::Inactive), 3).unwrap();
        for closed in [suspended, inactive] {
            let opened = by_loyalty(&closed, status(Status::Active), 3).unwrap();
            assert_eq!((opened.principal.status, &opened.closed), (Status::Blocked, &None));
            let lifted = by_the_platform(&opened, status(Status::Active), 1, at(4)).unwrap();
            assert_eq!(lifted.principal.status, Status::Active);
        }
    }

    #[test]
    fn address_and_status_of_another_contexts_staff_are_not_for_everybody() {
        let email = |email: &str| Wish { email: Some(email.to_owned()), ..Wish::default() };
        let staff =
            [("prepaid", "staff"), ("market", "admin"), ("ticketing", "administrator"), ("crm", "staff")];
        for roles in staff.into_iter().chain([("platform", "admin")]) {
            let theirs = account(7, &[roles]);
            for wish in [email("mine@shop.test"), status(Status::Suspended)] {
                assert_eq!(by_loyalty(&theirs, wish.clone(), 3), Err(Refusal::Elsewhere), "{roles:?}");
                let by = account(1, &[("platform", "admin")]);
                let by = Administrator { principal: &by.principal, context: CONTEXT };
                assert!(change(&theirs, wish, by, at(1)).is_ok(), "the platform's may");
            }
            let same = Wish {
                full_name: Some("Budi".into()),
                status: Some(Status::Active),
                ..email("rina@shop.test")
            };
            assert!(by_loyalty(&theirs, same, 3).is_ok(), "what stays is not touched");
            assert!(by_loyalty(&theirs, role("loyalty", Some("staff")), 3).is_ok());
        }
        for roles in [("market", "seller"), ("ticketing", "event_organizer"), ("loyalty", "staff")] {
            assert!(by_loyalty(&account(7, &[roles]), email("mine@shop.test"), 3).is_ok(), "{roles:?}");
        }
    }
}
