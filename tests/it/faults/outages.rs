//! What is answered while something is out of reach, how soon, and after how many calls.

use std::time::{Duration, Instant};

use docs::DOCUMENTS;
use futures_util::future::join_all;
use serde_json::json;
use testkit::{Call, Fault, World};

use crate::openapi::{body, committed, example, operations, unknown};
use crate::people::{PASSWORD, administrator, newcomer, wish};

/// No answer may take longer.
const SOON: Duration = Duration::from_secs(9);

async fn busy_soon(call: Call) {
    let asked = Instant::now();
    let answer = call.send().await.expect(503);
    assert_eq!(answer.json, json!({ "detail": "The service is busy. Try again." }));
    assert!(asked.elapsed() < SOON, "it took {:?}", asked.elapsed());
}

#[tokio::test]
async fn a_table_that_swallows_requests_is_a_503_in_time() {
    let world = World::new().await;
    let person = newcomer(&world, "rina").await;
    world.faults.chance(0, &[(Fault::Slow(120_000), 100)]);
    let credentials = json!({ "username": "rina", "password": PASSWORD });
    let calls = [
        world.get("/api/auth/me/").bearer(&person.access),
        world.post("/api/auth/register/", &wish("budi")),
        world.post("/api/auth/login/", &credentials),
        world.post("/api/auth/token/refresh/", &json!({ "refresh": person.refresh, "rotate": true })),
    ];
    join_all(calls.map(busy_soon)).await;
}

#[tokio::test]
async fn a_dead_table_is_a_503_everywhere_and_health_says_so() {
    let world = World::new().await;
    let admin = administrator(&world, "admin").await;
    world.faults.chance(0, &[(Fault::Unsent, 100)]);
    let mut calls = Vec::new();
    for document in DOCUMENTS {
        let json = committed(document);
        for (method, path, operation) in operations(&json) {
            let call = world.call(&method.to_uppercase(), &unknown(path)).bearer(&admin.access);
            let call = match body(&json, operation) {
                Some(schema) => call.json(&example(&json, schema)),
                None => call,
            };
            let id = operation["operationId"].as_str().unwrap().to_owned();
            calls.push(async move { (id, call.send().await) });
        }
    }
    let asked = Instant::now();
    for (id, answer) in join_all(calls).await {
        // What needs no table, such as a body that does not read, is answered as ever.
        assert!(answer.status == 503 || answer.status.as_u16() < 500, "{id}: {answer:?}");
    }
    assert!(asked.elapsed() < SOON, "it took {:?}", asked.elapsed());
    world.get("/api/health/").send().await.expect(200);
    world.get("/api/health/?deep=1").send().await.expect(503);
    world.faults.stop();
    world.get("/api/health/?deep=1").send().await.expect(200);
}

#[tokio::test]
async fn retries_happen_in_one_layer_only() {
    let world = World::new().await;
    let person = newcomer(&world, "rina").await;
    let refresh = json!({ "refresh": person.refresh });
    for fault in [Fault::Broken, Fault::Unsent, Fault::Throttled] {
        world.faults.chance(0, &[(fault, 100)]);
        let calls = [
            world.get("/api/auth/me/").bearer(&person.access),
            world.get("/api/auth/sessions/").bearer(&person.access),
            world.post("/api/auth/register/", &wish("budi")),
            world.post("/api/auth/token/refresh/", &refresh),
        ];
        world.cost();
        join_all(calls.map(busy_soon)).await;
        // Two, two, one and two operations on the table, of which none gets further.
        let calls = world.cost().calls;
        assert!(calls <= 3 * 7, "{fault:?}: {calls} calls for 7 operations");
    }
}

#[tokio::test]
async fn a_login_holds_from_its_first_moment_though_its_record_lags() {
    let world = World::new().await;
    let person = newcomer(&world, "rina").await;
    world.get("/api/auth/sessions/").bearer(&person.access).send().await.expect(200);
    let change = json!({ "old_password": PASSWORD, "new_password": "ten-green-bottles-18" });
    world.post("/api/auth/change-password/", &change).bearer(&person.access).send().await.expect(200);
    let login = json!({ "username": "rina", "password": "ten-green-bottles-18" });
    let again = world.post("/api/auth/login/", &login).send().await.expect(200).text_at("access");
    world.faults.chance(0, &[(Fault::Stale, 100)]);
    world.get("/api/auth/sessions/").bearer(&again).send().await.expect(200);
}

#[tokio::test]
async fn failures_show_nothing_of_the_inside() {
    let world = World::new().await;
    let person = newcomer(&world, "rina").await;
    for fault in [Fault::Broken, Fault::Throttled] {
        world.faults.chance(0, &[(fault, 100)]);
        let answer = world.get("/api/auth/me/").bearer(&person.access).send().await.expect(503);
        assert_eq!(answer.json, json!({ "detail": "The service is busy. Try again." }));
        assert!(!answer.header("x-request-id").is_empty());
    }
}
