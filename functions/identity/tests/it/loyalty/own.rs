use serde_json::{Value, json};
use testkit::World;

use super::{failed, login, me, member, refresh, refused};
use crate::{PASSWORD, someone};

const NEW: &str = "green-heron-42";
const UNCHANGED: &str = "Failed to change password";

#[tokio::test]
async fn put_and_patch_change_what_is_sent() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let edit = |method: &str, body: Value| {
        world.call(method, "/api/loyalty/auth/profile/").json(&body).bearer(&rina.access)
    };
    world.clock.advance(std::time::Duration::from_mins(1));
    let answer = edit("PUT", json!({ "full_name": "Rina Sari Dewi" })).send().await.expect(200);
    let user = json!({
        "id": rina.id, "username": "rina", "email": "rina@shop.test", "full_name": "Rina Sari Dewi",
        "role": "member", "status": "active", "last_login_at": "2026-03-01T08:30:00.000000Z",
        "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:31:00.000000Z",
    });
    assert_eq!(
        answer.json,
        json!({ "success": true, "message": "Profile updated successfully", "data": user })
    );
    let names = json!({ "username": "rina2", "email": "rina2@shop.test" });
    let answer = edit("PATCH", names).send().await.expect(200);
    assert_eq!(answer.json["data"]["full_name"], "Rina Sari Dewi");
    login(&world, "rina", PASSWORD).await.expect(401);
    login(&world, "rina2@shop.test", PASSWORD).await.expect(200);
    // Sent back as it was, it is nobody else's.
    let same = answer.json["data"].clone();
    assert_eq!(edit("PUT", same).send().await.expect(200).json["data"]["username"], "rina2");
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 2, "the address that was left is told");
}

#[tokio::test]
async fn a_profile_that_cannot_be_so_is_refused_under_one_sentence() {
    let world = World::new().await;
    let (rina, _) = (member(&world, "rina").await, member(&world, "budi").await);
    let edit = |body: Value| world.call("PUT", "/api/loyalty/auth/profile/").json(&body).bearer(&rina.access);
    let title = "Failed to update profile";
    let cases = [
        (json!({ "email": "nobody" }), "email", "Enter a valid email address."),
        (json!({ "email": "BUDI@shop.test" }), "email", "user with this email address already exists."),
        (json!({ "username": "Budi" }), "username", "A user with that username already exists."),
        (json!({ "username": "" }), "username", "This field may not be blank."),
        (json!({ "full_name": "" }), "full_name", "This field may not be blank."),
        (json!({ "full_name": null }), "full_name", "This field may not be null."),
        (json!({ "username": ["rina"] }), "username", "Not a valid string."),
        (
            json!({ "username": "somebody@shop.test" }),
            "username",
            "A user name that is an address must be your own.",
        ),
    ];
    for (body, field, text) in cases {
        let answer = edit(body).send().await;
        failed(answer, title, &format!("{field}: {text}"), &json!({ field: [text] }));
    }
    let both = edit(json!({ "email": "x", "full_name": "" })).send().await.expect(400);
    assert_eq!(both.json["errors"].as_object().unwrap().len(), 2);
    let answer = me(&world, &rina.access).await.expect(200);
    assert_eq!(answer.json["data"]["email"], "rina@shop.test");
    let raw = world.call("PUT", "/api/loyalty/auth/profile/").header("content-type", "application/json");
    let raw = raw.body("{").bearer(&rina.access).send().await.expect(400);
    assert!(raw.text_at("error.details.detail").starts_with("JSON parse error - "));
    let list = world.call("PUT", "/api/loyalty/auth/profile/").json(&json!([])).bearer(&rina.access);
    let text = "Invalid data. Expected a dictionary, but got list.";
    refused(list.send().await, 400, text, &json!({ "non_field_errors": [text] }));
}

#[tokio::test]
async fn nobody_gives_themselves_anything_by_their_profile() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let before = me(&world, &rina.access).await.expect(200);
    let claims = json!({
        "id": "7", "role": "admin", "roles": { "platform": "admin" }, "status": "suspended", "ver": 9,
        "password": NEW, "is_staff": true, "email_verified": true, "last_login_at": null,
        "created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z", "user_id": "7",
    });
    for method in ["PUT", "PATCH"] {
        let edit = world.call(method, "/api/loyalty/auth/profile/").json(&claims).bearer(&rina.access);
        let answer = edit.send().await.expect(200);
        assert_eq!(answer.json["data"], before.json["data"], "{method}");
    }
    login(&world, "rina", PASSWORD).await.expect(200);
    world.get("/api/loyalty/auth/users/").bearer(&rina.access).send().await.expect(403);
}

#[tokio::test]
async fn an_account_without_a_name_may_stay_without() {
    let world = World::new().await;
    let budi = someone(&world, "budi").await;
    let edit = world.call("PATCH", "/api/loyalty/auth/profile/").json(&json!({ "username": "budi2" }));
    let answer = edit.bearer(&budi.access).send().await.expect(200);
    assert_eq!(
        (&answer.json["data"]["username"], &answer.json["data"]["full_name"]),
        (&json!("budi2"), &json!(""))
    );
}

#[tokio::test]
async fn another_password_ends_every_refresh_token() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let elsewhere = super::signed_in(&world, "rina").await;
    let body = json!({ "old_password": PASSWORD, "new_password": NEW, "new_password2": NEW });
    let change = world.post("/api/loyalty/auth/change-password/", &body).bearer(&rina.access);
    let answer = change.header("idempotency-key", "k").send().await.expect(200);
    assert_eq!(answer.json, json!({ "success": true, "message": "Password changed successfully" }));
    for token in [&rina.refresh, &elsewhere.refresh] {
        refused(refresh(&world, token).await, 401, "Token is invalid or expired", &super::dead_token());
    }
    login(&world, "rina", PASSWORD).await.expect(401);
    login(&world, "rina", NEW).await.expect(200);
    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!(mails[1].0, "Your Mercato password was changed");

    let sari = member(&world, "sari").await;
    let alias = json!({ "old_password": PASSWORD, "new_password": NEW, "confirm_password": NEW });
    let change = world.post("/api/loyalty/auth/change-password/", &alias).bearer(&sari.access);
    change.send().await.expect(200);
}

#[tokio::test]
async fn a_password_that_cannot_be_changed_so_is_refused_under_one_sentence() {
    let world = World::new().await;
    let rina = member(&world, "rina.sari").await;
    let change = |old: &str, new: &str, again: &str| {
        let body = json!({ "old_password": old, "new_password": new, "new_password2": again });
        world.post("/api/loyalty/auth/change-password/", &body).bearer(&rina.access)
    };
    let short = "This password is too short. It must contain at least 8 characters.";
    let similar =
        ["The password is too similar to the username.", "The password is too similar to the email address."];
    let cases: [(_, &str, &[&str]); 6] = [
        (change("wrong-guess-1", NEW, NEW), "old_password", &["Old password is incorrect"]),
        (change(PASSWORD, NEW, "other"), "new_password", &["New password fields didn't match."]),
        (change(PASSWORD, "qwerty123", "qwerty123"), "new_password", &["This password is too common."]),
        (
            change(PASSWORD, "12345678", "12345678"),
            "new_password",
            &["This password is too common.", "This password is entirely numeric."],
        ),
        (change(PASSWORD, "rina.sari1", "rina.sari1"), "new_password", &similar[..1]),
        (change(PASSWORD, "rinasr", "rinasr"), "new_password", &[short, similar[0], similar[1]]),
    ];
    for (call, field, texts) in cases {
        let line = format!("{field}: {}", texts[0]);
        failed(call.send().await, UNCHANGED, &line, &json!({ field: texts }));
    }
    let call = world.post("/api/loyalty/auth/change-password/", &json!({})).bearer(&rina.access);
    let required = json!(["This field is required."]);
    let all = json!({ "old_password": required, "new_password": required, "new_password2": required });
    failed(call.send().await, UNCHANGED, "old_password: This field is required.", &all);
    login(&world, "rina.sari", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn guessing_the_old_password_ends_after_ten() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let body = json!({ "old_password": "wrong-guess-1", "new_password": NEW, "new_password2": NEW });
    let change = || world.post("/api/loyalty/auth/change-password/", &body).bearer(&rina.access);
    for _ in 0..10 {
        change().send().await.expect(400);
    }
    let detail = "Request was throttled. Expected available in 1800 seconds.";
    refused(change().send().await, 429, detail, &json!({ "detail": detail }));
}
