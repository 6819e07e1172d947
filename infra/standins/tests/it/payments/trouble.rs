//! Trouble on demand, and our client in it.

use standins::stripe::Trouble;
use stripe::{IntentStatus, NewIntent, Trouble as Told};
use wire::Money;

use super::{client, kinds};
use crate::world::World;

fn new() -> NewIntent {
    NewIntent::new(Money::from_minor(1999), "usd").noting("payment_id", "5").paid_with("pm_card_visa")
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again_and_nothing_happens_twice() {
    let world = World::new();
    world.cloud.stripe.meet(Trouble { lost_answers: 2, ..Trouble::default() });
    let paid = client(&world).create_intent("prepaid-pi-5", &new()).await.unwrap();
    assert_eq!(paid.status, IntentStatus::Succeeded);
    assert_eq!(kinds(&world), ["payment_intent.succeeded"], "it was paid once");
    let heard = world.cloud.stripe.heard();
    assert_eq!(heard.iter().map(|heard| heard.replayed).collect::<Vec<_>>(), [false, true, true]);
    assert!(heard.iter().all(|heard| heard.key.as_deref() == Some("prepaid-pi-5")));
}

#[tokio::test]
async fn when_every_answer_is_lost_the_same_key_finds_what_happened() {
    let world = World::new();
    world.cloud.stripe.meet(Trouble { lost_answers: 4, ..Trouble::default() });
    let trouble = client(&world).create_intent("prepaid-pi-5", &new()).await.unwrap_err();
    assert!(matches!(trouble, Told::Unavailable(_)), "{trouble:?}");
    assert_eq!(kinds(&world), ["payment_intent.succeeded"], "the customer paid, and the shop does not know");
    let found = client(&world).create_intent("prepaid-pi-5", &new()).await.unwrap();
    assert_eq!(found.status, IntentStatus::Succeeded);
    assert_eq!(kinds(&world).len(), 1);
}

#[tokio::test]
async fn while_stripe_is_away_nothing_happens() {
    let world = World::new();
    world.cloud.stripe.meet(Trouble { unavailable: true, ..Trouble::default() });
    let trouble = client(&world).create_intent("prepaid-pi-5", &new()).await.unwrap_err();
    assert_eq!(trouble, Told::Unavailable("it answered 503".to_owned()));
    assert_eq!(world.cloud.stripe.heard().len(), 4);
    world.cloud.stripe.meet(Trouble::default());
    assert!(client(&world).create_intent("prepaid-pi-5", &new()).await.is_ok());
    assert_eq!(kinds(&world).len(), 1);
}

#[tokio::test]
async fn what_is_stored_can_be_altered_to_see_who_notices() {
    let world = World::new();
    let intent = super::paid(&world, "pm_card_visa").await;
    world.cloud.stripe.alter(&intent, |intent| intent["amount_received"] = 1.into()).unwrap();
    assert_eq!(client(&world).intent(&intent).await.unwrap().amount_received, Money::from_minor(1));
    assert!(world.cloud.stripe.alter("pi_nobodys", |_| {}).is_err());
}
