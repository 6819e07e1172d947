//! Everything that is stored: what no function may ask for, and a test has to.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// All items of a table at one moment, as they look on the wire. Two of them are equal if nothing was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf(BTreeMap<String, Value>);

impl Shelf {
    /// Reads a table from one end to the other.
    pub(crate) async fn read(url: &str, table: &str) -> Self {
        let mut shelf = Self::default();
        let mut ask = json!({ "TableName": table, "ConsistentRead": true });
        loop {
            let answer = scan(url, &ask).await;
            for item in answer["Items"].as_array().into_iter().flatten() {
                shelf.0.insert(format!("{} {}", text(item, "pk"), text(item, "sk")), item.clone());
            }
            if answer["LastEvaluatedKey"].is_null() {
                return shelf;
            }
            ask["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
        }
    }

    /// All of them.
    pub fn items(&self) -> impl Iterator<Item = &Value> {
        self.0.values()
    }

    /// The items of one kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.0.values().filter(move |item| text(item, "kind") == kind)
    }

    /// The items of one kind alone.
    pub fn only(mut self, kind: &str) -> Self {
        self.0.retain(|_, item| text(item, "kind") == kind);
        self
    }

    /// The items of all kinds but one.
    pub fn of_others(mut self, kind: &str) -> Self {
        self.0.retain(|_, item| text(item, "kind") != kind);
        self
    }

    /// The same without an attribute, such as one that each write sets anew.
    pub fn without(mut self, attribute: &str) -> Self {
        for item in self.0.values_mut().filter_map(Value::as_object_mut) {
            item.remove(attribute);
        }
        self
    }

    /// The keys of the items that are not as they were.
    pub fn changed_since<'a>(&'a self, before: &'a Self) -> Vec<&'a str> {
        let keys = self.0.keys().chain(before.0.keys().filter(|key| !self.0.contains_key(*key)));
        keys.filter(|key| self.0.get(*key) != before.0.get(*key)).map(String::as_str).collect()
    }
}

async fn scan(url: &str, ask: &Value) -> Value {
    let credential = "AWS4-HMAC-SHA256 Credential=observer/20260301/eu-central-1/dynamodb/aws4_request, \
                      SignedHeaders=host, Signature=0";
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header("x-amz-target", "DynamoDB_20120810.Scan")
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", credential)
        .header("x-amz-date", "20260301T083000Z")
        .body(Body::from(ask.to_string()))
        .expect("a well formed request");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.expect("the table answers");
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("the table answers whole").to_bytes();
    assert!(status.is_success(), "the table refused to be read: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("the table answers in JSON")
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}
