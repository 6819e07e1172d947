use serde_json::json;
use testkit::World;

use super::{as_user, dead_token, login, refresh, refused, said, user};
use crate::{PASSWORD, part};

#[tokio::test]
async fn whoever_signs_out_cannot_go_on() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let other = login(&world, "ama@example.org", PASSWORD).await.expect(200).text_at("refresh");
    let done = json!({ "message": "Logout successful" });
    for _ in 0..2 {
        let answer = as_user(&world, &ama, "POST", "/auth/logout/", &json!({ "refresh": ama.refresh })).await;
        assert_eq!(answer.expect(200).json, done, "and a second time");
        refused(refresh(&world, &ama.refresh).await, 401, &dead_token());
    }
    refresh(&world, &other).await.expect(200);
    let body = json!({ "refresh": other });
    let leave = || world.post("/api/prepaid/auth/logout/", &body).bearer(&ama.access);
    for replayed in ["", "true"] {
        let answer = leave().header("idempotency-key", "tab-1").send().await.expect(200);
        assert_eq!((&answer.json, answer.header("idempotent-replayed")), (&done, replayed));
    }
}

#[tokio::test]
async fn without_a_refresh_token_the_session_of_the_access_token_ends() {
    let world = World::new().await;
    let ama = user(&world, "ama").await;
    let answer = as_user(&world, &ama, "POST", "/auth/logout/", &json!({})).await.expect(200);
    assert_eq!(answer.json, json!({ "message": "Logout successful" }));
    refused(refresh(&world, &ama.refresh).await, 401, &dead_token());
}

#[tokio::test]
async fn only_ones_own_refresh_token_signs_out() {
    let world = World::new().await;
    let (ama, kofi) = (user(&world, "ama").await, user(&world, "kofi").await);
    let tokens =
        [json!(kofi.refresh), json!(ama.access), json!("garbage"), json!(""), json!(["x"]), json!({})];
    for token in tokens {
        let answer = as_user(&world, &ama, "POST", "/auth/logout/", &json!({ "refresh": token })).await;
        refused(answer, 400, &said("Invalid token"));
    }
    refresh(&world, &kofi.refresh).await.expect(200);
    refresh(&world, &ama.refresh).await.expect(200);
    assert_eq!(part(&kofi.refresh, 1)["token_type"], "refresh");
}
