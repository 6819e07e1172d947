//! Who may know whom, and who may do what.

use template::Template;

use crate::project::{File, files, root};

use super::holds;

/// Decisions are pure: no waiting, no clock, no wire, no SDK.
#[test]
fn rules_only_decide() {
    let impure = ["async", "aws_", "axum", "now("];
    holds(|file| {
        let is_rules = file.path.ends_with("/rules.rs");
        impure
            .into_iter()
            .find(|word| is_rules && file.code().contains(word))
            .map(|word| format!("has {word:?}"))
    });
}

/// A string becomes a key where rows are described, and nowhere else.
#[test]
fn keys_are_made_by_stores_and_rows() {
    holds(|file| {
        let code = file.code();
        let makes = file.is_source() && code.contains(" Key::new(");
        let may = file.path.ends_with("/store.rs")
            || code.contains("impl Row for ")
            || code.contains(".of_kind(")
            || file.path.starts_with("shared/table/")
            || file.path.starts_with("shared/access/");
        (makes && !may).then(|| "makes a key".to_owned())
    });
}

/// Every write has a condition, because only one file can write.
#[test]
fn one_file_writes_to_the_table() {
    let writes = [
        ".put_item()",
        ".update_item()",
        ".delete_item()",
        ".batch_write_item()",
        ".transact_write_items()",
        ".execute_",
    ];
    holds(|file| {
        let elsewhere = file.is_source()
            && file.path != "shared/table/src/commit.rs"
            && !file.path.starts_with("infra/standins/");
        writes
            .into_iter()
            .find(|write| elsewhere && file.code().contains(write))
            .map(|write| format!("has {write}"))
    });
}

/// Whoever does not know whether something was done may ask again: it is done once.
#[test]
fn what_has_an_effect_honours_a_key() {
    holds(|file| {
        let code = file.code();
        let operations =
            code.split("#[utoipa::path(").skip(1).filter_map(|rest| rest.split_once("async fn "));
        let careless = operations.filter_map(|(described, handler)| {
            let effect = ["post,", "delete,"].iter().any(|method| described.starts_with(method));
            let (name, rest) = handler.split_once('(')?;
            let takes_key = rest.split_once(") ->")?.0.contains(": Idempotency");
            (effect && !takes_key).then(|| name.to_owned())
        });
        let careless: Vec<String> = careless.filter(|_| file.path.starts_with("functions/")).collect();
        (!careless.is_empty()).then(|| format!("takes no Idempotency-Key in {}", careless.join(", ")))
    });
}

/// A scan costs by the table; nobody who runs may. An operator may, to count kept figures anew.
#[test]
fn nobody_scans() {
    holds(|file| {
        let elsewhere = file.is_source()
            && file.path != "infra/rebuild/src/pages.rs"
            && !file.path.starts_with("infra/standins/");
        (elsewhere && file.code().contains(".scan()")).then(|| "scans the table".to_owned())
    });
}

#[test]
fn only_one_crate_names_the_sdk_of_the_table() {
    holds(|file| {
        let named = file.path.ends_with("Cargo.toml") && file.text.contains("\naws-sdk-dynamodb");
        let may = matches!(
            file.path.as_str(),
            "Cargo.toml"
                | "shared/table/Cargo.toml"
                | "infra/standins/Cargo.toml"
                | "infra/rebuild/Cargo.toml"
        );
        (named && !may).then(|| "names the SDK of the table".to_owned())
    });
}

/// The order of the crates. Contexts never import each other: they tell, or read the shared principal.
#[test]
fn crates_lean_one_way() {
    const ORDER: [&str; 5] = ["wire", "table", "access", "platform", "functions"];
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len() - 1);
    let crates: Vec<File> = files().into_iter().filter(|file| file.path.ends_with("/Cargo.toml")).collect();
    let functions: Vec<&str> = crates
        .iter()
        .filter_map(|file| file.path.strip_prefix("functions/")?.strip_suffix("/Cargo.toml"))
        .collect();
    for file in &crates {
        let dependencies = file
            .text
            .split("[dependencies]")
            .nth(1)
            .unwrap_or_default()
            .split("\n[")
            .next()
            .unwrap_or_default();
        let leans_on: Vec<&str> = dependencies
            .lines()
            .filter_map(|line| line.split_once(".workspace").map(|(name, _)| name))
            .collect();
        let shared = file.path.strip_prefix("shared/").and_then(|path| path.strip_suffix("/Cargo.toml"));
        for dependency in leans_on {
            let function = functions.contains(&dependency);
            let foreign = function && file.path.starts_with("functions/");
            assert!(!foreign, "{} imports {dependency}, another context", file.path);
            if let Some(name) = shared.filter(|name| *name != "testkit") {
                let upwards = function
                    || (ORDER.contains(&dependency)
                        && rank(dependency) >= rank(name)
                        && ORDER.contains(&name));
                assert!(!upwards, "shared/{name} imports {dependency}, which stands above it");
            }
        }
    }
}

/// Names say what things are, not what pattern they follow.
#[test]
fn names_are_the_domains() {
    const PATTERNS: [&str; 6] = ["Service", "Manager", "Impl", "Dto", "Repository", "Helper"];
    holds(|file| {
        if !file.is_source() {
            return None;
        }
        let named = file.code().lines().filter_map(|line| {
            let line = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let name = ["struct ", "enum ", "trait "].iter().find_map(|kind| line.strip_prefix(kind))?;
            name.split(|c: char| !c.is_alphanumeric()).next()
        });
        let pattern = |name: &&str| PATTERNS.iter().any(|pattern| name.ends_with(pattern));
        named.into_iter().find(pattern).map(|name| format!("has a type called {name}"))
    });
}

/// What is built is deployed, runs locally, and is nothing but a main.
#[test]
fn every_binary_is_deployed_and_short() {
    let deployed = Template::read(&root()).unwrap();
    let mains: Vec<File> = files()
        .into_iter()
        .filter(|file| file.path.starts_with("functions/") && file.path.contains("/src/bin/"))
        .collect();
    assert!(!mains.is_empty());
    for main in mains {
        let name = main.path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        assert!(deployed.function(name).is_some(), "{name} is not in template.yaml");
        assert!(main.text.lines().count() < 12, "{} is more than a main", main.path);
    }
}
