//! The front door: routes, throttling, logs.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use template::{Function, Template};

use crate::{holds, notices, notices_change, of_kind, resource, stage};

/// The SDK's own time-outs, of an operation and of a transaction, and what a handler keeps for its answer.
const OPERATION: Duration = Duration::from_secs(5);
const TRANSACTION: Duration = Duration::from_secs(8);
const RESERVE: Duration = Duration::from_secs(2);
/// When the gateway hangs up.
const GATEWAY: Duration = Duration::from_secs(30);

const STAGE: &str = "AWS::ApiGatewayV2::Stage";
const PAGES: [&str; 4] = ["health", "schema", "docs", "redoc"];

/// The mounts that a function other than docs serves: `auth`, ...
fn mounts(template: &Template) -> BTreeSet<String> {
    let functions = template.functions().iter().filter(|function| function.binary != "docs");
    let paths = functions.flat_map(|function| &function.routes).map(|route| route.path.as_str());
    let below = |path: &str| path.trim_start_matches("/api/").trim_start_matches("v1/").to_owned();
    paths.map(below).filter_map(|path| path.split('/').next().map(str::to_owned)).collect()
}

fn every_route_leads_to_a_function(template: &Template) -> Vec<String> {
    let led: usize = template.functions().iter().map(|function| function.routes.len()).sum();
    let routes = of_kind(template, "AWS::ApiGatewayV2::Route").count();
    if led == routes { Vec::new() } else { vec![format!("{led} of {routes}")] }
}

fn the_gateway_may_call_whom_it_hands_requests_to(template: &Template) -> Vec<String> {
    let may = |function: &&Function| {
        let alias = json!({ "Ref": format!("{}.Alias", function.id) });
        of_kind(template, "AWS::Lambda::Permission").any(|(_, leave)| {
            let leave = &leave.properties;
            leave["FunctionName"] == alias
                && leave["Action"] == "lambda:InvokeFunction"
                && leave["Principal"] == "apigateway.amazonaws.com"
                && leave["SourceArn"].to_string().contains(r#":",{"Ref":"Gateway.Api"},"/*"]"#)
        })
    };
    let called = template.functions().iter().filter(|function| !function.routes.is_empty());
    called.filter(|function| !may(function)).map(|function| function.id.clone()).collect()
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
    let throttled = |stage: &Value| {
        let limits = &stage["DefaultRouteSettings"];
        limits["ThrottlingRateLimit"].is_number() && limits["ThrottlingBurstLimit"].is_number()
    };
    let stages = of_kind(template, STAGE).filter(|(_, stage)| !throttled(&stage.properties));
    let apis = of_kind(template, "AWS::ApiGatewayV2::Api")
        .filter(|(_, api)| api.properties.get("CorsConfiguration").is_some());
    stages.chain(apis).map(|(id, _)| id.clone()).collect()
}

fn access_logs_are_json_and_hold_no_secrets(template: &Template) -> Vec<String> {
    let well = |format: &str| {
        let secret =
            ["path", "query", "authorizer", "header"].iter().any(|word| format.to_lowercase().contains(word));
        serde_json::from_str::<Value>(format).is_ok() && !secret
    };
    let stages = of_kind(template, STAGE);
    stages
        .filter(|(_, stage)| !stage.properties["AccessLogSettings"]["Format"].as_str().is_some_and(well))
        .map(|(id, _)| id.clone())
        .collect()
}

#[test]
fn routes_lead_to_functions_that_may_be_called() {
    let rule = every_route_leads_to_a_function;
    holds(rule);
    let nobody = json!({ "Ref": "Nobody.Alias" });
    notices(rule, "Gateway.DocsIntegration", "/IntegrationUri", nobody);
    let rule = the_gateway_may_call_whom_it_hands_requests_to;
    holds(rule);
    notices_change(rule, |resources| drop(resources.remove("Gateway.LoyaltyHttpLeave").unwrap()));
    let newest = json!({ "Ref": "IdentityHttp" });
    notices(rule, "Gateway.IdentityHttpLeave", "/FunctionName", newest);
    notices(rule, "Gateway.DocsLeave", "/SourceArn", json!("arn:aws:execute-api:x:1:another/*"));
}

#[test]
fn mounts_are_routed() {
    let rule = every_mount_answers_bare_and_below_with_and_without_v1;
    holds(rule);
    notices_change(rule, |resources| drop(resources.remove("Gateway.Auth.BareV1").unwrap()));
    notices(rule, "Gateway.Loyalty.Below", "/RouteKey", json!("GET /api/loyalty/{proxy+}"));
}

#[test]
fn documentation_is_routed() {
    let rule = every_mount_has_its_documentation;
    holds(rule);
    for route in ["Auth.HealthV1", "Loyalty.DocsSlash", "Rest"] {
        notices_change(rule, |resources| drop(resources.remove(&format!("Gateway.{route}")).unwrap()));
    }
}

#[test]
fn requests_reach_their_function() {
    let template = stage("prod");
    for (path, function, route) in [
        ("/api/auth/login/", "identity-http", "/api/auth/{proxy+}"),
        ("/api/v1/auth", "identity-http", "/api/v1/auth"),
        ("/api/auth/health", "docs", "/api/auth/health"),
        ("/api/loyalty/auth/login/", "identity-http", "/api/loyalty/auth/{proxy+}"),
        ("/api/v1/loyalty/auth", "identity-http", "/api/v1/loyalty/auth"),
        ("/api/loyalty/members", "loyalty-http", "/api/loyalty/{proxy+}"),
        ("/api/loyalty/nothing/", "loyalty-http", "/api/loyalty/{proxy+}"),
        ("/api/v1/loyalty/health/", "docs", "/api/v1/loyalty/health/{proxy+}"),
        ("/api/prepaid/vouchers/types/", "prepaid-http", "/api/prepaid/{proxy+}"),
        ("/api/prepaid/admin/payments/", "prepaid-http", "/api/prepaid/{proxy+}"),
        ("/api/prepaid/payments/webhook/", "payments-webhook", "/api/prepaid/payments/webhook/{proxy+}"),
        ("/api/v1/prepaid/payments/webhook", "payments-webhook", "/api/v1/prepaid/payments/webhook"),
        ("/api/prepaid/auth/login/", "identity-http", "/api/prepaid/auth/{proxy+}"),
        ("/api/v1/prepaid/users/profile/", "identity-http", "/api/v1/prepaid/users/{proxy+}"),
        ("/api/prepaid/admin/users", "identity-http", "/api/prepaid/admin/users"),
        ("/api/prepaid/schema/", "docs", "/api/prepaid/schema/{proxy+}"),
        ("/api/nothing", "docs", "/api/{proxy+}"),
    ] {
        let (found, by) = template.route("POST", path).unwrap();
        assert_eq!((found.binary.as_str(), by.to_string()), (function, format!("ANY {route}")), "{path}");
    }
    assert!(template.route("POST", "/").is_none());
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
    notices(rule, "Gateway.Default", "/DefaultRouteSettings/ThrottlingRateLimit", json!(null));
    notices(rule, "Gateway.Api", "/CorsConfiguration", json!({"AllowOrigins": ["*"]}));
}

#[test]
fn access_logs_are_safe() {
    holds(access_logs_are_json_and_hold_no_secrets);
    let format = json!(r#"{"path":"$context.path"}"#);
    notices(access_logs_are_json_and_hold_no_secrets, "Gateway.Default", "/AccessLogSettings/Format", format);
    notices_change(access_logs_are_json_and_hold_no_secrets, |resources| {
        resource(resources, "Gateway.Default").properties["AccessLogSettings"] = json!(null);
    });
}
