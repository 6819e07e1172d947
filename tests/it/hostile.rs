//! Whatever is sent, somebody is told what is wrong with it: no input breaks an operation.
//!
//! Every operation of every document gets bad values in each field of its body, each parameter and each variable of its
//! path, and bodies that are none; from an administrator, who gets far, on things that are there.

mod corpus;

use std::time::Duration;

use docs::DOCUMENTS;
use serde_json::{Value, json};
use testkit::{Answer, Call, World};

use crate::matrix::belongings::Belongings;
use crate::openapi::{body, committed, example, operations, resolved};
use crate::people::{Person, administrator, clerk, newcomer};
use corpus::{BODIES, BODY_TYPES, IN_A_PATH, IN_A_QUERY, TEXTS, values};

/// Parameters that many lists know, tried everywhere.
const EVERYWHERE: [&str; 5] = ["page", "page_size", "search", "ordering", "cursor"];

#[tokio::test]
async fn identity_is_broken_by_nothing() {
    nothing_breaks("identity").await;
}

#[tokio::test]
async fn loyalty_is_broken_by_nothing() {
    nothing_breaks("loyalty").await;
}

#[tokio::test]
async fn prepaid_is_broken_by_nothing() {
    nothing_breaks("prepaid").await;
}

#[test]
fn every_context_is_tried() {
    let contexts: Vec<&str> = DOCUMENTS.iter().map(|document| document.context).collect();
    assert_eq!(contexts, ["identity", "loyalty", "prepaid"], "a new context has a test of its own above");
}

async fn nothing_breaks(context: &str) {
    let mut stage = Stage::set().await;
    let document = DOCUMENTS.iter().find(|document| document.context == context).unwrap();
    let json = committed(document);
    let operations = operations(&json);
    assert!(operations.len() >= 15, "there is something to try");
    let mut mistakes = Vec::new();
    for (method, path, operation) in operations {
        stage.someone_who_may().await;
        let mut trial =
            Trial { stage: &stage, method: method.to_uppercase(), path, operation, sent: 0, mistakes };
        trial.paths().await;
        match method {
            "get" => trial.queries().await,
            _ => trial.bodies().await,
        }
        if let Some(schema) = body(&json, operation) {
            trial.fields(&json, schema).await;
        }
        assert!(trial.sent > 20, "{method} {path} was hardly tried");
        mistakes = trial.mistakes;
    }
    assert!(mistakes.is_empty(), "\n{}", mistakes.join("\n"));
}

/// Where it is tried, by whom and on what.
struct Stage {
    world: World,
    things: Belongings,
    admin: Person,
    admins: usize,
}

impl Stage {
    async fn set() -> Self {
        let world = World::new().await;
        let admin = administrator(&world, "admin").await;
        let clerk = clerk(&world, "clerk").await;
        let things = Belongings::of(&world, &newcomer(&world, "owner").await, &clerk, &admin).await;
        Self { world, things, admin, admins: 0 }
    }

    /// An administrator who was not signed out, suspended or renamed by what was tried before.
    async fn someone_who_may(&mut self) {
        self.world.clock.advance(Duration::from_secs(1));
        let me = self.world.get("/api/auth/me/").bearer(&self.admin.access).send().await;
        if me.status != 200 {
            self.admins += 1;
            self.admin = administrator(&self.world, &format!("admin{}", self.admins)).await;
        }
    }
}

/// One operation under trial.
struct Trial<'a> {
    stage: &'a Stage,
    method: String,
    path: &'a str,
    operation: &'a Value,
    sent: usize,
    mistakes: Vec<String>,
}

impl Trial<'_> {
    /// The path to something that is there.
    fn there(&self) -> String {
        self.stage.things.path(self.path)
    }

    async fn paths(&mut self) {
        let parts: Vec<&str> = self.path.split('/').collect();
        if !self.path.contains('{') {
            return;
        }
        for odd in IN_A_PATH {
            let named = |part: &&str| if part.starts_with('{') { odd() } else { (*part).to_owned() };
            let path = parts.iter().map(named).collect::<Vec<_>>().join("/");
            // With the longest key, so that what is kept under both would be too long for the table.
            let call = self.call(&path).header("idempotency-key", &"k".repeat(255)).json(&json!({}));
            self.judge(call, &odd(), false).await;
        }
    }

    async fn queries(&mut self) {
        let declared = self.operation["parameters"].as_array().into_iter().flatten();
        let declared = declared.filter(|parameter| parameter["in"] == "query");
        let mut names: Vec<&str> = declared.filter_map(|parameter| parameter["name"].as_str()).collect();
        names.extend(EVERYWHERE);
        names.sort_unstable();
        names.dedup();
        for name in names {
            for odd in IN_A_QUERY {
                let path = format!("{}?{name}={}", self.there(), odd());
                self.judge(self.call(&path), &format!("{name}={}", odd()), false).await;
            }
        }
    }

    async fn bodies(&mut self) {
        for (number, odd) in BODIES.into_iter().enumerate() {
            // Each as JSON, and each as something else.
            let kinds = [BODY_TYPES[0], BODY_TYPES[1 + number % (BODY_TYPES.len() - 1)]];
            for kind in kinds {
                let call = self.call(&self.there()).header("content-type", kind).body(odd());
                self.judge(call, &format!("{kind}: {:?}", excerpt(&odd())), false).await;
            }
        }
    }

    async fn fields(&mut self, document: &Value, schema: &Value) {
        let good = example(document, schema);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let kinds = kinds(document, property);
            for value in values() {
                // A list or an object where neither may be must not pass; the rest is for the operation to decide.
                let wrong = match &value {
                    Value::Array(_) => !kinds.iter().any(|kind| kind == "array"),
                    Value::Object(_) => !kinds.iter().any(|kind| kind == "object"),
                    _ => false,
                };
                let mut body = good.clone();
                body[name] = value.clone();
                let call = self.call(&self.there()).json(&body);
                self.judge(call, &format!("{name}: {}", excerpt(value.to_string().as_bytes())), wrong).await;
            }
            for text in TEXTS {
                let (before, after) = (good.to_string(), format!("\"{name}\":{text}"));
                let call = self.call(&self.there()).header("content-type", "application/json");
                // Behind the good value, since the last of two counts.
                let call = call.body(format!("{},{after}}}", before.trim_end_matches('}')));
                self.judge(call, &after, false).await;
            }
        }
    }

    /// A request of the administrator's; from here and there, so that no limit of an address cuts the trial short.
    fn call(&self, path: &str) -> Call {
        let address = format!("198.51.{}.{}", self.sent / 200 % 200, self.sent % 200);
        self.stage.world.call(&self.method, path).bearer(&self.stage.admin.access).from(&address)
    }

    async fn judge(&mut self, call: Call, tried: &str, must_fail: bool) {
        self.sent += 1;
        let answer = call.send().await;
        let refused = answer.status.as_u16() >= 400;
        let worded = answer.header("content-type").starts_with("application/json")
            && answer.json.as_object().is_some_and(|members| !members.is_empty());
        let wrong = [
            (answer.status.as_u16() >= 500, "it breaks"),
            (must_fail && !refused, "it is taken"),
            (refused && !worded, "it is not told why"),
            (refused && tells_of_the_inside(&answer), "it is told too much"),
            (answer.header("x-request-id").is_empty(), "it has no id"),
        ];
        for (_, what) in wrong.into_iter().filter(|(wrong, _)| *wrong) {
            let (method, path, tried) = (&self.method, self.path, excerpt(tried.as_bytes()));
            self.mistakes.push(format!("{what}: {method} {path} with {tried}: {answer:?}"));
        }
    }
}

/// The JSON types that a property may have.
fn kinds(document: &Value, property: &Value) -> Vec<String> {
    let property = resolved(document, property);
    let nested = ["oneOf", "anyOf", "allOf"].iter().filter_map(|many| property[*many].as_array()).flatten();
    let mut kinds: Vec<String> = nested.flat_map(|schema| kinds(document, schema)).collect();
    match &property["type"] {
        Value::String(kind) => kinds.push(kind.clone()),
        Value::Array(several) => kinds.extend(several.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    }
    kinds
}

fn tells_of_the_inside(answer: &Answer) -> bool {
    ["panicked", "DynamoDB", "ValidationException", "CREDENTIAL#", "PRINCIPAL#", ".rs:", "SdkError"]
        .iter()
        .any(|inside| answer.text.contains(inside))
}

/// As much of what was sent as a person wants to read.
fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(80).collect()
}
