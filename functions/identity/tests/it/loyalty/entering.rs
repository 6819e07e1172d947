use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Settings, World};

use super::{login, member, refused, register, wish, wish_with};
use crate::{PASSWORD, part, someone};

#[tokio::test]
async fn an_account_is_made_and_may_sign_in() {
    let world = World::new().await;
    let answer = register(&world, &wish("rina")).await.expect(201);
    let id = answer.text_at("data.id");
    let user = json!({
        "id": id, "username": "rina", "email": "rina@shop.test", "full_name": "Rina Sari", "role": "member",
        "status": "active", "last_login_at": null,
        "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:30:00.000000Z",
    });
    assert_eq!(
        answer.json,
        json!({ "success": true, "message": "User registered successfully", "data": user })
    );
    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!((mails.len(), mails[0].0.as_str()), (1, "Welcome to Mercato, Rina Sari"));

    world.clock.advance(Duration::from_mins(1));
    for name in ["rina", "RINA@shop.test"] {
        let answer = login(&world, name, PASSWORD).await.expect(200);
        let (access, refresh) = (answer.text_at("data.access"), answer.text_at("data.refresh"));
        let mut user = user.clone();
        user["last_login_at"] = json!("2026-03-01T08:31:00.000000Z");
        assert_eq!(
            answer.json,
            json!({
                "success": true, "message": "Login successful",
                "data": {
                    "access": access, "refresh": refresh, "accessToken": access, "refreshToken": refresh,
                    "user": user,
                },
            })
        );
        let me = super::me(&world, &access).await.expect(200);
        assert_eq!(me.json, json!({ "success": true, "data": user }));
    }
}

#[tokio::test]
async fn tokens_say_what_clients_read_and_live_as_long_as_they_expect() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let now = world.clock.now().seconds();
    let claims = part(&rina.access, 1);
    let expected = [
        ("token_type", json!("access")),
        ("exp", json!(now + 3_600)),
        ("iat", json!(now)),
        ("user_id", json!(rina.id.parse::<u64>().unwrap())),
        ("username", json!("rina")),
        ("email", json!("rina@shop.test")),
        ("role", json!("member")),
        ("full_name", json!("Rina Sari")),
    ];
    for (claim, value) in expected {
        assert_eq!(claims[claim], value, "{claim}");
    }
    assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
    let claims = part(&rina.refresh, 1);
    assert_eq!((&claims["token_type"], &claims["exp"]), (&json!("refresh"), &json!(now + 604_800)));
}

#[tokio::test]
async fn every_fault_of_registering_is_told_in_the_envelope() {
    let world = World::new().await;
    register(&world, &wish("budi")).await.expect(201);
    let required = json!(["This field is required."]);
    let all = json!({
        "username": required, "email": required, "password": required, "password2": required, "full_name": required,
    });
    refused(register(&world, &json!({})).await, 400, "username: This field is required.", &all);

    let short = "This password is too short. It must contain at least 8 characters.";
    let cases: [(Value, &str, Value); 12] = [
        (json!({ "username": "BUDI" }), "username", json!(["A user with that username already exists."])),
        (
            json!({ "email": "Budi@SHOP.test" }),
            "email",
            json!(["user with this email address already exists."]),
        ),
        (json!({ "email": "nobody" }), "email", json!(["Enter a valid email address."])),
        (
            json!({ "username": "two words" }),
            "username",
            json!([
                "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
            ]),
        ),
        (
            json!({ "username": "u".repeat(151) }),
            "username",
            json!(["Ensure this field has no more than 150 characters."]),
        ),
        (
            json!({ "full_name": "n".repeat(256) }),
            "full_name",
            json!(["Ensure this field has no more than 255 characters."]),
        ),
        (json!({ "full_name": "  " }), "full_name", json!(["This field may not be blank."])),
        (json!({ "password2": "blue-whale-18" }), "password", json!(["Password fields didn't match."])),
        (json!({ "password": "password1" }), "password", json!(["This password is too common."])),
        (
            json!({ "password": "12345678" }),
            "password",
            json!(["This password is too common.", "This password is entirely numeric."]),
        ),
        (
            json!({ "username": "walrus", "password": "walrus" }),
            "password",
            json!([short, "The password is too similar to the username."]),
        ),
        (
            json!({ "password": "rina@shop.test", "password2": "rina@shop.test" }),
            "password",
            json!(["The password is too similar to the email address."]),
        ),
    ];
    for (changes, field, texts) in cases {
        let answer = register(&world, &wish_with("rina", &changes)).await;
        let line = format!("{field}: {}", texts[0].as_str().unwrap());
        refused(answer, 400, &line, &json!({ field: texts }));
    }
    assert_eq!(world.table.figures("IDENTITY#ACCOUNTS").await.unwrap().get("total"), 1);
}

#[tokio::test]
async fn nobody_gives_themselves_anything_by_registering() {
    let world = World::new().await;
    let claims = json!({
        "id": "7", "role": "admin", "roles": { "platform": "admin", "loyalty": "admin" }, "status": "suspended",
        "is_staff": true, "is_superuser": true, "ver": 9, "email_verified": true,
        "last_login_at": "2000-01-01T00:00:00Z", "created_at": "2000-01-01T00:00:00Z",
        "updated_at": "2000-01-01T00:00:00Z",
    });
    let answer = register(&world, &wish_with("rina", &claims)).await.expect(201);
    let expected = [
        ("role", json!("member")),
        ("status", json!("active")),
        ("last_login_at", Value::Null),
        ("created_at", json!("2026-03-01T08:30:00.000000Z")),
        ("updated_at", json!("2026-03-01T08:30:00.000000Z")),
    ];
    for (field, value) in expected {
        assert_eq!(answer.json["data"][field], value, "{field}");
    }
    assert_ne!(answer.text_at("data.id"), "7");
    let rina = super::signed_in(&world, "rina").await;
    let user = world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(200);
    assert_eq!(
        (&user.json["roles"]["platform"], &user.json["email_verified"]),
        (&json!("user"), &json!(false))
    );
    // What is not read is not judged either.
    register(&world, &wish_with("budi", &json!({ "role": "king" }))).await.expect(201);
}

#[tokio::test]
async fn every_failure_to_sign_in_reads_alike() {
    let world = World::new().await;
    let (keeper, rina) = (super::keeper(&world).await, member(&world, "rina").await);
    let suspend = json!({ "status": "suspended" });
    let path = format!("/api/loyalty/auth/users/{}/", rina.id);
    world.call("PATCH", &path).json(&suspend).bearer(&keeper.access).send().await.expect(200);
    let body = json!({
        "success": false, "message": "Invalid credentials",
        "error": "No active account found with the given credentials",
    });
    let call = |body: &Value| world.post("/api/loyalty/auth/login/", body);
    let raw = |body: &str| {
        let call = world.call("POST", "/api/loyalty/auth/login/").body(body);
        call.header("content-type", "application/json")
    };
    let failures = [
        ("wrong", call(&json!({ "username": "keeper", "password": "wrong-guess-1" }))),
        ("unknown", call(&json!({ "username": "nobody", "password": PASSWORD }))),
        ("suspended", call(&json!({ "username": "rina", "password": PASSWORD }))),
        ("no password", call(&json!({ "username": "rina" }))),
        ("no name", call(&json!({ "password": PASSWORD }))),
        ("nothing", call(&json!({}))),
        ("null", call(&json!({ "username": null, "password": null }))),
        ("blank", call(&json!({ "username": "", "password": "" }))),
        ("another kind", call(&json!({ "username": ["rina"], "password": { "x": 1 } }))),
        ("too long", call(&json!({ "username": "u".repeat(300), "password": "p".repeat(200) }))),
        ("a list", raw("[]")),
        ("no JSON", raw("{")),
        ("empty", raw("")),
    ];
    for (what, call) in failures {
        let answer = call.send().await;
        assert_eq!((answer.status.as_u16(), &answer.json), (401, &body), "{what}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"", "{what}");
    }
    let text = world.call("POST", "/api/loyalty/auth/login/").header("content-type", "text/plain").body("x");
    let detail = "Unsupported media type \"text/plain\" in request.";
    refused(text.send().await, 415, detail, &json!({ "detail": detail }));
}

#[tokio::test]
async fn guessing_and_bad_bodies_are_no_way_around_the_limits() {
    let world = World::new().await;
    member(&world, "rina").await;
    for _ in 0..5 {
        login(&world, "rina", "wrong-guess-1").await.expect(401);
    }
    let slowed = login(&world, "rina", PASSWORD).await;
    assert_eq!(slowed.header("retry-after"), "60");
    let detail = "Request was throttled. Expected available in 60 seconds.";
    refused(slowed, 429, detail, &json!({ "detail": detail }));

    let world = World::with(Settings { throttle: "10,20".to_owned() }).await;
    for _ in 0..10 {
        world.post("/api/loyalty/auth/login/", &json!({})).send().await.expect(401);
    }
    let over = login(&world, "rina", PASSWORD).await;
    let detail = "Request was throttled. Expected available in 1800 seconds.";
    refused(over, 429, detail, &json!({ "detail": detail }));
}

#[tokio::test]
async fn one_account_signs_in_by_every_dialect() {
    let world = World::new().await;
    someone(&world, "budi").await;
    let budi = super::signed_in(&world, "budi").await;
    let user = super::me(&world, &budi.access).await.expect(200);
    assert_eq!((&user.json["data"]["full_name"], &user.json["data"]["role"]), (&json!(""), &json!("member")));
    member(&world, "rina").await;
    crate::login(&world, "rina", PASSWORD).await.expect(200);
    let sessions = world.get("/api/auth/sessions/").bearer(&budi.access).send().await.expect(200);
    let dialects: Vec<&Value> = sessions.json.as_array().unwrap().iter().map(|row| &row["dialect"]).collect();
    assert_eq!(dialects, [&json!("loyalty"), &json!("identity")]);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_is_answered_as_the_first() {
    let world = World::new().await;
    let call =
        |body: &Value| world.post("/api/loyalty/auth/register/", body).header("idempotency-key", "till-1");
    let first = call(&wish("rina")).send().await.expect(201);
    let again = call(&wish("rina")).send().await.expect(201);
    assert_eq!((&again.json, again.header("idempotent-replayed")), (&first.json, "true"));
    let detail = "This Idempotency-Key was used with a different request body.";
    refused(call(&wish("budi")).send().await, 422, detail, &json!({ "detail": detail }));

    let body = json!({ "username": "rina", "password": PASSWORD });
    let sign_in = || world.post("/api/loyalty/auth/login/", &body).header("idempotency-key", "till-2");
    let first = sign_in().send().await.expect(200);
    let again = sign_in().send().await.expect(200);
    assert_eq!((&again.text, again.header("idempotent-replayed")), (&first.text, "true"));
    let wrong = json!({ "username": "rina", "password": "wrong-guess-1" });
    let wrong = world.post("/api/loyalty/auth/login/", &wrong).header("idempotency-key", "till-3");
    assert_eq!(wrong.send().await.expect(401).text_at("message"), "Invalid credentials");
}

#[tokio::test]
async fn every_spelling_of_the_path_leads_here() {
    let world = World::new().await;
    let paths =
        ["/api/loyalty/auth/register", "/api/v1/loyalty/auth/register/", "/api/v1/loyalty/auth/register"];
    for (n, path) in paths.iter().enumerate() {
        world.post(path, &wish(&format!("u{n}"))).send().await.expect(201);
    }
    let form =
        "username=form&email=form%40shop.test&full_name=Form&password=blue-whale-17&password2=blue-whale-17";
    let form = world.call("POST", "/api/loyalty/auth/register/").body(form);
    form.header("content-type", "application/x-www-form-urlencoded").send().await.expect(201);
}
