//! The letter that tests send, the events it comes in, and what became of it.

use outbox::Letter;
use platform::Function;
use serde_json::{Value, json};
use table::{Item, Key, Message};
use testkit::{Extras, MailRules, World};

/// A world whose SES takes mail by these rules.
pub(crate) async fn world(mail: MailRules) -> World {
    World::beyond(Extras { mail, ..Extras::default() }).await
}

/// The function, writing as the shop.
pub(crate) async fn boot(world: &World) -> Function {
    boot_with(world, &[]).await
}

/// The function with other variables.
pub(crate) async fn boot_with(world: &World, changed: &[(&str, &str)]) -> Function {
    let shop =
        [("MERCATO_MAIL_FROM", "shop@mercato.example"), ("MERCATO_MAIL_CONFIGURATION_SET", "mercato-test")];
    world.boot("mailer", &[&shop, changed].concat()).await
}

/// The letter that tests send.
pub(crate) fn welcome(world: &World, to: &str) -> Message {
    Letter::new("identity/welcome", to)
        .with("name", "Ada Lovelace")
        .with("username", "ada")
        .with("link", "https://shop.example/login?next=canary")
        .message("identity", world.clock.now())
}

/// An event of the mail queue, with each message under the number of its place.
pub(crate) fn mails(messages: &[&Message]) -> Value {
    let bodies: Vec<String> =
        messages.iter().map(|message| serde_json::to_string(message).unwrap()).collect();
    bodies_event(&bodies)
}

/// An event of the mail queue with any bodies.
pub(crate) fn bodies_event(bodies: &[String]) -> Value {
    let records = bodies.iter().enumerate().map(|(at, body)| {
        json!({ "messageId": at.to_string(), "receiptHandle": format!("r{at}"), "body": body, "eventSource": "aws:sqs" })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// The answer to an event whose records of these places must come again.
pub(crate) fn failed(places: &[usize]) -> Value {
    let failures = places.iter().map(|at| json!({ "itemIdentifier": at.to_string() }));
    json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
}

/// The row that says what became of a message.
pub(crate) async fn claim(world: &World, message: &Message) -> Item {
    world.item(&claim_key(message)).await.unwrap()
}

pub(crate) fn claim_key(message: &Message) -> Key {
    Key::new(format!("MAIL#{}", message.id), "CLAIM")
}

/// What became of a message, in a word.
pub(crate) async fn state(world: &World, message: &Message) -> String {
    claim(world, message).await["state"].as_s().unwrap().clone()
}
