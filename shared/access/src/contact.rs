//! How an account is written to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use table::{Key, Row, Table};
use wire::Fault;

use crate::principal::Principal;

/// Whom a letter is for, and which letters they want. Read from the account's row, for letters that its owner did not ask
/// for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The account.
    pub id: u64,
    /// The user name, as given.
    pub username: String,
    /// The address, as given.
    pub email: String,
    /// The first name.
    #[serde(default)]
    pub first_name: String,
    /// The last name.
    #[serde(default)]
    pub last_name: String,
    /// What it tells of itself.
    #[serde(default)]
    pub profile: Preferences,
}

/// Of what an account tells of itself, what letters it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whether it wants a kind of letter, by the kind, and whatever else clients keep here.
    #[serde(default, with = "table::as_text", skip_serializing_if = "Map::is_empty")]
    pub notification_preferences: Map<String, Value>,
}

impl Contact {
    /// How a letter speaks to them: by first name, or else by user name.
    pub fn called(&self) -> &str {
        if self.first_name.is_empty() { &self.username } else { &self.first_name }
    }

    /// Whether they want letters of this kind, such as `expiry_email`: unless they said no.
    pub fn wants(&self, kind: &str) -> bool {
        self.profile.notification_preferences.get(kind) != Some(&Value::Bool(false))
    }
}

impl Row for Contact {
    const KIND: &'static str = Principal::KIND;

    fn key(&self) -> Key {
        Principal::key_of(self.id)
    }
}

/// How an account is written to. It may lag by moments. For many at once there is [`Table::rows`].
pub async fn contact(table: &Table, account: u64) -> Result<Option<Contact>, Fault> {
    table.get(&Principal::key_of(account)).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn letters_come_unless_their_reader_said_no() {
        let contact = |first_name: &str| -> Contact {
            let said = r#"{"expiry_email":false,"purchase_email":true,"theme":"dark"}"#;
            serde_json::from_value(json!({
                "id": 7, "username": "ama", "email": "ama@example.org", "first_name": first_name,
                "profile": { "bio": "", "notification_preferences": said }, "ver": 3,
            }))
            .unwrap()
        };
        assert!(!contact("Ama").wants("expiry_email"));
        assert!(contact("Ama").wants("purchase_email") && contact("Ama").wants("redemption_email"));
        assert_eq!((contact("Ama").called(), contact("").called()), ("Ama", "ama"));
    }
}
