use std::time::Duration;

use serde_json::{Value, json};
use testkit::World;

use super::{User, dead_token, login, post, refresh, refused, staff, user};
use crate::PASSWORD;

#[tokio::test]
async fn an_address_leads_in_without_case() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    for email in ["ama@example.org", "AMA@Example.ORG", " ama@example.org "] {
        let answer = login(&world, email, PASSWORD).await.expect(200);
        let (access, refresh) = (answer.text_at("access"), answer.text_at("refresh"));
        assert_eq!(
            answer.json,
            json!({ "user": ama.view, "access": access, "refresh": refresh, "message": "Login successful" })
        );
        let body = json!({ "email": email, "password": PASSWORD });
        let pair = post(&world, "/auth/token/", &body).await.expect(200);
        let keys: Vec<&String> = pair.json.as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 2, "{keys:?}");
        for token in [access, pair.text_at("access")] {
            let me = world.get("/api/prepaid/users/profile/").bearer(&token).send().await.expect(200);
            assert_eq!(me.json, ama.view);
        }
    }
}

#[tokio::test]
async fn every_failure_to_sign_in_reads_alike() {
    let world = World::new().await;
    let (ama, admin) = (user(&world, "ama").await, staff(&world).await);
    let invalid = json!({ "non_field_errors": ["Invalid credentials."] });
    let none = json!({ "detail": "No active account found with the given credentials" });
    let fails = async |what: &str, email: &str, password: &str| {
        let answer = login(&world, email, password).await;
        assert_eq!((answer.status.as_u16(), &answer.json), (400, &invalid), "{what}");
        let body = json!({ "email": email, "password": password });
        let answer = post(&world, "/auth/token/", &body).await;
        assert_eq!((answer.status.as_u16(), &answer.json), (401, &none), "{what}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"", "{what}");
    };
    fails("wrong", "ama@example.org", "blue-whale-18").await;
    fails("unknown", "nobody@example.org", PASSWORD).await;
    let suspend = json!({ "status": "suspended" });
    let path = format!("/api/auth/users/{}/", ama.id());
    world.call("PATCH", &path).json(&suspend).bearer(&admin.access).send().await.expect(200);
    fails("suspended", "ama@example.org", PASSWORD).await;
    let required = json!(["This field is required."]);
    for path in ["/auth/login/", "/auth/token/"] {
        refused(
            post(&world, path, &json!({})).await,
            400,
            &json!({ "email": required, "password": required }),
        );
    }
}

#[tokio::test]
async fn ten_failures_close_a_login_for_the_rest_of_a_quarter_of_an_hour() {
    let world = World::new().await;
    user(&world, "ama").await;
    for _ in 0..10 {
        login(&world, "ama@example.org", "blue-whale-18").await.expect(400);
        world.clock.advance(Duration::from_mins(1));
    }
    let slowed = login(&world, "ama@example.org", PASSWORD).await;
    assert_eq!(slowed.header("retry-after"), "300");
    refused(slowed, 429, &json!({ "detail": "Request was throttled. Expected available in 300 seconds." }));
    let body = json!({ "email": "AMA@example.org", "password": PASSWORD });
    post(&world, "/auth/token/", &body).await.expect(429);
    // Whoever signs in from elsewhere is not locked out by it.
    world.post("/api/prepaid/auth/login/", &body).from("198.51.100.4").send().await.expect(200);
    world.clock.advance(Duration::from_mins(5));
    login(&world, "ama@example.org", "blue-whale-18").await.expect(400);
    login(&world, "ama@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_demo_administrator_is_staff() {
    let world = World::new().await;
    let admin = staff(&world).await;
    for field in ["is_staff", "is_superuser", "is_active", "is_verified"] {
        assert_eq!(admin.view[field], true, "{field}");
    }
    assert_eq!(admin.view["username"], "admin");
    login(&world, "admin", "admin123").await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_is_as_good_after_its_use_as_before() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    for path in ["/auth/token/refresh/", "/auth/refresh/", "/auth/refresh"] {
        world.clock.advance(Duration::from_hours(50));
        let answer = post(&world, path, &json!({ "refresh": ama.refresh })).await.expect(200);
        let keys: Vec<&str> = answer.json.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(keys.len() == 2 && keys.contains(&"access") && keys.contains(&"refresh"), "{keys:?}");
        let access = answer.text_at("access");
        world.get("/api/prepaid/auth/profile/").bearer(&access).send().await.expect(200);
        refresh(&world, &answer.text_at("refresh")).await.expect(200);
    }
    world.clock.advance(Duration::from_hours(18));
    refused(refresh(&world, &ama.refresh).await, 401, &dead_token());
}

#[tokio::test]
async fn what_is_no_refresh_token_gives_nothing() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let mut forged = ama.refresh.clone();
    forged.truncate(forged.len() - 2);
    for token in [ama.access.as_str(), "garbage", &forged] {
        for path in ["/auth/token/refresh/", "/auth/refresh/"] {
            refused(post(&world, path, &json!({ "refresh": token })).await, 401, &dead_token());
        }
    }
    refused(
        post(&world, "/auth/refresh/", &json!({})).await,
        400,
        &json!({ "refresh": ["This field is required."] }),
    );
}

#[tokio::test]
async fn public_paths_do_not_mind_a_stale_token() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let calls: [(&str, Value); 4] = [
        ("login", json!({ "email": "ama@example.org", "password": PASSWORD })),
        ("token", json!({ "email": "ama@example.org", "password": PASSWORD })),
        ("refresh", json!({ "refresh": ama.refresh })),
        ("password-reset", json!({ "email": "ama@example.org" })),
    ];
    for (path, body) in &calls {
        let call = world.post(&format!("/api/prepaid/auth/{path}/"), body).bearer("stale.old.token");
        call.send().await.expect(200);
    }
}

#[tokio::test]
async fn one_account_signs_in_by_every_dialect() {
    let world = World::new().await;
    crate::someone(&world, "budi").await;
    let budi = User::of(&login(&world, "budi@shop.test", PASSWORD).await.expect(200));
    assert_eq!((&budi.view["username"], &budi.view["is_staff"]), (&json!("budi"), &json!(false)));
    user(&world, "ama").await;
    crate::login(&world, "ama@example.org", PASSWORD).await.expect(200);
    let sessions = world.get("/api/auth/sessions/").bearer(&budi.access).send().await.expect(200);
    assert_eq!(
        (&sessions.json[0]["dialect"], &sessions.json[1]["dialect"]),
        (&json!("prepaid"), &json!("identity"))
    );
}
