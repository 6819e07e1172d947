use serde_json::{Value, json};
use testkit::World;

use super::{inactive, keeper, login, me, member, refresh, refused, signed_in};
use crate::PASSWORD;

const FORBIDDEN: &str = "You do not have permission to perform this action.";

#[tokio::test]
async fn accounts_are_for_administrators() {
    let world = World::new().await;
    let keeper = keeper(&world).await;
    let (rina, staff) = (member(&world, "rina").await, member(&world, "staff").await);
    let path = format!("/api/loyalty/auth/users/{}/", rina.id);
    let hire = world.call("PATCH", &format!("/api/loyalty/auth/users/{}/", staff.id));
    hire.json(&json!({ "role": "staff" })).bearer(&keeper.access).send().await.expect(200);
    let calls = [("GET", "/api/loyalty/auth/users/"), ("GET", &path), ("PUT", &path), ("PATCH", &path)];
    for (method, path) in calls {
        let call = || world.call(method, path).json(&json!({ "role": "admin" }));
        let nobody = "Authentication credentials were not provided.";
        refused(call().send().await, 401, nobody, &json!({ "detail": nobody }));
        for token in [&rina.access, &staff.access] {
            refused(call().bearer(token).send().await, 403, FORBIDDEN, &json!({ "detail": FORBIDDEN }));
        }
    }
    assert_eq!(me(&world, &rina.access).await.expect(200).json["data"]["role"], "member");
}

#[tokio::test]
async fn a_role_acts_with_the_very_next_request_of_an_old_token() {
    let world = World::new().await;
    let (keeper, rina) = (keeper(&world).await, member(&world, "rina").await);
    let path = format!("/api/loyalty/auth/users/{}/", rina.id);
    let give = |role: &str| world.call("PATCH", &path).json(&json!({ "role": role })).bearer(&keeper.access);
    let list = || world.get("/api/loyalty/auth/users/").bearer(&rina.access);
    list().send().await.expect(403);
    give("admin").send().await.expect(200);
    list().send().await.expect(200);
    let shown = me(&world, &rina.access).await.expect(200);
    assert_eq!(shown.json["data"]["role"], "admin");
    give("staff").send().await.expect(200);
    refused(list().send().await, 403, FORBIDDEN, &json!({ "detail": FORBIDDEN }));
    // Neither change ended a token, and newer ones say what is so.
    let newer = refresh(&world, &rina.refresh).await.expect(200).text_at("access");
    assert_eq!(crate::part(&newer, 1)["role"], "staff");
}

#[tokio::test]
async fn a_suspension_acts_with_the_very_next_request_of_an_old_token() {
    let world = World::new().await;
    let keeper = keeper(&world).await;
    for status in ["suspended", "inactive"] {
        let rina = member(&world, status).await;
        let path = format!("/api/loyalty/auth/users/{}/", rina.id);
        let set = |status: &str| {
            world.call("PATCH", &path).json(&json!({ "status": status })).bearer(&keeper.access)
        };
        let answer = set(status).send().await.expect(200);
        assert_eq!(answer.json["data"]["status"], status);
        let calls = [
            ("GET", "/api/loyalty/auth/me/"),
            ("PUT", "/api/loyalty/auth/profile/"),
            ("POST", "/api/loyalty/auth/change-password/"),
            ("GET", "/api/loyalty/auth/users/"),
        ];
        let body = json!({
            "old_password": PASSWORD, "new_password": "green-heron-42", "new_password2": "green-heron-42",
        });
        for (method, path) in calls {
            let call = world.call(method, path).json(&body).bearer(&rina.access);
            refused(call.send().await, 401, "User is inactive", &inactive());
        }
        refused(
            refresh(&world, &rina.refresh).await,
            401,
            "Token is invalid or expired",
            &super::dead_token(),
        );
        login(&world, status, PASSWORD).await.expect(401);
        set("active").send().await.expect(200);
        me(&world, &rina.access).await.expect(401);
        let again = signed_in(&world, status).await;
        me(&world, &again.access).await.expect(200);
    }
    assert_eq!(world.recount().await, 4);
}

#[tokio::test]
async fn whatever_is_refused_below_the_path_is_refused_in_the_envelope() {
    let world = World::new().await;
    let rina = member(&world, "rina").await;
    for path in ["/api/loyalty/auth/", "/api/loyalty/auth/nothing/", "/api/v1/loyalty/auth/login/more"] {
        let answer = world.get(path).send().await;
        refused(answer, 404, "Not found.", &json!({ "detail": "Not found." }));
    }
    let detail = "Method \"PATCH\" not allowed.";
    let answer = world.call("PATCH", "/api/loyalty/auth/login/").json(&json!({})).send().await;
    refused(answer, 405, detail, &json!({ "detail": detail }));
    let detail = "Idempotency-Key must be 1 to 255 printable characters.";
    let answer = world.post("/api/loyalty/auth/change-password/", &json!({})).bearer(&rina.access);
    let answer = answer.header("idempotency-key", &"k".repeat(256)).send().await;
    refused(answer, 400, detail, &json!({ "detail": detail }));
    let detail = "Request body is too large.";
    let large = world.call("PUT", "/api/loyalty/auth/profile/").body(vec![b' '; 1_048_577]);
    let large = large.header("content-type", "application/json").bearer(&rina.access);
    refused(large.send().await, 413, detail, &json!({ "detail": detail }));
    // Beside the path everybody hears DRF's own words.
    let canonical = world.get("/api/auth/nothing/").send().await.expect(404);
    assert_eq!(canonical.json, json!({ "detail": "Not found." }));
    let canonical = world.get("/api/auth/me/").send().await.expect(401);
    assert_eq!(canonical.json, json!({ "detail": "Authentication credentials were not provided." }));
}

#[tokio::test]
async fn our_own_failures_are_told_in_the_envelope() {
    let world = World::new().await;
    for _ in 0..40 {
        world.faults.next("TransactWriteItems", testkit::Fault::Conflict);
    }
    let busy = super::register(&world, &super::wish("rina")).await;
    assert_eq!(busy.header("retry-after"), "1");
    let detail = "The service is busy. Try again.";
    refused(busy, 503, detail, &json!({ "detail": detail }));
}

#[tokio::test]
async fn browsers_may_ask_from_anywhere() {
    let world = World::new().await;
    let preflight = world
        .call("OPTIONS", "/api/loyalty/auth/login/")
        .header("origin", "https://desk.test")
        .header("access-control-request-method", "POST");
    let answer = preflight.send().await.expect(200);
    assert_eq!(answer.json, Value::Null);
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    assert!(answer.header("access-control-allow-headers").contains("idempotency-key"));
}
