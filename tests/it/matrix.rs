//! Who may call what: every operation of every document, by everybody who might try.
//!
//! What is expected is computed from `x-access`. Whoever is refused must learn nothing, change nothing and have
//! nothing sent. Where that cannot hold, `matrix-exceptions.txt` says why; that list may only shrink.

mod actors;
pub mod belongings;

use std::sync::atomic::{AtomicU8, Ordering};

use docs::DOCUMENTS;
use serde_json::{Value, json};
use testkit::{Answer, Shelf, World};

use crate::openapi::{body, committed, example, operations, unknown};
use crate::project;
use actors::{Actor, Cast};

/// The exceptions: lines of `<operation> <actor>: <why>`.
const EXCEPTIONS: &str = "tests/it/matrix-exceptions.txt";

/// One operation, as its document describes it.
struct Operation<'a> {
    id: &'a str,
    method: String,
    path: &'a str,
    access: &'a Value,
    body: Option<Value>,
}

/// What an actor must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// As if nobody had signed in: the operation is public.
    Public,
    /// Let in; what comes then is the operation's own matter.
    Open,
    /// 401.
    Unknown,
    /// 403.
    Forbidden,
    /// 404 or 403: it belongs to somebody else.
    Absent,
}

#[tokio::test]
async fn everybody_gets_what_the_documents_say() {
    let world = World::new().await;
    let cast = Cast::assemble(&world).await;
    let mut exceptions = Exceptions::read();
    let (mut mistakes, mut seen) = (Vec::new(), None);
    for document in DOCUMENTS {
        let json = committed(document);
        for (method, path, operation) in operations(&json) {
            let operation = Operation {
                id: operation["operationId"].as_str().unwrap(),
                method: method.to_uppercase(),
                path,
                access: &operation["x-access"],
                body: body(&json, operation).map(|schema| example(&json, schema)),
            };
            for actor in Actor::ALL {
                let Some(expected) = expect(&operation, actor) else { continue };
                if let Err(mistake) = attempt(&world, &cast, &operation, actor, expected, &mut seen).await
                    && !exceptions.excuse(operation.id, actor)
                {
                    mistakes.push(format!("{} {actor:?}: expected {expected:?}, {mistake}", operation.id));
                }
            }
        }
    }
    assert!(mistakes.is_empty(), "\n{}", mistakes.join("\n"));
    exceptions.all_used();
}

#[tokio::test]
async fn a_hole_would_show() {
    let world = World::new().await;
    let cast = Cast::assemble(&world).await;
    let access = json!({ "public": false });
    let suspend = Operation {
        id: "identity_users_change",
        method: "PATCH".to_owned(),
        path: "/api/auth/users/{id}/",
        access: &access,
        body: Some(json!({ "status": "suspended" })),
    };
    let before = world.shelf().await;
    assert!(attempt(&world, &cast, &suspend, Actor::Newcomer, Expected::Open, &mut None).await.is_err());
    assert_eq!(world.shelf().await.changed_since(&before), Vec::<&str>::new());
    assert!(
        attempt(&world, &cast, &suspend, Actor::Administrator, Expected::Forbidden, &mut None).await.is_err()
    );
    assert!(!world.shelf().await.changed_since(&before).is_empty());
}

/// What `x-access` promises; `None` where the actor has nothing to try.
fn expect(operation: &Operation, actor: Actor) -> Option<Expected> {
    let access = operation.access;
    let public = access["public"]
        .as_bool()
        .unwrap_or_else(|| panic!("{} has an unknown x-access: {access}", operation.id));
    if actor == Actor::Stranger {
        return (access["owner"].is_string() && operation.path.contains('{')).then_some(Expected::Absent);
    }
    if public {
        return Some(Expected::Public);
    }
    if !actor.has_a_good_token() {
        return Some(Expected::Unknown);
    }
    let admitted = access["roles"].as_array().is_none_or(|roles| {
        let context =
            access["context"].as_str().unwrap_or_else(|| panic!("{} has roles of no context", operation.id));
        roles.iter().any(|role| role == actor.role_in(context))
    });
    Some(match admitted {
        false => Expected::Forbidden,
        true if access["live"] == true && !actor.has_a_good_record() => Expected::Unknown,
        true => Expected::Open,
    })
}

/// Tries it. What was `seen` last, if nobody who may write has been there since, need not be looked at again.
async fn attempt(
    world: &World,
    cast: &Cast,
    operation: &Operation<'_>,
    actor: Actor,
    expected: Expected,
    seen: &mut Option<(Shelf, usize)>,
) -> Result<(), String> {
    let refused = matches!(expected, Expected::Unknown | Expected::Forbidden | Expected::Absent);
    // Those who are refused try it on things that are there, so that a hole would show.
    let path = if refused { cast.path_to_a_victim(operation.path) } else { unknown(operation.path) };
    let before = match seen.take().filter(|_| refused) {
        None if refused => look(world).await,
        seen => seen.unwrap_or_default(),
    };
    let answer = send(world, operation, &path, cast.authorization(actor)).await;
    let status = answer.status.as_u16();
    let outcome = match expected {
        Expected::Public => same(&answer, &send(world, operation, &path, None).await),
        Expected::Open => demand(!matches!(status, 401 | 403) && status < 500),
        Expected::Unknown => demand(status == 401 && answer.headers.contains_key("www-authenticate")),
        Expected::Forbidden => demand(status == 403),
        Expected::Absent => demand(matches!(status, 403 | 404)),
    };
    outcome.map_err(|why| format!("was answered {answer:?}{why}"))?;
    if refused {
        tells_nothing(&path, &answer)?;
        let after = look(world).await;
        let changed = after.0.changed_since(&before.0);
        demand(changed.is_empty()).map_err(|_| format!("it wrote {changed:?}"))?;
        demand(after.1 == before.1).map_err(|_| "something was sent".to_owned())?;
        *seen = Some(after);
    }
    Ok(())
}

async fn send(world: &World, operation: &Operation<'_>, path: &str, authorization: Option<String>) -> Answer {
    // Each comes from an address of its own, so that nobody pays for the attempts of another.
    static ADDRESS: AtomicU8 = AtomicU8::new(0);
    let address = format!("198.51.100.{}", ADDRESS.fetch_add(1, Ordering::Relaxed));
    let mut call = world.call(&operation.method, path).from(&address);
    if let Some(authorization) = authorization {
        call = call.header("authorization", &authorization);
    }
    if let Some(body) = &operation.body {
        call = call.json(body);
    }
    call.send().await
}

/// All items, and how many mails there are.
async fn look(world: &World) -> (Shelf, usize) {
    let mails = world.mails().len();
    (world.shelf().await, mails)
}

fn demand(holds: bool) -> Result<(), String> {
    if holds { Ok(()) } else { Err(String::new()) }
}

/// A token must make no difference where none is asked for, whatever the operation itself says to a second call.
fn same(answer: &Answer, anonymous: &Answer) -> Result<(), String> {
    let let_in =
        |answer: &Answer| !matches!(answer.status.as_u16(), 401 | 403) && answer.status.as_u16() < 500;
    let alike = answer.json == anonymous.json || (let_in(answer) && let_in(anonymous));
    demand(alike).map_err(|_| format!(", and without a token {anonymous:?}"))
}

/// A refusal is DRF's and nothing more: no field of anything that is stored.
fn tells_nothing(path: &str, answer: &Answer) -> Result<(), String> {
    const WORDS: [&str; 8] = [
        "Authentication credentials were not provided.",
        "Given token not valid for any token type",
        "User is inactive",
        "You do not have permission to perform this action.",
        "Not found.",
        "Voucher not found",
        "Transaction not found",
        "Reservation not found",
    ];
    let details = if path.starts_with("/api/loyalty/") { unwrapped(answer)? } else { &answer.json };
    let members = details.as_object().ok_or_else(|| format!("is no object: {answer:?}"))?;
    // The voucher shop says the same under three names.
    let said = |name: &str| path.starts_with("/api/prepaid/") && members[name] == members["detail"];
    let known = members.keys().all(|name| match name.as_str() {
        "detail" | "code" | "messages" => true,
        name => matches!(name, "error" | "message") && said(name),
    });
    let worded = members.get("detail").and_then(Value::as_str).is_some_and(|detail| WORDS.contains(&detail));
    demand(known && worded).map_err(|_| format!("says too much: {answer:?}"))
}

/// The details of a refusal in loyalty's envelope, which must be just that.
fn unwrapped(answer: &Answer) -> Result<&Value, String> {
    let details = &answer.json["error"]["details"];
    let message = &details["detail"];
    let mut envelope = json!({
        "success": false, "message": message,
        "error": { "message": message, "details": details, "status_code": answer.status.as_u16() },
    });
    for (name, value) in details.as_object().into_iter().flatten() {
        envelope[name] = value.clone();
    }
    demand(answer.json == envelope).map_err(|_| format!("is not in the envelope: {answer:?}"))?;
    Ok(details)
}

/// The committed exceptions, and which of them were needed.
struct Exceptions(Vec<(String, bool)>);

impl Exceptions {
    fn read() -> Self {
        let text = project::read(EXCEPTIONS);
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let named = lines.map(|line| {
            let (case, why) = line.split_once(": ").unwrap_or((line, ""));
            assert!(!why.trim().is_empty(), "{EXCEPTIONS}: {line:?} does not say why");
            (case.to_owned(), false)
        });
        Self(named.collect())
    }

    fn excuse(&mut self, operation: &str, actor: Actor) -> bool {
        let case = format!("{operation} {actor:?}");
        let found = self.0.iter_mut().find(|(excused, _)| *excused == case);
        found.map(|(_, used)| *used = true).is_some()
    }

    fn all_used(&self) {
        let unused: Vec<_> = self.0.iter().filter(|(_, used)| !used).map(|(case, _)| case).collect();
        assert!(unused.is_empty(), "{EXCEPTIONS} may only shrink: take out {unused:?}");
    }
}
