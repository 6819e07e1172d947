//! What the names inside one stack stand for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// One stack's parameters and conditions, and its place in the whole.
pub(crate) struct Scope {
    prefix: String,
    parameters: BTreeMap<String, Value>,
    declared: Vec<String>,
    conditions: Map<String, Value>,
}

impl Scope {
    /// The scope of a stack whose resources are called `<prefix><id>` in the whole.
    pub(crate) fn new(prefix: &str, document: &Value, given: BTreeMap<String, Value>) -> Self {
        let empty = Map::new();
        let declared = document["Parameters"].as_object().unwrap_or(&empty);
        let mut parameters: BTreeMap<_, _> = declared
            .iter()
            .filter_map(|(name, parameter)| Some((name.clone(), parameter.get("Default")?.clone())))
            .collect();
        parameters.extend(given);
        Self {
            prefix: prefix.to_owned(),
            parameters,
            declared: declared.keys().cloned().collect(),
            conditions: document["Conditions"].as_object().cloned().unwrap_or_default(),
        }
    }

    /// Whether a condition holds. A parameter that nobody gave equals nothing.
    pub(crate) fn holds(&self, condition: &str) -> bool {
        self.conditions.get(condition).is_some_and(|test| self.is_true(test))
    }

    fn is_true(&self, test: &Value) -> bool {
        let Some((operator, value)) = only_entry(test) else { return false };
        let tests = || value.as_array().into_iter().flatten();
        match operator {
            "Fn::Equals" => self.settle(&value[0]) == self.settle(&value[1]),
            "Fn::Not" => !self.is_true(&value[0]),
            "Fn::And" => tests().all(|test| self.is_true(test)),
            "Fn::Or" => tests().any(|test| self.is_true(test)),
            "Condition" => value.as_str().is_some_and(|name| self.holds(name)),
            _ => false,
        }
    }

    /// A value with parameters put in, conditions decided and names made whole.
    pub(crate) fn settle(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.settle(item)).filter(is_there).collect(),
            Value::Object(map) => self.intrinsic(value).unwrap_or_else(|| {
                let settled = map.iter().map(|(key, value)| (key.clone(), self.settle(value)));
                settled.filter(|(_, value)| is_there(value)).collect()
            }),
            plain => plain.clone(),
        }
    }

    fn intrinsic(&self, value: &Value) -> Option<Value> {
        let (operator, value) = only_entry(value)?;
        match operator {
            "Ref" => value.as_str().map(|name| self.name(name)),
            "Fn::GetAtt" => Some(self.attribute(value[0].as_str()?, value[1].as_str()?)),
            "Fn::Sub" => match value {
                Value::String(text) => Some(self.fill(text, &Map::new())),
                _ => Some(self.fill(value[0].as_str()?, value[1].as_object()?)),
            },
            "Fn::Join" => {
                let items = value[1].as_array()?.iter().map(|item| self.settle(item));
                Some(join(value[0].as_str()?, items))
            }
            "Fn::If" => Some(self.settle(&value[if self.holds(value[0].as_str()?) { 1 } else { 2 }])),
            _ => None,
        }
    }

    fn name(&self, name: &str) -> Value {
        match self.parameters.get(name) {
            Some(value) => value.clone(),
            None if name == "AWS::NoValue" => Value::Null,
            None if name.starts_with("AWS::") || self.declared.iter().any(|known| known == name) => {
                json!({ "Ref": name })
            }
            None => json!({ "Ref": format!("{}{name}", self.prefix) }),
        }
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Value {
        json!({ "Fn::GetAtt": [format!("{}{resource}", self.prefix), attribute] })
    }

    /// A `Fn::Sub` text with every `${name}` put in.
    fn fill(&self, text: &str, extra: &Map<String, Value>) -> Value {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            parts.push(Value::from(before));
            parts.push(match (name.strip_prefix('!'), extra.get(name), name.split_once('.')) {
                (Some(literal), ..) => Value::from(format!("${{{literal}}}")),
                (_, Some(value), _) => self.settle(value),
                (_, _, Some((resource, attribute))) => self.attribute(resource, attribute),
                _ => self.name(name),
            });
            rest = after;
        }
        parts.push(Value::from(rest));
        join("", parts)
    }
}

/// A text of several parts: a plain string if all of them are plain, else a `Fn::Join`.
pub(crate) fn join(delimiter: &str, items: impl IntoIterator<Item = Value>) -> Value {
    let mut parts: Vec<Value> = Vec::new();
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            append(&mut parts, Value::from(delimiter));
        }
        append(&mut parts, item);
    }
    match parts.len() {
        0 => Value::from(""),
        1 => parts.remove(0),
        _ => json!({ "Fn::Join": ["", parts] }),
    }
}

fn append(parts: &mut Vec<Value>, item: Value) {
    let item = match item {
        Value::Number(number) => Value::from(number.to_string()),
        Value::Bool(flag) => Value::from(flag.to_string()),
        other => other,
    };
    if let Some(inner) = item["Fn::Join"][1].as_array() {
        return inner.iter().for_each(|part| append(parts, part.clone()));
    }
    match (parts.last_mut(), &item) {
        (_, Value::String(text)) if text.is_empty() => {}
        (Some(Value::String(last)), Value::String(text)) => last.push_str(text),
        _ => parts.push(item),
    }
}

/// The one key and value of a map that has just one, as every intrinsic has.
pub(crate) fn only_entry(value: &Value) -> Option<(&str, &Value)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.iter().next().map(|(key, value)| (key.as_str(), value))
}

fn is_there(value: &Value) -> bool {
    !value.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let document = json!({
            "Parameters": {"Stage": {"Default": "dev"}, "Email": {}},
            "Conditions": {
                "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
                "IsSmall": {"Fn::Not": [{"Condition": "IsProd"}]},
                "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsSmall"}]},
                "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsSmall"}]},
            },
        });
        Scope::new("Data.", &document, BTreeMap::new())
    }

    #[test]
    fn parameters_are_put_in_and_names_made_whole() {
        let value = json!([{"Ref": "Stage"}, {"Ref": "Email"}, {"Ref": "Table"}, {"Ref": "AWS::Region"}]);
        let settled = json!(["dev", {"Ref": "Email"}, {"Ref": "Data.Table"}, {"Ref": "AWS::Region"}]);
        assert_eq!(scope().settle(&value), settled);
        let attribute = json!({"Fn::GetAtt": ["Table", "Arn"]});
        assert_eq!(scope().settle(&attribute), json!({"Fn::GetAtt": ["Data.Table", "Arn"]}));
    }

    #[test]
    fn texts_are_filled() {
        let plain = json!({"Fn::Sub": "mercato-${Stage}-${!Raw}"});
        assert_eq!(scope().settle(&plain), json!("mercato-dev-${Raw}"));
        let index = json!({"Fn::Sub": ["${Table.Arn}/index/${Name}", {"Name": "due"}]});
        let parts = json!({"Fn::Join": ["", [{"Fn::GetAtt": ["Data.Table", "Arn"]}, "/index/due"]]});
        assert_eq!(scope().settle(&index), parts);
        assert_eq!(scope().settle(&json!({"Fn::Join": [",", ["a", 1, {"Ref": "Stage"}]]})), json!("a,1,dev"));
    }

    #[test]
    fn conditions_decide_and_no_value_leaves_nothing() {
        let nothing = json!({"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]});
        let choice = json!({"a": nothing, "b": {"Fn::If": ["IsSmall", 1, 2]}});
        assert_eq!(scope().settle(&choice), json!({"b": 1}));
        assert_eq!(
            [scope().holds("Both"), scope().holds("Either"), scope().holds("Unknown")],
            [false, true, false]
        );
    }
}
