//! What Stripe sends, through the gateway, on a cloud of stand-ins.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod refusals;
mod standin;
mod taking;

use serde_json::{Value, json};
use standins::stripe::sign;
use table::{Key, Message};
use testkit::{Answer, World};

pub(crate) const PATH: &str = "/api/prepaid/payments/webhook/";
pub(crate) const SECRET: &str = "whsec_standin";

/// An event of that kind about an object.
pub(crate) fn event(id: &str, kind: &str, object: &Value) -> String {
    json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": 1_772_353_800, "livemode": false,
        "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": kind,
        "data": { "object": object },
    })
    .to_string()
}

/// The event that an intent was paid.
pub(crate) fn paid(id: &str) -> String {
    let object = json!({
        "id": "pi_1", "object": "payment_intent", "amount": 1999, "receipt_email": "rina@shop.test",
        "metadata": { "payment_id": "5" },
    });
    event(id, "payment_intent.succeeded", &object)
}

/// Sends a body under a signature.
pub(crate) async fn send(world: &World, body: &str, signature: &str) -> Answer {
    let call = world.call("POST", PATH).header("content-type", "application/json; charset=utf-8");
    call.header("stripe-signature", signature).body(body).send().await
}

/// Sends a body as Stripe does.
pub(crate) async fn deliver(world: &World, body: &str) -> Answer {
    send(world, body, &sign(SECRET, body.as_bytes(), world.clock.now())).await
}

/// The gateway's event of a body under a signature.
pub(crate) fn gateway(body: &str, signature: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": PATH, "rawQueryString": "",
        "headers": { "host": "mercato.test", "stripe-signature": signature },
        "requestContext": { "stage": "$default", "http": { "method": "POST", "path": PATH, "protocol": "HTTP/1.1" } },
        "body": body, "isBase64Encoded": false,
    })
}

pub(crate) fn key(event: &str) -> Key {
    Key::new(format!("PREPAID#WEBHOOK#{event}"), "EVENT")
}

/// The notices that the queue of prepaid was told, the changes of the table being delivered first.
pub(crate) async fn told(world: &World) -> Vec<Value> {
    world.whole.deliver_changes().await.unwrap();
    let messages: Vec<Message> = world.bodies("prepaid");
    assert!(messages.iter().all(|message| message.from == "payments" && message.to == "prepaid"));
    messages.into_iter().map(|message| message.body["stripe"].clone()).collect()
}
