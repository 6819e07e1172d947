//! What every answer carries besides its body, and which pages of other origins may read it.

use http::Request;
use serde_json::{Value, json};
use testkit::{Fault, World, invoke};

use crate::people::newcomer;

#[tokio::test]
async fn every_answer_is_guarded_against_browsers() {
    let world = World::new().await;
    let person = newcomer(&world, "rina").await;
    let mut answers = Vec::new();
    for (status, method, path) in [
        (200, "GET", "/api/auth/me/"),
        (205, "POST", "/api/auth/logout/"),
        (404, "GET", "/api/auth/nothing/"),
        (405, "DELETE", "/api/auth/me/"),
        (403, "GET", "/api/auth/users/"),
        (400, "POST", "/api/prepaid/payments/create-payment-intent/"),
        (404, "GET", "/api/loyalty/vouchers/nothing/"),
    ] {
        let call = world.call(method, path).bearer(&person.access).json(&json!({}));
        answers.push(call.send().await.expect(status));
    }
    answers.push(world.get("/api/loyalty/members/").send().await.expect(401));
    answers.push(world.post("/api/auth/login/", &json!([])).send().await.expect(400));
    world.faults.chance(0, &[(Fault::Unsent, 100)]);
    answers.push(world.get("/api/auth/sessions/").bearer(&person.access).send().await.expect(503));
    world.faults.stop();
    for answer in &answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {answer:?}");
        }
        for told in ["server", "x-powered-by", "access-control-allow-credentials"] {
            assert_eq!(answer.header(told), "", "{told} of {answer:?}");
        }
        assert!(!answer.header("x-request-id").is_empty(), "{answer:?}");
    }
    // What is published says so itself.
    let published = world.get("/api/auth/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(published.header("cache-control"), "public, max-age=300");
    assert_eq!(published.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn only_the_origins_of_the_stage_may_read_answers() {
    let world = World::new().await;
    let origins = "https://shop.test, https://desk.shop.test";
    let function = world.boot("identity-http", &[("MERCATO_CORS_ORIGINS", origins)]).await;
    let allowed = async |method: &str, origin: &str| -> Value {
        let request = Request::builder().method(method).uri("/api/auth/me/").header("host", "mercato.test");
        let request = request.header("access-control-request-method", "GET").header("origin", origin);
        let (_, route) = world.whole.template.route(method, "/api/auth/me/").unwrap();
        let request = request.body(Vec::new()).unwrap();
        let event = local::event::of(&request, route, "203.0.113.8", world.clock.now());
        let answer = invoke(&function, &event).await;
        assert_eq!(answer["headers"]["access-control-allow-credentials"], Value::Null);
        answer["headers"]["access-control-allow-origin"].clone()
    };
    for method in ["OPTIONS", "GET"] {
        for own in ["https://shop.test", "https://desk.shop.test"] {
            assert_eq!(allowed(method, own).await, own);
        }
        for foreign in [
            "null",
            "http://shop.test",
            "https://shop.test:8443",
            "https://shop.test.evil.test",
            "https://evilshop.test",
            "https://a.shop.test",
            "https://shop.tes",
            "https://shop.test/",
            "https://shop.test, https://evil.test",
            "*",
        ] {
            assert_eq!(allowed(method, foreign).await, Value::Null, "{method} from {foreign}");
        }
    }
}
