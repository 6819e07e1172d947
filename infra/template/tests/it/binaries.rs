//! Every binary is deployed, and everything deployed is a binary.

use std::collections::BTreeSet;

use serde_json::json;
use template::{Function, Template};

use crate::{holds, notices, notices_change, resource, root};

/// The files or folders in a folder of the workspace, by name.
fn names_in(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The binaries of the functions, each as `<folder>/src/bin/<name>.rs`.
fn built() -> BTreeSet<String> {
    let folders = names_in("functions").into_iter().map(|name| format!("functions/{name}/src/bin"));
    folders
        .flat_map(|folder| names_in(&folder).into_iter().map(move |file| format!("{folder}/{file}")))
        .collect()
}

/// A path that a stack's file names, from the root of the workspace.
fn from(stack: &str, path: &str) -> String {
    let mut parts: Vec<&str> = stack.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        if part == ".." {
            parts.pop().expect("a path stays in the workspace");
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

fn binaries_and_functions_are_the_same(template: &Template) -> Vec<String> {
    let source = |function: &Function| {
        let resource = &template.resources()[&function.id];
        let folder = from(&resource.stack, resource.properties["CodeUri"].as_str().unwrap_or_default());
        format!("{folder}/src/bin/{}.rs", function.binary)
    };
    let deployed = template.functions().iter().map(source).collect();
    built().symmetric_difference(&deployed).cloned().collect()
}

#[test]
fn what_is_built_is_deployed() {
    holds(binaries_and_functions_are_the_same);
    notices(binaries_and_functions_are_the_same, "Docs", "/CodeUri", json!("."));
    notices(binaries_and_functions_are_the_same, "Loyalty.Http", "/CodeUri", json!("functions/loyalty"));
    notices_change(binaries_and_functions_are_the_same, |resources| drop(resources.remove("Docs").unwrap()));
    notices_change(binaries_and_functions_are_the_same, |resources| {
        resource(resources, "Docs").metadata["BuildProperties"]["Binary"] = json!("dogs");
    });
}
