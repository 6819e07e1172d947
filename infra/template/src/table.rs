use serde_json::{Value, json};

use crate::{Mistake, Resources, Text};

/// The table, as it is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name in the whole, such as `Data.Table`.
    pub id: String,
    /// The name it is made with.
    pub name: Text,
    /// The attribute that holds the second after which an item may go.
    pub ttl: Option<String>,
    /// Which images its stream carries; none if it has no stream.
    pub stream: Option<String>,
    properties: Value,
}

impl Table {
    /// The body of a `CreateTable` request for a table of this name.
    ///
    /// The stream is left out: whoever serves the table decides how its changes are caught.
    pub fn create(&self, name: &str) -> Value {
        let mut request = json!({ "TableName": name });
        for part in ["BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"] {
            if let Some(value) = self.properties.get(part) {
                request[part] = value.clone();
            }
        }
        request
    }
}

/// The one table.
pub(crate) fn only(resources: &Resources) -> Result<Table, Mistake> {
    let mut tables = resources.iter().filter(|(_, resource)| resource.kind == "AWS::DynamoDB::Table");
    let (Some((id, resource)), None) = (tables.next(), tables.next()) else {
        return Err(Mistake::at("AWS::DynamoDB::Table", "there must be exactly one"));
    };
    let properties = &resource.properties;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Table {
        id: id.clone(),
        name: Text::read(&properties["TableName"]),
        ttl: text(&properties["TimeToLiveSpecification"]["AttributeName"]),
        stream: text(&properties["StreamSpecification"]["StreamViewType"]),
        properties: properties.clone(),
    })
}
