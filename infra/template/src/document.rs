//! A template file as JSON: `!Ref x` and its kin in their long form, `{"Ref": "x"}`.

use std::path::Path;

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

use crate::Mistake;

/// Reads one template file.
pub(crate) fn read(path: &Path) -> Result<Value, Mistake> {
    let text = std::fs::read_to_string(path).map_err(|error| Mistake::at(path.display(), error))?;
    parse(&text).map_err(|what| Mistake::at(path.display(), what))
}

fn parse(text: &str) -> Result<Value, String> {
    let yaml: Yaml = serde_norway::from_str(text).map_err(|error| error.to_string())?;
    long(yaml)
}

fn long(yaml: Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(long).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(name(&key)?, long(value)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => intrinsic(&tagged.tag.to_string(), long(tagged.value)?),
        plain => serde_json::to_value(plain).map_err(|error| error.to_string())?,
    })
}

fn name(key: &Yaml) -> Result<String, String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(flag) => Ok(flag.to_string()),
        other => Err(format!("{other:?} cannot be a key")),
    }
}

fn intrinsic(tag: &str, value: Value) -> Value {
    let tag = tag.trim_start_matches('!');
    match (tag, value) {
        ("Ref" | "Condition", value) => json!({ tag: value }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (_, value) => json!({ format!("Fn::{tag}"): value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_their_long_form() {
        let text =
            "A: !Ref Table\nB: !GetAtt Data.Outputs.Arn\nC: !If [Prod, !Sub 'x-${Y}', 3]\nD: !Equals [a, b]";
        assert_eq!(
            parse(text).unwrap(),
            json!({
                "A": {"Ref": "Table"},
                "B": {"Fn::GetAtt": ["Data", "Outputs.Arn"]},
                "C": {"Fn::If": ["Prod", {"Fn::Sub": "x-${Y}"}, 3]},
                "D": {"Fn::Equals": ["a", "b"]},
            })
        );
    }

    #[test]
    fn a_broken_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.yaml");
        std::fs::write(&path, "a: [").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("template.yaml"));
    }
}
