//! How functions are built, deployed and logged.

use serde_json::json;
use template::{Function, Template};

use crate::{holds, notices, notices_change, of_kind, resource, root, stage};

/// The variables that functions know. Whatever makes local life easier is not among them.
const VARIABLES: [&str; 21] = [
    "MERCATO_STAGE",
    "MERCATO_TABLE",
    "MERCATO_PARAMETERS",
    "MERCATO_BASE_URL",
    "MERCATO_CORS_ORIGINS",
    "MERCATO_THROTTLE",
    "MERCATO_ZONE",
    "MERCATO_MAIL_QUEUE",
    "MERCATO_WORK_QUEUES",
    "MERCATO_MAIL_FROM",
    "MERCATO_MAIL_CONFIGURATION_SET",
    "MERCATO_LOYALTY_TIERS",
    "MERCATO_LOYALTY_TIER_BASIS",
    "MERCATO_LOYALTY_TIER_MONTHS",
    "MERCATO_LOYALTY_TIER_GRACE_DAYS",
    "MERCATO_LOYALTY_POINTS_EXPIRY_DAYS",
    "MERCATO_LOYALTY_PENDING_HOURS",
    "MERCATO_STRIPE_API_BASE",
    "MERCATO_STRIPE_PUBLISHABLE_KEY",
    "MERCATO_PREPAID_FRONTEND_URL",
    "MERCATO_PREPAID_STAFF_EMAIL",
];
/// The first of them tell what is the same for all.
const COMMON: usize = 7;

fn failing(template: &Template, test: impl Fn(&Function, &serde_json::Value) -> bool) -> Vec<String> {
    let all = template.functions().iter();
    let failing = all.filter(|function| !test(function, &template.resources()[&function.id].properties));
    failing.map(|function| function.id.clone()).collect()
}

fn callers_call_an_alias_that_follows_every_change(template: &Template) -> Vec<String> {
    failing(template, |function, properties| {
        function.alias.as_deref() == Some("live") && properties["AutoPublishAliasAllProperties"] == true
    })
}

fn a_bad_deployment_turns_back(template: &Template) -> Vec<String> {
    failing(template, |function, properties| {
        let alarms = properties["DeploymentPreference"]["Alarms"].as_array().into_iter().flatten();
        let own: Vec<_> = alarms.filter_map(|alarm| alarm["Ref"].as_str()).collect();
        let known = own.iter().all(|id| template.resources()[*id].kind == "AWS::CloudWatch::Alarm");
        let needed = if function.routes.is_empty() { 1 } else { 2 };
        known
            && own.len() == needed
            && own.iter().all(|id| id.starts_with(&format!("{}Alarms.", function.id)))
    })
}

fn prod_is_changed_by_a_tenth_first(template: &Template) -> Vec<String> {
    failing(template, |function, properties| {
        let prod = function.environment["MERCATO_STAGE"].to_string() == "prod";
        properties["DeploymentPreference"]["Type"]
            == if prod { "Canary10Percent5Minutes" } else { "AllAtOnce" }
    })
}

fn functions_are_built_alike(template: &Template) -> Vec<String> {
    failing(template, |function, properties| {
        let metadata = &template.resources()[&function.id].metadata;
        metadata["BuildMethod"] == "rust-cargolambda"
            && properties["Runtime"] == "provided.al2023"
            && properties["Architectures"] == json!(["arm64"])
            && properties["Tracing"] == "Active"
            && !properties["ReservedConcurrentExecutions"].is_null()
    })
}

fn logs_are_json_and_expire(template: &Template) -> Vec<String> {
    let mut broken = failing(template, |function, properties| {
        let group = properties["LoggingConfig"]["LogGroup"]["Ref"].as_str();
        let group = group.and_then(|id| template.resources().get(id));
        let own = format!("/mercato/{}/{}", function.environment["MERCATO_STAGE"], function.binary);
        group.is_some_and(|group| group.properties["LogGroupName"] == own)
            && properties["LoggingConfig"]["LogFormat"] == "JSON"
    });
    let groups = of_kind(template, "AWS::Logs::LogGroup");
    broken.extend(
        groups.filter(|(_, group)| group.properties["RetentionInDays"].is_null()).map(|(id, _)| id.clone()),
    );
    broken
}

/// Globals reach no further than their own file, so each file with functions has them again.
fn functions_are_told_the_same(template: &Template) -> Vec<String> {
    let first = &template.functions()[0].environment;
    failing(template, |function, _| {
        VARIABLES[..COMMON]
            .iter()
            .all(|name| function.environment.get(*name).is_some_and(|value| Some(value) == first.get(*name)))
    })
}

fn functions_get_no_local_conveniences(template: &Template) -> Vec<String> {
    failing(template, |function, _| {
        function.environment.keys().all(|name| VARIABLES.contains(&name.as_str()))
    })
}

#[test]
fn deployments_shift_an_alias() {
    holds(callers_call_an_alias_that_follows_every_change);
    notices(callers_call_an_alias_that_follows_every_change, "Mail.Mailer", "/AutoPublishAlias", json!(null));
    holds(a_bad_deployment_turns_back);
    notices(a_bad_deployment_turns_back, "Docs", "/DeploymentPreference/Alarms", json!([]));
    notices(
        a_bad_deployment_turns_back,
        "Docs",
        "/DeploymentPreference/Alarms/0",
        json!({"Ref": "ClockAlarms.Errors"}),
    );
    holds(prod_is_changed_by_a_tenth_first);
    notices(prod_is_changed_by_a_tenth_first, "Clock", "/DeploymentPreference/Type", json!("AllAtOnce"));
}

#[test]
fn functions_are_uniform() {
    holds(functions_are_built_alike);
    notices(functions_are_built_alike, "Clock", "/ReservedConcurrentExecutions", json!(null));
    notices(functions_are_built_alike, "Clock", "/Tracing", json!("PassThrough"));
    notices_change(functions_are_built_alike, |resources| {
        resource(resources, "Clock").metadata["BuildMethod"] = json!("makefile");
    });
}

#[test]
fn logs_do_not_stay_for_ever() {
    holds(logs_are_json_and_expire);
    notices(logs_are_json_and_expire, "Logs.Docs", "/RetentionInDays", json!(null));
    notices(logs_are_json_and_expire, "Docs", "/LoggingConfig/LogGroup", json!({"Ref": "Logs.Clock"}));
    notices(logs_are_json_and_expire, "Docs", "/LoggingConfig/LogFormat", json!("Text"));
}

#[test]
fn every_function_lives_in_the_same_stage() {
    holds(functions_are_told_the_same);
    let variable = "/Environment/Variables/MERCATO_ZONE";
    notices(functions_are_told_the_same, "Loyalty.Events", variable, json!(null));
    notices(functions_are_told_the_same, "Mail.Mailer", variable, json!("Asia/Jakarta"));
}

#[test]
fn local_conveniences_stay_local() {
    holds(functions_get_no_local_conveniences);
    for name in ["AWS_ENDPOINT_URL", "MERCATO_DEMO"] {
        let pointer = format!("/Environment/Variables/{name}");
        notices(functions_get_no_local_conveniences, "Clock", &pointer, json!("x"));
    }
}

#[test]
fn every_stage_can_be_deployed() {
    let text = std::fs::read_to_string(root().join("samconfig.toml")).unwrap();
    for name in ["dev", "staging", "prod"] {
        assert!(text.contains(&format!("\"Stage={name}\"")), "{name}");
        assert_eq!(stage(name).functions()[0].environment["MERCATO_STAGE"].to_string(), name);
    }
    assert!(!text.contains("\"Stage=local\"") && !text.contains("Throttle=off"));
    let account = |word: &str| word.len() == 12 && word.chars().all(|letter| letter.is_ascii_digit());
    assert!(!text.split(|letter: char| !letter.is_alphanumeric()).any(account), "an account id");
}

#[test]
fn keys_of_stripe_come_from_whoever_deploys() {
    let parameters = [("Stage", "prod"), ("StripePublishableKey", "pk_live_of_the_shop")];
    let template = Template::read_with(&root(), &parameters).unwrap();
    let text = |name: &str| template.function("prepaid-http").unwrap().environment[name].to_string();
    assert_eq!(text("MERCATO_STRIPE_PUBLISHABLE_KEY"), "pk_live_of_the_shop");
    assert_eq!(text("MERCATO_STRIPE_API_BASE"), "https://api.stripe.com");
    let unsaid = stage("prod").function("prepaid-http").unwrap().environment.clone();
    for name in ["MERCATO_STRIPE_PUBLISHABLE_KEY", "MERCATO_PREPAID_FRONTEND_URL"] {
        assert!(unsaid[name].to_string().starts_with("${"), "{name} has a default");
    }
}
