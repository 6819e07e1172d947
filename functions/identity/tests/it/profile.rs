use serde_json::{Value, json};
use testkit::World;

use crate::{PASSWORD, login, someone};

#[tokio::test]
async fn what_is_not_sent_stays() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let patch = |body: Value| world.call("PATCH", "/api/auth/profile/").json(&body).bearer(&rina.access);
    patch(json!({ "full_name": "Rina Sari", "bio": "Tea.", "date_of_birth": "1990-02-03" }))
        .send()
        .await
        .expect(200);
    let answer = patch(json!({ "address": "Jl. Melati 9" })).send().await.expect(200);
    let expected = [
        ("first_name", json!("Rina")),
        ("last_name", json!("Sari")),
        ("bio", json!("Tea.")),
        ("address", json!("Jl. Melati 9")),
        ("date_of_birth", json!("1990-02-03")),
    ];
    for (field, value) in expected {
        assert_eq!(answer.json[field], value, "{field}");
    }
    let answer = patch(json!({ "date_of_birth": null, "bio": "" })).send().await.expect(200);
    assert_eq!((&answer.json["date_of_birth"], &answer.json["bio"]), (&Value::Null, &json!("")));
    let bad =
        patch(json!({ "date_of_birth": "soon", "email": "x", "username": "" })).send().await.expect(400);
    assert_eq!(bad.json.as_object().unwrap().len(), 3, "{bad:?}");
}

#[tokio::test]
async fn every_field_has_its_length_and_its_form() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let patch = |body: Value| world.call("PATCH", "/api/auth/profile/").json(&body).bearer(&rina.access);
    let lengths = [
        ("username", 150),
        ("first_name", 150),
        ("last_name", 150),
        ("phone_number", 32),
        ("address", 500),
        ("picture", 500),
        ("bio", 1000),
    ];
    let of = |name: &str, length: usize| match name {
        "phone_number" => "1".repeat(length),
        _ => "x".repeat(length),
    };
    for (name, most) in lengths {
        let fits = patch(json!({ name: of(name, most) })).send().await.expect(200);
        assert_eq!(fits.json[name], json!(of(name, most)));
        let long = patch(json!({ name: of(name, most + 1) })).send().await.expect(400);
        let text = format!("Ensure this field has no more than {most} characters.");
        assert_eq!(long.json, json!({ name: [text] }));
        for other in [json!(null), json!([]), json!({}), json!(true), json!("a\u{0}b")] {
            let refused = patch(json!({ name: other })).send().await.expect(400);
            assert_eq!(refused.json.as_object().unwrap().keys().collect::<Vec<_>>(), [name], "{other}");
        }
    }
    let full = "a".repeat(300);
    patch(json!({ "full_name": full })).send().await.expect(200);
    let long = patch(json!({ "full_name": format!("{full}a") })).send().await.expect(400);
    assert_eq!(long.json, json!({ "full_name": ["Ensure this field has no more than 300 characters."] }));
    // A first name that only a full name can make is in nobody's way.
    assert_eq!(patch(json!({ "bio": "Tea." })).send().await.expect(200).json["first_name"], json!(full));
    let local = "x".repeat(64);
    let longest = format!("{local}@{0}.{0}.{0}.test", "y".repeat(60));
    assert_eq!(longest.len(), 252);
    patch(json!({ "email": longest })).send().await.expect(200);
    patch(json!({ "email": format!("{longest}abc") })).send().await.expect(400);
    for day in ["1990-13-01", "1990-02-30", "yesterday", "", "1990-2-3T00:00:00Z"] {
        let refused = patch(json!({ "date_of_birth": day })).send().await.expect(400);
        assert_eq!(refused.json.as_object().unwrap().keys().collect::<Vec<_>>(), ["date_of_birth"], "{day}");
    }
}

#[tokio::test]
async fn names_move_and_free_the_old_ones() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    someone(&world, "budi").await;
    let patch = |body: Value| world.call("PATCH", "/api/auth/profile/").json(&body).bearer(&rina.access);
    let taken = patch(json!({ "username": "Budi", "email": "budi@shop.test" })).send().await.expect(400);
    assert_eq!(taken.json.as_object().unwrap().len(), 2);
    patch(json!({ "username": "rina2", "email": "rina2@shop.test" })).send().await.expect(200);
    login(&world, "rina", PASSWORD).await.expect(401);
    login(&world, "rina2", PASSWORD).await.expect(200);
    login(&world, "RINA2@shop.test", PASSWORD).await.expect(200);
    someone(&world, "rina").await;
    // The same name in another case is no other name.
    patch(json!({ "username": "RINA2" })).send().await.expect(200);
    login(&world, "rina2", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_address_that_is_left_is_told() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let patch = |body: Value| world.call("PATCH", "/api/auth/profile/").json(&body).bearer(&rina.access);
    patch(json!({ "username": "rina2", "bio": "Tea." })).send().await.expect(200);
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 1);
    patch(json!({ "email": "new@other.test" })).send().await.expect(200);
    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!(mails[1].0, "The address of your Mercato account was changed");
    assert!(mails[1].1.contains("n***@other.test") && !mails[1].1.contains("new@"), "{mails:?}");
    assert!(world.mail_to("new@other.test").await.is_empty());
}

#[tokio::test]
async fn a_user_name_is_nobody_elses_address() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let patch = |body: Value| world.call("PATCH", "/api/auth/profile/").json(&body).bearer(&rina.access);
    let foreign = json!({ "username": ["A user name that is an address must be your own."] });
    let refused = patch(json!({ "username": "budi@shop.test" })).send().await.expect(400);
    assert_eq!(refused.json, foreign);
    patch(json!({ "username": "RINA@shop.test" })).send().await.expect(200);
    let refused = patch(json!({ "email": "rina2@shop.test" })).send().await.expect(400);
    assert_eq!(refused.json, foreign, "its address would be free for somebody else");
    let body = json!({ "username": "budi@shop.test", "email": "budi2@shop.test", "password": PASSWORD });
    let refused = world.post("/api/auth/register/", &body).send().await.expect(400);
    assert_eq!(refused.json, foreign);
}

#[tokio::test]
async fn what_is_not_ones_own_to_set_is_ignored() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let claims = json!({ "roles": { "platform": "admin" }, "status": "blocked", "email_verified": true, "id": "1",
        "ver": 7, "date_joined": "2000-01-01T00:00:00Z", "first_name": "Rina" });
    let answer =
        world.call("PATCH", "/api/auth/profile/").json(&claims).bearer(&rina.access).send().await.expect(200);
    assert_eq!(answer.json["roles"]["platform"], "user");
    assert_eq!(answer.json["status"], "active");
    assert_eq!(answer.json["email_verified"], false);
    assert_eq!(answer.json["id"], json!(rina.id));
    assert_eq!(answer.json["date_joined"], "2026-03-01T08:30:00.000000Z");
}
