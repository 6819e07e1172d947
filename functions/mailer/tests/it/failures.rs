//! What cannot be sent keeps nothing else from being sent.

use std::time::Duration;

use outbox::Letter;
use serde_json::json;
use table::Message;
use testkit::{MailRules, World, invoke};

use crate::letters::{bodies_event, boot, boot_with, failed, mails, state, welcome, world};

#[tokio::test]
async fn poison_fails_alone() {
    let world = World::new().await;
    let unknown = Letter::new("identity/farewell", "ada@example.com").message("identity", world.clock.now());
    let unfilled = Letter::new("identity/welcome", "ada@example.com").message("identity", world.clock.now());
    let no_letter = Message::new("identity", "mail", json!({ "hello": 1 }), world.clock.now());
    let good = welcome(&world, "ada@example.com");
    let text = |message: &Message| serde_json::to_string(message).unwrap();
    let event = bodies_event(&[
        "not JSON".to_owned(),
        text(&unknown),
        "{}".to_owned(),
        text(&unfilled),
        text(&no_letter),
        text(&good),
    ]);
    let mailer = boot(&world).await;
    assert_eq!(invoke(&mailer, &event).await, failed(&[0, 1, 2, 3, 4]));
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 1);
    assert_eq!(state(&world, &good).await, "sent");
    // It is let go of, so that it can be sent as soon as somebody mends its template.
    assert_eq!(invoke(&mailer, &event).await, failed(&[0, 1, 2, 3, 4]));
}

#[tokio::test]
async fn an_impossible_address_is_refused_once_and_for_all() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    for to in ["ada", "ada@example.com\r\nBcc: eve@example.com", "ada@example.com, eve@example.com"] {
        let message = welcome(&world, to);
        assert_eq!(invoke(&mailer, &mails(&[&message])).await, failed(&[]), "{to}");
        assert_eq!(state(&world, &message).await, "refused");
    }
    assert!(world.whole.cloud.mail.list(10).unwrap().is_empty());
}

#[tokio::test]
async fn a_name_of_several_lines_makes_no_header_of_its_own() {
    let world = World::new().await;
    let injected = Letter::new("identity/welcome", "ada@example.com")
        .with("name", "Ada\r\nBcc: eve@example.com")
        .with("username", "ada")
        .with("link", "https://shop.example")
        .message("identity", world.clock.now());
    assert_eq!(invoke(&boot(&world).await, &mails(&[&injected])).await, failed(&[]));
    let mails = world.whole.cloud.mail.list(10).unwrap();
    let [mail] = mails.as_slice() else { panic!("one mail, not {}", mails.len()) };
    assert_eq!(mail.to, ["ada@example.com"]);
    assert!(mail.subject.contains("Ada  Bcc: eve@example.com"), "{}", mail.subject);
}

#[tokio::test]
async fn a_sender_that_may_not_send_is_our_own_affair() {
    let world =
        world(MailRules { senders: vec!["mercato.example".to_owned()], ..MailRules::default() }).await;
    let message = welcome(&world, "ada@example.com");
    let wrong = boot_with(&world, &[("MERCATO_MAIL_FROM", "shop@elsewhere.example")]).await;
    assert_eq!(invoke(&wrong, &mails(&[&message])).await, failed(&[0]));
    assert_eq!(state(&world, &message).await, "claimed");
    // The sender is mended: the mail goes out, without waiting for a lease to end.
    assert_eq!(invoke(&boot(&world).await, &mails(&[&message])).await, failed(&[]));
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 1);
}

#[tokio::test]
async fn without_an_answer_a_mail_waits_for_its_lease() {
    let world = World::new().await;
    let message = welcome(&world, "ada@example.com");
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let cut_off = boot_with(&world, &[("AWS_ENDPOINT_URL_SES", &format!("http://{closed}"))]).await;
    assert_eq!(invoke(&cut_off, &mails(&[&message])).await, failed(&[0]));
    let mailer = boot(&world).await;
    assert_eq!(invoke(&mailer, &mails(&[&message])).await, failed(&[0]), "it may be out");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(invoke(&mailer, &mails(&[&message])).await, failed(&[]));
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 1);
}

#[tokio::test]
async fn without_the_table_nothing_is_sent() {
    let world = World::new().await;
    let message = welcome(&world, "ada@example.com");
    let lost = boot_with(&world, &[("MERCATO_TABLE", "elsewhere")]).await;
    assert_eq!(invoke(&lost, &mails(&[&message])).await, failed(&[0]));
    assert!(world.whole.cloud.mail.list(10).unwrap().is_empty());
}
