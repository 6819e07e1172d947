use std::time::Duration;

use serde_json::json;
use testkit::World;

use super::{bad_token, dead_token, login, me, member, refresh, refused};
use crate::{PASSWORD, part, someone};

#[tokio::test]
async fn each_use_gives_another_pair_and_kills_the_old_one_at_once() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    world.clock.advance(Duration::from_mins(30));
    let answer = refresh(&world, &rina.refresh).await.expect(200);
    let (access, next) = (answer.text_at("access"), answer.text_at("refresh"));
    assert_eq!(
        answer.json,
        json!({
            "success": true, "access": access, "refresh": next,
            "data": { "access": access, "refresh": next, "accessToken": access, "refreshToken": next },
        })
    );
    assert_ne!(next, rina.refresh);
    let now = world.clock.now().seconds();
    assert_eq!(part(&access, 1)["exp"], now + 3_600);
    assert_eq!(part(&access, 1)["role"], "member");
    me(&world, &access).await.expect(200);
    refused(refresh(&world, &rina.refresh).await, 401, "Token is invalid or expired", &dead_token());
    // That was a second tab, or an answer that was lost: the session goes on.
    let alias = json!({ "refreshToken": next });
    world.post("/api/loyalty/auth/token/refresh/", &alias).send().await.expect(200);
}

#[tokio::test]
async fn of_two_uses_side_by_side_one_is_answered() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let answers = futures_util::future::join_all((0..4).map(|_| refresh(&world, &rina.refresh))).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    let lost = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!((won.len(), lost), (1, 3), "{answers:?}");
    refresh(&world, &won[0].text_at("refresh")).await.expect(200);
}

#[tokio::test]
async fn a_replaced_token_that_comes_again_later_ends_the_session_and_is_told() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let next = refresh(&world, &rina.refresh).await.expect(200).text_at("refresh");
    world.clock.advance(Duration::from_secs(21));
    refresh(&world, &rina.refresh).await.expect(401);
    refresh(&world, &next).await.expect(401);
    let mails = world.mail_to("rina@shop.test").await;
    assert_eq!(mails[1].0, "We ended a session of your Mercato account");
    login(&world, "rina", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    for bad in ["garbage", rina.access.as_str(), &format!("{}x", rina.refresh)] {
        refused(refresh(&world, bad).await, 401, "Token is invalid or expired", &dead_token());
    }
    let call = |body| world.post("/api/loyalty/auth/token/refresh/", &body);
    let cases = [
        (json!({}), "This field is required."),
        (json!({ "refresh": null }), "This field may not be null."),
        (json!({ "refreshToken": "" }), "This field may not be blank."),
    ];
    for (body, text) in cases {
        refused(call(body).send().await, 400, &format!("refresh: {text}"), &json!({ "refresh": [text] }));
    }
    // When both names are sent, the documented one is read.
    call(json!({ "refresh": rina.refresh, "refreshToken": "garbage" })).send().await.expect(200);
}

#[tokio::test]
async fn only_a_good_access_token_opens_what_is_guarded() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let nobody = json!({ "detail": "Authentication credentials were not provided." });
    let answer = world.get("/api/loyalty/auth/me/").send().await;
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
    refused(answer, 401, "Authentication credentials were not provided.", &nobody);
    for bad in ["garbage", rina.refresh.as_str()] {
        refused(me(&world, bad).await, 401, "Given token not valid for any token type", &bad_token());
    }
    world.clock.advance(Duration::from_secs(3_600 + 31));
    refused(me(&world, &rina.access).await, 401, "Given token not valid for any token type", &bad_token());
    // A public path takes no notice of it.
    let body = json!({ "username": "rina", "password": PASSWORD });
    world.post("/api/loyalty/auth/login/", &body).bearer(&rina.access).send().await.expect(200);
    world.post("/api/loyalty/auth/login/", &body).bearer("garbage").send().await.expect(200);
}

#[tokio::test]
async fn a_session_ends_after_seven_days() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let mut token = rina.refresh;
    for _ in 0..6 {
        world.clock.advance(Duration::from_hours(24));
        token = refresh(&world, &token).await.expect(200).text_at("refresh");
    }
    world.clock.advance(Duration::from_hours(24));
    refused(refresh(&world, &token).await, 401, "Token is invalid or expired", &dead_token());
}

#[tokio::test]
async fn a_session_keeps_the_dialect_that_opened_it() {
    let world = World::new().await;
    let (rina, budi) = (member(&world, "rina").await, someone(&world, "budi").await);
    let rotate = |token: &str| {
        world.post("/api/auth/token/refresh/", &json!({ "refresh": token, "rotate": true })).send()
    };
    // Loyalty's is dead at once wherever it is used, and the platform's is good for moments.
    let access = rotate(&rina.refresh).await.expect(200).text_at("access");
    assert_eq!(part(&access, 1)["role"], "member");
    rotate(&rina.refresh).await.expect(401);
    let access = refresh(&world, &budi.refresh).await.expect(200).text_at("access");
    assert_eq!(part(&access, 1)["role"], "user");
    refresh(&world, &budi.refresh).await.expect(200);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_gets_the_same_pair() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    let body = json!({ "refresh": rina.refresh });
    let rotate = || world.post("/api/loyalty/auth/token/refresh/", &body).header("idempotency-key", "k");
    let first = rotate().send().await.expect(200);
    world.clock.advance(Duration::from_mins(5));
    let again = rotate().send().await.expect(200);
    assert_eq!((&again.text, again.header("idempotent-replayed")), (&first.text, "true"));
    refresh(&world, &first.text_at("refresh")).await.expect(200);
}
