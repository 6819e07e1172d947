use serde_json::{Value, json};
use table::{AttributeValue, Key};
use testkit::World;

use crate::{PASSWORD, login, someone};

fn wish(changes: &Value) -> Value {
    let mut body = json!({ "username": "rina", "email": "rina@shop.test", "password": PASSWORD });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn an_account_is_made_signed_in_counted_findable_and_welcomed() {
    let world = World::new().await;
    let body = wish(&json!({ "first_name": "Rina", "last_name": "Sari", "phone_number": "+62 811-222" }));
    let answer = world.post("/api/auth/register/", &body).send().await.expect(201);
    let user = &answer.json["user"];
    assert_eq!(user["username"], "rina");
    assert_eq!(user["full_name"], "Rina Sari");
    assert_eq!(user["phone_number"], "+62 811-222");
    assert_eq!(user["status"], "active");
    assert_eq!(user["email_verified"], false);
    assert_eq!(user["date_joined"], "2026-03-01T08:30:00.000000Z");
    assert_eq!(
        user["roles"],
        json!({ "crm": "outsider", "loyalty": "member", "market": "buyer", "platform": "user", "prepaid": "user",
            "ticketing": "customer" })
    );
    let me = world.get("/api/auth/me/").bearer(&answer.text_at("access")).send().await.expect(200);
    assert_eq!(me.json, *user);

    let id = answer.text_at("user.id");
    let stored = world.item(&Key::new(format!("PRINCIPAL#{id:0>16}"), "PRINCIPAL")).await.unwrap();
    assert_eq!(stored["gsi1pk"], AttributeValue::S("IDENTITY#ACCOUNTS".into()));
    assert!(!format!("{stored:?}").contains(PASSWORD));
    let credential = world.item(&Key::new("CREDENTIAL#LOGIN#rina@shop.test", "LOGIN")).await.unwrap();
    assert!(credential["hash"].as_s().unwrap().starts_with("$argon2id$"));
    let figures = world.table.figures("IDENTITY#ACCOUNTS").await.unwrap();
    assert_eq!((figures.get("total"), figures.get("active")), (1, 1));

    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].0, "Welcome to Mercato, Rina Sari");
    let (found, complete) = world.table.search("IDENTITY#ACCOUNTS", "sar 62811", 100).await.unwrap();
    assert_eq!((found.into_iter().collect::<Vec<_>>(), complete), (vec![format!("{id:0>16}")], true));
}

#[tokio::test]
async fn every_fault_of_every_field_is_told_at_once() {
    let world = World::new().await;
    let body = json!({ "email": "nobody", "password": "12345", "first_name": "x".repeat(151) });
    let answer = world.post("/api/auth/register/", &body).send().await.expect(400);
    assert_eq!(
        answer.json,
        json!({
            "username": ["This field is required."],
            "email": ["Enter a valid email address."],
            "password": [
                "This password is too short. It must contain at least 8 characters.",
                "This password is too common.",
                "This password is entirely numeric.",
            ],
            "first_name": ["Ensure this field has no more than 150 characters."],
        })
    );
    let bad = world.call("POST", "/api/auth/register/").header("content-type", "application/json").body("{");
    assert!(bad.send().await.expect(400).text_at("detail").starts_with("JSON parse error - "));
    let text = world.call("POST", "/api/auth/register/").header("content-type", "text/plain").body("x");
    assert_eq!(
        text.send().await.expect(415).text_at("detail"),
        "Unsupported media type \"text/plain\" in request."
    );
    assert!(world.partition("IDENTITY#ACCOUNTS").await.is_empty());
}

#[tokio::test]
async fn a_password_like_its_owner_is_refused() {
    let world = World::new().await;
    let body = wish(&json!({ "password": "rina@shop.test" }));
    let answer = world.post("/api/auth/register/", &body).send().await.expect(400);
    assert_eq!(answer.json, json!({ "password": ["The password is too similar to the email address."] }));
}

#[tokio::test]
async fn names_are_unique_without_case_and_both_are_named() {
    let world = World::new().await;
    someone(&world, "rina").await;
    let body = wish(&json!({ "username": "RINA", "email": "  Rina@SHOP.test " }));
    let answer = world.post("/api/auth/register/", &body).send().await.expect(400);
    assert_eq!(
        answer.json,
        json!({
            "username": ["A user with that username already exists."],
            "email": ["user with this email address already exists."],
        })
    );
    // A user name that is somebody's address would let one sign in as the other.
    let body = wish(&json!({ "username": "rina@shop.test", "email": "other@shop.test" }));
    let answer = world.post("/api/auth/register/", &body).send().await.expect(400);
    let foreign = "A user name that is an address must be your own.";
    assert_eq!(answer.json, json!({ "username": [foreign] }));
    assert_eq!(world.table.figures("IDENTITY#ACCOUNTS").await.unwrap().get("total"), 1);
}

#[tokio::test]
async fn a_user_name_may_be_the_own_address() {
    let world = World::new().await;
    let body = wish(&json!({ "username": "rina@shop.test" }));
    world.post("/api/auth/register/", &body).send().await.expect(201);
    login(&world, "Rina@shop.test", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn nobody_gives_themselves_anything() {
    let world = World::new().await;
    let claims = json!({
        "id": 7, "role": "admin", "roles": { "platform": "admin" }, "status": "blocked", "is_staff": true,
        "email_verified": true, "ver": 9, "date_joined": "2000-01-01T00:00:00Z", "balance": 100,
    });
    let answer = world.post("/api/auth/register/", &wish(&claims)).send().await.expect(201);
    assert_eq!(answer.json["user"]["roles"]["platform"], "user");
    assert_eq!(answer.json["user"]["status"], "active");
    assert_eq!(answer.json["user"]["email_verified"], false);
    assert_ne!(answer.text_at("user.id"), "7");
    world.get("/api/auth/users/1/").bearer(&answer.text_at("access")).send().await.expect(403);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_is_answered_as_the_first() {
    let world = World::new().await;
    let call = |body: &Value| world.post("/api/auth/register/", body).header("idempotency-key", "till-1");
    let first = call(&wish(&json!({}))).send().await.expect(201);
    let again = call(&wish(&json!({}))).send().await.expect(201);
    assert_eq!(again.json, first.json);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    let other = call(&wish(&json!({ "first_name": "Other" }))).send().await.expect(422);
    assert!(other.text_at("detail").contains("Idempotency-Key"));
    let long =
        world.post("/api/auth/register/", &wish(&json!({}))).header("idempotency-key", &"k".repeat(256));
    long.send().await.expect(400);

    world.clock.advance(std::time::Duration::from_hours(24));
    call(&wish(&json!({}))).send().await.expect(400);
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 1);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = World::new().await;
    let call = |body: &Value| world.post("/api/auth/register/", body).header("idempotency-key", "till-1");
    call(&wish(&json!({ "password": "short" }))).send().await.expect(400);
    call(&wish(&json!({}))).send().await.expect(201);
}

#[tokio::test]
async fn every_spelling_of_the_path_leads_here() {
    let world = World::new().await;
    for (n, path) in
        ["/api/auth/register", "/api/v1/auth/register/", "/api/v1/auth/register"].iter().enumerate()
    {
        let body = wish(&json!({ "username": format!("u{n}"), "email": format!("u{n}@shop.test") }));
        world.post(path, &body).send().await.expect(201);
    }
    let form = "username=form&email=form%40shop.test&password=blue-whale-17";
    let form = world.call("POST", "/api/auth/register/").body(form);
    form.header("content-type", "application/x-www-form-urlencoded").send().await.expect(201);
}
