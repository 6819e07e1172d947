//! Each mail once.

use table::{Condition, Update};
use testkit::{Delivery, MailRules, World, invoke};
use wire::Stamp;

use crate::letters::{boot, claim, claim_key, failed, mails, state, welcome, world};

#[tokio::test]
async fn a_letter_becomes_a_mail() {
    let world = World::new().await;
    let message = welcome(&world, "ada@example.com");
    assert_eq!(invoke(&boot(&world).await, &mails(&[&message])).await, failed(&[]));

    let sent = world.whole.cloud.mail.list(10).unwrap();
    assert_eq!(sent.len(), 1);
    let mail = &sent[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("shop@mercato.example", &["ada@example.com".to_owned()][..])
    );
    assert_eq!(mail.subject, "Welcome to Mercato, Ada Lovelace");
    assert!(mail.text.as_ref().unwrap().contains("https://shop.example/login?next=canary"));
    assert!(mail.html.as_ref().unwrap().contains("<strong>ada</strong>"));
    assert_eq!(mail.configuration_set.as_deref(), Some("mercato-test"));
    assert_eq!(mail.tags["context"], "identity");
    assert_eq!(mail.tags["template"], "welcome");

    let row = claim(&world, &message).await;
    assert_eq!(row["state"].as_s().unwrap(), "sent");
    assert_eq!(row["provider"].as_s().unwrap(), &mail.id);
    let days = (row["ttl"].as_n().unwrap().parse::<i64>().unwrap() - world.clock.now().seconds()) / 86_400;
    assert_eq!(days, 30);
    for personal in ["ada", "Ada", "example.com", "canary"] {
        assert!(!format!("{row:?}").contains(personal), "{personal} is in {row:?}");
    }
}

#[tokio::test]
async fn a_message_that_comes_again_is_not_sent_again() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    let (one, other) = (welcome(&world, "ada@example.com"), welcome(&world, "bob@example.com"));
    assert_eq!(invoke(&mailer, &mails(&[&one, &other, &one])).await, failed(&[]));
    assert_eq!(invoke(&mailer, &mails(&[&other, &one])).await, failed(&[]));
    // Another instance knows it as well.
    assert_eq!(invoke(&boot(&world).await, &mails(&[&one])).await, failed(&[]));
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 2);
}

#[tokio::test]
async fn two_at_once_send_one_mail() {
    let world = World::new().await;
    let (one, other) = (boot(&world).await, boot(&world).await);
    for _ in 0..10 {
        let message = welcome(&world, "ada@example.com");
        let event = mails(&[&message]);
        let (first, second) = tokio::join!(invoke(&one, &event), invoke(&other, &event));
        assert!(first == failed(&[]) || second == failed(&[]), "{first} {second}");
        assert_eq!(state(&world, &message).await, "sent");
    }
    assert_eq!(world.whole.cloud.mail.list(100).unwrap().len(), 10);
}

/// Leaves a message's row as a mailer does that died with it in hand.
async fn die_with(world: &World, message: &table::Message, lease: Stamp) {
    let update = Update::when(claim_key(message), Condition::always())
        .of_kind("mail")
        .set("message", &message.id)
        .set("template", "identity/welcome")
        .set("state", "claimed")
        .set("lease", lease);
    world.table.apply(update, ()).await.unwrap();
}

#[tokio::test]
async fn a_crash_delays_a_mail_by_its_lease() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    let minute = std::time::Duration::from_mins(1);
    let message = welcome(&world, "ada@example.com");
    die_with(&world, &message, world.clock.now() + minute).await;
    assert_eq!(invoke(&mailer, &mails(&[&message])).await, failed(&[0]), "somebody may be at it");
    assert!(world.whole.cloud.mail.list(10).unwrap().is_empty());

    world.clock.advance(minute);
    assert_eq!(invoke(&mailer, &mails(&[&message])).await, failed(&[]));
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 1);
}

#[tokio::test]
async fn a_crash_between_sending_and_its_mark_is_the_one_way_to_a_second_mail() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    let message = welcome(&world, "ada@example.com");
    invoke(&mailer, &mails(&[&message])).await;
    die_with(&world, &message, world.clock.now()).await;
    for _ in 0..3 {
        assert_eq!(invoke(&mailer, &mails(&[&message])).await, failed(&[]));
    }
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 2);
}

#[tokio::test]
async fn a_throttled_mail_is_free_for_the_next_second() {
    let world = world(MailRules { per_second: Some(1), ..MailRules::default() }).await;
    let mailer = boot(&world).await;
    let (one, other) = (welcome(&world, "ada@example.com"), welcome(&world, "bob@example.com"));
    assert_eq!(invoke(&mailer, &mails(&[&one, &other])).await, failed(&[1]));
    world.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(invoke(&mailer, &mails(&[&one, &other])).await, failed(&[]));
    assert_eq!(world.whole.cloud.mail.list(10).unwrap().len(), 2);
}

#[tokio::test]
async fn what_ses_has_no_room_for_goes_back_to_the_queue_and_is_not_lost() {
    let world = world(MailRules { per_second: Some(2), ..MailRules::default() }).await;
    for number in 0..5 {
        let message = welcome(&world, &format!("ada{number}@example.com"));
        world.send("mail", &serde_json::to_string(&message).unwrap());
    }
    let mut throttled = 0;
    loop {
        world.whole.deliver_messages().await.unwrap();
        let left = world.depth("mail");
        if left == 0 {
            break;
        }
        throttled += left;
        world.clock.advance(std::time::Duration::from_mins(3));
    }
    assert_eq!(throttled, 3 + 1);
    let mut recipients: Vec<String> =
        world.whole.cloud.mail.list(10).unwrap().iter().flat_map(|mail| mail.to.clone()).collect();
    recipients.sort();
    assert_eq!(recipients, [0, 1, 2, 3, 4].map(|number| format!("ada{number}@example.com")));
}

#[tokio::test]
async fn however_letters_come_each_arrives_once() {
    // Each time the last finds no room at first, and comes again.
    let world = world(MailRules { per_second: Some(20), ..MailRules::default() }).await;
    let mailer = boot(&world).await;
    for way in (0..5).flat_map(Delivery::all) {
        world.clock.advance(std::time::Duration::from_secs(1));
        let mut addresses: Vec<String> = (0..21).map(|number| format!("ada{number}@example.com")).collect();
        for address in &addresses {
            world.send("mail", &serde_json::to_string(&welcome(&world, address)).unwrap());
        }
        assert_eq!(world.deliver(way, &mailer, &world.messages("mail")).await, 1, "{way:?}");
        let mails = world.whole.cloud.mail.list(100).unwrap();
        let mut arrived: Vec<String> = mails.into_iter().flat_map(|mail| mail.to).collect();
        arrived.sort();
        addresses.sort();
        assert_eq!(arrived, addresses, "{way:?}");
        world.whole.cloud.mail.clear().unwrap();
    }
}
