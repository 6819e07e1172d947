//! Loyalty's dialect, from the paths and the words that its clients know.

mod entering;
mod own;
mod rights;
mod tokens;
mod users;

use serde_json::{Value, json};
use testkit::{Answer, World};

use crate::{PASSWORD, admin};

/// Somebody with an account in loyalty, and the tokens of a sign-in.
struct Member {
    id: String,
    access: String,
    refresh: String,
}

/// What somebody of that name registers with.
fn wish(name: &str) -> Value {
    json!({
        "username": name, "email": format!("{name}@shop.test"), "full_name": "Rina Sari",
        "password": PASSWORD, "password2": PASSWORD,
    })
}

/// The same with some of it changed; null takes a field away.
fn wish_with(name: &str, changes: &Value) -> Value {
    let mut body = wish(name);
    let fields = body.as_object_mut().unwrap();
    fields.extend(changes.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    body
}

async fn register(world: &World, body: &Value) -> Answer {
    world.post("/api/loyalty/auth/register/", body).send().await
}

async fn login(world: &World, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    world.post("/api/loyalty/auth/login/", &body).send().await
}

async fn refresh(world: &World, token: &str) -> Answer {
    world.post("/api/loyalty/auth/token/refresh/", &json!({ "refresh": token })).send().await
}

async fn me(world: &World, token: &str) -> Answer {
    world.get("/api/loyalty/auth/me/").bearer(token).send().await
}

/// Registers somebody and signs them in.
async fn member(world: &World, name: &str) -> Member {
    register(world, &wish(name)).await.expect(201);
    signed_in(world, name).await
}

async fn signed_in(world: &World, name: &str) -> Member {
    let answer = login(world, name, PASSWORD).await.expect(200);
    Member {
        id: answer.text_at("data.user.id"),
        access: answer.text_at("data.access"),
        refresh: answer.text_at("data.refresh"),
    }
}

/// Somebody with roles of any context, as the platform's administrator gives them.
async fn with_roles(world: &World, name: &str, roles: &Value) -> Member {
    let (admin, member) = (admin(world).await, member(world, name).await);
    let path = format!("/api/auth/users/{}/", member.id);
    let give = world.call("PATCH", &path).json(&json!({ "roles": roles })).bearer(&admin.access);
    give.send().await.expect(200);
    member
}

/// An administrator of loyalty, and of nothing else.
async fn keeper(world: &World) -> Member {
    with_roles(world, "keeper", &json!({ "loyalty": "admin" })).await
}

/// Insists on a refusal in the dialect's envelope: these members of DRF's, and the line that sums them up.
#[track_caller]
fn refused(answer: Answer, status: u16, line: &str, details: &Value) {
    let answer = answer.expect(status);
    let mut expected = json!({
        "success": false, "message": line,
        "error": { "message": line, "details": details, "status_code": status },
    });
    expected.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
    assert_eq!(answer.json, expected);
}

/// The same under a sentence about the whole.
#[track_caller]
fn failed(answer: Answer, title: &str, line: &str, errors: &Value) {
    let answer = answer.expect(400);
    let mut expected = json!({
        "success": false, "message": title, "errors": errors,
        "error": { "message": line, "details": errors, "status_code": 400 },
    });
    expected.as_object_mut().unwrap().extend(errors.as_object().unwrap().clone());
    assert_eq!(answer.json, expected);
}

fn inactive() -> Value {
    json!({ "detail": "User is inactive", "code": "user_inactive" })
}

fn bad_token() -> Value {
    json!({
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{ "token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired" }],
    })
}

fn dead_token() -> Value {
    json!({ "detail": "Token is invalid or expired", "code": "token_not_valid" })
}
