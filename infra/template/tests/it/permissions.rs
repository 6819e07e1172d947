//! Who may do what.

use std::collections::BTreeMap;

use serde_json::json;
use template::{Function, Permission, Template};

use crate::{holds, notices, notices_change, resource, stage};

/// The only actions on the table that a function may be given, and those on its stream.
const ROWS: [&str; 7] =
    ["GetItem", "BatchGetItem", "Query", "ConditionCheckItem", "PutItem", "UpdateItem", "DeleteItem"];
const STREAM: [&str; 4] = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
/// Actions that know no resource, so that a star is all one can write.
const NOWHERE: [&str; 3] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams"];

/// The first part of keys whose second part names the context that they belong to.
const KEPT_BY_CONTEXTS: [&str; 5] = ["IDEMPOTENCY", "TALLY", "SEQUENCE", "OUTBOX", "DUE"];
/// What is about people is identity's.
const KEPT_BY_IDENTITY: [&str; 4] = ["CREDENTIAL", "PRINCIPAL", "TOKEN", "THROTTLE"];
/// What any context may do to rows that are not its own, and no more.
const LENT: [(&str, &[&str]); 4] = [
    ("HEALTH", &["GetItem"]),
    ("PRINCIPAL", &["GetItem", "BatchGetItem", "ConditionCheckItem"]),
    ("TOKEN", &["GetItem", "UpdateItem"]),
    ("THROTTLE", &["UpdateItem"]),
];

/// The permissions that fail a test, as `Function: Permission`.
fn failing(template: &Template, test: impl Fn(&Function, &Permission) -> bool) -> Vec<String> {
    let mut failing = Vec::new();
    for function in template.functions() {
        let broken = function.permissions.iter().filter(|permission| !test(function, permission));
        failing.extend(broken.map(|permission| format!("{}: {}", function.id, permission.name)));
    }
    failing
}

fn table_actions(permission: &Permission) -> impl Iterator<Item = &str> {
    permission.actions.iter().filter_map(|action| action.strip_prefix("dynamodb:"))
}

fn every_function_has_a_role_of_its_own(template: &Template) -> Vec<String> {
    let mut roles: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for function in template.functions() {
        roles.entry(&function.role).or_default().push(&function.id);
    }
    roles.into_iter().filter(|(_, functions)| functions.len() > 1).map(|(role, _)| role.to_owned()).collect()
}

fn roles_consist_of_inline_policies(template: &Template) -> Vec<String> {
    let roles = template.functions().iter().map(|function| &function.role);
    let managed = |role: &&String| template.resources()[*role].properties.get("ManagedPolicyArns").is_some();
    roles.filter(managed).cloned().collect()
}

fn actions_are_named(template: &Template) -> Vec<String> {
    failing(template, |_, permission| {
        !permission.actions.is_empty() && permission.actions.iter().all(|action| !action.contains('*'))
    })
}

fn resources_are_named(template: &Template) -> Vec<String> {
    failing(template, |_, permission| {
        let star = permission.resources.iter().any(|resource| resource.to_string() == "*");
        !permission.resources.is_empty() && !star
            || permission.actions.iter().all(|action| NOWHERE.contains(&action.as_str()))
    })
}

fn nobody_scans_or_administers_the_table(template: &Template) -> Vec<String> {
    failing(template, |_, permission| {
        table_actions(permission).all(|action| ROWS.contains(&action) || STREAM.contains(&action))
    })
}

fn rows_are_held_to_named_partitions(template: &Template) -> Vec<String> {
    failing(template, |_, permission| {
        let rows = table_actions(permission).any(|action| ROWS.contains(&action));
        let named = |key: &String| key.ends_with("#*") && !key.starts_with('*');
        !rows
            || permission.key_required
                && !permission.leading_keys.is_empty()
                && permission.leading_keys.iter().all(named)
    })
}

/// How many accounts there are, which any context may look at: it says nothing of anybody.
const FIGURES_OF_ACCOUNTS: [&str; 3] = ["TALLY", "IDENTITY", "*"];

/// The actions that a context may be given on the partitions of a leading key such as `TALLY#LOYALTY#*`.
fn admitted(context: &str, key: &str) -> &'static [&'static str] {
    let parts: Vec<&str> = key.split('#').collect();
    match parts.as_slice() {
        [first, "*"] if *first == context => &ROWS,
        [first, "*"] if context == "IDENTITY" && KEPT_BY_IDENTITY.contains(first) => &ROWS,
        [first, "*"] => LENT.iter().find(|(lent, _)| lent == first).map_or(&[], |(_, actions)| actions),
        [_, "WEBHOOK", "*"] if context == "PAYMENTS" => &["PutItem"],
        [kept, of, "*"] if *of == context && KEPT_BY_CONTEXTS.contains(kept) => &ROWS,
        figures if figures == FIGURES_OF_ACCOUNTS => &["Query"],
        ["SEARCH", of, "*"] if *of == context => &["GetItem", "BatchGetItem", "Query"],
        _ => &[],
    }
}

/// A context's functions are called after it: `loyalty-http` is of loyalty, and the clock is of none.
fn contexts_keep_to_their_own_rows(template: &Template) -> Vec<String> {
    failing(template, |function, permission| {
        let Some((context, _)) = function.binary.split_once('-') else { return true };
        permission.leading_keys.iter().all(|key| {
            let admitted = admitted(&context.to_uppercase(), key);
            table_actions(permission).all(|action| admitted.contains(&action))
        })
    })
}

fn only_identity_touches_credentials(template: &Template) -> Vec<String> {
    let may = |function: &&Function| {
        ROWS.iter().any(|action| {
            let action = format!("dynamodb:{action}");
            [None, Some("gsi1"), Some("due")]
                .iter()
                .any(|index| function.may(&action, *index, "CREDENTIAL#1"))
        })
    };
    let others = template.functions().iter().filter(|function| function.binary != "identity-http");
    others.filter(may).map(|function| function.id.clone()).collect()
}

fn only_identity_reads_private_keys(template: &Template) -> Vec<String> {
    let reads = |function: &&Function| {
        ["identity/signing-keys", "identity/pepper"].iter().any(|name| {
            function.may_read(&format!("/mercato/prod/{name}"))
                || function.may_read(&format!("/mercato/dev/{name}"))
        })
    };
    let others = template.functions().iter().filter(|function| function.binary != "identity-http");
    others.filter(reads).map(|function| function.id.clone()).collect()
}

/// What all read is shared; the rest is read by the functions of one context.
fn parameters_are_held_to_the_stage_and_the_context(template: &Template) -> Vec<String> {
    let stage = template.functions()[0].environment["MERCATO_PARAMETERS"].to_string();
    failing(template, |function, permission| {
        let paths = permission.parameters();
        let context = function.binary.split('-').next().unwrap_or_default();
        let held =
            |path: &String| ["shared", context].iter().any(|part| *path == format!("{stage}/{part}/*"));
        !permission.concerns("ssm") || permission.resources.len() == paths.len() && paths.iter().all(held)
    })
}

fn only_the_mailer_sends_mail_and_as_one_sender(template: &Template) -> Vec<String> {
    failing(template, |function, permission| {
        let sender = &permission.conditions["StringEquals"]["ses:FromAddress"];
        !permission.concerns("ses") || function.binary == "mailer" && sender == "no-reply@mercato.example"
    })
}

fn only_the_clock_reads_what_is_due_for_all(template: &Template) -> Vec<String> {
    failing(template, |function, permission| {
        let all = permission.admits("dynamodb:Query", Some("due"), "DUE#ANYBODY#1");
        all == (function.binary == "clock" && permission.name == "Due")
    })
}

/// Where a permission stands in its role, for the proofs.
pub(crate) fn pointer(function: &str, name: &str) -> String {
    let template = stage("prod");
    let permissions = &template.function(function).unwrap().permissions;
    let place = permissions.iter().position(|permission| permission.name == name).unwrap();
    format!("/Policies/0/PolicyDocument/Statement/{place}")
}

#[test]
fn roles_are_separate() {
    holds(every_function_has_a_role_of_its_own);
    notices_change(every_function_has_a_role_of_its_own, |resources| {
        let other = resources["Mail.Mailer"].properties["Role"].clone();
        resource(resources, "Clock").properties["Role"] = other;
    });
    holds(roles_consist_of_inline_policies);
    let everything = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
    notices(roles_consist_of_inline_policies, "Permissions.Clock", "/ManagedPolicyArns", everything);
}

#[test]
fn wildcards_are_refused() {
    holds(actions_are_named);
    holds(resources_are_named);
    let send = pointer("mailer", "Send");
    notices(actions_are_named, "Mail.MailerRole", &format!("{send}/Action"), json!("ses:*"));
    notices(resources_are_named, "Mail.MailerRole", &format!("{send}/Resource"), json!("*"));
}

#[test]
fn the_table_is_read_and_written_by_key() {
    holds(nobody_scans_or_administers_the_table);
    holds(rows_are_held_to_named_partitions);
    let due = pointer("clock", "Due");
    let rows = rows_are_held_to_named_partitions;
    notices(
        nobody_scans_or_administers_the_table,
        "Permissions.Clock",
        &format!("{due}/Action"),
        json!("dynamodb:Scan"),
    );
    notices(rows, "Permissions.Clock", &format!("{due}/Condition/Null"), json!(null));
    notices(rows, "Permissions.Clock", &format!("{due}/Condition"), json!(null));
    let keys = format!("{due}/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys");
    notices(rows, "Permissions.Clock", &keys, json!(["*"]));
}

#[test]
fn contexts_are_separate() {
    let rule = contexts_keep_to_their_own_rows;
    holds(rule);
    let statement = |name: &str| pointer("loyalty-http", name);
    let keys =
        |name: &str| format!("{}/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys", statement(name));
    for foreign in
        ["MARKET#*", "CREDENTIAL#*", "TALLY#*", "TALLY#MARKET#*", "PRINCIPAL#*", "SEARCH#LOYALTY#*"]
    {
        notices(rule, "Loyalty.HttpRole", &keys("OwnRows"), json!(["LOYALTY#*", foreign]));
    }
    notices(rule, "Loyalty.HttpRole", &keys("Indexes"), json!(["IDENTITY#*"]));
    for (name, action) in [
        ("Accounts", "UpdateItem"),
        ("Tokens", "DeleteItem"),
        ("Count", "GetItem"),
        ("SearchRows", "PutItem"),
    ] {
        let action = json!(format!("dynamodb:{action}"));
        notices(rule, "Loyalty.HttpRole", &format!("{}/Action", statement(name)), action);
    }
}

#[test]
fn secrets_stay_with_identity() {
    holds(only_identity_touches_credentials);
    holds(only_identity_reads_private_keys);
    holds(parameters_are_held_to_the_stage_and_the_context);
    let own = pointer("mailer", "OwnRows");
    let keys = format!("{own}/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys");
    notices(only_identity_touches_credentials, "Mail.MailerRole", &keys, json!(["MAIL#*", "CREDENTIAL#*"]));
    let all = "arn:aws:ssm:x:1:parameter/mercato/prod/*";
    let read = json!({"Sid": "Read", "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": all});
    let trace = pointer("mailer", "Trace");
    notices(only_identity_reads_private_keys, "Mail.MailerRole", &trace, read.clone());
    notices(parameters_are_held_to_the_stage_and_the_context, "Mail.MailerRole", &trace, read);
    let resource = format!("{}/Resource", pointer("prepaid-events", "Parameters"));
    for part in ["identity", "payments", "loyalty"] {
        let foreign = json!(format!("arn:aws:ssm:x:1:parameter/mercato/prod/{part}/*"));
        notices(parameters_are_held_to_the_stage_and_the_context, "Prepaid.EventsRole", &resource, foreign);
    }
}

#[test]
fn mail_has_one_sender() {
    holds(only_the_mailer_sends_mail_and_as_one_sender);
    let send = format!("{}/Condition", pointer("mailer", "Send"));
    notices(only_the_mailer_sends_mail_and_as_one_sender, "Mail.MailerRole", &send, json!(null));
    let trace = pointer("clock", "Trace");
    let mail = json!({"Sid": "Send", "Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"});
    notices(only_the_mailer_sends_mail_and_as_one_sender, "Permissions.Clock", &trace, mail);
}

#[test]
fn the_clock_only_looks() {
    holds(only_the_clock_reads_what_is_due_for_all);
    let clock = stage("prod").function("clock").unwrap().clone();
    assert!(clock.may("dynamodb:Query", Some("due"), "DUE#IDENTITY#RESET"));
    assert!(!clock.may("dynamodb:Query", None, "DUE#IDENTITY#RESET"));
    assert!(!clock.may("dynamodb:UpdateItem", None, "DUE#IDENTITY#RESET"));
}

#[test]
fn identity_reaches_its_own_rows_and_no_others() {
    let template = stage("prod");
    let identity = template.function("identity-http").unwrap();
    for partition in [
        "CREDENTIAL#1",
        "PRINCIPAL#1",
        "IDENTITY#USER#1",
        "THROTTLE#1",
        "IDEMPOTENCY#IDENTITY#1",
        "OUTBOX#IDENTITY#1",
    ] {
        assert!(identity.may("dynamodb:PutItem", None, partition), "{partition}");
    }
    assert!(identity.may("dynamodb:Query", None, "SEARCH#IDENTITY#anna"));
    assert!(identity.may("dynamodb:Query", Some("gsi3"), "IDENTITY#USERS"));
    assert!(!identity.may("dynamodb:PutItem", None, "SEARCH#IDENTITY#anna"));
    for partition in ["MAIL#1", "PROJECTOR#1", "LOYALTY#1", "IDEMPOTENCY#LOYALTY#1", "SEARCH#LOYALTY#x"] {
        assert!(!identity.may("dynamodb:GetItem", None, partition), "{partition}");
    }
    assert!(
        identity.may_read("/mercato/prod/shared/jwks") && identity.may_read("/mercato/prod/identity/pepper")
    );
    assert!(!identity.may_read("/mercato/dev/identity/pepper"));
    let projector = template.function("projector").unwrap();
    assert!(projector.may_send("Mail.Queue.Queue") && !identity.may_send("Mail.Queue.Queue"));
}

#[test]
fn loyalty_reaches_its_own_rows_and_looks_at_accounts() {
    let template = stage("prod");
    let [http, events] = ["loyalty-http", "loyalty-events"].map(|name| template.function(name).unwrap());
    for partition in ["LOYALTY#MEMBER#1", "TALLY#LOYALTY#FIGURES", "OUTBOX#LOYALTY#1"] {
        assert!(http.may("dynamodb:PutItem", None, partition), "{partition}");
        assert!(events.may("dynamodb:PutItem", None, partition), "{partition}");
    }
    for (action, partition) in [
        ("PutItem", "IDEMPOTENCY#LOYALTY#1"),
        ("UpdateItem", "SEQUENCE#LOYALTY#MEMBERS"),
        ("Query", "SEARCH#LOYALTY#MEMBERS#a"),
        ("ConditionCheckItem", "PRINCIPAL#1"),
        ("UpdateItem", "TOKEN#1"),
        ("UpdateItem", "THROTTLE#1"),
    ] {
        let may = |function: &Function| function.may(&format!("dynamodb:{action}"), None, partition);
        assert!(may(http) && !may(events), "{partition}");
    }
    for partition in ["CREDENTIAL#1", "IDENTITY#AUDIT#1", "IDEMPOTENCY#IDENTITY#1", "MAIL#1"] {
        assert!(!http.may("dynamodb:GetItem", None, partition), "{partition}");
    }
    assert!(!http.may("dynamodb:Query", Some("gsi1"), "IDENTITY#ACCOUNTS"));
    let reads = |function: &Function, name: &str| function.may_read(&format!("/mercato/prod/{name}"));
    assert!(reads(http, "shared/jwks") && !reads(http, "identity/pepper") && !reads(events, "shared/jwks"));
    assert!(!http.may_send("Loyalty.Queue.Queue"));
}

#[test]
fn prepaid_reaches_its_own_rows_and_looks_at_accounts() {
    let template = stage("prod");
    let [http, events] = ["prepaid-http", "prepaid-events"].map(|name| template.function(name).unwrap());
    for partition in ["PREPAID#VOUCHER#1", "PREPAID#WEBHOOK#evt_1", "TALLY#PREPAID#DAYS", "OUTBOX#PREPAID#1"]
    {
        assert!(http.may("dynamodb:PutItem", None, partition), "{partition}");
        assert!(events.may("dynamodb:PutItem", None, partition), "{partition}");
    }
    for (action, index, partition) in [
        ("PutItem", None, "IDEMPOTENCY#PREPAID#1"),
        ("UpdateItem", None, "SEQUENCE#PREPAID#TYPES"),
        ("Query", None, "SEARCH#PREPAID#TYPES#a"),
        ("Query", None, "TALLY#IDENTITY#ACCOUNTS"),
        ("Query", Some("due"), "DUE#PREPAID#0"),
        ("UpdateItem", None, "TOKEN#1"),
        ("UpdateItem", None, "THROTTLE#1"),
    ] {
        let may = |function: &Function| function.may(&format!("dynamodb:{action}"), index, partition);
        assert!(may(http) && !may(events), "{partition}");
    }
    for function in [http, events] {
        assert!(function.may("dynamodb:BatchGetItem", None, "PRINCIPAL#1"));
        assert!(function.may("dynamodb:Query", Some("gsi1"), "PREPAID#TYPES"));
        for (action, partition) in [
            ("GetItem", "CREDENTIAL#1"),
            ("GetItem", "LOYALTY#MEMBERS"),
            ("UpdateItem", "PRINCIPAL#1"),
            ("UpdateItem", "TALLY#IDENTITY#ACCOUNTS"),
        ] {
            assert!(!function.may(&format!("dynamodb:{action}"), None, partition), "{partition}");
        }
        assert!(!function.may("dynamodb:Query", Some("due"), "DUE#LOYALTY#0"));
        assert!(!function.may_read("/mercato/prod/payments/prepaid-webhook-secret"));
        assert!(!function.may_send("Prepaid.Queue.Queue"));
    }
    let reads = template.functions().iter().filter(|one| one.may_read("/mercato/prod/prepaid/stripe-key"));
    assert_eq!(reads.map(|one| &one.binary).collect::<Vec<_>>(), ["prepaid-events", "prepaid-http"]);
}

#[test]
fn the_webhook_writes_down_what_came_and_reads_nothing() {
    let template = stage("prod");
    let webhook = template.function("payments-webhook").unwrap();
    assert!(webhook.may("dynamodb:PutItem", None, "PREPAID#WEBHOOK#evt_1"));
    for action in ROWS.iter().filter(|action| **action != "PutItem") {
        assert!(!webhook.may(&format!("dynamodb:{action}"), None, "PREPAID#WEBHOOK#evt_1"), "{action}");
    }
    for partition in ["PREPAID#PAYMENTS", "PRINCIPAL#1", "OUTBOX#PAYMENTS#1", "THROTTLE#1"] {
        assert!(!webhook.may("dynamodb:PutItem", None, partition), "{partition}");
    }
    assert!(
        !webhook.may_read("/mercato/prod/prepaid/stripe-key")
            && !webhook.may_read("/mercato/prod/shared/jwks")
    );
    let secret = "/mercato/prod/payments/prepaid-webhook-secret";
    let reads = template.functions().iter().filter(|one| one.may_read(secret)).map(|one| &one.binary);
    assert_eq!(reads.collect::<Vec<_>>(), ["payments-webhook"]);
}
