//! An account: one person or machine, known in every context.

pub mod http;
pub mod own;
pub mod register;
pub mod rules;
pub mod store;
pub mod writing;

use access::{Principal, figures};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use table::{Counts, Index, Key, Places, Row, Tallies, Words, of_day};
use wire::{Day, Stamp, folded};

/// The scope of the figures about accounts.
pub const FIGURES: &str = figures::ACCOUNTS;

/// The scope of the words that accounts are found by.
pub const WORDS: &str = "IDENTITY#ACCOUNTS";

/// An account.
///
/// Always has a user name and an address that no other account has; both lead to it when signing in. Never holds
/// a password: those live in rows that only identity may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// What other contexts may know.
    #[serde(flatten)]
    pub principal: Principal,
    /// What the account tells of itself.
    #[serde(default)]
    pub profile: Profile,
    /// Whether the address was proved to be the owner's.
    #[serde(default)]
    pub email_verified: bool,
    /// Who closed it, while it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// The dialect that registered it.
    pub dialect: String,
    /// When it was made.
    pub joined: Stamp,
    /// When it last changed.
    pub updated: Stamp,
}

/// What is remembered of an account that may not enter, to open it as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The context whose administrators closed it, and may open it.
    pub by: String,
    /// Whether a marketplace had blocked it before, which it did not end by this.
    pub blocked: bool,
}

/// An account, and what is shown of its sessions.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The account.
    pub account: Account,
    /// When it last signed in.
    pub last_login: Option<Stamp>,
}

/// What an account tells of itself, the same in every context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Telephone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone_number: String,
    /// Postal address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Birthday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<Day>,
    /// Where the picture is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub picture: String,
    /// A few words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bio: String,
    /// Where it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// Where more about it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub website: String,
    /// The number that a school knows it by.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub student_id: String,
    /// The school.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub institution: String,
    /// When it leaves the school, or left it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graduation_year: Option<i64>,
    /// Which letters it wants, by their kind. Read by other contexts, as [`access::Contact`].
    #[serde(with = "table::as_text", skip_serializing_if = "Map::is_empty")]
    pub notification_preferences: Map<String, Value>,
    /// What others may see of it, as its clients understand that.
    #[serde(with = "table::as_text", skip_serializing_if = "Map::is_empty")]
    pub privacy_settings: Map<String, Value>,
}

impl Account {
    /// The account's number.
    pub fn id(&self) -> u64 {
        self.principal.id
    }

    /// First and last name.
    pub fn full_name(&self) -> String {
        join_name(&self.principal.first_name, &self.principal.last_name)
    }

    /// How a letter speaks to its owner: by name, or else by user name.
    pub fn called(&self) -> String {
        let name = self.full_name();
        if name.is_empty() { self.principal.username.clone() } else { name }
    }

    /// What leads to this account when signing in: the user name and the address, without case.
    pub fn logins(&self) -> Vec<String> {
        let mut logins = vec![folded(&self.principal.username), folded(&self.principal.email)];
        logins.dedup();
        logins
    }
}

impl Row for Account {
    const KIND: &'static str = Principal::KIND;

    fn key(&self) -> Key {
        Principal::key_of(self.id())
    }

    fn places(&self) -> Places {
        Places::none().at(Index::Gsi1, store::LIST, format!("{}#{:016}", self.joined, self.id()))
    }

    fn words(&self) -> Option<Words> {
        let Principal { id, username, email, .. } = &self.principal;
        // As text, numbers of one width sort as they do.
        let words = Words::new(WORDS, &format!("{id:016}")).whole(username).whole(email);
        Some(words.text(&self.full_name()).phone(&self.profile.phone_number))
    }
}

impl Counts for Account {
    fn counts(&self) -> Tallies {
        let mut counted = Tallies::default();
        counted.add(FIGURES, [(figures::TOTAL, 1), (self.principal.status.as_str(), 1)]);
        counted.add(&of_day(figures::DAYS, self.joined.day()), [(figures::JOINED, 1)]);
        counted
    }
}

/// Splits a full name at its first blank.
pub fn split_name(full: &str) -> (String, String) {
    let (first, last) = full.trim().split_once(' ').unwrap_or((full.trim(), ""));
    (first.to_owned(), last.trim_start().to_owned())
}

/// Joins first and last name.
pub fn join_name(first: &str, last: &str) -> String {
    format!("{first} {last}").trim().to_owned()
}

/// Why an account cannot be made or changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The number is in use; another will do.
    Number,
    /// This login leads to another account already.
    Taken(Login),
    /// The account is gone.
    Gone,
}

/// The two names an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// The user name.
    Username,
    /// The address.
    Email,
}
