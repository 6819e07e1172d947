//! A cloud of its own for each test, and clients that speak as a function of a given name.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use serde_json::{Value, json};
use standins::dynamo::TableSpec;
use standins::sqs::QueueSpec;
use standins::stripe::Endpoint;
use standins::{Cloud, Options, scratch};
use tempfile::TempDir;
use wire::{Clock, Stamp};

/// A cloud, its folder and its clock, which stands still.
pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
}

impl World {
    /// The usual table and queues.
    pub(crate) fn new() -> World {
        World::with(|_| {})
    }

    /// The usual things with a change.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> World {
        let folder = scratch().unwrap();
        let clock = Clock::manual(Stamp::parse("2026-03-01T08:30:00Z").unwrap());
        let mut options = options(&folder, &clock);
        change(&mut options);
        World { cloud: Cloud::start(options).unwrap(), clock, folder }
    }

    /// The same folder again after the process ended.
    pub(crate) fn restart(self) -> World {
        let World { cloud, clock, folder } = self;
        drop(cloud);
        let cloud = Cloud::start(options(&folder, &clock)).unwrap();
        World { cloud, clock, folder }
    }

    pub(crate) fn dynamo(&self, principal: &str) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
            .credentials_provider(credentials(principal))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .http_client(Builder::new().build_http())
            .endpoint_url(self.cloud.url());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new("us-east-1"))
            .credentials_provider(credentials("sender"))
            .http_client(Builder::new().build_http())
            .endpoint_url(self.cloud.url());
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    pub(crate) fn ses(&self) -> aws_sdk_ses::Client {
        let config = aws_sdk_ses::Config::builder()
            .behavior_version(aws_sdk_ses::config::BehaviorVersion::latest())
            .region(aws_sdk_ses::config::Region::new("us-east-1"))
            .credentials_provider(credentials("mailer"))
            .retry_config(aws_sdk_ses::config::retry::RetryConfig::disabled())
            .http_client(Builder::new().build_http())
            .endpoint_url(self.cloud.url());
        aws_sdk_ses::Client::from_conf(config.build())
    }

    pub(crate) fn ssm(&self, principal: &str) -> aws_sdk_ssm::Client {
        let config = aws_sdk_ssm::Config::builder()
            .behavior_version(aws_sdk_ssm::config::BehaviorVersion::latest())
            .region(aws_sdk_ssm::config::Region::new("us-east-1"))
            .credentials_provider(credentials(principal))
            .http_client(Builder::new().build_http())
            .endpoint_url(self.cloud.url());
        aws_sdk_ssm::Client::from_conf(config.build())
    }
}

fn credentials(principal: &str) -> Credentials {
    Credentials::new(principal, "secret", None, None, "test")
}

fn options(folder: &TempDir, clock: &Clock) -> Options {
    let queue = |name: &str, dead_letter: Option<(&str, u32)>| QueueSpec {
        name: name.to_owned(),
        visibility: Duration::from_secs(30),
        dead_letter: dead_letter.map(|(name, times)| (name.to_owned(), times)),
    };
    let mut options = Options::new(folder.path(), table());
    options.queues = vec![queue("mail", Some(("mail-dead", 3))), queue("mail-dead", None)];
    options.endpoints = vec![Endpoint { path: "/hook/".to_owned(), secret: "whsec_standin".to_owned() }];
    options.clock = clock.clone();
    options
}

fn table() -> TableSpec {
    let key = |hash: &str, range: &str| {
        json!([
            { "AttributeName": hash, "KeyType": "HASH" },
            { "AttributeName": range, "KeyType": "RANGE" },
        ])
    };
    let attributes: Vec<Value> = ["pk", "sk", "gsi1pk", "gsi1sk"]
        .map(|name| json!({ "AttributeName": name, "AttributeType": "S" }))
        .into();
    TableSpec {
        create: json!({
            "TableName": "mercato",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes,
            "KeySchema": key("pk", "sk"),
            "GlobalSecondaryIndexes": [{
                "IndexName": "gsi1",
                "KeySchema": key("gsi1pk", "gsi1sk"),
                "Projection": { "ProjectionType": "ALL" },
            }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
        }),
        ttl: Some("ttl".to_owned()),
    }
}

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Puts an item of that key and quantity.
pub(crate) async fn put(client: &aws_sdk_dynamodb::Client, key: &str, quantity: i64) {
    let put = client.put_item().table_name("mercato").item("pk", s(key)).item("sk", s("A"));
    put.item("quantity", n(quantity)).send().await.unwrap();
}
