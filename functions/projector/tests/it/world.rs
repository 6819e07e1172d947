//! A cloud of its own for each test, with the function in it, held to the rights it has when deployed.

use std::time::Duration;

use platform::{Env, Function, Host};
use serde_json::{Value, json};
use standins::dynamo::TableSpec;
use standins::sqs::QueueSpec;
use standins::{Cloud, Options, Policies, Statement};
use table::{Message, Table};
use tempfile::TempDir;
use wire::{Clock, Stamp};

pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) clock: Clock,
    /// The table as a test sees it, with all rights.
    pub(crate) table: Table,
    _data: TempDir,
}

impl World {
    pub(crate) fn start() -> Self {
        let clock = Clock::manual(Stamp::parse("2026-03-01T08:30:00Z").unwrap());
        let data = standins::scratch().unwrap();
        let queue = |name: &str| QueueSpec {
            name: name.to_owned(),
            visibility: Duration::from_mins(3),
            dead_letter: None,
        };
        let rights = Statement::allow(
            [
                "dynamodb:GetItem",
                "dynamodb:Query",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
            ],
            ["SEARCH#*", "PROJECTOR#*"],
        );
        let cloud = Cloud::start(Options {
            queues: ["mail", "loyalty"].map(queue).to_vec(),
            policies: Policies::open().hold("projector", [rights]),
            clock: clock.clone(),
            ..Options::new(data.path(), table_spec())
        });
        let cloud = cloud.unwrap();
        let table = host(&cloud, &clock, "test", &[]).table_without_seal().unwrap();
        Self { cloud, clock, table, _data: data }
    }

    /// What the function stands on.
    pub(crate) fn host(&self, variables: &[(&str, &str)]) -> Host {
        host(&self.cloud, &self.clock, "projector", variables)
    }

    /// The function.
    pub(crate) async fn boot(&self) -> Function {
        let loyalty = format!("loyalty={}", self.cloud.queues.url("loyalty"));
        let mail = self.cloud.queues.url("mail");
        projector::boot(self.host(&[("MERCATO_MAIL_QUEUE", &mail), ("MERCATO_WORK_QUEUES", &loyalty)]))
            .await
            .unwrap()
    }

    /// All records of the stream after the last that were asked for.
    pub(crate) fn records(&self) -> Vec<Value> {
        let changes = &self.cloud.table.changes;
        let news = changes.after(changes.consumed(), 10_000).unwrap();
        if let Some(last) = news.last() {
            changes.consume(last.position).unwrap();
        }
        news.into_iter().map(|change| change.record).collect()
    }

    /// The messages in a queue, which is empty afterwards.
    pub(crate) fn drain(&self, queue: &str) -> Vec<Message> {
        let records = self.cloud.queues.receive(queue, 10_000).unwrap();
        let receipts = records.iter().map(|record| record["receiptHandle"].as_str().unwrap());
        self.cloud.queues.delete(queue, receipts).unwrap();
        records.iter().map(|record| serde_json::from_str(record["body"].as_str().unwrap()).unwrap()).collect()
    }
}

fn host(cloud: &Cloud, clock: &Clock, principal: &str, variables: &[(&str, &str)]) -> Host {
    let url = cloud.url();
    let env = [
        ("MERCATO_STAGE", "local"),
        ("MERCATO_TABLE", "mercato"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", &url),
        ("AWS_ACCESS_KEY_ID", principal),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let env: Env = env.into_iter().chain(variables.iter().copied()).collect();
    Host { env, clock: clock.clone(), http: aws_smithy_http_client::Builder::new().build_http() }
}

/// Calls the function as Lambda would.
pub(crate) async fn invoke(function: &Function, event: &Value) -> Value {
    serde_json::from_str(&function.invoke(&event.to_string()).await.unwrap()).unwrap()
}

fn table_spec() -> TableSpec {
    let indexes = ["gsi1", "gsi2", "gsi3", "gsi4", "due"];
    let key = |pk: String, sk: String| json!([{ "AttributeName": pk, "KeyType": "HASH" }, { "AttributeName": sk, "KeyType": "RANGE" }]);
    let names =
        std::iter::once("").chain(indexes).flat_map(|index| [format!("{index}pk"), format!("{index}sk")]);
    let create = json!({
        "TableName": "mercato",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions":
            names.map(|name| json!({ "AttributeName": name, "AttributeType": "S" })).collect::<Vec<_>>(),
        "KeySchema": key("pk".to_owned(), "sk".to_owned()),
        "GlobalSecondaryIndexes": indexes.map(|index| json!({
            "IndexName": index,
            "KeySchema": key(format!("{index}pk"), format!("{index}sk")),
            "Projection": { "ProjectionType": "ALL" },
        })),
    });
    TableSpec { create, ttl: Some("ttl".to_owned()) }
}
