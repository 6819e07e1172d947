use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Fault, World};

use super::{post, refused, user, wish, with};
use crate::{PASSWORD, part};

#[tokio::test]
async fn an_account_is_made_and_is_signed_in() {
    let world = World::new().await;
    let answer = post(&world, "/auth/register/", &wish("Ama")).await.expect(201);
    let (id, access, refresh) =
        (answer.text_at("user.id"), answer.text_at("access"), answer.text_at("refresh"));
    let at = "2026-03-01T08:30:00.000000Z";
    let profile = json!({
        "bio": "", "location": "", "website": "", "notification_preferences": {}, "privacy_settings": {},
    });
    let user = json!({
        "id": id, "username": "Ama", "email": "ama@example.org", "first_name": "Ama", "last_name": "Boateng",
        "full_name": "Ama Boateng", "phone_number": null, "address": null, "date_of_birth": null,
        "profile_picture": null, "is_verified": false, "is_active": true, "is_staff": false,
        "is_superuser": false, "student_id": null, "institution": null, "graduation_year": null,
        "profile": profile, "date_joined": at, "created_at": at, "updated_at": at,
    });
    let message = "User registered successfully";
    assert_eq!(
        answer.json,
        json!({ "user": user, "refresh": refresh, "access": access, "message": message })
    );
    let me = world.get("/api/prepaid/auth/profile/").bearer(&access).send().await.expect(200);
    assert_eq!(me.json, user);

    let mails = world.mail_to("ama@example.org").await;
    let (subject, text) = &mails[0];
    assert_eq!((mails.len(), subject.as_str()), (1, "Welcome to Voucher App"));
    assert!(text.contains("Hello Ama Boateng") && text.contains("ama@example.org"), "{text}");
    assert!(text.contains("http://localhost:3000\n"), "{text}");
}

#[tokio::test]
async fn tokens_say_what_clients_read_and_live_as_long_as_they_expect() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let now = world.clock.now().seconds();
    let id: u64 = ama.id().parse().unwrap();
    for (token, kind, life) in [(&ama.access, "access", 3_600), (&ama.refresh, "refresh", 604_800)] {
        let claims = part(token, 1);
        for (claim, value) in [
            ("token_type", json!(kind)),
            ("iat", json!(now)),
            ("exp", json!(now + life)),
            ("user_id", json!(id)),
        ] {
            assert_eq!(claims[claim], value, "{claim} of {kind}");
        }
        assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
    }
    let claims = part(&ama.access, 1);
    assert_eq!((&claims["email"], &claims["full_name"]), (&json!("ama@example.org"), &json!("Ama Boateng")));
    assert_eq!(claims["role"], "user");
}

#[tokio::test]
async fn every_fault_of_registering_is_told_at_once() {
    let world = World::new().await;
    user(&world, "kofi").await;
    let register = async |changes: Value| post(&world, "/auth/register/", &with(wish("ama"), &changes)).await;
    let required = json!(["This field is required."]);
    let nothing = post(&world, "/auth/register/", &json!({})).await;
    refused(nothing, 400, &json!({ "email": required, "password": required, "password_confirm": required }));

    let short = "This password is too short. It must contain at least 8 characters.";
    let (common, numeric) = ("This password is too common.", "This password is entirely numeric.");
    let email_taken = json!(["User with this email address already exists."]);
    let name_taken = json!(["A user with that username already exists."]);
    let cases = [
        (json!({ "email": "KOFI@Example.org" }), json!({ "email": email_taken })),
        (json!({ "username": "KOFI" }), json!({ "username": name_taken })),
        (
            json!({ "username": "kofi", "email": "kofi@example.org", "password_confirm": "another-17" }),
            json!({ "username": name_taken, "email": email_taken }),
        ),
        (
            json!({ "email": "kofi@example.org", "password": "short" }),
            json!({ "password": [short], "email": email_taken }),
        ),
        (json!({ "email": "nobody" }), json!({ "email": ["Enter a valid email address."] })),
        (
            json!({ "username": "two words" }),
            json!({ "username": [
                "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
            ] }),
        ),
        (
            json!({ "username": "u".repeat(151), "first_name": "n".repeat(151), "phone_number": "1".repeat(21) }),
            json!({
                "username": ["Ensure this field has no more than 150 characters."],
                "first_name": ["Ensure this field has no more than 150 characters."],
                "phone_number": ["Ensure this field has no more than 20 characters."],
            }),
        ),
        (
            json!({ "password_confirm": "blue-whale-18" }),
            json!({ "non_field_errors": ["Passwords don't match."] }),
        ),
        (json!({ "password": "12345678" }), json!({ "password": [common, numeric] })),
        (json!({ "password": "123456" }), json!({ "password": [short, common, numeric] })),
        (
            json!({ "first_name": "Walrusina", "password": "walrusina1", "password_confirm": "walrusina1" }),
            json!({ "password": ["The password is too similar to the first name."] }),
        ),
    ];
    for (changes, expected) in cases {
        let answer = register(changes.clone()).await.expect(400);
        assert_eq!(answer.json, expected, "{changes}");
    }
    for body in ["[]", "{"] {
        let call = world.call("POST", "/api/prepaid/auth/register/").body(body);
        let answer = call.header("content-type", "application/json").send().await.expect(400);
        match body {
            "[]" => assert_eq!(
                answer.json,
                json!({ "non_field_errors": ["Invalid data. Expected a dictionary, but got list."] })
            ),
            _ => assert!(answer.text_at("detail").starts_with("JSON parse error - "), "{}", answer.text),
        }
    }
    assert_eq!(world.table.figures("IDENTITY#ACCOUNTS").await.unwrap().get("total"), 1);
}

#[tokio::test]
async fn nobody_gives_themselves_anything_by_registering() {
    let world = World::new().await;
    let claims = json!({
        "id": "7", "is_staff": true, "is_superuser": true, "is_verified": true, "is_active": false,
        "role": "staff", "roles": { "prepaid": "staff" }, "date_joined": "2000-01-01T00:00:00Z",
    });
    let answer = post(&world, "/auth/register/", &with(wish("ama"), &claims)).await.expect(201);
    for (field, value) in [
        ("is_staff", json!(false)),
        ("is_superuser", json!(false)),
        ("is_verified", json!(false)),
        ("is_active", json!(true)),
        ("date_joined", json!("2026-03-01T08:30:00.000000Z")),
    ] {
        assert_eq!(answer.json["user"][field], value, "{field}");
    }
    assert_ne!(answer.text_at("user.id"), "7");
}

#[tokio::test]
async fn a_name_that_nobody_chose_is_made_unlike_others() {
    let world = World::new().await;
    let first = user(&world, "ama").await;
    assert_eq!(first.view["username"], "ama");
    let other = with(wish("ama"), &json!({ "email": "Ama@elsewhere.test" }));
    let answer = post(&world, "/auth/register/", &other).await.expect(201);
    let name = answer.text_at("user.username");
    assert!(name.len() == 7 && name.starts_with("Ama"), "{name}");
    assert_eq!(answer.json["user"]["email"], "ama@elsewhere.test");
    crate::login(&world, &name, PASSWORD).await.expect(200);
    assert_eq!(part(&answer.text_at("access"), 1)["username"], json!(name));
    let chosen = with(wish("akua"), &json!({ "username": "queen" }));
    assert_eq!(post(&world, "/auth/register/", &chosen).await.expect(201).text_at("user.username"), "queen");
    world.recount().await;
}

#[tokio::test]
async fn of_registrations_of_one_address_at_once_one_happens() {
    let world = World::new().await;
    world.faults.chance(3, &[(Fault::Conflict, 20), (Fault::Twice, 10)]);
    let spellings = ["ama", "AMA", "Ama", "aMa", "amA", "AmA"];
    let answers =
        join_all(spellings.map(|name| async { post(&world, "/auth/register/", &wish(name)).await })).await;
    world.faults.stop();
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400]);
    let taken = json!({ "email": ["User with this email address already exists."] });
    assert_eq!(answers.iter().filter(|answer| answer.json == taken).count(), 5);
    assert_eq!(world.recount().await, 1);
    assert_eq!(world.mail_to("ama@example.org").await.len(), 1);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_is_answered_as_the_first() {
    let world = World::new().await;
    let call = |body: &Value| {
        world.post("/api/prepaid/auth/register/", body).header("idempotency-key", "tab-1").send()
    };
    let first = call(&wish("ama")).await.expect(201);
    let again = call(&wish("ama")).await.expect(201);
    assert_eq!((&again.json, again.header("idempotent-replayed")), (&first.json, "true"));
    call(&wish("kofi")).await.expect(422);
}
