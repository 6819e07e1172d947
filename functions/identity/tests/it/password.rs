use std::time::Duration;

use serde_json::json;
use testkit::{Answer, Fault, World};

use crate::{PASSWORD, login, someone};

const NEW: &str = "green-heron-42";

#[tokio::test]
async fn changing_it_ends_every_session_and_is_told() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let change = |old: &str, new: &str| {
        let body = json!({ "old_password": old, "new_password": new });
        world.post("/api/auth/change-password/", &body).bearer(&rina.access)
    };
    let wrong = change("wrong-guess-1", NEW).send().await.expect(400);
    assert_eq!(wrong.json, json!({ "old_password": ["Old password is incorrect"] }));
    let weak = change(PASSWORD, "password1").send().await.expect(400);
    assert_eq!(weak.json, json!({ "new_password": ["This password is too common."] }));
    change(PASSWORD, NEW).send().await.expect(200);

    login(&world, "rina", PASSWORD).await.expect(401);
    login(&world, "rina", NEW).await.expect(200);
    login(&world, "rina@shop.test", NEW).await.expect(200);
    let body = json!({ "refresh": rina.refresh });
    world.post("/api/auth/token/refresh/", &body).send().await.expect(401);
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(401);
    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!(mails[1].0, "Your Mercato password was changed");
}

async fn token(world: &World, address: &str) -> String {
    let mails = world.mail_to(address).await;
    let (subject, text) = mails.last().unwrap();
    assert_eq!(subject, "Reset your Mercato password");
    let link =
        text.split_whitespace().find(|word| word.starts_with("https://shop.test/reset-password?token="));
    link.unwrap().rsplit('=').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_forgotten_one_is_replaced_by_mail_once() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let ask = json!({ "email": "RINA@shop.test" });
    world.post("/api/auth/password-reset/", &ask).send().await.expect(202);
    let token = token(&world, "rina@shop.test").await;
    let confirm = |password: &str| {
        world.post("/api/auth/password-reset/confirm/", &json!({ "token": token, "password": password }))
    };
    let weak = confirm("12345678").send().await.expect(400);
    assert_eq!(weak.json["password"].as_array().unwrap().len(), 2);
    confirm(NEW).send().await.expect(200);
    let used = confirm("red-falcon-99").send().await.expect(400);
    assert_eq!(used.json, json!({ "token": ["This link is invalid or has expired."] }));
    login(&world, "rina", PASSWORD).await.expect(401);
    let entered = login(&world, "rina", NEW).await.expect(200);
    assert_eq!(entered.json["user"]["email_verified"], true, "who reads the mail owns the address");
    let body = json!({ "refresh": rina.refresh });
    world.post("/api/auth/token/refresh/", &body).send().await.expect(401);
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 3);
}

#[tokio::test]
async fn the_promise_ends_after_half_an_hour() {
    let world = World::new().await;
    someone(&world, "rina").await;
    let ask = json!({ "email": "rina@shop.test" });
    world.post("/api/auth/password-reset/", &ask).send().await.expect(202);
    let token = token(&world, "rina@shop.test").await;
    world.clock.advance(Duration::from_mins(30));
    let late = json!({ "token": token, "password": NEW });
    world.post("/api/auth/password-reset/confirm/", &late).send().await.expect(400);
}

#[tokio::test]
async fn asking_tells_nobody_who_has_an_account() {
    let world = World::new().await;
    someone(&world, "rina").await;
    world.cost();
    let ask = |email: &str| world.post("/api/auth/password-reset/", &json!({ "email": email }));
    let known = ask("rina@shop.test").send().await.expect(202);
    let known_cost = world.cost();
    let unknown = ask("nobody@shop.test").send().await.expect(202);
    let unknown_cost = world.cost();
    assert_eq!(known.text, unknown.text);
    assert_eq!(known_cost.trips, unknown_cost.trips);
    assert!(world.mail_to("nobody@shop.test").await.is_empty());
    let stored = format!("{:?}", world.partition("CREDENTIAL#LOGIN#rina").await);
    assert!(!stored.contains("token"));
}

async fn ask(world: &World, address: &str) -> String {
    world.post("/api/auth/password-reset/", &json!({ "email": address })).send().await.expect(202);
    token(world, address).await
}

async fn confirm(world: &World, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password });
    world.post("/api/auth/password-reset/confirm/", &body).send().await
}

#[tokio::test]
async fn a_change_of_the_password_ends_every_promise() {
    let world = World::new().await;
    someone(&world, "rina").await;
    let (first, second) = (ask(&world, "rina@shop.test").await, ask(&world, "rina@shop.test").await);
    confirm(&world, &second, NEW).await.expect(200);
    let dead = confirm(&world, &first, "red-falcon-99").await.expect(400);
    assert_eq!(dead.json, json!({ "token": ["This link is invalid or has expired."] }));
    let third = ask(&world, "rina@shop.test").await;
    let body = json!({ "old_password": NEW, "new_password": "red-falcon-99" });
    let rina = login(&world, "rina", NEW).await.expect(200).text_at("access");
    world.post("/api/auth/change-password/", &body).bearer(&rina).send().await.expect(200);
    confirm(&world, &third, NEW).await.expect(400);
    login(&world, "rina", "red-falcon-99").await.expect(200);
}

#[tokio::test]
async fn another_address_ends_every_promise_and_another_name_none() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let patch = |body| world.call("PATCH", "/api/auth/profile/").json(&body).bearer(&rina.access);
    let old = ask(&world, "rina@shop.test").await;
    patch(json!({ "email": "new@shop.test" })).send().await.expect(200);
    let dead = confirm(&world, &old, NEW).await.expect(400);
    assert_eq!(dead.json, json!({ "token": ["This link is invalid or has expired."] }));
    login(&world, "rina", PASSWORD).await.expect(200);
    let held = ask(&world, "new@shop.test").await;
    patch(json!({ "username": "rina2" })).send().await.expect(200);
    confirm(&world, &held, NEW).await.expect(200);
    login(&world, "rina2", NEW).await.expect(200);
}

#[tokio::test]
async fn a_lagging_read_withholds_no_mail() {
    let world = World::new().await;
    login(&world, "rina@shop.test", PASSWORD).await.expect(401);
    someone(&world, "rina").await;
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    ask(&world, "rina@shop.test").await;
}

#[tokio::test]
async fn guessing_the_old_one_ends_after_ten() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let change = |old: &str| {
        let body = json!({ "old_password": old, "new_password": NEW });
        world.post("/api/auth/change-password/", &body).bearer(&rina.access)
    };
    for _ in 0..10 {
        change("wrong-guess-1").send().await.expect(400);
    }
    let slowed = change("wrong-guess-1").send().await.expect(429);
    assert_eq!(slowed.header("retry-after"), "1800", "until the hour ends");
    change(PASSWORD).send().await.expect(429);
    login(&world, "rina", PASSWORD).await.expect(200);
    world.clock.advance(Duration::from_mins(30));
    change(PASSWORD).send().await.expect(200);
}
