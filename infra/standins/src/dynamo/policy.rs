//! Leading keys: which keys a request touches, and whether its principal may.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::answer::Refusal;
use crate::front::Call;
use crate::{ACCOUNT, Error};

/// The keys of the table and of its indexes.
#[derive(Debug, PartialEq)]
pub(super) struct Schema {
    pub(super) table: String,
    pub(super) partition_key: String,
    pub(super) sort_key: Option<String>,
    /// The partition and sort key of each index by the index's name.
    indexes: BTreeMap<String, (String, Option<String>)>,
}

/// The keys that a request touches by one action; without keys it touches the table as such.
struct Touch {
    action: &'static str,
    keys: Vec<String>,
}

impl Schema {
    /// Reads the keys out of a `CreateTable` request or the description of a table.
    pub(super) fn read(create: &Value) -> Result<Schema, Error> {
        let incomplete = || Error::new("a table needs a TableName and a KeySchema with a HASH key");
        let index = |index: &Value| {
            let keys = (key_of(index, "HASH")?, key_of(index, "RANGE"));
            Some((index["IndexName"].as_str()?.to_owned(), keys))
        };
        let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
            .into_iter()
            .flat_map(|kind| create[kind].as_array().into_iter().flatten())
            .filter_map(index)
            .collect();
        Ok(Schema {
            table: create["TableName"].as_str().ok_or_else(incomplete)?.to_owned(),
            partition_key: key_of(create, "HASH").ok_or_else(incomplete)?,
            sort_key: key_of(create, "RANGE"),
            indexes,
        })
    }

    /// Refuses a request that touches what its principal may not.
    pub(super) fn permit(&self, call: &Call<'_>, region: &str) -> Result<(), Refusal> {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let touches = self.touches(call.operation, &body).unwrap_or_default();
        if touches.is_empty() {
            return Err(self.denied(call, region, &format!("dynamodb:{}", call.operation), None));
        }
        for Touch { action, keys } in touches {
            if !call.policies.allow(call.principal, action, &keys) {
                let alone = |key: &&String| !call.policies.allow(call.principal, action, &[key]);
                let foreign = keys.iter().find(alone).or(keys.first());
                return Err(self.denied(call, region, action, foreign));
            }
        }
        Ok(())
    }

    fn denied(&self, call: &Call<'_>, region: &str, action: &str, key: Option<&String>) -> Refusal {
        let resource = format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{}", self.table);
        let prefix = |key: &String| key.split_inclusive('#').next().unwrap_or_default().to_owned();
        let note = key.map(|key| format!(" for the leading key {}", prefix(key))).unwrap_or_default();
        Refusal::denied(call.principal, action, &resource, &note)
    }

    /// What an operation touches. `None` and nothing both mean: it cannot be held to keys, so it is denied.
    fn touches(&self, operation: &str, body: &Value) -> Option<Vec<Touch>> {
        let one = |action, source: &Value| Some(vec![Touch { action, keys: vec![self.key(source)?] }]);
        match operation {
            "GetItem" => one("dynamodb:GetItem", self.ours(body, "Key")?),
            "PutItem" => one("dynamodb:PutItem", self.ours(body, "Item")?),
            "UpdateItem" => one("dynamodb:UpdateItem", self.ours(body, "Key")?),
            "DeleteItem" => one("dynamodb:DeleteItem", self.ours(body, "Key")?),
            "Query" => Some(vec![Touch { action: "dynamodb:Query", keys: vec![self.queried(body)?] }]),
            "BatchGetItem" => {
                let keys = self.batch(body)?["Keys"].as_array()?.iter().map(|key| self.key(key));
                Some(vec![Touch { action: "dynamodb:BatchGetItem", keys: keys.collect::<Option<_>>()? }])
            }
            "BatchWriteItem" => {
                let keys = self.batch(body)?.as_array()?.iter().map(|write| {
                    let (_, write) = only(write)?;
                    self.key(write.get("Item").or_else(|| write.get("Key"))?)
                });
                Some(vec![Touch { action: "dynamodb:BatchWriteItem", keys: keys.collect::<Option<_>>()? }])
            }
            "TransactGetItems" | "TransactWriteItems" => {
                body["TransactItems"].as_array()?.iter().map(|step| self.step(step)).collect()
            }
            _ => None,
        }
    }

    /// A step of a transaction is permitted as the operation it stands for.
    fn step(&self, step: &Value) -> Option<Touch> {
        let (kind, step) = only(step)?;
        let (action, part) = match kind.as_str() {
            "Get" => ("dynamodb:GetItem", "Key"),
            "Put" => ("dynamodb:PutItem", "Item"),
            "Update" => ("dynamodb:UpdateItem", "Key"),
            "Delete" => ("dynamodb:DeleteItem", "Key"),
            "ConditionCheck" => ("dynamodb:ConditionCheckItem", "Key"),
            _ => return None,
        };
        Some(Touch { action, keys: vec![self.key(self.ours(step, part)?)?] })
    }

    /// A part of a request, if the request is about our table.
    fn ours<'a>(&self, request: &'a Value, part: &str) -> Option<&'a Value> {
        (request["TableName"] == self.table.as_str()).then(|| &request[part])
    }

    fn batch<'a>(&self, body: &'a Value) -> Option<&'a Value> {
        let (table, part) = only(&body["RequestItems"])?;
        (*table == self.table).then_some(part)
    }

    fn key(&self, item: &Value) -> Option<String> {
        scalar(item.get(&self.partition_key)?)
    }

    /// The partition key that a query asks for, of the table or of an index.
    fn queried(&self, body: &Value) -> Option<String> {
        self.ours(body, "TableName")?;
        let attribute = match body.get("IndexName") {
            None | Some(Value::Null) => &self.partition_key,
            Some(index) => &self.indexes.get(index.as_str()?)?.0,
        };
        if let Some(conditions) = body["KeyConditions"].as_object() {
            return scalar(&conditions.get(attribute)?["AttributeValueList"][0]);
        }
        let value =
            equal_to(attribute, body["KeyConditionExpression"].as_str()?, &body["ExpressionAttributeNames"])?;
        scalar(&body["ExpressionAttributeValues"][value])
    }
}

/// The placeholder that a key condition sets an attribute equal to.
fn equal_to<'a>(attribute: &str, condition: &'a str, names: &Value) -> Option<&'a str> {
    let spaced = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ',');
    condition.match_indices('=').find_map(|(at, _)| {
        let name = condition[..at].trim_end_matches(spaced).rsplit(spaced).next()?;
        let value = condition[at + 1..].trim_start_matches(spaced).split(spaced).next()?;
        let name = if name.starts_with('#') { names[name].as_str()? } else { name };
        (name == attribute).then_some(value)
    })
}

fn key_of(described: &Value, kind: &str) -> Option<String> {
    let key = described["KeySchema"].as_array()?.iter().find(|key| key["KeyType"] == kind)?;
    Some(key["AttributeName"].as_str()?.to_owned())
}

/// The only entry of an object that must have just one.
fn only(object: &Value) -> Option<(&String, &Value)> {
    let object: &Map<String, Value> = object.as_object()?;
    if object.len() == 1 { object.iter().next() } else { None }
}

/// The text of a typed value such as `{"S": "..."}`.
fn scalar(value: &Value) -> Option<String> {
    Some(only(value)?.1.as_str()?.to_owned())
}
