//! A table of its own for each test.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::{Value, json};
use standins::dynamo::TableSpec;
use standins::{Cloud, Options, scratch};
use table::{Index, Seal, Table};
use tempfile::TempDir;

/// A table, and the cloud it is in.
pub(crate) struct World {
    pub(crate) table: Table,
    _cloud: Cloud,
    _folder: TempDir,
}

impl World {
    pub(crate) fn new() -> World {
        let folder = scratch().unwrap();
        let cloud = Cloud::start(Options::new(folder.path(), spec())).unwrap();
        let config = SdkConfig::builder()
            .behavior_version(aws_behavior())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "secret", None, None, "test",
            )))
            .http_client(Builder::new().build_http())
            .endpoint_url(cloud.url())
            .build();
        World { table: Table::new(&config, "mercato", Seal::new(&[5; 32])), _cloud: cloud, _folder: folder }
    }
}

fn aws_behavior() -> aws_smithy_runtime_api::client::behavior_version::BehaviorVersion {
    aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest()
}

fn spec() -> TableSpec {
    let indexes = [Index::Gsi1, Index::Gsi2, Index::Gsi3, Index::Gsi4, Index::Due];
    let key = |pk: &str, sk: &str| json!([{ "AttributeName": pk, "KeyType": "HASH" }, { "AttributeName": sk, "KeyType": "RANGE" }]);
    let names = indexes.iter().flat_map(|index| [index.pk(), index.sk()]).chain(["pk", "sk"]);
    let attributes: Vec<Value> =
        names.map(|name| json!({ "AttributeName": name, "AttributeType": "S" })).collect();
    let indexes: Vec<Value> = indexes
        .iter()
        .map(|index| {
            json!({
                "IndexName": index.name(),
                "KeySchema": key(index.pk(), index.sk()),
                "Projection": { "ProjectionType": "ALL" },
            })
        })
        .collect();
    TableSpec {
        create: json!({
            "TableName": "mercato",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes,
            "KeySchema": key("pk", "sk"),
            "GlobalSecondaryIndexes": indexes,
        }),
        ttl: Some("ttl".to_owned()),
    }
}
