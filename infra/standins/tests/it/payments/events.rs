//! Events: signed, sent until they are taken, and sent in any order that was ordered.

use std::time::Duration;

use standins::stripe::{Dispatch, Trouble, sign};
use stripe::{Happening, Notice, Secrets};

use super::paid;
use crate::world::World;

fn due(world: &World) -> Vec<Dispatch> {
    world.cloud.stripe.due().unwrap()
}

fn told(dispatches: &[Dispatch]) -> Vec<String> {
    let kind =
        |dispatch: &Dispatch| Notice::read(dispatch.body.as_bytes()).unwrap().happening.as_str().to_owned();
    dispatches.iter().map(kind).collect()
}

#[tokio::test]
async fn an_event_is_signed_and_read() {
    let world = World::new();
    let intent = paid(&world, "pm_card_createDispute").await;
    let due = due(&world);
    assert_eq!(told(&due), ["payment_intent.succeeded", "charge.dispute.created"]);
    let secrets = Secrets::read("whsec_other,whsec_standin").unwrap();
    for dispatch in &due {
        assert_eq!(dispatch.path, "/hook/");
        assert_eq!(secrets.verify(&dispatch.signature, dispatch.body.as_bytes(), world.clock.now()), Ok(()));
        let notice = Notice::read(dispatch.body.as_bytes()).unwrap();
        assert_eq!(notice.intent.as_deref(), Some(intent.as_str()));
        assert_eq!((notice.created, notice.livemode), (world.clock.now(), false));
        let paid = notice.happening == Happening::IntentSucceeded;
        assert_eq!(notice.metadata.get("payment_id").map(String::as_str), paid.then_some("5"));
    }
    let (signed, now) = (sign("whsec_other", b"{}", world.clock.now()), world.clock.now());
    assert_eq!(secrets.verify(&signed, b"{}", now), Ok(()), "anybody with a secret can sign");
}

#[tokio::test]
async fn an_event_is_sent_until_somebody_takes_it() {
    let world = World::new();
    let stripe = &world.cloud.stripe;
    paid(&world, "pm_card_visa").await;
    let mut pauses = Vec::new();
    for status in [500, 400, 302, 404, 503] {
        let dispatch = due(&world).pop().unwrap();
        stripe.sent(&dispatch, status).unwrap();
        assert!(due(&world).is_empty(), "not at once");
        let mut pause = 0;
        while due(&world).is_empty() {
            world.clock.advance(Duration::from_secs(1));
            pause += 1;
        }
        pauses.push(pause);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16]);
    let dispatch = due(&world).pop().unwrap();
    let secrets = Secrets::read("whsec_standin").unwrap();
    assert_eq!(
        secrets.verify(&dispatch.signature, dispatch.body.as_bytes(), world.clock.now()),
        Ok(()),
        "signed anew"
    );
    stripe.sent(&dispatch, 204).unwrap();
    world.clock.advance(Duration::from_hours(2));
    assert!(due(&world).is_empty());
}

#[tokio::test]
async fn after_three_days_an_event_is_given_up_but_can_be_sent_again() {
    let world = World::new();
    let stripe = &world.cloud.stripe;
    paid(&world, "pm_card_visa").await;
    let mut attempts = 0;
    for _ in 0..4 * 24 {
        for dispatch in due(&world) {
            stripe.sent(&dispatch, 500).unwrap();
            attempts += 1;
        }
        world.clock.advance(Duration::from_hours(1));
    }
    assert!((70..=80).contains(&attempts), "{attempts} attempts");
    assert!(due(&world).is_empty());
    let (_, event) = stripe.events().unwrap().pop().unwrap();
    stripe.send_again(&event).unwrap();
    assert_eq!(told(&due(&world)), ["payment_intent.succeeded"]);
    assert!(stripe.send_again("evt_nobodys").is_err());
}

#[tokio::test]
async fn events_come_as_was_ordered() {
    let world = World::new();
    let stripe = &world.cloud.stripe;
    let intent = super::intent(&world).await.0;
    for method in ["pm_card_visa_chargeDeclined", "pm_card_visa"] {
        let _ = stripe.pay(&intent, method);
    }
    let (failed, paid) = ("payment_intent.payment_failed", "payment_intent.succeeded");
    assert_eq!(told(&due(&world)), [failed, paid]);
    stripe.meet(Trouble { events_reversed: true, ..Trouble::default() });
    assert_eq!(told(&due(&world)), [paid, failed]);
    stripe.meet(Trouble { events_held: true, ..Trouble::default() });
    assert!(due(&world).is_empty());
    stripe.meet(Trouble { events_twice: true, ..Trouble::default() });
    let due = due(&world);
    assert_eq!(told(&due), [failed, failed, paid, paid]);
    for (dispatch, status) in due.iter().zip([500, 200, 200, 500]) {
        stripe.sent(dispatch, status).unwrap();
    }
    world.clock.advance(Duration::from_hours(2));
    assert!(stripe.due().unwrap().is_empty(), "of two, one was taken");
}

#[tokio::test]
async fn nothing_is_forgotten_over_a_restart() {
    let world = World::new();
    let intent = paid(&world, "pm_card_visa").await;
    let form = "amount=1999&currency=usd";
    let headers = [("authorization", "Bearer sk_test_standin"), ("idempotency-key", "k")];
    let first = super::ask(&world, "POST", "/v1/payment_intents", &headers, form).await.expect(200);
    let world = world.restart();
    assert_eq!(told(&due(&world)), ["payment_intent.succeeded"]);
    assert_eq!(world.cloud.stripe.object(&intent).unwrap().unwrap()["status"], "succeeded");
    let again = super::ask(&world, "POST", "/v1/payment_intents", &headers, form).await.expect(200);
    assert_eq!(again.text, first.text);
}
