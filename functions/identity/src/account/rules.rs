//! What an account may become.

use access::{Principal, Status};
use wire::{Email, FieldErrors, Stamp, folded};

use super::{Account, Login, Profile, split_name};
use crate::dialect::Dialect;
use crate::password::rules::too_similar;

/// Who wants an account.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The user name.
    pub username: String,
    /// The address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// Telephone.
    pub phone_number: String,
}

/// The account that a wish makes. Never has a role: those are given, not asked for.
pub fn register(id: u64, wish: Wish, dialect: &str, now: Stamp) -> Account {
    Account {
        principal: Principal {
            id,
            username: wish.username,
            email: wish.email,
            first_name: wish.first_name,
            last_name: wish.last_name,
            roles: std::collections::BTreeMap::new(),
            status: Status::Active,
            ver: 0,
        },
        profile: Profile { phone_number: wish.phone_number, ..Profile::default() },
        email_verified: false,
        closed: None,
        dialect: dialect.to_owned(),
        joined: now,
        updated: now,
    }
}

/// The names of a person, none of which is a password.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// The user name.
    pub username: &'a str,
    /// The first name.
    pub first_name: &'a str,
    /// The last name.
    pub last_name: &'a str,
    /// The address.
    pub email: &'a str,
}

impl<'a> From<&'a Wish> for Names<'a> {
    fn from(wish: &'a Wish) -> Self {
        let Wish { username, first_name, last_name, email, .. } = wish;
        Self { username, first_name, last_name, email }
    }
}

impl<'a> From<&'a Principal> for Names<'a> {
    fn from(principal: &'a Principal) -> Self {
        let Principal { username, first_name, last_name, email, .. } = principal;
        Self { username, first_name, last_name, email }
    }
}

/// Refuses a password that says too much of its owner.
pub fn password_apart(field: &str, password: &str, owner: Names<'_>) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (attribute, name) in [
        (owner.username, "username"),
        (owner.first_name, "first name"),
        (owner.last_name, "last name"),
        (owner.email, "email address"),
    ] {
        if too_similar(password, attribute) {
            errors.add(field, format!("The password is too similar to the {name}."));
        }
    }
    errors
}

/// Refuses a user name that reads as somebody else's address.
pub fn name_of_ones_own(username: &str, email: &str) -> FieldErrors {
    let (username, email) = (folded(username), folded(email));
    if username != email && Email::parse(&username).is_ok() {
        FieldErrors::new().and("username", "A user name that is an address must be your own.")
    } else {
        FieldErrors::new()
    }
}

/// Says which names lead to another account already, in the words of a dialect.
pub fn taken(logins: &[Login], dialect: Dialect) -> FieldErrors {
    logins.iter().fold(FieldErrors::new(), |errors, login| match login {
        Login::Username => errors.and("username", "A user with that username already exists."),
        Login::Email => errors.and("email", dialect.address_taken),
    })
}

/// Judges the names of an edited account, unless they stay as they were taken.
pub fn renamed(before: &Account, after: &Account) -> Result<(), FieldErrors> {
    let (old, new) = (&before.principal, &after.principal);
    if (&old.username, &old.email) == (&new.username, &new.email) {
        return Ok(());
    }
    name_of_ones_own(&new.username, &new.email).or(())
}

/// As much of an address as tells its owner which one it is, and others little.
pub fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    format!("{}***@{domain}", local.chars().take(1).collect::<String>())
}

/// What a caller may change of its own account.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The user name.
    pub username: String,
    /// The address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// First and last name in one, which goes before them.
    pub full_name: Option<String>,
    /// The rest.
    pub profile: Profile,
}

impl Edit {
    /// The edit that leaves an account as it is, to begin another from.
    pub fn nothing(account: &Account) -> Self {
        let principal = account.principal.clone();
        Self {
            username: principal.username,
            email: principal.email,
            first_name: principal.first_name,
            last_name: principal.last_name,
            full_name: None,
            profile: account.profile.clone(),
        }
    }
}

/// The account after an edit. Never touches roles, status or anything else that is not the owner's to set.
pub fn edit(account: &Account, edit: Edit, now: Stamp) -> Account {
    let (first_name, last_name) =
        edit.full_name.as_deref().map_or((edit.first_name, edit.last_name), split_name);
    let same_address = edit.email == account.principal.email;
    Account {
        principal: Principal {
            username: edit.username,
            email: edit.email,
            first_name,
            last_name,
            ..account.principal.clone()
        },
        profile: edit.profile,
        // Another address is not proved by the proof of the old one.
        email_verified: account.email_verified && same_address,
        updated: now,
        ..account.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let wish = Wish {
            username: "rina".into(),
            email: "rina@shop.test".into(),
            first_name: "Rina".into(),
            last_name: "Sari".into(),
            phone_number: String::new(),
        };
        register(7, wish, "identity", Stamp::from_seconds(0))
    }

    #[test]
    fn a_full_name_goes_before_its_parts() {
        let before = account();
        let wish = Edit { full_name: Some("Budi  Santoso Putra".into()), ..Edit::nothing(&before) };
        let after = edit(&before, wish, Stamp::from_seconds(1));
        assert_eq!((&*after.principal.first_name, &*after.principal.last_name), ("Budi", "Santoso Putra"));
        assert_eq!(after.full_name(), "Budi Santoso Putra");
    }

    #[test]
    fn another_address_has_to_be_proved_again() {
        let before = Account { email_verified: true, ..account() };
        assert!(edit(&before, Edit::nothing(&before), Stamp::from_seconds(1)).email_verified);
        let wish = Edit { email: "new@shop.test".into(), ..Edit::nothing(&before) };
        assert!(!edit(&before, wish, Stamp::from_seconds(1)).email_verified);
    }

    #[test]
    fn a_user_name_may_be_ones_own_address_only() {
        for own in ["rina", "rina@shop", "rina@shop.test", "RINA@shop.test"] {
            assert!(name_of_ones_own(own, "Rina@Shop.test").is_empty(), "{own}");
        }
        for foreign in ["budi@shop.test", "Budi@Shop.Test", "\u{ff42}udi@shop.test"] {
            assert!(name_of_ones_own(foreign, "rina@shop.test").get("username").is_some(), "{foreign}");
        }
    }

    #[test]
    fn a_masked_address_shows_its_first_letter_and_its_domain() {
        assert_eq!(masked("rina@shop.test"), "r***@shop.test");
        assert_eq!(masked("r@shop.test"), "r***@shop.test");
    }

    #[test]
    fn a_password_like_its_owner_is_refused() {
        let of = |username, first_name, last_name, email| Names { username, first_name, last_name, email };
        let owners = [
            of("rinasari", "", "", ""),
            of("", "Rinasari", "", ""),
            of("", "", "Sari-Rina", ""),
            of("", "", "", "rinasari@shop.test"),
        ];
        for owner in owners {
            assert!(password_apart("password", "rina.sari1", owner).get("password").is_some(), "{owner:?}");
            assert!(password_apart("password", "blue-whale-17", owner).is_empty(), "{owner:?}");
        }
    }
}
