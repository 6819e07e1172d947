use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::World;

use super::{User, as_user, bad_token, dead_token, login, post, refresh, refused, said, user, with};
use crate::PASSWORD;

const NEXT: &str = "red-otter-42";

fn change(changes: &Value) -> Value {
    with(json!({ "old_password": PASSWORD, "new_password": NEXT, "confirm_password": NEXT }), changes)
}

async fn ask(world: &World, email: &str) -> testkit::Answer {
    post(world, "/auth/password-reset/", &json!({ "email": email })).await
}

/// The two parts of the link in the newest mail of an address.
async fn link(world: &World, email: &str) -> (String, String) {
    let (subject, text) = world.mail_to(email).await.pop().unwrap();
    assert_eq!(subject, "Password Reset Request");
    assert!(
        text.contains("Hello Ama") && text.contains("3 days") && text.contains("ignore this mail"),
        "{text}"
    );
    let link =
        text.lines().find_map(|line| line.strip_prefix("http://localhost:3000/reset-password/")).unwrap();
    let (uid, token) = link.strip_suffix('/').unwrap().split_once('/').unwrap();
    (uid.to_owned(), token.to_owned())
}

async fn confirm(world: &World, uid: &str, token: &str, password: &str) -> testkit::Answer {
    let body = json!({ "uid": uid, "token": token, "password": password, "password_confirm": password });
    post(world, "/auth/password-reset-confirm/", &body).await
}

#[tokio::test]
async fn whoever_changes_their_password_stays_and_everybody_else_is_out() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let other = User::of(&login(&world, "ama@example.org", PASSWORD).await.expect(200));
    world.clock.advance(Duration::from_mins(1));
    let answer =
        as_user(&world, &ama, "POST", "/users/change-password/", &change(&json!({}))).await.expect(200);
    let (access, refreshed) = (answer.text_at("access"), answer.text_at("refresh"));
    assert_eq!(
        answer.json,
        json!({ "message": "Password changed successfully.", "access": access, "refresh": refreshed })
    );
    for gone in [&ama, &other] {
        refused(refresh(&world, &gone.refresh).await, 401, &dead_token());
        refused(as_user(&world, gone, "GET", "/auth/profile/", &json!(null)).await, 401, &bad_token());
    }
    world.get("/api/prepaid/auth/profile/").bearer(&access).send().await.expect(200);
    refresh(&world, &refreshed).await.expect(200);
    login(&world, "ama@example.org", PASSWORD).await.expect(400);
    login(&world, "ama@example.org", NEXT).await.expect(200);
    let (subject, text) = world.mail_to("ama@example.org").await.pop().unwrap();
    assert_eq!(subject, "Your password was changed");
    assert!(text.contains("1 March 2026 at 08:31 UTC") && text.contains("contact us"), "{text}");
    world.recount().await;
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let required = json!(["This field is required."]);
    let cases = [
        (
            json!({}),
            json!({ "old_password": required, "new_password": required, "confirm_password": required }),
        ),
        (change(&json!({ "old_password": "wrong-guess-1" })), said("Old password is incorrect.")),
        (
            change(&json!({ "confirm_password": "other" })),
            json!({ "non_field_errors": ["New passwords don't match."] }),
        ),
        (
            change(&json!({ "new_password": "12345678", "confirm_password": "12345678" })),
            json!({ "new_password": ["This password is too common.", "This password is entirely numeric."] }),
        ),
        (
            change(&json!({ "new_password": "ama@example.org", "confirm_password": "ama@example.org" })),
            json!({ "new_password": ["The password is too similar to the email address."] }),
        ),
    ];
    for (body, expected) in cases {
        refused(as_user(&world, &ama, "POST", "/users/change-password/", &body).await, 400, &expected);
    }
    login(&world, "ama@example.org", PASSWORD).await.expect(200);
    refresh(&world, &ama.refresh).await.expect(200);
}

#[tokio::test]
async fn a_repeated_change_is_answered_as_the_first() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let call = || {
        let call = world.post("/api/prepaid/users/change-password/", &change(&json!({}))).bearer(&ama.access);
        call.header("idempotency-key", "tab-1").send()
    };
    let first = call().await.expect(200);
    let again = call().await.expect(200);
    assert_eq!((&again.json, again.header("idempotent-replayed")), (&first.json, "true"));
    refresh(&world, &first.text_at("refresh")).await.expect(200);
}

#[tokio::test]
async fn of_changes_at_once_one_happens_and_its_session_lives() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let passwords = ["red-otter-42", "green-heron-7", "grey-seal-99"];
    let changes = passwords.map(|new| {
        let body = change(&json!({ "new_password": new, "confirm_password": new }));
        let (world, ama) = (&world, &ama);
        async move { as_user(world, ama, "POST", "/users/change-password/", &body).await }
    });
    let answers = join_all(changes).await;
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1);
    refresh(&world, &done[0].text_at("refresh")).await.expect(200);
    world.recount().await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_once_within_three_days() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let told = json!({ "message": "Password reset email sent successfully" });
    assert_eq!(ask(&world, "AMA@example.org").await.expect(200).json, told);
    let (uid, token) = link(&world, "ama@example.org").await;
    assert_eq!(uid, ama.id());
    world.clock.advance(Duration::from_hours(71));
    let done = confirm(&world, &uid, &token, NEXT).await.expect(200);
    assert_eq!(done.json, json!({ "message": "Password reset successful" }));
    refused(refresh(&world, &ama.refresh).await, 401, &dead_token());
    refused(confirm(&world, &uid, &token, "green-heron-7").await, 400, &said("Invalid or expired token"));
    login(&world, "ama@example.org", NEXT).await.expect(200);
    assert_eq!(world.mail_to("ama@example.org").await.pop().unwrap().0, "Your password was changed");

    ask(&world, "ama@example.org").await.expect(200);
    let (uid, token) = link(&world, "ama@example.org").await;
    world.clock.advance(Duration::from_hours(72));
    refused(confirm(&world, &uid, &token, "green-heron-7").await, 400, &said("Invalid or expired token"));
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_and_an_address_gets_three_mails_an_hour() {
    let world = World::new().await;
    user(&world, "ama").await;
    world.mail_to("ama@example.org").await;
    let unknown = ask(&world, "nobody@example.org").await.expect(200);
    for n in 1..=5 {
        let before = world.cost();
        let known = ask(&world, "ama@example.org").await.expect(200);
        let cost = world.cost();
        ask(&world, &format!("nobody{n}@example.org")).await.expect(200);
        assert_eq!(cost.calls, world.cost().calls, "request {n} after {} calls", before.calls);
        assert_eq!((&known.json, known.headers.len()), (&unknown.json, unknown.headers.len()));
    }
    assert_eq!(world.mail_to("ama@example.org").await.len(), 1 + 3);
    assert!(world.mail_to("nobody@example.org").await.is_empty());
    world.clock.advance(Duration::from_mins(30));
    ask(&world, "ama@example.org").await.expect(200);
    assert_eq!(world.mail_to("ama@example.org").await.len(), 1 + 4, "another hour");
    refused(ask(&world, "nobody").await, 400, &json!({ "email": ["Enter a valid email address."] }));
    let nothing = post(&world, "/auth/password-reset/", &json!({})).await;
    refused(nothing, 400, &json!({ "email": ["This field is required."] }));
}

#[tokio::test]
async fn a_link_that_is_not_whole_is_worth_nothing() {
    let world = World::new().await;
    user(&world, "ama").await;
    let kofi = user(&world, "kofi").await;
    ask(&world, "ama@example.org").await.expect(200);
    let (uid, token) = link(&world, "ama@example.org").await;
    let body = json!({ "uid": uid, "token": token, "password": NEXT, "password_confirm": NEXT });
    let broken = [
        json!({ "uid": null }),
        json!({ "token": null }),
        json!({ "uid": null, "token": null }),
        json!({ "uid": kofi.id() }),
        json!({ "uid": "MQ" }),
        json!({ "uid": { "x": 1 } }),
        json!({ "uid": "" }),
        json!({ "token": "garbage" }),
        json!({ "token": ["x"] }),
        json!({ "token": "x".repeat(300) }),
    ];
    for changes in broken {
        let answer = post(&world, "/auth/password-reset-confirm/", &with(body.clone(), &changes)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json),
            (400, &said("Invalid or expired token")),
            "{changes}"
        );
    }
    let weak = [
        (json!({ "password_confirm": "other" }), json!({ "non_field_errors": ["Passwords don't match."] })),
        (
            json!({ "password": "short", "password_confirm": "short", "uid": null }),
            json!({ "password": ["This password is too short. It must contain at least 8 characters."] }),
        ),
        (
            json!({ "password": "ama@example.org", "password_confirm": "ama@example.org" }),
            json!({ "password": ["The password is too similar to the email address."] }),
        ),
    ];
    for (changes, expected) in weak {
        refused(
            post(&world, "/auth/password-reset-confirm/", &with(body.clone(), &changes)).await,
            400,
            &expected,
        );
    }
    // A number is what JavaScript makes of it.
    let number: u64 = uid.parse().unwrap();
    let answer = post(&world, "/auth/password-reset-confirm/", &with(body, &json!({ "uid": number }))).await;
    answer.expect(200);
}

#[tokio::test]
async fn another_password_ends_every_promise() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    ask(&world, "ama@example.org").await.expect(200);
    let (uid, token) = link(&world, "ama@example.org").await;
    as_user(&world, &ama, "POST", "/users/change-password/", &change(&json!({}))).await.expect(200);
    refused(confirm(&world, &uid, &token, "green-heron-7").await, 400, &said("Invalid or expired token"));
}
