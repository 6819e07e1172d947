//! Addresses that sent a mail back are not written to again.

use serde_json::{Value, json};
use testkit::{World, invoke};

use crate::letters::{boot, failed, mails, state, welcome};

#[tokio::test]
async fn a_bounce_and_a_complaint_suppress_their_address() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    let mut events = world.whole.cloud.mail.events();
    for simulated in ["bounce", "complaint"] {
        let address = format!("{simulated}@simulator.amazonses.com");
        assert_eq!(invoke(&mailer, &mails(&[&welcome(&world, &address)])).await, failed(&[]));
        let event = events.try_recv().unwrap();
        assert_eq!(invoke(&mailer, &event).await, json!({ "suppressed": 1 }));
        assert_eq!(invoke(&mailer, &event).await, json!({ "suppressed": 1 }), "an event may come twice");

        for spelling in [address.clone(), address.to_uppercase()] {
            let next = welcome(&world, &spelling);
            assert_eq!(invoke(&mailer, &mails(&[&next])).await, failed(&[]));
            assert_eq!(state(&world, &next).await, "suppressed");
        }
        assert_eq!(world.whole.cloud.mail.to(&address, 10).unwrap().len(), 1);
    }
    let other = welcome(&world, "success@simulator.amazonses.com");
    invoke(&mailer, &mails(&[&other])).await;
    assert_eq!(state(&world, &other).await, "sent");
}

#[tokio::test]
async fn suppression_outlives_everything_and_names_nobody() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    invoke(&mailer, &bounce("Permanent", "ada@example.com")).await;
    let rows = world.changes();
    let row = &rows[0]["dynamodb"]["NewImage"];
    assert_eq!(row["reason"]["S"], "bounce");
    assert!(row["pk"]["S"].as_str().unwrap().starts_with("MAIL#ADDRESS#"));
    assert!(row.get("ttl").is_none() && !row.to_string().contains("ada"), "{row}");
}

#[tokio::test]
async fn a_full_mailbox_is_no_reason() {
    let world = World::new().await;
    let mailer = boot(&world).await;
    assert_eq!(invoke(&mailer, &bounce("Transient", "ada@example.com")).await, json!({ "suppressed": 0 }));
    let message = welcome(&world, "ada@example.com");
    invoke(&mailer, &mails(&[&message])).await;
    assert_eq!(state(&world, &message).await, "sent");
}

fn bounce(kind: &str, address: &str) -> Value {
    json!({
        "detail-type": "Email Bounced",
        "source": "aws.ses",
        "detail": {
            "eventType": "Bounce",
            "bounce": { "bounceType": kind, "bouncedRecipients": [{ "emailAddress": address }] },
            "mail": { "messageId": "1", "destination": [address] },
        },
    })
}
