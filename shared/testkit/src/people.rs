//! People with accounts.

use identity::demo::{self, Demo};
use serde_json::json;

use crate::{Answer, World};

/// The password of everybody, which nobody guesses.
pub const PASSWORD: &str = "blue-whale-17";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub id: String,
    /// The address.
    pub email: String,
    /// An access token.
    pub access: String,
    /// The refresh token it came with.
    pub refresh: String,
}

impl Person {
    /// Whoever the platform's answer to a login or a registration speaks of.
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        Self {
            id: answer.text_at("user.id"),
            email: answer.text_at("user.email"),
            access: answer.text_at("access"),
            refresh: answer.text_at("refresh"),
        }
    }
}

impl World {
    /// Somebody with an account and these roles by context, signed in.
    pub async fn person(&self, name: &str, roles: &[(&str, &str)]) -> Person {
        let email = format!("{name}@shop.test");
        let account =
            Demo { username: name, email: &email, password: PASSWORD, name: ("Some", "Body"), roles };
        let host = self.whole.host("identity-http").expect("the template has the function");
        demo::seed(&host, &[account]).await.expect("the stage is local");
        self.signed_in(&email).await
    }

    /// Whoever signs in by user name or address.
    pub async fn signed_in(&self, login: &str) -> Person {
        let sent = json!({ "username": login, "password": PASSWORD });
        Person::of(&self.post("/api/auth/login/", &sent).send().await.expect(200))
    }
}
