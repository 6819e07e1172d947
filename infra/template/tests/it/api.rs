//! The front door: routes, throttling, logs.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use template::Template;

use crate::{holds, notices, notices_change, of_kind, resource, stage};

/// The SDK's own time-outs, of an operation and of a transaction, and what a handler keeps for its answer.
const OPERATION: Duration = Duration::from_secs(5);
const TRANSACTION: Duration = Duration::from_secs(8);
const RESERVE: Duration = Duration::from_secs(2);
/// When the gateway hangs up.
const GATEWAY: Duration = Duration::from_secs(30);

const PAGES: [&str; 4] = ["health", "schema", "docs", "redoc"];

/// The mounts that a function other than docs serves: `auth`, ...
fn mounts(template: &Template) -> BTreeSet<String> {
    let functions = template.functions().iter().filter(|function| function.binary != "docs");
    let paths = functions.flat_map(|function| &function.routes).map(|route| route.path.as_str());
    let below = |path: &str| path.trim_start_matches("/api/").trim_start_matches("v1/").to_owned();
    paths.map(below).filter_map(|path| path.split('/').next().map(str::to_owned)).collect()
}

fn every_mount_answers_bare_and_below_with_and_without_v1(template: &Template) -> Vec<String> {
    let paths = |mount: &String| {
        ["/api", "/api/v1"].map(|base| [format!("{base}/{mount}"), format!("{base}/{mount}/x/y")]).concat()
    };
    let served =
        |path: &String| template.route("POST", path).is_some_and(|(function, _)| function.binary != "docs");
    mounts(template).iter().flat_map(paths).filter(|path| !served(path)).collect()
}

fn every_mount_has_its_documentation(template: &Template) -> Vec<String> {
    let mut mounts: Vec<_> = mounts(template).into_iter().map(|mount| format!("/{mount}")).collect();
    mounts.push(String::new());
    let mut missing = Vec::new();
    for (base, mount, page) in ["/api", "/api/v1"]
        .iter()
        .flat_map(|base| mounts.iter().flat_map(move |mount| PAGES.map(|page| (base, mount, page))))
    {
        for path in [format!("{base}{mount}/{page}"), format!("{base}{mount}/{page}/")] {
            if template.route("GET", &path).is_none_or(|(function, _)| function.binary != "docs") {
                missing.push(path);
            }
        }
    }
    missing
}

fn a_call_ends_before_the_function_and_the_function_before_the_gateway(template: &Template) -> Vec<String> {
    let longest = OPERATION.max(TRANSACTION) + RESERVE;
    let fits = |timeout: Duration| longest < timeout && timeout < GATEWAY;
    let http = template.functions().iter().filter(|function| !function.routes.is_empty());
    http.filter(|function| !fits(function.timeout)).map(|function| function.id.clone()).collect()
}

fn the_api_is_throttled_and_leaves_cors_to_the_functions(template: &Template) -> Vec<String> {
    let well = |api: &serde_json::Value| {
        let limits = &api["DefaultRouteSettings"];
        limits["ThrottlingRateLimit"].is_number()
            && limits["ThrottlingBurstLimit"].is_number()
            && api.get("CorsConfiguration").is_none()
    };
    let apis = of_kind(template, "AWS::Serverless::HttpApi");
    apis.filter(|(_, api)| !well(&api.properties)).map(|(id, _)| id.clone()).collect()
}

fn access_logs_are_json_and_hold_no_secrets(template: &Template) -> Vec<String> {
    let well = |format: &str| {
        let secret =
            ["path", "query", "authorizer", "header"].iter().any(|word| format.to_lowercase().contains(word));
        serde_json::from_str::<serde_json::Value>(format).is_ok() && !secret
    };
    let apis = of_kind(template, "AWS::Serverless::HttpApi");
    apis.filter(|(_, api)| !api.properties["AccessLogSettings"]["Format"].as_str().is_some_and(well))
        .map(|(id, _)| id.clone())
        .collect()
}

#[test]
fn mounts_are_routed() {
    let rule = every_mount_answers_bare_and_below_with_and_without_v1;
    holds(rule);
    notices(rule, "IdentityHttp", "/Events/BareV1", json!(null));
    notices(rule, "IdentityHttp", "/Events/Below/Properties/Method", json!("GET"));
}

#[test]
fn documentation_is_routed() {
    holds(every_mount_has_its_documentation);
    notices(every_mount_has_its_documentation, "Docs", "/Events/AuthHealthV1", json!(null));
    notices(every_mount_has_its_documentation, "Docs", "/Events/AuthDocsSlash", json!(null));
    notices(every_mount_has_its_documentation, "Docs", "/Events/Below", json!(null));
}

#[test]
fn requests_reach_their_function() {
    let template = stage("prod");
    let served = |path: &str| {
        template.route("POST", path).map(|(function, route)| (&*function.binary, route.to_string()))
    };
    let identity = |route: &str| Some(("identity-http", route.to_owned()));
    assert_eq!(served("/api/auth/login/"), identity("ANY /api/auth/{proxy+}"));
    assert_eq!(served("/api/v1/auth"), identity("ANY /api/v1/auth"));
    assert_eq!(served("/api/auth/health"), Some(("docs", "ANY /api/auth/health".to_owned())));
    assert_eq!(served("/api/nothing"), Some(("docs", "ANY /api/{proxy+}".to_owned())));
    assert_eq!(served("/"), None);
}

#[test]
fn timeouts_are_in_order() {
    holds(a_call_ends_before_the_function_and_the_function_before_the_gateway);
    for seconds in [10, 30] {
        let rule = a_call_ends_before_the_function_and_the_function_before_the_gateway;
        notices(rule, "IdentityHttp", "/Timeout", json!(seconds));
    }
}

#[test]
fn the_gateway_is_a_wall() {
    let rule = the_api_is_throttled_and_leaves_cors_to_the_functions;
    holds(rule);
    notices(rule, "Api", "/DefaultRouteSettings/ThrottlingRateLimit", json!(null));
    notices(rule, "Api", "/CorsConfiguration", json!({"AllowOrigins": ["*"]}));
}

#[test]
fn access_logs_are_safe() {
    holds(access_logs_are_json_and_hold_no_secrets);
    let format = json!(r#"{"path":"$context.path"}"#);
    notices(access_logs_are_json_and_hold_no_secrets, "Api", "/AccessLogSettings/Format", format);
    notices_change(access_logs_are_json_and_hold_no_secrets, |resources| {
        resource(resources, "Api").properties["AccessLogSettings"] = json!(null);
    });
}
