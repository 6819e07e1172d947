//! What Stripe did not sign is not read, and leaves nothing.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use standins::stripe::sign;
use testkit::{World, invoke};
use tracing::instrument::WithSubscriber;

use crate::{PATH, SECRET, deliver, event, gateway, paid, send};

fn said(text: &str) -> serde_json::Value {
    json!({ "error": text, "detail": text, "message": text })
}

#[tokio::test]
async fn a_signature_has_to_hold_for_these_bytes_now() {
    let world = World::new().await;
    let (body, now) = (paid("evt_1"), world.clock.now());
    let good = sign(SECRET, body.as_bytes(), now);
    let early = now + Duration::from_secs(301);
    let late = wire::Stamp::from_seconds(now.seconds() - 301);
    for (signature, body) in [
        (String::new(), body.clone()),
        ("t=1,v1=x".to_owned(), body.clone()),
        (good.replace("v1=", "v0="), body.clone()),
        (sign("whsec_other", body.as_bytes(), now), body.clone()),
        (sign(SECRET, body.as_bytes(), early), body.clone()),
        (sign(SECRET, body.as_bytes(), late), body.clone()),
        (good.clone(), body.replace("1999", "9999")),
        (good.clone(), format!("{body} ")),
        (good.clone(), String::new()),
    ] {
        let answer = send(&world, &body, &signature).await.expect(400);
        assert_eq!(answer.json, said("Invalid signature"), "{signature}");
    }
    let missing = world.call("POST", PATH).body(body.clone()).send().await.expect(400);
    assert_eq!(missing.json, said("Invalid signature"));
    let shelf = world.shelf().await;
    assert_eq!(shelf.of_kind("stripe-event").count(), 0, "nothing is written");
    send(&world, &body, &good).await.expect(200);
    assert_eq!(world.shelf().await.of_kind("stripe-event").count(), 1);
}

#[tokio::test]
async fn what_is_signed_and_no_event_is_refused() {
    let world = World::new().await;
    let charge =
        event("evt_1", "charge.refunded", &json!({})).replace(r#""object":"event""#, r#""object":"charge""#);
    for body in ["", "{", "[]", "null", "\u{feff}{}", r#"{"id":"evt_1"}"#, &charge] {
        let answer = deliver(&world, body).await.expect(400);
        assert_eq!(answer.json, said("Invalid payload"), "{body}");
    }
    assert_eq!(world.shelf().await.of_kind("stripe-event").count(), 0);
}

#[tokio::test]
async fn a_body_that_is_no_event_of_anybody_is_not_read_to_its_end() {
    let world = World::new().await;
    let long = |length: usize| event("evt_1", "price.created", &json!({ "text": "x".repeat(length) }));
    deliver(&world, &long(200 * 1024)).await.expect(200);
    let answer = deliver(&world, &long(256 * 1024)).await.expect(413);
    assert_eq!(answer.json, said("Payload too large"));
}

#[tokio::test]
async fn a_deep_body_breaks_nothing() {
    let world = World::new().await;
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(deliver(&world, &deep).await.expect(400).json, said("Invalid payload"));
}

#[tokio::test]
async fn no_function_starts_without_a_secret() {
    let world = World::new().await;
    let host = world.whole.host("payments-webhook").unwrap();
    let parameters = &world.whole.cloud.parameters;
    let boots = async |secret: &str| {
        parameters.put("/mercato/local/payments/prepaid-webhook-secret", secret, true).unwrap();
        payments::boot(host.clone()).await.is_ok()
    };
    assert!(boots("whsec_own").await);
    for secret in [" ", ",", "sk_test_standin", "whsec_"] {
        assert!(!boots(secret).await, "{secret}");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_refusal_is_a_line_about_security_and_quotes_nothing() {
    let world = World::new().await;
    let function = world.boot("payments-webhook", &[]).await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
    let (body, now) = (paid("evt_1"), world.clock.now());
    let long_ago = wire::Stamp::from_seconds(now.seconds() - 1000);
    async {
        let signatures = [
            String::new(),
            sign("whsec_other", body.as_bytes(), now),
            sign(SECRET, body.as_bytes(), long_ago),
        ];
        for signature in &signatures {
            assert_eq!(invoke(&function, &gateway(&body, signature)).await["statusCode"], 400);
        }
        let good = sign(SECRET, body.as_bytes(), now);
        assert_eq!(invoke(&function, &gateway(&body, &good)).await["statusCode"], 200);
    }
    .with_subscriber(subscriber)
    .await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let of = |target: &str| {
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["target"] == target).collect::<Vec<_>>()
    };
    let refused: Vec<_> =
        of("security").iter().map(|line| (line["event"].clone(), line["reason"].clone())).collect();
    let expected = ["unsigned", "forged", "stale"].map(|reason| (json!("webhook_refused"), json!(reason)));
    assert_eq!(refused, expected);
    let taken = of("webhook");
    assert_eq!(
        (taken.len(), &taken[0]["stripe_event"], &taken[0]["again"]),
        (1, &json!("evt_1"), &json!(false))
    );
    for hidden in ["rina", "whsec", "v1=", "payment_id"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
}
