//! Queues by a clock that stands still until it is moved.

use std::time::Duration;

use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageAttributeValue, MessageSystemAttributeName,
    QueueAttributeName, SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};
use standins::sqs::Depth;

use crate::world::World;

async fn receive(world: &World, queue: &str) -> Vec<Message> {
    let receive =
        world.sqs().receive_message().queue_url(world.cloud.queues.url(queue)).max_number_of_messages(10);
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
    receive.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default()
}

fn depth(world: &World, queue: &str) -> (u64, u64, u64) {
    let depths = world.cloud.queues.depths().unwrap();
    let Depth { waiting, in_flight, delayed, .. } =
        depths.into_iter().find(|depth| depth.queue == queue).unwrap();
    (waiting, in_flight, delayed)
}

#[tokio::test]
async fn a_message_goes_through_with_its_attributes_and_digests() {
    let world = World::new();
    let url = world.cloud.queues.url("mail");
    let attribute = |kind: &str, value: &str| {
        MessageAttributeValue::builder().data_type(kind).string_value(value).build().unwrap()
    };
    let request = world.sqs().send_message().queue_url(&url).message_body("hello");
    let request = request
        .message_attributes("b", attribute("Number", "7"))
        .message_attributes("a", attribute("String", "x"));
    let sent = request.send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    // By AWS' rule over the bytes: 0001 a 0006 String 01 0001 x 0001 b 0006 Number 01 0001 7, lengths in four
    // bytes.
    assert_eq!(sent.md5_of_message_attributes(), Some("b2d3e75fac480b41d4a3622ee177669a"));

    let messages = receive(&world, "mail").await;
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message.body(), Some("hello"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(message.message_attributes().unwrap()["b"].string_value(), Some("7"));
    let system = message.attributes().unwrap();
    assert_eq!(system[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert_eq!(system[&MessageSystemAttributeName::SentTimestamp], "1772353800000");
    assert_eq!(system[&MessageSystemAttributeName::SenderId], "sender");

    let receipt = message.receipt_handle().unwrap();
    world.sqs().delete_message().queue_url(&url).receipt_handle(receipt).send().await.unwrap();
    world.clock.advance(Duration::from_secs(31));
    assert!(receive(&world, "mail").await.is_empty());
}

#[tokio::test]
async fn what_is_not_deleted_comes_again_and_at_last_to_the_dead_letters() {
    let world = World::new();
    world.cloud.queues.send("mail", "poison").unwrap();
    for count in 1..=3 {
        let messages = receive(&world, "mail").await;
        let count = count.to_string();
        assert_eq!(
            messages[0].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount],
            count
        );
        assert!(receive(&world, "mail").await.is_empty(), "hidden while in flight");
        assert_eq!(depth(&world, "mail"), (0, 1, 0));
        world.clock.advance(Duration::from_secs(30));
    }
    assert!(receive(&world, "mail").await.is_empty());
    assert_eq!(depth(&world, "mail-dead"), (1, 0, 0));
    let dead = receive(&world, "mail-dead").await;
    assert_eq!(dead[0].body(), Some("poison"));
    let source = &dead[0].attributes().unwrap()[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:mail");
}

#[tokio::test]
async fn a_delay_and_a_changed_visibility_are_kept() {
    let world = World::new();
    let (client, url) = (world.sqs(), world.cloud.queues.url("mail"));
    client.send_message().queue_url(&url).message_body("later").delay_seconds(60).send().await.unwrap();
    assert!(receive(&world, "mail").await.is_empty());
    assert_eq!(depth(&world, "mail"), (0, 0, 1));
    world.clock.advance(Duration::from_mins(1));
    let message = receive(&world, "mail").await.remove(0);

    let hide = |seconds: i32| {
        let hide = client.change_message_visibility().queue_url(&url).visibility_timeout(seconds);
        hide.receipt_handle(message.receipt_handle().unwrap()).send()
    };
    hide(300).await.unwrap();
    world.clock.advance(Duration::from_secs(299));
    assert!(receive(&world, "mail").await.is_empty());
    hide(0).await.unwrap();
    assert_eq!(receive(&world, "mail").await.len(), 1);
    world.clock.advance(Duration::from_secs(31));
    let late = hide(10).await.unwrap_err();
    assert!(late.into_service_error().is_message_not_inflight());
}

#[tokio::test]
async fn batches_tell_success_and_failure_entry_by_entry() {
    let world = World::new();
    let (client, url) = (world.sqs(), world.cloud.queues.url("mail"));
    let entry = |id: &str, body: &str| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
    };
    let request =
        client.send_message_batch().queue_url(&url).entries(entry("a", "one")).entries(entry("b", ""));
    let sent = request.entries(entry("c", "two")).send().await.unwrap();
    let ids: Vec<_> = sent.successful().iter().map(SendMessageBatchResultEntry::id).collect();
    assert_eq!(ids, ["a", "c"]);
    assert_eq!(sent.failed()[0].id(), "b");
    let twice = client.send_message_batch().queue_url(&url).entries(entry("a", "x")).entries(entry("a", "y"));
    let twice = twice.send().await.unwrap_err().into_service_error();
    assert!(twice.is_batch_entry_ids_not_distinct());

    let messages = receive(&world, "mail").await;
    let bodies: Vec<_> = messages.iter().filter_map(Message::body).collect();
    assert_eq!(bodies, ["one", "two"]);
    let entries = messages.iter().enumerate().map(|(at, message)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(at.to_string());
        entry.receipt_handle(message.receipt_handle().unwrap()).build().unwrap()
    });
    client.delete_message_batch().queue_url(&url).set_entries(Some(entries.collect())).send().await.unwrap();
    assert_eq!(depth(&world, "mail"), (0, 0, 0));
}

#[tokio::test]
async fn a_long_poll_ends_when_a_message_arrives() {
    let world = World::new();
    let poll = world.sqs().receive_message().queue_url(world.cloud.queues.url("mail")).wait_time_seconds(20);
    let poll = tokio::spawn(poll.send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    world.cloud.queues.send("mail", "hello").unwrap();
    let polled = tokio::time::timeout(Duration::from_secs(5), poll).await.unwrap().unwrap().unwrap();
    assert_eq!(polled.messages()[0].body(), Some("hello"));
}

#[tokio::test]
async fn the_process_gets_records_as_lambda_does() {
    let world = World::new();
    let mut arrived = world.cloud.queues.arrived();
    world
        .sqs()
        .send_message()
        .queue_url("http://elsewhere/000000000000/mail")
        .message_body("hi")
        .send()
        .await
        .unwrap();
    assert!(arrived.has_changed().unwrap());
    arrived.mark_unchanged();
    let records = world.cloud.queues.receive("mail", 10).unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["body"], "hi");
    assert_eq!(records[0]["eventSource"], "aws:sqs");
    assert_eq!(records[0]["eventSourceARN"], "arn:aws:sqs:us-east-1:000000000000:mail");
    assert_eq!(records[0]["attributes"]["ApproximateReceiveCount"], "1");
    world.cloud.queues.delete("mail", [records[0]["receiptHandle"].as_str().unwrap()]).unwrap();
    assert_eq!(depth(&world, "mail"), (0, 0, 0));
}

#[tokio::test]
async fn queues_tell_their_url_and_attributes() {
    let world = World::new();
    let client = world.sqs();
    let url = client.get_queue_url().queue_name("mail").send().await.unwrap().queue_url.unwrap();
    assert_eq!(url, world.cloud.queues.url("mail"));
    let attributes = client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All);
    let attributes = attributes.send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "30");
    assert!(attributes[&QueueAttributeName::RedrivePolicy].contains("mail-dead"));
    let unknown = client.get_queue_url().queue_name("nothing").send().await.unwrap_err();
    assert!(unknown.into_service_error().is_queue_does_not_exist());
    world.cloud.queues.send("mail", "x").unwrap();
    client.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(depth(&world, "mail"), (0, 0, 0));
}
