//! Prepaid's dialect, from the paths and the words that its clients know.

mod entering;
mod figures;
mod leaving;
mod own;
mod password;
mod register;
mod rights;

use serde_json::{Map, Value, json};
use testkit::{Answer, World};

use crate::PASSWORD;

/// Somebody who is signed in, and how they are shown.
struct User {
    view: Value,
    access: String,
    refresh: String,
}

impl User {
    fn of(answer: &Answer) -> Self {
        let view = answer.json["user"].clone();
        Self { view, access: answer.text_at("access"), refresh: answer.text_at("refresh") }
    }

    fn id(&self) -> &str {
        self.view["id"].as_str().unwrap()
    }
}

/// What somebody of that name registers with.
fn wish(name: &str) -> Value {
    json!({
        "email": format!("{name}@example.org"), "password": PASSWORD, "password_confirm": PASSWORD,
        "first_name": "Ama", "last_name": "Boateng",
    })
}

/// An object with some of it changed; null takes a field away.
fn with(body: Value, changes: &Value) -> Value {
    let mut body: Map<String, Value> = serde_json::from_value(body).unwrap();
    body.extend(changes.as_object().unwrap().clone());
    body.retain(|_, value| !value.is_null());
    Value::Object(body)
}

async fn post(world: &World, path: &str, body: &Value) -> Answer {
    world.post(&format!("/api/prepaid{path}"), body).send().await
}

async fn as_user(world: &World, user: &User, method: &str, path: &str, body: &Value) -> Answer {
    let call = world.call(method, &format!("/api/prepaid{path}")).bearer(&user.access);
    if method == "GET" { call.send().await } else { call.json(body).send().await }
}

async fn user(world: &World, name: &str) -> User {
    User::of(&post(world, "/auth/register/", &wish(name)).await.expect(201))
}

async fn login(world: &World, email: &str, password: &str) -> Answer {
    post(world, "/auth/login/", &json!({ "email": email, "password": password })).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    post(world, "/auth/token/refresh/", &json!({ "refresh": token })).await
}

/// The platform's administrator, who is staff here.
async fn staff(world: &World) -> User {
    crate::admin(world).await;
    User::of(&login(world, "admin@example.com", "admin123").await.expect(200))
}

/// One sentence under every name that clients know.
fn said(text: &str) -> Value {
    json!({ "error": text, "detail": text, "message": text })
}

/// Insists on a refusal, word for word.
#[track_caller]
fn refused(answer: Answer, status: u16, body: &Value) {
    let answer = answer.expect(status);
    assert_eq!(&answer.json, body);
    assert_eq!(answer.header("content-type"), "application/json");
}

fn dead_token() -> Value {
    json!({ "detail": "Token is invalid or expired", "code": "token_not_valid" })
}

fn bad_token() -> Value {
    json!({
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{ "token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired" }],
    })
}
