//! Mail: sent, refused, bounced, read in a browser.

use std::time::Duration;

use aws_sdk_ses::error::ProvideErrorMetadata;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{Body, Content, Destination, Message, MessageTag, RawMessage};
use axum::body::Body as HttpBody;
use axum::http::Request;
use http_body_util::BodyExt;
use standins::ses::MailRules;
use tower::ServiceExt;

use crate::world::World;

fn content(text: &str) -> Content {
    Content::builder().data(text).build().unwrap()
}

async fn send(world: &World, to: &str) -> Result<String, (String, String)> {
    let body = Body::builder().text(content("Hello & welcome: https://example.org/a?b=1&c=2."));
    let body = body.html(content("<p onclick=\"x\">Hello</p>")).build();
    let message = Message::builder().subject(content("Grüße <b>")).body(body).build();
    let tag = MessageTag::builder().name("context").value("identity").build().unwrap();
    let request = world.ses().send_email().source("Mercato <noreply@example.org>").message(message);
    let request = request.destination(Destination::builder().to_addresses(to).build());
    let sent = request.configuration_set_name("transactional").tags(tag).send().await;
    sent.map(|sent| sent.message_id).map_err(|error| {
        (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
    })
}

async fn page(world: &World, path: &str) -> String {
    let request = Request::get(path).body(HttpBody::empty()).unwrap();
    let response = world.cloud.mail.pages().oneshot(request).await.unwrap();
    assert!(response.status().is_success(), "{path}");
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_mail_lies_in_the_mailbox() {
    let world = World::new();
    let id = send(&world, "Anna <Anna@example.com>").await.unwrap();
    send(&world, "bert@example.com").await.unwrap();
    let mails = world.cloud.mail.to("anna@example.com", 10).unwrap();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.id.as_str(), mail.subject.as_str()), (id.as_str(), "Grüße <b>"));
    assert_eq!(mail.configuration_set.as_deref(), Some("transactional"));
    assert_eq!(mail.tags["context"], "identity");
    assert_eq!(mail.at, world.clock.now());
    let newest: Vec<_> = world.cloud.mail.list(10).unwrap().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(newest, ["bert@example.com", "Anna <Anna@example.com>"]);
    world.cloud.mail.clear().unwrap();
    assert!(world.cloud.mail.get(&id).unwrap().is_none());
}

#[tokio::test]
async fn a_raw_mail_is_taken_apart() {
    let world = World::new();
    let raw = "From: Mercato <noreply@example.org>\r\nTo: anna@example.com, \"B, C\" <b@example.com>\r\n\
        Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\nList-Unsubscribe: <https://example.org/u>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\nSch=C3=B6n\r\n--cut\r\nContent-Type: text/html\r\n\r\n\
        <p>Hi</p>\r\n--cut--\r\n";
    let request =
        world.ses().send_raw_email().raw_message(RawMessage::builder().data(Blob::new(raw)).build().unwrap());
    let sent =
        request.destinations("anna@example.com").destinations("hidden@example.com").send().await.unwrap();
    let mail = world.cloud.mail.get(&sent.message_id).unwrap().unwrap();
    assert_eq!(mail.subject, "Grüße");
    assert_eq!(mail.to, ["anna@example.com", "\"B, C\" <b@example.com>"]);
    assert_eq!(mail.bcc, ["hidden@example.com"]);
    assert_eq!(mail.text.as_deref().map(str::trim), Some("Schön"));
    assert_eq!(mail.html.as_deref().map(str::trim), Some("<p>Hi</p>"));
    assert_eq!(mail.headers["List-Unsubscribe"], "<https://example.org/u>");
    assert_eq!(mail.raw.as_deref(), Some(raw));
    assert_eq!(world.cloud.mail.to("hidden@example.com", 10).unwrap().len(), 1);
}

#[tokio::test]
async fn the_simulator_bounces_and_complains() {
    let world = World::new();
    let mut events = world.cloud.mail.events();
    let bounced = send(&world, "bounce+7@simulator.amazonses.com").await.unwrap();
    send(&world, "success@simulator.amazonses.com").await.unwrap();
    let complained = send(&world, "complaint@simulator.amazonses.com").await.unwrap();

    let bounce = events.try_recv().unwrap();
    assert_eq!((&bounce["source"], &bounce["detail-type"]), (&"aws.ses".into(), &"Email Bounced".into()));
    assert_eq!(bounce["time"], "2026-03-01T08:30:00Z");
    assert_eq!(bounce["detail"]["eventType"], "Bounce");
    assert_eq!(bounce["detail"]["bounce"]["bounceType"], "Permanent");
    let recipient = &bounce["detail"]["bounce"]["bouncedRecipients"][0]["emailAddress"];
    assert_eq!(recipient, "bounce+7@simulator.amazonses.com");
    assert_eq!(bounce["detail"]["mail"]["messageId"], bounced);
    assert_eq!(bounce["detail"]["mail"]["tags"]["context"][0], "identity");
    assert_eq!(bounce["detail"]["mail"]["tags"]["ses:configuration-set"][0], "transactional");

    let complaint = events.try_recv().unwrap();
    assert_eq!(complaint["detail-type"], "Email Complaint Received");
    assert_eq!(complaint["detail"]["eventType"], "Complaint");
    assert_eq!(complaint["detail"]["mail"]["messageId"], complained);
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn unknown_senders_wrong_addresses_and_floods_are_refused() {
    let strangers = World::with(|options| options.mail.senders = vec!["example.com".to_owned()]);
    let (code, message) = send(&strangers, "anna@example.com").await.unwrap_err();
    assert_eq!(code, "MessageRejected");
    assert!(message.ends_with("failed the check in region US-EAST-1: noreply@example.org"), "{message}");

    let world =
        World::with(|options| options.mail = MailRules { per_second: Some(2), ..MailRules::default() });
    assert_eq!(send(&world, "anna").await.unwrap_err().0, "InvalidParameterValue");
    for _ in 0..2 {
        send(&world, "anna@example.com").await.unwrap();
    }
    let (code, message) = send(&world, "anna@example.com").await.unwrap_err();
    assert_eq!((code.as_str(), message.as_str()), ("Throttling", "Maximum sending rate exceeded."));
    world.clock.advance(Duration::from_secs(1));
    send(&world, "anna@example.com").await.unwrap();
    assert_eq!(world.cloud.mail.list(10).unwrap().len(), 3);
}

#[tokio::test]
async fn the_mailbox_is_a_page_that_runs_nothing() {
    let world = World::new();
    assert!(page(&world, "/mailbox").await.contains("No mail yet."));
    let id = send(&world, "anna@example.com").await.unwrap();
    let list = page(&world, "/mailbox").await;
    assert!(list.contains("Grüße &lt;b&gt;") && list.contains(&id) && list.contains("2026-03-01 08:30:00"));
    assert!(page(&world, "/mailbox?to=bert@example.com").await.contains("No mail to bert@example.com yet."));

    let mail = page(&world, &format!("/mailbox/{id}")).await;
    let link = "<a href=\"https://example.org/a?b=1&amp;c=2\" target=\"_blank\" rel=\"noreferrer\">\
                https://example.org/a?b=1&amp;c=2</a>.";
    assert!(mail.contains("Hello &amp; welcome: ") && mail.contains(link), "{mail}");
    assert!(mail.contains("transactional") && mail.contains("identity"));
    assert!(!mail.contains("<p onclick"), "the HTML part stands in the frame's attribute alone, escaped");
    assert!(
        mail.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\" srcdoc=\"&lt;base"),
        "{mail}"
    );

    let json = page(&world, "/mailbox.json?to=anna@example.com").await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["id"], id);
    let clear = Request::post("/mailbox/clear").body(HttpBody::empty()).unwrap();
    assert!(world.cloud.mail.pages().oneshot(clear).await.unwrap().status().is_redirection());
    assert!(page(&world, "/mailbox").await.contains("No mail yet."));
}
