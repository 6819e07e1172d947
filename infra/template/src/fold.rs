//! The root template and its nested stacks, folded into one set of resources.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::scope::{Scope, join, only_entry};
use crate::{Mistake, Resource, Resources, document};

const STACK: &str = "AWS::CloudFormation::Stack";
const FUNCTION: &str = "AWS::Serverless::Function";

/// All resources of `template.yaml` in a folder and of the stacks below it.
pub(crate) fn fold(folder: &Path, parameters: &[(&str, &str)]) -> Result<Resources, Mistake> {
    let given = parameters.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    let mut whole = Whole { folder, resources: Resources::new(), outputs: BTreeMap::new() };
    whole.take_in("template.yaml", "", given)?;
    let mut resources = whole.resources;
    for (id, resource) in &mut resources {
        let properties = connect(&whole.outputs, &resource.properties);
        resource.properties =
            properties.map_err(|output| Mistake::at(id, format!("there is no {output}")))?;
    }
    Ok(resources)
}

struct Whole<'a> {
    folder: &'a Path,
    resources: Resources,
    /// By what others call them: `Data.Outputs.TableName`.
    outputs: BTreeMap<String, Value>,
}

impl Whole<'_> {
    fn take_in(&mut self, file: &str, prefix: &str, given: BTreeMap<String, Value>) -> Result<(), Mistake> {
        let document = document::read(&self.folder.join(file))?;
        let scope = Scope::new(prefix, &document, given);
        let applies = |value: &Value| value["Condition"].as_str().is_none_or(|name| scope.holds(name));
        for (id, raw) in entries(&document["Resources"]).filter(|(_, raw)| applies(raw)) {
            let id = format!("{prefix}{id}");
            let resource = resource(file, raw, &document["Globals"], &scope);
            if resource.kind == STACK {
                self.nest(file, &id, &resource.properties)?;
            }
            self.resources.insert(id, resource);
        }
        for (name, output) in entries(&document["Outputs"]).filter(|(_, output)| applies(output)) {
            self.outputs.insert(format!("{prefix}Outputs.{name}"), scope.settle(&output["Value"]));
        }
        Ok(())
    }

    fn nest(&mut self, file: &str, id: &str, properties: &Value) -> Result<(), Mistake> {
        let url = properties["TemplateURL"].as_str().ok_or_else(|| Mistake::at(id, "has no TemplateURL"))?;
        let nested = Path::new(file).parent().unwrap_or(Path::new("")).join(url);
        let given =
            entries(&properties["Parameters"]).map(|(name, value)| (name.clone(), value.clone())).collect();
        self.take_in(&nested.to_string_lossy(), &format!("{id}."), given)
    }
}

fn resource(file: &str, raw: &Value, globals: &Value, scope: &Scope) -> Resource {
    let kind = raw["Type"].as_str().unwrap_or_default().to_owned();
    let own = &raw["Properties"];
    let properties = if kind == FUNCTION { overlay(&globals["Function"], own) } else { own.clone() };
    Resource {
        stack: file.to_owned(),
        retained: raw["DeletionPolicy"] == "Retain" && raw["UpdateReplacePolicy"] == "Retain",
        properties: scope.settle(&properties),
        metadata: raw["Metadata"].clone(),
        kind,
    }
}

/// A function's own properties over the global ones: maps are joined, anything else is replaced.
fn overlay(below: &Value, above: &Value) -> Value {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) if !above.keys().any(is_intrinsic) => {
            let mut both = below.clone();
            for (key, value) in above {
                let laid = both.get(key).map_or_else(|| value.clone(), |under| overlay(under, value));
                both.insert(key.clone(), laid);
            }
            Value::Object(both)
        }
        (below, Value::Null) => below.clone(),
        (_, above) => above.clone(),
    }
}

fn is_intrinsic(key: &String) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

/// Puts what an output of a stack stands for in the place of the output.
fn connect(outputs: &BTreeMap<String, Value>, value: &Value) -> Result<Value, String> {
    match value {
        Value::Array(items) => items.iter().map(|item| connect(outputs, item)).collect(),
        Value::Object(map) => match only_entry(value) {
            Some(("Fn::GetAtt", path)) if path[1].as_str().is_some_and(|at| at.starts_with("Outputs.")) => {
                let name = [&path[0], &path[1]].map(|part| part.as_str().unwrap_or_default()).join(".");
                connect(outputs, outputs.get(&name).ok_or(name)?)
            }
            Some(("Fn::Join", parts)) => {
                let Value::Array(parts) = connect(outputs, &parts[1])? else { return Ok(value.clone()) };
                Ok(join("", parts))
            }
            _ => map.iter().map(|(key, value)| Ok((key.clone(), connect(outputs, value)?))).collect(),
        },
        plain => Ok(plain.clone()),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROOT: &str = "
Parameters: { Stage: { Type: String } }
Resources:
  Data:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: data.yaml, Parameters: { Name: !Ref Stage } }
  Reader:
    Type: Any
    Properties: { Arn: !Sub '${Data.Outputs.Arn}/x', Name: !GetAtt Data.Outputs.Name }
";
    const DATA: &str = "
Parameters: { Name: { Type: String } }
Resources:
  Table: { Type: Any, DeletionPolicy: Retain, UpdateReplacePolicy: Retain }
Outputs:
  Arn: { Value: !GetAtt Table.Arn }
  Name: { Value: !Sub 'm-${Name}' }
";

    #[test]
    fn an_output_leads_to_the_resource_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("template.yaml"), ROOT).unwrap();
        std::fs::write(folder.path().join("data.yaml"), DATA).unwrap();
        let resources = fold(folder.path(), &[("Stage", "local")]).unwrap();
        assert!(resources["Data.Table"].retained);
        let arn = json!({"Fn::Join": ["", [{"Fn::GetAtt": ["Data.Table", "Arn"]}, "/x"]]});
        assert_eq!(resources["Reader"].properties, json!({"Arn": arn, "Name": "m-local"}));
    }

    #[test]
    fn an_output_that_is_not_there_is_a_mistake() {
        let missing = json!({"Fn::GetAtt": ["Data", "Outputs.Gone"]});
        assert_eq!(connect(&BTreeMap::new(), &missing).unwrap_err(), "Data.Outputs.Gone");
    }

    #[test]
    fn maps_are_joined_and_the_rest_replaced() {
        let globals = json!({"Timeout": 20, "Environment": {"Variables": {"A": "1", "B": "1"}}});
        let own = json!({"Timeout": 5, "Environment": {"Variables": {"B": "2"}}});
        assert_eq!(
            overlay(&globals, &own),
            json!({"Timeout": 5, "Environment": {"Variables": {"A": "1", "B": "2"}}})
        );
    }
}
