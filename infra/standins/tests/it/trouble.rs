//! Trouble on demand, as the SDK sees it.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use standins::dynamo::Trouble;

use crate::world::{World, put, s};

#[tokio::test]
async fn a_transaction_conflicts_as_often_as_asked() {
    let world = World::new();
    let client = world.dynamo("f");
    let step = |key: &str| {
        let put = Put::builder().table_name("mercato").item("pk", s(key)).item("sk", s("A")).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let commit =
        || client.transact_write_items().transact_items(step("A#1")).transact_items(step("A#2")).send();
    world.cloud.table.trouble("TransactWriteItems", Trouble::Conflict);
    let refused = commit().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = refused else {
        panic!("{refused}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(world.cloud.table.changes.after(0, 10).unwrap().is_empty());
    commit().await.unwrap();
}

#[tokio::test]
async fn a_failed_write_is_not_done_and_a_lost_one_is() {
    let world = World::new();
    let client = world.dynamo("f");
    // The SDK tries again by itself, and finds that all is well.
    world.cloud.table.trouble("PutItem", Trouble::Failed);
    world.cloud.table.trouble("PutItem", Trouble::Throttled);
    put(&client, "A#1", 1).await;
    assert_eq!(world.cloud.table.changes.after(0, 10).unwrap().len(), 1);

    world.cloud.table.trouble("PutItem", Trouble::Lost);
    let insert = client.put_item().table_name("mercato").item("pk", s("A#2")).item("sk", s("A"));
    let again = insert.condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    assert_eq!(again.code(), Some("ConditionalCheckFailedException"), "the lost write had been done");
}
