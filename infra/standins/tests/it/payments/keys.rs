//! Keys: who may ask, and what is the same question asked again.

use std::time::Duration;

use standins::stripe::Trouble;

use super::{PUBLISHABLE, SECRET, ask, get, intent, post};
use crate::world::World;

const FORM: &str = "amount=1999&currency=usd&metadata[payment_id]=5";

async fn with_key(world: &World, key: &str, path: &str, form: &str) -> super::Told {
    let secret = format!("Bearer {SECRET}");
    ask(world, "POST", path, &[("authorization", &secret), ("idempotency-key", key)], form).await
}

#[tokio::test]
async fn only_the_secret_key_does_everything() {
    let world = World::new();
    let (id, secret) = intent(&world).await;
    let (bearer, public) = (format!("Bearer {SECRET}"), format!("Bearer {PUBLISHABLE}"));
    // `sk_test_standin:` in base64.
    let basic = "Basic c2tfdGVzdF9zdGFuZGluOg==";
    let one = format!("/v1/payment_intents/{id}");
    let own = format!("{one}?client_secret={secret}");
    let wrong = format!("{one}?client_secret={secret}x");
    for (method, path, authorization, status) in [
        ("GET", one.as_str(), bearer.as_str(), 200),
        ("GET", &one, basic, 200),
        ("GET", &format!("{one}?key={SECRET}"), "", 200),
        ("GET", &own, &public, 200),
        ("GET", &format!("{own}&key={PUBLISHABLE}"), "", 200),
        ("GET", &wrong, &public, 404),
        ("GET", &wrong, &bearer, 404),
        ("GET", &one, &public, 401),
        ("GET", &one, "", 401),
        ("GET", &own, "", 401),
        ("GET", &one, "Bearer sk_test_other", 401),
        ("GET", &one, "Basic !", 401),
        ("POST", &format!("{one}/cancel?client_secret={secret}"), &public, 401),
        ("POST", "/v1/payment_intents", &public, 401),
        ("POST", "/v1/refunds", &public, 401),
        ("GET", "/v1/refunds/re_1", &public, 401),
        ("GET", "/v1/refunds/re_1", &bearer, 404),
        ("GET", "/v1/charges", &bearer, 404),
        ("DELETE", &one, &bearer, 404),
    ] {
        let headers = [("authorization", authorization)];
        let told = ask(&world, method, path, &headers[..usize::from(!authorization.is_empty())], "").await;
        assert_eq!(told.status, status, "{method} {path} {authorization}: {}", told.text);
        assert_eq!(told.json["error"].is_null(), status == 200);
        assert!(!told.text.contains("sk_test_other"), "{}", told.text);
    }
    assert_eq!(get(&world, &one).await.expect(200).json["status"], "requires_payment_method");
}

#[tokio::test]
async fn a_question_asked_again_gets_the_first_answer() {
    let world = World::new();
    let path = "/v1/payment_intents";
    let first = with_key(&world, "k", path, FORM).await.expect(200);
    assert_eq!((first.header("idempotent-replayed"), first.header("idempotency-key")), ("", "k"));
    let again =
        with_key(&world, "k", path, "currency=usd&metadata[payment_id]=5&amount=1999").await.expect(200);
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("original-request"), first.header("request-id"));
    for (path, form) in [
        (path.to_owned(), "amount=2000&currency=usd&metadata[payment_id]=5"),
        ("/v1/refunds".to_owned(), FORM),
        (format!("{path}/{}/cancel", first.text_at("/id")), ""),
    ] {
        let told = with_key(&world, "k", &path, form).await.expect(400);
        assert_eq!(told.text_at("/error/type"), "idempotency_error");
    }
    let other = with_key(&world, "another", path, FORM).await.expect(200);
    assert_ne!(other.text_at("/id"), first.text_at("/id"));
    let heard = world.cloud.stripe.heard();
    let replayed: Vec<_> = heard.iter().map(|heard| (heard.status, heard.replayed)).collect();
    assert_eq!(replayed, [(200, false), (200, true), (400, false), (400, false), (400, false), (200, false)]);
    assert_eq!((heard[0].key.as_deref(), heard[0].form["metadata[payment_id]"].as_str()), (Some("k"), "5"));
    world.clock.advance(Duration::from_hours(25));
    let later = with_key(&world, "k", path, FORM).await.expect(200);
    assert_ne!(later.text_at("/id"), first.text_at("/id"), "keys live for a day");
}

#[tokio::test]
async fn a_decline_is_kept_and_a_mistake_is_not() {
    let world = World::new();
    let (id, _) = intent(&world).await;
    let path = format!("/v1/payment_intents/{id}/confirm");
    with_key(&world, "k", &path, "payment_method=pm_card_unknown").await.expect(400);
    let declined =
        with_key(&world, "k", &path, "payment_method=pm_card_visa_chargeDeclined").await.expect(402);
    let again = with_key(&world, "k", &path, "payment_method=pm_card_visa_chargeDeclined").await.expect(402);
    assert_eq!(
        (again.text, again.headers["idempotent-replayed"].as_bytes()),
        (declined.text, b"true".as_slice())
    );
    assert_eq!(super::kinds(&world), ["payment_intent.payment_failed"], "it was tried once");
    for key in ["", &"k".repeat(256)] {
        with_key(&world, key, &path, "payment_method=pm_card_visa").await.expect(400);
    }
    with_key(&world, &"k".repeat(255), &path, "payment_method=pm_card_visa").await.expect(200);
}

#[tokio::test]
async fn a_key_in_use_is_told() {
    let world = World::new();
    world.cloud.stripe.meet(Trouble { slow: Duration::from_millis(100), ..Trouble::default() });
    let ask = || with_key(&world, "k", "/v1/payment_intents", FORM);
    let (one, other) = tokio::join!(ask(), ask());
    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    assert_eq!(lost.expect(409).text_at("/error/code"), "idempotency_key_in_use");
    world.cloud.stripe.meet(Trouble::default());
    assert_eq!(ask().await.expect(200).text, won.expect(200).text);
    // A question without a key is another each time.
    assert_ne!(
        post(&world, "/v1/payment_intents", FORM).await.text,
        post(&world, "/v1/payment_intents", FORM).await.text
    );
}
