//! Stripe's stand-in behind the gateway, and its events on their way to the webhook.

use serde_json::json;
use testkit::stripe::Trouble;
use testkit::{Answer, World};

use crate::key;

const STRIPE: &str = "/api/prepaid/stripe";

async fn ask(world: &World, path: &str, form: &str) -> Answer {
    let call = world.call("POST", &format!("{STRIPE}{path}"));
    call.header("content-type", "application/x-www-form-urlencoded").body(form).send().await
}

/// A new intent, as id and client secret.
async fn intent(world: &World) -> (String, String) {
    let form = "amount=1999&currency=usd&key=sk_test_standin";
    let made = ask(world, "/v1/payment_intents", form).await.expect(200);
    (made.text_at("id"), made.text_at("client_secret"))
}

#[tokio::test]
async fn what_a_browser_pays_arrives_as_events() {
    let world = World::new().await;
    let (id, secret) = intent(&world).await;
    let form =
        format!("client_secret={secret}&key=pk_test_standin&payment_method=pm_card_visa_chargeDeclined");
    ask(&world, &format!("/v1/payment_intents/{id}/confirm"), &form).await.expect(402);
    let form = form.replace("_chargeDeclined", "");
    let paid = ask(&world, &format!("/v1/payment_intents/{id}/confirm"), &form).await.expect(200);
    assert_eq!(paid.json["status"], "succeeded");
    world.settle().await;
    let events = world.stripe().events().unwrap();
    assert_eq!(events.len(), 2);
    for (kind, event) in events {
        let row = world.item(&key(&event)).await.unwrap();
        assert_eq!((row["type"].as_s().unwrap(), row["intent"].as_s().unwrap()), (&kind, &id));
    }
    assert!(world.stripe().due().unwrap().is_empty());
}

#[tokio::test]
async fn however_events_come_each_is_there_once() {
    let world = World::new().await;
    world.stripe().meet(Trouble { events_twice: true, events_reversed: true, ..Trouble::default() });
    for _ in 0..3 {
        let (id, _) = intent(&world).await;
        world.stripe().pay(&id, "pm_card_createDispute").unwrap();
    }
    world.whole.deliver_payments().await.unwrap();
    assert_eq!(world.shelf().await.of_kind("stripe-event").count(), 6);
    assert_eq!(crate::told(&world).await.len(), 6);
    world.stripe().meet(Trouble { events_held: true, ..Trouble::default() });
    let (id, _) = intent(&world).await;
    world.stripe().pay(&id, "pm_card_visa").unwrap();
    world.settle().await;
    assert_eq!(world.shelf().await.of_kind("stripe-event").count(), 6, "nothing is sent while that is off");
    world.stripe().meet(Trouble::default());
    world.settle().await;
    assert_eq!(world.shelf().await.of_kind("stripe-event").count(), 7);
}

#[tokio::test]
async fn pages_and_preflights_go_through_the_gateway() {
    let world = World::new().await;
    let (id, secret) = intent(&world).await;
    let page = world.get(&format!("{STRIPE}/pay/{id}?client_secret={secret}")).send().await.expect(200);
    assert!(page.text.contains("19.99 USD"), "{page:?}");
    assert!(world.get(&format!("{STRIPE}/")).send().await.expect(200).text.contains(&id));
    let asked = world.call("OPTIONS", &format!("{STRIPE}/v1/payment_intents/{id}/confirm")).send().await;
    assert_eq!(asked.expect(204).header("access-control-allow-origin"), "*");
    let unknown = world.get(&format!("{STRIPE}/v1/balance")).send().await.expect(404);
    assert_eq!(unknown.json["error"]["type"], json!("invalid_request_error"));
}
