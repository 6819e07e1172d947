use std::time::Duration;

use serde_json::json;
use testkit::{Answer, Fault, Person, World};

use crate::{PASSWORD, admin, login, part, someone};

async fn refresh(world: &World, token: &str, rotate: bool) -> Answer {
    let body = json!({ "refresh": token, "rotate": rotate });
    world.post("/api/auth/token/refresh/", &body).send().await
}

#[tokio::test]
async fn a_refresh_token_stays_good_for_those_who_keep_it() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    for _ in 0..6 {
        world.clock.advance(Duration::from_hours(24));
        let answer = refresh(&world, &rina.refresh, false).await.expect(200);
        assert!(answer.json.get("refresh").is_none());
        world.get("/api/auth/me/").bearer(&answer.text_at("access")).send().await.expect(200);
    }
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(401);
    world.clock.advance(Duration::from_hours(24));
    let ended = refresh(&world, &rina.refresh, false).await.expect(401);
    assert_eq!(ended.json, json!({ "detail": "Token is invalid or expired", "code": "token_not_valid" }));
}

#[tokio::test]
async fn a_replaced_token_that_comes_again_ends_the_session_and_is_told() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let next = refresh(&world, &rina.refresh, true).await.expect(200).text_at("refresh");
    world.clock.advance(Duration::from_secs(19));
    let sibling = refresh(&world, &rina.refresh, true).await.expect(200).text_at("refresh");
    refresh(&world, &next, false).await.expect(200);
    refresh(&world, &sibling, false).await.expect(200);
    world.clock.advance(Duration::from_secs(2));
    refresh(&world, &rina.refresh, true).await.expect(401);
    refresh(&world, &next, false).await.expect(401);
    refresh(&world, &sibling, false).await.expect(401);
    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_eq!(mails[1].0, "We ended a session of your Mercato account");
    assert!(mails[1].1.contains("203.0.113.7"));
    login(&world, "rina", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_thief_without_rotation_is_noticed_too() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    refresh(&world, &rina.refresh, true).await.expect(200);
    world.clock.advance(Duration::from_secs(21));
    refresh(&world, &rina.refresh, false).await.expect(401);
    assert_eq!(world.mail_to("rina@shop.test").await.len(), 2);
}

#[tokio::test]
async fn kinds_of_tokens_are_not_interchangeable() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    refresh(&world, &rina.access, false).await.expect(401);
    world.get("/api/auth/me/").bearer(&rina.refresh).send().await.expect(401);
    let missing = world.post("/api/auth/token/refresh/", &json!({})).send().await.expect(400);
    assert_eq!(missing.json, json!({ "refresh": ["This field is required."] }));
}

#[tokio::test]
async fn signing_out_ends_one_session_or_all() {
    let world = World::new().await;
    let phone = someone(&world, "rina").await;
    let laptop = world.signed_in("rina").await;
    let desk = world.signed_in("rina").await;

    let out = |who: &Person, body| world.post("/api/auth/logout/", &body).bearer(&who.access);
    let answer = out(&phone, json!({ "refresh": phone.refresh })).send().await.expect(205);
    assert_eq!(answer.text, "");
    refresh(&world, &phone.refresh, false).await.expect(401);
    out(&laptop, json!({})).send().await.expect(205);
    refresh(&world, &laptop.refresh, false).await.expect(401);
    refresh(&world, &desk.refresh, false).await.expect(200);

    out(&desk, json!({ "everywhere": true })).send().await.expect(205);
    refresh(&world, &desk.refresh, false).await.expect(401);
    for who in [&phone, &laptop, &desk] {
        world.get("/api/auth/me/").bearer(&who.access).send().await.expect(401);
    }
    login(&world, "rina", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn nobody_ends_anybody_elses_session() {
    let world = World::new().await;
    let (rina, budi) = (someone(&world, "rina").await, someone(&world, "budi").await);
    let body = json!({ "refresh": rina.refresh });
    world.post("/api/auth/logout/", &body).bearer(&budi.access).send().await.expect(205);
    refresh(&world, &rina.refresh, false).await.expect(200);

    let list = world.get("/api/auth/sessions/").bearer(&rina.access).send().await.expect(200);
    let session = list.json[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(list.json[0]["current"], true);
    assert_eq!(list.json[0]["dialect"], "identity");
    let path = format!("/api/auth/sessions/{session}/");
    let foreign = world.call("DELETE", &path).bearer(&budi.access).send().await.expect(404);
    assert_eq!(foreign.json, json!({ "detail": "Not found." }));
    world.call("DELETE", "/api/auth/sessions/families/").bearer(&rina.access).send().await.expect(404);
    let odd = world.call("DELETE", "/api/auth/sessions/%FF/").bearer(&rina.access).send().await.expect(404);
    assert_eq!(odd.json, json!({ "detail": "Not found." }));
    world.call("DELETE", &path).bearer(&rina.access).send().await.expect(204);
    world.call("DELETE", &path).bearer(&rina.access).send().await.expect(404);
    refresh(&world, &rina.refresh, false).await.expect(401);
}

#[tokio::test]
async fn parallel_tabs_all_get_through() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let tabs = (0..6).map(|_| refresh(&world, &rina.refresh, true));
    for answer in futures_util::future::join_all(tabs).await {
        let next = answer.expect(200).text_at("refresh");
        refresh(&world, &next, false).await.expect(200);
    }
}

#[tokio::test]
async fn a_repeat_with_the_same_key_opens_no_second_session() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let sign_in = json!({ "username": "rina", "password": PASSWORD });
    let sign_in = || world.post("/api/auth/login/", &sign_in).header("idempotency-key", "k1");
    let first = sign_in().send().await.expect(200);
    let again = sign_in().send().await.expect(200);
    assert_eq!((first.text, again.header("idempotent-replayed")), (again.text.clone(), "true"));
    let sessions = world.get("/api/auth/sessions/").bearer(&rina.access).send().await.expect(200);
    assert_eq!(sessions.json.as_array().unwrap().len(), 2);

    let body = json!({ "refresh": rina.refresh, "rotate": true });
    let rotate = || world.post("/api/auth/token/refresh/", &body).header("idempotency-key", "k2");
    let first = rotate().send().await.expect(200);
    world.clock.advance(Duration::from_mins(5));
    let again = rotate().send().await.expect(200);
    assert_eq!(first.text_at("refresh"), again.text_at("refresh"));

    let desk = world.signed_in("rina").await;
    let out = json!({ "refresh": desk.refresh });
    let out = || world.post("/api/auth/logout/", &out).bearer(&desk.access).header("idempotency-key", "k3");
    out().send().await.expect(205);
    assert_eq!(out().send().await.expect(205).header("idempotent-replayed"), "true");

    let list = world.get("/api/auth/sessions/").bearer(&desk.access).send().await.expect(200);
    let path = format!("/api/auth/sessions/{}/", list.json[0]["id"].as_str().unwrap());
    let end = || world.call("DELETE", &path).bearer(&desk.access).header("idempotency-key", "k3").send();
    end().await.expect(204);
    assert_eq!(end().await.expect(204).header("idempotent-replayed"), "true");

    let out = json!({ "everywhere": true });
    let out = || world.post("/api/auth/logout/", &out).bearer(&rina.access).header("idempotency-key", "k4");
    out().send().await.expect(205);
    let again = out().send().await.expect(205);
    assert_eq!((again.text.as_str(), again.header("idempotent-replayed")), ("", "true"));
}

#[tokio::test]
async fn no_token_is_made_of_a_record_that_lags() {
    let world = World::new().await;
    let (admin, rina) = (admin(&world).await, someone(&world, "rina").await);
    refresh(&world, &rina.refresh, false).await.expect(200);
    let path = format!("/api/auth/users/{}/", rina.id);
    let promote = json!({ "roles": { "loyalty": "staff" } });
    world.call("PATCH", &path).json(&promote).bearer(&admin.access).send().await.expect(200);
    world.faults.chance(1, &[(Fault::Stale, 100)]);
    for rotate in [false, true] {
        let access = refresh(&world, &rina.refresh, rotate).await.expect(200).text_at("access");
        assert_eq!(part(&access, 1)["roles"], json!({ "loyalty": "staff" }));
    }
}
