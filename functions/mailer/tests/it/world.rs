//! A cloud of its own for each test, with the function in it, held to the rights it has when deployed.

use std::time::Duration;

use outbox::Letter;
use platform::{Env, Function, Host};
use serde_json::{Value, json};
use standins::dynamo::TableSpec;
use standins::ses::MailRules;
use standins::sqs::QueueSpec;
use standins::{Cloud, Options, Policies, Statement};
use table::{Item, Key, Message, Table};
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
    pub(crate) fn start(mail: MailRules) -> Self {
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
            ["MAIL#*"],
        );
        let cloud = Cloud::start(Options {
            queues: ["mail"].map(queue).to_vec(),
            mail,
            policies: Policies::open().hold("mailer", [rights]),
            clock: clock.clone(),
            ..Options::new(data.path(), table_spec())
        });
        let cloud = cloud.unwrap();
        let table = host(&cloud, &clock, "test", &[]).table_without_seal().unwrap();
        Self { cloud, clock, table, _data: data }
    }

    /// What the function stands on.
    pub(crate) fn host(&self, variables: &[(&str, &str)]) -> Host {
        host(&self.cloud, &self.clock, "mailer", variables)
    }

    /// The function.
    pub(crate) async fn boot(&self) -> Function {
        self.boot_with(&[]).await
    }

    /// The function with other variables.
    pub(crate) async fn boot_with(&self, variables: &[(&str, &str)]) -> Function {
        let mail = [
            ("MERCATO_MAIL_FROM", "shop@mercato.example"),
            ("MERCATO_MAIL_CONFIGURATION_SET", "mercato-test"),
        ];
        mailer::boot(self.host(&[&mail, variables].concat())).await.unwrap()
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
    world.table.item(&claim_key(message), true).await.unwrap().unwrap()
}

pub(crate) fn claim_key(message: &Message) -> Key {
    Key::new(format!("MAIL#{}", message.id), "CLAIM")
}

/// What became of a message, in a word.
pub(crate) async fn state(world: &World, message: &Message) -> String {
    claim(world, message).await["state"].as_s().unwrap().clone()
}
