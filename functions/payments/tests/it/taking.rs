//! An event is taken once, and the context hears of it if anything follows from it.

use std::time::Duration;

use serde_json::{Value, json};
use standins::stripe::sign;
use testkit::{Fault, World, invoke};

use crate::{PATH, SECRET, deliver, event, gateway, key, paid, told};

#[tokio::test]
async fn an_event_becomes_a_row_and_a_notice() {
    let world = World::new().await;
    let answer = deliver(&world, &paid("evt_1")).await.expect(200);
    assert_eq!(answer.json, json!({ "received": true }));
    let row = world.item(&key("evt_1")).await.unwrap();
    let text = |name: &str| row[name].as_s().unwrap().as_str();
    assert_eq!((text("kind"), text("type")), ("stripe-event", "payment_intent.succeeded"));
    assert_eq!((text("intent"), text("object"), text("at")), ("pi_1", "pi_1", "2026-03-01T08:30:00.000000Z"));
    let end = world.clock.now() + Duration::from_hours(90 * 24);
    assert_eq!(row["ttl"].as_n().unwrap(), &end.seconds().to_string());
    assert!(!format!("{row:?}").contains("rina"), "nothing of anybody is kept: {row:?}");
    let expected = json!({
        "event": "evt_1", "type": "payment_intent.succeeded", "created": "2026-03-01T08:30:00.000000Z",
        "livemode": false, "object": "pi_1", "intent": "pi_1", "charge": null, "refund": null,
        "metadata": { "payment_id": "5" },
    });
    assert_eq!(told(&world).await, [expected]);
}

#[tokio::test]
async fn an_event_that_comes_again_changes_nothing() {
    let world = World::new().await;
    deliver(&world, &paid("evt_1")).await.expect(200);
    let first = world.item(&key("evt_1")).await;
    assert_eq!(told(&world).await.len(), 1);
    world.clock.advance(Duration::from_hours(72));
    let again = deliver(&world, &paid("evt_1")).await.expect(200);
    assert_eq!(again.json, json!({ "received": true }));
    assert_eq!(world.item(&key("evt_1")).await, first);
    assert_eq!(told(&world).await, [Value::Null; 0]);
    let body = paid("evt_2");
    let (one, other) = tokio::join!(deliver(&world, &body), deliver(&world, &body));
    assert_eq!((one.status, other.status), (http::StatusCode::OK, http::StatusCode::OK));
    assert_eq!(told(&world).await.len(), 1, "of two at once, one is told");
}

#[tokio::test]
async fn only_what_concerns_us_is_told() {
    let world = World::new().await;
    let concerning = [
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.canceled",
        "charge.refunded",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
    ];
    for kind in concerning {
        deliver(&world, &event(&format!("evt_{}", kind.replace('.', "_")), kind, &json!({})))
            .await
            .expect(200);
    }
    let kinds: Vec<Value> = told(&world).await.into_iter().map(|notice| notice["type"].clone()).collect();
    assert_eq!(kinds.len(), concerning.len());
    assert!(concerning.iter().all(|kind| kinds.contains(&json!(kind))), "{kinds:?}");
    for (id, kind) in
        [("evt_a", "price.created"), ("evt_b", "payment_intent.created"), ("evt_c", "invented.tomorrow")]
    {
        deliver(&world, &event(id, kind, &json!({ "id": "x_1" }))).await.expect(200);
        assert!(world.item(&key(id)).await.is_some(), "{kind}");
    }
    assert_eq!(told(&world).await, [Value::Null; 0]);
}

#[tokio::test]
async fn a_body_in_base64_is_verified_as_the_bytes_that_it_is() {
    let world = World::new().await;
    let body = paid("evt_1");
    let signature = sign(SECRET, body.as_bytes(), world.clock.now());
    // Of an unknown kind the gateway makes base64.
    let call = world.call("POST", PATH).header("content-type", "application/octet-stream");
    call.header("stripe-signature", &signature).body(body).send().await.expect(200);
    assert!(world.item(&key("evt_1")).await.is_some());
}

#[tokio::test]
async fn every_spelling_of_the_path_is_the_webhook_and_nothing_but_a_post() {
    let world = World::new().await;
    for (n, path) in
        [PATH, "/api/prepaid/payments/webhook", "/api/v1/prepaid/payments/webhook/"].into_iter().enumerate()
    {
        let body = paid(&format!("evt_{n}"));
        let signature = sign(SECRET, body.as_bytes(), world.clock.now());
        world.call("POST", path).header("stripe-signature", &signature).body(body).send().await.expect(200);
    }
    world.get(PATH).send().await.expect(405);
    world.call("POST", &format!("{PATH}more/")).send().await.expect(404);
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_hold() {
    let world = World::new().await;
    let parameters = &world.whole.cloud.parameters;
    parameters.put("/mercato/local/payments/prepaid-webhook-secret", "whsec_new, whsec_old", true).unwrap();
    let function = world.boot("payments-webhook", &[]).await;
    let status = async |secret: &str| {
        let body = paid("evt_1");
        let event = gateway(&body, &sign(secret, body.as_bytes(), world.clock.now()));
        invoke(&function, &event).await["statusCode"].clone()
    };
    assert_eq!((status("whsec_old").await, status("whsec_new").await), (json!(200), json!(200)));
    assert_eq!(status(SECRET).await, 400);
}

#[tokio::test]
async fn an_event_that_could_not_be_written_is_sent_again_until_it_is() {
    let world = World::new().await;
    let intent = made(&world).await;
    for _ in 0..20 {
        world.faults.next("TransactWriteItems", Fault::Broken);
    }
    world.stripe().pay(&intent, "pm_card_visa").unwrap();
    world.whole.deliver_payments().await.unwrap();
    assert_eq!(world.stripe().due().unwrap().len(), 0, "it waits");
    let (_, event) = world.stripe().events().unwrap().pop().unwrap();
    assert_eq!(world.item(&key(&event)).await, None);
    assert!(world.faults.happened().contains_key("Broken"), "it was tried");
    world.faults.stop();
    world.clock.advance(Duration::from_secs(5));
    world.whole.deliver_payments().await.unwrap();
    assert!(world.item(&key(&event)).await.is_some());
    assert_eq!(told(&world).await[0]["intent"], intent);
}

/// An intent that somebody may pay.
async fn made(world: &World) -> String {
    let call = world.call("POST", "/api/prepaid/stripe/v1/payment_intents").bearer("sk_test_standin");
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    call.body("amount=1999&currency=usd").send().await.expect(200).text_at("id")
}
