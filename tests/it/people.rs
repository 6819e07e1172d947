//! People who use the platform, by what they are there.

use serde_json::{Value, json};
use testkit::World;
pub use testkit::{PASSWORD, Person};

/// The id of the session that somebody's tokens belong to.
pub async fn session_of(world: &World, person: &Person) -> String {
    let sessions = world.get("/api/auth/sessions/").bearer(&person.access).send().await.expect(200);
    let all = sessions.json.as_array().unwrap();
    let current = all.iter().find(|session| session["current"] == true).unwrap();
    current["id"].as_str().unwrap().to_owned()
}

/// What somebody of that name registers with.
pub fn wish(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@shop.test"), "password": PASSWORD })
}

/// Somebody who just registered.
pub async fn newcomer(world: &World, name: &str) -> Person {
    Person::of(&world.post("/api/auth/register/", &wish(name)).send().await.expect(201))
}

/// An administrator of the platform, and so of every context.
pub async fn administrator(world: &World, name: &str) -> Person {
    world.person(name, &[("platform", "admin")]).await
}

/// Somebody who works at the desk of the loyalty programme.
pub async fn clerk(world: &World, name: &str) -> Person {
    world.person(name, &[("loyalty", "staff")]).await
}

/// The token of the newest mail that lets its reader set a new password. Settles before it looks.
pub async fn reset_token(world: &World, address: &str) -> String {
    let mails = world.mail_to(address).await;
    let text = mails.iter().rev().map(|(_, text)| text).find(|text| text.contains("token=")).unwrap();
    let token = text.split("token=").nth(1).unwrap();
    token.split(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).next().unwrap().to_owned()
}
