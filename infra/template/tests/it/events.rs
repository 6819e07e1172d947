//! The example events reach the functions they are named after.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use template::{Function, Template};

use crate::{root, stage};

fn examples() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(root().join("infra/events")).unwrap().map(|entry| entry.unwrap().path());
    let json = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| (stem(&path), serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()))
        .collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The function that the platform would hand an event to.
fn receiver<'a>(template: &'a Template, event: &Value) -> Option<&'a Function> {
    if let Some(path) = event["rawPath"].as_str() {
        let (function, route) = template.route(event["requestContext"]["http"]["method"].as_str()?, path)?;
        assert_eq!(
            (&event["routeKey"], &event["requestContext"]["stage"]),
            (&route.to_string().into(), &"$default".into())
        );
        let proxy = route.variables(path).remove("proxy").map_or(Value::Null, Value::from);
        assert_eq!(event["pathParameters"]["proxy"], proxy);
        return Some(function);
    }
    template.functions().iter().find(|function| match event["Records"][0]["eventSource"].as_str() {
        Some("aws:sqs") => function.queues.iter().any(|source| {
            let name = template.queue(&source.queue).unwrap().name.to_string();
            event["Records"][0]["eventSourceARN"].as_str().unwrap().ends_with(&format!(":{name}"))
        }),
        Some("aws:dynamodb") => !function.streams.is_empty(),
        _ if event["source"] == "aws.scheduler" => !function.schedules.is_empty(),
        _ => function.rules.iter().any(|rule| rule.matches(event)),
    })
}

#[test]
fn every_example_reaches_the_function_it_is_named_after() {
    let template = stage("dev");
    for (name, event) in examples() {
        let binary = &receiver(&template, &event).unwrap_or_else(|| panic!("{name} reaches nobody")).binary;
        assert!(name.starts_with(binary.as_str()), "{name} reaches {binary}");
    }
}

#[test]
fn every_function_has_an_example() {
    let names: BTreeSet<_> = examples().into_iter().map(|(name, _)| name).collect();
    for function in stage("dev").functions() {
        assert!(names.iter().any(|name| name.starts_with(&function.binary)), "{}", function.binary);
    }
    let table = std::fs::read_to_string(root().join("infra/events/README.md")).unwrap();
    assert!(names.iter().all(|name| table.contains(&format!("`{name}.json`"))));
}
