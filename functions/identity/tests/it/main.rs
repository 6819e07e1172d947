//! Identity from the gateway's event to the stored items and the mail.

#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod forged;
mod keys;
mod limits;
mod loyalty;
mod model;
mod opaque;
mod password;
mod prepaid;
mod profile;
mod races;
mod register;
mod sessions;
mod sign_in;
mod start;
mod users;
mod witnesses;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testkit::{Answer, Person, World};

pub(crate) use testkit::PASSWORD;

/// Registers somebody.
pub(crate) async fn someone(world: &World, username: &str) -> Person {
    let email = format!("{username}@shop.test");
    let body = json!({ "username": username, "email": email, "password": PASSWORD });
    Person::of(&world.post("/api/auth/register/", &body).send().await.expect(201))
}

/// Tries to sign in.
pub(crate) async fn login(world: &World, username: &str, password: &str) -> Answer {
    world.post("/api/auth/login/", &json!({ "username": username, "password": password })).send().await
}

/// The platform's administrator.
pub(crate) async fn admin(world: &World) -> Person {
    let host = world.whole.host("identity-http").unwrap();
    identity::demo::seed(&host, &[identity::demo::ADMIN]).await.unwrap();
    Person::of(&login(world, "admin", "admin123").await.expect(200))
}

/// A part of a token that is signed and not sealed: its header or its claims.
pub(crate) fn part(token: &str, which: usize) -> Value {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(which).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}
