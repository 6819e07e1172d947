use std::time::Duration;

use futures_util::future::join_all;
use http::Request;
use serde_json::json;
use testkit::{Fault, Settings, World, invoke};

use crate::{PASSWORD, login, someone};

/// How many requests an account may send in an hour.
const LIMIT: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_let_no_more_through_than_one_may() {
    let world = World::with(Settings { throttle: format!("1000,{LIMIT}") }).await;
    let rina = someone(&world, "rina").await;
    let processes = [(); 4].map(|()| world.boot("identity-http", &[]));
    let processes = join_all(processes).await;
    let request = Request::get("/api/auth/me/").header("host", "mercato.test");
    let request =
        request.header("authorization", format!("Bearer {}", rina.access)).body(Vec::new()).unwrap();
    let (_, route) = world.whole.template.route("GET", "/api/auth/me/").unwrap();
    let event = local::event::of(&request, route, "203.0.113.7", world.clock.now());
    // Twenty clients, each ten times, wherever they happen to come out.
    let client = |number: usize| {
        let (processes, event) = (&processes, &event);
        async move {
            let mut let_in = 0;
            for n in 0..10 {
                let answer = invoke(&processes[(number + n) % processes.len()], event).await;
                match answer["statusCode"].as_u64() {
                    Some(200) => let_in += 1,
                    Some(429) => assert_eq!(answer["headers"]["retry-after"], "1800", "until the hour ends"),
                    _ => panic!("{answer}"),
                }
            }
            let_in
        }
    };
    let let_in: usize = join_all((0..20).map(client)).await.into_iter().sum();
    assert!(let_in <= LIMIT, "{let_in} of {LIMIT}");
    // What a process leased and did not need is lost to the hour: no more than twenty each.
    assert!(let_in >= LIMIT - 4 * 20, "{let_in} of {LIMIT}");
}

#[tokio::test]
async fn without_the_counters_reading_goes_on_and_signing_in_does_not() {
    let world = World::with(Settings { throttle: "10,20".to_owned() }).await;
    let rina = someone(&world, "rina").await;
    let away = || (0..30).for_each(|_| world.faults.next("UpdateItem", Fault::Unsent));
    for _ in 0..3 {
        away();
        world.get("/api/auth/sessions/").bearer(&rina.access).send().await.expect(200);
        world.faults.stop();
        away();
        login(&world, "rina", PASSWORD).await.expect(503);
        let reset = json!({ "email": "rina@shop.test" });
        world.post("/api/auth/password-reset/", &reset).send().await.expect(503);
        world.faults.stop();
    }
    world.clock.advance(Duration::from_hours(1));
    login(&world, "rina", PASSWORD).await.expect(200);
}
