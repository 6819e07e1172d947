//! What each principal may touch, operation by operation.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, DeleteRequest, Get, KeysAndAttributes, Put, PutRequest,
    TransactGetItem, TransactWriteItem, Update, WriteRequest,
};
use standins::{Policies, Statement};

use crate::world::{World, put, s};

const READS: [&str; 4] =
    ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem"];
const WRITES: [&str; 4] =
    ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"];

/// `orders` owns `ORDER#` and reads `PRINCIPAL#`.
fn world() -> World {
    World::with(|options| {
        options.policies = Policies::open().hold(
            "orders",
            [Statement::allow(READS, ["ORDER#*", "PRINCIPAL#*"]), Statement::allow(WRITES, ["ORDER#*"])],
        );
    })
}

fn key(at: &str) -> HashMap<String, AttributeValue> {
    [("pk".to_owned(), s(at)), ("sk".to_owned(), s("A"))].into()
}

/// Tries one operation on a key and says whether it was allowed; any error but a denial fails the test.
async fn allowed(client: &Client, operation: &str, at: &str) -> bool {
    match attempt(client, operation, at).await {
        Ok(()) => true,
        Err((code, message)) => {
            assert_eq!(code, "AccessDeniedException", "{operation} {at}: {message}");
            false
        }
    }
}

/// The error's code and message.
type Refused = Result<(), (String, String)>;

async fn told<T, E: ProvideErrorMetadata>(answer: impl Future<Output = Result<T, E>>) -> Refused {
    answer.await.map(drop).map_err(|error| {
        (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
    })
}

async fn attempt(client: &Client, operation: &str, at: &str) -> Refused {
    let key = Some(key(at));
    match operation {
        "GetItem" => told(client.get_item().table_name(TABLE).set_key(key).send()).await,
        "PutItem" => told(client.put_item().table_name(TABLE).set_item(key).send()).await,
        "UpdateItem" => told(client.update_item().table_name(TABLE).set_key(key).send()).await,
        "DeleteItem" => told(client.delete_item().table_name(TABLE).set_key(key).send()).await,
        "Query" => {
            let query = client.query().table_name(TABLE).expression_attribute_names("#k", "pk");
            let query = query.key_condition_expression("begins_with(sk, :p) AND #k = :k");
            let query =
                query.expression_attribute_values(":p", s("A")).expression_attribute_values(":k", s(at));
            told(query.send()).await
        }
        "Query of an index" => {
            let query = client.query().table_name(TABLE).index_name("gsi1");
            let query =
                query.key_condition_expression("(gsi1pk=:k)").expression_attribute_values(":k", s(at));
            told(query.send()).await
        }
        "Scan" => told(client.scan().table_name(TABLE).send()).await,
        "DescribeTable" => told(client.describe_table().table_name(TABLE).send()).await,
        "DeleteTable" => told(client.delete_table().table_name("another").send()).await,
        "ExecuteStatement" => {
            told(client.execute_statement().statement("SELECT * FROM mercato WHERE pk = 'ORDER#1'").send())
                .await
        }
        _ => attempt_several(client, operation, at).await,
    }
}

async fn attempt_several(client: &Client, operation: &str, at: &str) -> Refused {
    let (key, other) = (Some(key(at)), Some(key("ORDER#other")));
    match operation {
        "BatchGetItem" => {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(vec![key.unwrap(), other.unwrap()]))
                .build()
                .unwrap();
            told(client.batch_get_item().request_items(TABLE, keys).send()).await
        }
        "BatchWriteItem" => {
            let put = PutRequest::builder().set_item(key).build().unwrap();
            let delete = DeleteRequest::builder().set_key(other).build().unwrap();
            let put = WriteRequest::builder().put_request(put).build();
            let delete = WriteRequest::builder().delete_request(delete).build();
            told(client.batch_write_item().request_items(TABLE, vec![put, delete]).send()).await
        }
        "TransactGetItems" => {
            let get = Get::builder().table_name(TABLE).set_key(key).build().unwrap();
            let step = TransactGetItem::builder().get(get).build();
            told(client.transact_get_items().transact_items(step).send()).await
        }
        step => {
            let steps = vec![check("ORDER#other"), transacted(step, at)];
            told(client.transact_write_items().set_transact_items(Some(steps)).send()).await
        }
    }
}

fn check(at: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder().table_name(TABLE).set_key(Some(key(at)));
    let check = check.condition_expression("attribute_not_exists(never)").build().unwrap();
    TransactWriteItem::builder().condition_check(check).build()
}

fn transacted(step: &str, at: &str) -> TransactWriteItem {
    let key = Some(key(at));
    match step {
        "Put in a transaction" => {
            let put = Put::builder().table_name(TABLE).set_item(key).build().unwrap();
            TransactWriteItem::builder().put(put).build()
        }
        "Update in a transaction" => {
            let update = Update::builder().table_name(TABLE).set_key(key).update_expression("SET b = :b");
            let update = update.expression_attribute_values(":b", s("b")).build().unwrap();
            TransactWriteItem::builder().update(update).build()
        }
        "Delete in a transaction" => {
            let delete = Delete::builder().table_name(TABLE).set_key(key).build().unwrap();
            TransactWriteItem::builder().delete(delete).build()
        }
        "Check in a transaction" => check(at),
        unknown => panic!("no such operation here: {unknown}"),
    }
}

const TABLE: &str = "mercato";
const READING: [&str; 6] =
    ["GetItem", "Query", "Query of an index", "BatchGetItem", "TransactGetItems", "Check in a transaction"];
const WRITING: [&str; 7] = [
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "Put in a transaction",
    "Update in a transaction",
    "Delete in a transaction",
];

#[tokio::test]
async fn every_operation_is_held_to_leading_keys() {
    let world = world();
    let client = world.dynamo("orders");
    for operation in READING {
        assert!(allowed(&client, operation, "ORDER#1").await, "{operation}");
        assert!(allowed(&client, operation, "PRINCIPAL#1").await, "{operation}");
        assert!(!allowed(&client, operation, "CREDENTIAL#1").await, "{operation}");
    }
    for operation in WRITING {
        assert!(allowed(&client, operation, "ORDER#1").await, "{operation}");
        assert!(!allowed(&client, operation, "PRINCIPAL#1").await, "{operation}");
        assert!(!allowed(&client, operation, "CREDENTIAL#1").await, "{operation}");
    }
    for operation in ["Scan", "DescribeTable", "DeleteTable", "ExecuteStatement"] {
        assert!(!allowed(&client, operation, "ORDER#1").await, "{operation}");
    }
    let changes = world.cloud.table.changes.after(0, 1000).unwrap();
    let order = |record: &serde_json::Value| {
        record["dynamodb"]["Keys"]["pk"]["S"].as_str().is_some_and(|key| key.starts_with("ORDER#"))
    };
    assert!(changes.iter().all(|change| order(&change.record)), "nothing denied was written");
}

#[tokio::test]
async fn a_denial_reads_as_on_aws() {
    let world = world();
    let client = world.dynamo("orders");
    let (code, message) = attempt(&client, "PutItem", "CREDENTIAL#1").await.unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(
        message,
        "User: arn:aws:sts::000000000000:assumed-role/orders/orders is not authorized to perform: dynamodb:PutItem on \
         resource: arn:aws:dynamodb:us-east-1:000000000000:table/mercato because no identity-based policy allows the \
         dynamodb:PutItem action for the leading key CREDENTIAL#"
    );
}

#[tokio::test]
async fn strangers_are_let_in_unless_the_policies_are_strict() {
    let world = world();
    let person = world.dynamo("AKIAEXAMPLE");
    put(&person, "CREDENTIAL#1", 1).await;
    assert!(allowed(&person, "Scan", "").await);
    assert!(allowed(&person, "DescribeTable", "").await);

    let strict = World::with(|options| options.policies = Policies::open().strict());
    assert!(!allowed(&strict.dynamo("AKIAEXAMPLE"), "GetItem", "CREDENTIAL#1").await);
}

#[tokio::test]
async fn parameters_are_held_to_paths() {
    let world = World::with(|options| {
        let statement = Statement::allow(["ssm:Get*"], ["/mercato/dev/shared/*"]);
        options.policies = Policies::open().hold("docs", [statement]);
    });
    world.cloud.parameters.put("/mercato/dev/shared/jwks", "{}", false).unwrap();
    world.cloud.parameters.put("/mercato/dev/identity/pepper", "p", true).unwrap();
    let client = world.ssm("docs");
    let get = |name: &str| client.get_parameters().names(name).with_decryption(true).send();
    assert_eq!(get("/mercato/dev/shared/jwks").await.unwrap().parameters().len(), 1);
    let denied = get("/mercato/dev/identity/pepper").await.unwrap_err();
    assert_eq!(denied.code(), Some("AccessDeniedException"));
    assert!(denied.message().unwrap().contains("ssm:GetParameters on resource: arn:aws:ssm:us-east-1:"));
    let below = |path: &str| client.get_parameters_by_path().path(path).recursive(true).send();
    assert_eq!(below("/mercato/dev/shared/").await.unwrap().parameters().len(), 1);
    assert!(below("/mercato/dev").await.is_err());
    let put = client.put_parameter().name("/mercato/dev/shared/jwks").value("x").overwrite(true).send().await;
    assert_eq!(put.unwrap_err().code(), Some("AccessDeniedException"));
}
