//! What an account may become.

use access::{Principal, Status};
use wire::{Day, Email, FieldErrors, Stamp, folded};

use super::{Account, Profile, split_name};
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
        dialect: dialect.to_owned(),
        joined: now,
        updated: now,
    }
}

/// Refuses a password that says too much of its owner.
pub fn password_apart(field: &str, password: &str, username: &str, email: &str) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (attribute, name) in [(username, "username"), (email, "email address")] {
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
    /// Telephone.
    pub phone_number: String,
    /// Postal address.
    pub address: String,
    /// Birthday.
    pub date_of_birth: Option<Day>,
    /// Where the picture is.
    pub picture: String,
    /// A few words.
    pub bio: String,
}

impl Edit {
    /// The edit that leaves an account as it is, to begin another from.
    pub fn nothing(account: &Account) -> Self {
        let (principal, profile) = (account.principal.clone(), account.profile.clone());
        Self {
            username: principal.username,
            email: principal.email,
            first_name: principal.first_name,
            last_name: principal.last_name,
            full_name: None,
            phone_number: profile.phone_number,
            address: profile.address,
            date_of_birth: profile.date_of_birth,
            picture: profile.picture,
            bio: profile.bio,
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
        profile: Profile {
            phone_number: edit.phone_number,
            address: edit.address,
            date_of_birth: edit.date_of_birth,
            picture: edit.picture,
            bio: edit.bio,
        },
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
        let refused = password_apart("password", "rina.sari1", "rinasari", "x@shop.test");
        assert!(refused.get("password").is_some());
        assert!(password_apart("password", "blue-whale-17", "rinasari", "rina@shop.test").is_empty());
    }
}
