use std::time::Duration;

use identity::session::failures;
use serde_json::json;
use testkit::{Settings, World};

use crate::{PASSWORD, admin, login, part, someone};

#[tokio::test]
async fn user_name_and_address_lead_in_without_case() {
    let world = World::new().await;
    someone(&world, "Rina").await;
    world.clock.advance(Duration::from_mins(1));
    for name in ["Rina", "rina", "RINA@shop.test", " rina@shop.test "] {
        let answer = login(&world, name, PASSWORD).await.expect(200);
        assert_eq!(answer.json["user"]["username"], "Rina");
        assert_eq!(answer.json["user"]["last_login"], "2026-03-01T08:31:00.000000Z");
    }
}

#[tokio::test]
async fn tokens_say_who_it_is_and_end_in_time() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let (now, id) = (world.clock.now().seconds(), rina.id.parse::<u64>().unwrap());
    let common = json!({
        "iss": "mercato-local", "aud": "mercato", "sub": rina.id, "user_id": id, "iat": now, "ver": 0,
    });
    let own = json!({
        "username": "rina", "email": "rina@shop.test", "full_name": "", "roles": {}, "role": "user",
    });
    for (token, kind, life, told) in
        [(&rina.access, "access", 3_600, own), (&rina.refresh, "refresh", 604_800, json!({}))]
    {
        assert_eq!(part(token, 0), json!({ "typ": "JWT", "alg": "EdDSA", "kid": "local-1" }));
        let mut claims = part(token, 1);
        let drawn = ["jti", "family"].map(|name| claims.as_object_mut().unwrap().remove(name).unwrap());
        assert!(drawn.iter().all(|text| text.as_str().is_some_and(|text| text.len() >= 32)), "{drawn:?}");
        let mut expected = common.clone();
        expected.as_object_mut().unwrap().extend(told.as_object().unwrap().clone());
        (expected["token_type"], expected["exp"]) = (json!(kind), json!(now + life));
        assert_eq!(claims, expected, "{kind}: this and nothing more");
    }
}

#[tokio::test]
async fn every_failure_reads_alike() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let admin = admin(&world).await;
    let unknown = login(&world, "nobody", PASSWORD).await.expect(401);
    let wrong = login(&world, "rina", "blue-whale-18").await.expect(401);
    let path = format!("/api/auth/users/{}/", rina.id);
    let suspend = world.call("PATCH", &path).json(&json!({ "status": "suspended" })).bearer(&admin.access);
    suspend.send().await.expect(200);
    let closed = login(&world, "rina", PASSWORD).await.expect(401);
    assert_eq!(unknown.json, json!({ "detail": "No active account found with the given credentials" }));
    assert_eq!(unknown.text, wrong.text);
    assert_eq!(unknown.text, closed.text);
    assert_eq!(unknown.headers.len(), closed.headers.len());
    let missing = world.post("/api/auth/login/", &json!({})).send().await.expect(400);
    assert_eq!(missing.json["username"], json!(["This field is required."]));
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_owner_is_not_locked_out() {
    let world = World::new().await;
    someone(&world, "rina").await;
    for _ in 0..5 {
        login(&world, "rina", "wrong-guess-1").await.expect(401);
    }
    let slowed = login(&world, "rina", PASSWORD).await.expect(429);
    assert_eq!(slowed.header("retry-after"), "60");
    assert_eq!(slowed.text_at("detail"), "Request was throttled. Expected available in 60 seconds.");
    let body = json!({ "username": "rina", "password": PASSWORD });
    world.post("/api/auth/login/", &body).from("198.51.100.4").send().await.expect(200);
    world.clock.advance(Duration::from_mins(1));
    login(&world, "rina", "wrong-guess-1").await.expect(401);
    login(&world, "rina", PASSWORD).await.expect(429);
    world.clock.advance(Duration::from_mins(2));
    login(&world, "rina", PASSWORD).await.expect(200);
    login(&world, "rina", "wrong-guess-1").await.expect(401);
    login(&world, "rina", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn guessing_from_many_addresses_is_slowed_down_and_the_owner_enters() {
    let world = World::new().await;
    someone(&world, "rina").await;
    let from = |address: &str, username: &str, password: &str| {
        let body = json!({ "username": username, "password": password });
        world.post("/api/auth/login/", &body).from(address).send()
    };
    for username in ["rina", "nobody"] {
        let row = failures::login_key(username, world.clock.now());
        let before = table::Update::when(row, table::Condition::always()).add("failures", 99);
        world.table.apply(before, ()).await.unwrap();
        from("198.51.100.1", username, "wrong-guess-1").await.expect(401);
        let slowed = from("198.51.100.2", username, "wrong-guess-1").await.expect(429);
        assert_eq!(slowed.header("retry-after"), "1800", "until the hour ends");
    }
    from("198.51.100.3", "rina", PASSWORD).await.expect(200);
    from("198.51.100.3", "rina@shop.test", "wrong-guess-1").await.expect(401);
    world.clock.advance(Duration::from_mins(30));
    from("198.51.100.4", "rina", "wrong-guess-1").await.expect(401);
}

#[tokio::test]
async fn a_login_that_grows_too_long_for_a_key_is_unknown() {
    let world = World::new().await;
    let unknown = login(&world, "nobody", PASSWORD).await.expect(401);
    for _ in 0..5 {
        let grown = login(&world, &"\u{fdfa}".repeat(254), PASSWORD).await.expect(401);
        assert_eq!(grown.text, unknown.text);
    }
    login(&world, &"\u{fdfa}".repeat(254), PASSWORD).await.expect(429);
}

#[tokio::test]
async fn failures_at_the_same_time_all_count() {
    let world = World::new().await;
    someone(&world, "rina").await;
    let guesses = (0..12).map(|_| login(&world, "rina", "wrong-guess-1"));
    let answers = join_all(guesses).await;
    assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 401 | 429)), "{answers:?}");
    login(&world, "rina", PASSWORD).await.expect(429);
}

#[tokio::test]
async fn limits_are_counted_by_address_and_by_account() {
    let world = World::with(Settings { throttle: "10,20".to_owned() }).await;
    let rina = someone(&world, "rina").await;
    for _ in 0..9 {
        login(&world, "rina", PASSWORD).await.expect(200);
    }
    let over = login(&world, "rina", PASSWORD).await.expect(429);
    assert_eq!(over.header("retry-after"), "1800", "until the hour ends");
    let forged = json!({ "username": "rina", "password": PASSWORD });
    let forged = world.post("/api/auth/login/", &forged).header("x-forwarded-for", "198.51.100.4");
    forged.send().await.expect(429);
    for _ in 0..20 {
        world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(200);
    }
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(429);
    world.clock.advance(Duration::from_mins(30));
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(200);
    login(&world, "rina", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn bad_bodies_are_no_way_around_the_limit() {
    let world = World::with(Settings { throttle: "10,20".to_owned() }).await;
    for _ in 0..10 {
        world.post("/api/auth/login/", &json!({})).send().await.expect(400);
    }
    world.post("/api/auth/login/", &json!({})).send().await.expect(429);
    login(&world, "rina", PASSWORD).await.expect(429);
}

#[tokio::test]
async fn an_imported_hash_opens_once_and_is_renewed() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let django = "pbkdf2_sha256$1000$saltsaltsalt$F7o7+5VTVzFAO998X6s3AHrDsJVdMiIlgndIMe19NvY=";
    let keys =
        ["rina", "rina@shop.test"].map(|login| table::Key::new(format!("CREDENTIAL#LOGIN#{login}"), "LOGIN"));
    for key in &keys {
        let update = table::Update::when(key.clone(), table::Condition::exists()).set("hash", django);
        world.table.apply(update, ()).await.unwrap();
    }
    login(&world, "rina", "wrong horse").await.expect(401);
    login(&world, "rina", "correct horse").await.expect(200);
    for key in &keys {
        let hash = world.item(key).await.unwrap()["hash"].as_s().unwrap().clone();
        assert!(hash.starts_with("$argon2id$v=19$m=19456"), "{hash}");
    }
    login(&world, "rina@shop.test", "correct horse").await.expect(200);
    let refreshed = json!({ "refresh": rina.refresh });
    world.post("/api/auth/token/refresh/", &refreshed).send().await.expect(200);
}

#[tokio::test]
async fn an_eleventh_session_ends_the_longest_unused() {
    let world = World::new().await;
    let first = someone(&world, "rina").await;
    for _ in 0..9 {
        world.clock.advance(Duration::from_secs(1));
        login(&world, "rina", PASSWORD).await.expect(200);
    }
    let last = world.signed_in("rina").await;
    let sessions = world.get("/api/auth/sessions/").bearer(&last.access).send().await.expect(200);
    assert_eq!(sessions.json.as_array().unwrap().len(), 10);
    let dead = json!({ "refresh": first.refresh });
    world.post("/api/auth/token/refresh/", &dead).send().await.expect(401);
}

/// Runs futures side by side.
async fn join_all<F: std::future::Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}
