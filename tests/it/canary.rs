//! Nothing of anybody's own gets into a log: every operation is called with values that could not be there by chance.

mod log;
mod members;
mod mischief;
mod shoppers;

use std::time::Duration;

use docs::DOCUMENTS;
use identity::account::store;
use serde_json::{Value, json};
use table::{Condition, Tx, Update};
use testkit::{Fault, World};

use crate::openapi::{body, committed, example, operations, unknown};
use crate::people::{Person, administrator, reset_token};
use crate::project::read;
use log::Log;

/// What must not be found, in any case of letters.
const CANARIES: [&str; 8] = [
    "canary",
    "5550199",
    "violet-otter",
    "amber-lynx",
    "crimson-ibis",
    "teal-marmot",
    "kingfisher lane",
    "1987-06-05",
];

const FIRST: &str = "violet-otter-31";
const SECOND: &str = "amber-lynx-32";
const THIRD: &str = "crimson-ibis-33";

#[tokio::test]
async fn logs_tell_nothing_of_anybody() {
    let log = Log::capture();
    let world = World::new().await;
    let mut secrets = lives(&world).await;
    every_operation(&world).await;
    bad_days(&world).await;
    broken_headers(&world).await;
    world.settle().await;
    secrets.extend(CANARIES.map(str::to_owned));
    let lines = log.text();
    for told in [
        "login_failed",
        "refresh_reused",
        "request_id",
        "does not read",
        "busy",
        "voucher.expired",
        "payment_mismatch",
        "payment_unknown",
        "payment_disputed",
        "refund_failed",
        "Stripe does not answer",
    ] {
        assert!(lines.contains(told), "the log does not tell of {told}");
    }
    let described = read("docs/logging.md");
    for event in mischief::events() {
        assert!(lines.contains(&format!("event=\"{event}\"")), "the log does not tell of {event}");
        assert!(described.contains(&format!("`{event}`")), "docs/logging.md does not tell of {event}");
    }
    let betrayed = lines.lines().filter_map(|line| {
        let secret = secrets.iter().find(|secret| line.to_lowercase().contains(&secret.to_lowercase()))?;
        Some(format!("{secret} in {line}"))
    });
    assert_eq!(betrayed.collect::<Vec<_>>(), Vec::<String>::new());
    let stray: Vec<&str> = lines.lines().filter(|line| line.starts_with("Injected")).collect();
    assert!(stray.is_empty(), "a value began a line of its own: {stray:?}");
}

/// Everything that people do here: answers with every secret that was handed out.
pub async fn lives(world: &World) -> Vec<String> {
    let mut secrets = somebodys_life(world).await;
    secrets.extend(members::life(world).await);
    secrets.extend(shoppers::life(world).await);
    secrets.extend(mischief::life(world).await);
    secrets
}

/// Registers, signs in and out, edits, resets: answers with every secret that was handed out.
async fn somebodys_life(world: &World) -> Vec<String> {
    let agent = |call: testkit::Call| {
        call.header("user-agent", "CanaryAgent/1.0 (violet-otter)").header("x-canary", "canary")
    };
    let new = json!({
        "username": "canary.user", "email": "canary.mail@shop.test", "password": FIRST,
        "first_name": "Canaria", "last_name": "Canaryson", "phone_number": "+1 202 5550199",
    });
    let register = agent(world.post("/api/auth/register/?next=canary-query", &new))
        .header("idempotency-key", "canary-key");
    let person = Person::of(&register.send().await.expect(201));
    agent(world.post("/api/auth/register/", &new)).send().await.expect(400);
    let sign_in = |login: &str, password: &str| json!({ "username": login, "password": password });
    let login = |body: Value| agent(world.post("/api/auth/login/?token=canary-query", &body)).send();
    login(sign_in("canary.user", "teal-marmot-34")).await.expect(401);
    login(sign_in("canary.nobody", FIRST)).await.expect(401);
    login(json!({ "username": ["canary"], "password": { "canary": 1 } })).await.expect(400);
    let other = Person::of(&login(sign_in("canary.mail@shop.test", FIRST)).await.expect(200));
    let edit = json!({ "address": "7 Kingfisher Lane", "bio": "Canary bio", "date_of_birth": "1987-06-05" });
    agent(world.call("PATCH", "/api/auth/profile/"))
        .bearer(&person.access)
        .json(&edit)
        .send()
        .await
        .expect(200);
    let rotate = json!({ "refresh": person.refresh, "rotate": true });
    let rotated = world.post("/api/auth/token/refresh/", &rotate).send().await.expect(200);
    // A replaced token that comes again is told to its owner, and to the log.
    world.clock.advance(Duration::from_mins(1));
    world.post("/api/auth/token/refresh/", &rotate).send().await.expect(401);
    let change = json!({ "old_password": FIRST, "new_password": SECOND });
    world.post("/api/auth/change-password/", &change).bearer(&other.access).send().await.expect(200);
    world
        .post("/api/auth/password-reset/", &json!({ "email": "canary.mail@shop.test" }))
        .send()
        .await
        .expect(202);
    let token = reset_token(world, "canary.mail@shop.test").await;
    let confirm = json!({ "token": token, "password": THIRD });
    world.post("/api/auth/password-reset/confirm/", &confirm).send().await.expect(200);
    let last = Person::of(&login(sign_in("canary.user", THIRD)).await.expect(200));
    world
        .post("/api/auth/logout/", &json!({ "refresh": last.refresh }))
        .bearer(&last.access)
        .send()
        .await
        .expect(205);
    let tokens = [&person.access, &person.refresh, &other.access, &other.refresh, &rotated.text_at("access")];
    // The end of a token is its signature: whoever has that has the token.
    let signatures = tokens.into_iter().filter_map(|token| token.rsplit('.').next()).map(str::to_owned);
    signatures.chain([token]).collect()
}

/// Each operation of each document, with a body full of canaries: by an administrator and by nobody.
async fn every_operation(world: &World) {
    let admin = administrator(world, "canary.admin").await;
    for document in DOCUMENTS {
        let json = committed(document);
        for (method, path, operation) in operations(&json) {
            let path =
                format!("{}?search=canary-query&cursor=canary", unknown(path).replace("999", "canary"));
            let body = body(&json, operation).map(|schema| sung(example(&json, schema)));
            for token in [admin.access.as_str(), "canary.token.canary"] {
                let call = world.call(&method.to_uppercase(), &path).bearer(token).from("203.0.113.9");
                let call = match &body {
                    Some(body) => call.json(body),
                    None => call,
                };
                let answer = call.send().await;
                assert!(answer.status.as_u16() < 500, "{path}: {answer:?}");
            }
        }
    }
    world.post("/api/auth/login/", &Value::Null).body("{canary").send().await.expect(400);
}

/// The same body with a canary in every text.
fn sung(body: Value) -> Value {
    match body {
        Value::String(text) if text.contains('@') => json!("canary.else@shop.test"),
        Value::String(_) => json!("canary-violet-otter-5550199"),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, sung(value))).collect(),
        other => other,
    }
}

/// Failures are logged; what they failed on is not.
async fn bad_days(world: &World) {
    let sent = json!({ "username": "canary.user", "password": THIRD });
    let person =
        Person::of(&world.post("/api/auth/login/", &sent).from("192.0.2.1").send().await.expect(200));
    for (operation, fault) in
        [("UpdateItem", Fault::Broken), ("GetItem", Fault::Throttled), ("TransactWriteItems", Fault::Unsent)]
    {
        (0..6).for_each(|_| world.faults.next(operation, fault));
        let edit = json!({ "bio": "Another canary" });
        world.call("PATCH", "/api/auth/profile/").bearer(&person.access).json(&edit).send().await;
        world.post("/api/auth/login/", &sent).from("192.0.2.2").send().await;
        world.faults.stop();
    }
    // A row that does not read any more is a bug, which must not cite the row.
    let key = access::Principal::key_of(person.id.parse().unwrap());
    for (name, value) in [("joined", "canary-time"), ("status", "canary-status")] {
        let broken = Update::when(key.clone(), Condition::exists()).set(name, value);
        world.table.commit(Tx::new().update(broken, "refused")).await.unwrap();
        world.get("/api/auth/me/").bearer(&person.access).send().await.expect(500);
    }
    assert!(store::account(&world.table, person.id.parse().unwrap()).await.is_err());
}

/// A header with a line break, which only a forged event can have.
async fn broken_headers(world: &World) {
    let request = http::Request::builder().method("POST").uri("/api/auth/login/").header("host", "shop.test");
    let request = request.header("content-type", "application/json").body(b"{}".to_vec()).unwrap();
    let (function, route) = world.whole.template.route("POST", "/api/auth/login/").unwrap();
    for agent in ["canary\nInjected: line", "canary\r\nInjected", "\u{1b}[31mcanary"] {
        let mut event = local::event::of(&request, route, "203.0.113.8", world.clock.now());
        event["headers"]["user-agent"] = json!(agent);
        event["requestContext"]["http"]["userAgent"] = json!(agent);
        let _ = world.whole.invoke(&function.binary, &event).await;
        event["requestContext"]["requestId"] = json!("request\nInjected: line");
        let _ = world.whole.invoke(&function.binary, &event).await;
    }
}
