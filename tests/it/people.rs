//! People who use the platform.

use identity::demo;
use serde_json::{Value, json};
use testkit::{Answer, World};

/// A password that nobody would guess.
pub const PASSWORD: &str = "nine-blue-whales-17";

/// Somebody with an account, and what the platform gave them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub id: String,
    /// An access token.
    pub access: String,
    /// The refresh token it came with.
    pub refresh: String,
}

impl Person {
    /// Whoever the answer to a login or a registration speaks of.
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        Self {
            id: answer.text_at("user.id"),
            access: answer.text_at("access"),
            refresh: answer.text_at("refresh"),
        }
    }

    /// The id of the session that the tokens belong to.
    pub async fn session(&self, world: &World) -> String {
        let sessions = world.get("/api/auth/sessions/").bearer(&self.access).send().await.expect(200);
        let all = sessions.json.as_array().unwrap();
        let current = all.iter().find(|session| session["current"] == true).unwrap();
        current["id"].as_str().unwrap().to_owned()
    }
}

/// What somebody of that name registers with.
pub fn wish(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@shop.test"), "password": PASSWORD })
}

/// Somebody who just registered.
pub async fn newcomer(world: &World, name: &str) -> Person {
    Person::of(&world.post("/api/auth/register/", &wish(name)).send().await.expect(201))
}

/// Somebody who signs in.
pub async fn signed_in(world: &World, login: &str, password: &str) -> Person {
    let sent = json!({ "username": login, "password": password });
    Person::of(&world.post("/api/auth/login/", &sent).send().await.expect(200))
}

/// An administrator of the platform, and so of every context.
pub async fn administrator(world: &World, name: &str) -> Person {
    with_roles(world, name, &[("platform", "admin")]).await
}

/// Somebody who works at the desk of the loyalty programme.
pub async fn clerk(world: &World, name: &str) -> Person {
    with_roles(world, name, &[("loyalty", "staff")]).await
}

/// Somebody with roles of some contexts.
pub async fn with_roles(world: &World, name: &str, roles: &[(&str, &str)]) -> Person {
    let email = format!("{name}@shop.test");
    let account =
        demo::Demo { username: name, email: &email, password: PASSWORD, name: ("Ada", "Min"), roles };
    demo::seed(&world.whole.host("identity-http").unwrap(), &[account]).await.unwrap();
    signed_in(world, name, PASSWORD).await
}

/// The token of the newest mail that lets its reader set a new password. Settles before it looks.
pub async fn reset_token(world: &World, address: &str) -> String {
    let mails = world.mail_to(address).await;
    let text = mails.iter().rev().map(|(_, text)| text).find(|text| text.contains("token=")).unwrap();
    let token = text.split("token=").nth(1).unwrap();
    token.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).next().unwrap().to_owned()
}
