//! HTTP requests as the gateway hands them to a function, and its answers as HTTP.

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use template::Route;
use uuid::Uuid;
use wire::{Query, Stamp};

/// The event of a request: payload format 2.0 of the HTTP API, at its `$default` stage.
pub fn of(request: &Request<Vec<u8>>, route: &Route, address: &str, now: Stamp) -> Value {
    let (method, uri) = (request.method().as_str(), request.uri());
    // The gateway hands the path out decoded, once.
    let path = &*percent_decode_str(uri.path()).decode_utf8_lossy();
    let raw_query = uri.query().unwrap_or_default();
    let header = |name: HeaderName| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let (body, is_base64) = body(request);
    let route_key = format!("{} {}", route.method, route.path);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": raw_query,
        "headers": headers(request),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": header(HOST),
            "domainPrefix": "local",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": address,
                "userAgent": header(USER_AGENT),
            },
            "requestId": Uuid::new_v4().to_string(),
            "routeKey": route_key,
            "stage": "$default",
            "time": now.to_string(),
            "timeEpoch": now.micros() / 1000,
        },
        "pathParameters": route.variables(path),
        "isBase64Encoded": is_base64,
    });
    if !raw_query.is_empty() {
        event["queryStringParameters"] = joined(Query::parse(raw_query).pairs());
    }
    if let Some(cookies) = request.headers().get(COOKIE).and_then(|value| value.to_str().ok()) {
        event["cookies"] = cookies.split("; ").collect();
    }
    if let Some(body) = body {
        event["body"] = Value::String(body);
    }
    event
}

/// Repeated parameters are joined by commas, as the gateway does.
fn joined(pairs: &[(String, String)]) -> Value {
    let mut members = Map::new();
    for (name, value) in pairs {
        match members.get_mut(name) {
            Some(Value::String(text)) => *text = format!("{text},{value}"),
            _ => drop(members.insert(name.clone(), Value::String(value.clone()))),
        }
    }
    Value::Object(members)
}

fn headers(request: &Request<Vec<u8>>) -> Value {
    let names = request.headers().keys().filter(|name| **name != COOKIE);
    let value = |name: &HeaderName| {
        let values = request.headers().get_all(name).iter();
        Value::String(
            values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>().join(","),
        )
    };
    let mut members: Map<_, _> = names.map(|name| (name.to_string(), value(name))).collect();
    members.entry("x-forwarded-proto").or_insert(json!("http"));
    Value::Object(members)
}

fn body(request: &Request<Vec<u8>>) -> (Option<String>, bool) {
    if request.body().is_empty() {
        return (None, false);
    }
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let textual = ["text/", "application/json", "application/xml", "application/javascript"];
    match String::from_utf8(request.body().clone()) {
        Ok(text) if textual.iter().any(|prefix| kind.starts_with(prefix)) => (Some(text), false),
        _ => (Some(STANDARD.encode(request.body())), true),
    }
}

/// The answer of a function as HTTP; what is not an answer is the gateway's own 500.
pub fn answer(text: &str) -> Response {
    read(text).unwrap_or_else(|| plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

fn read(text: &str) -> Option<Response> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let status = u16::try_from(answer["statusCode"].as_u64()?).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let bytes = if answer["isBase64Encoded"] == true {
        STANDARD.decode(body).ok()?
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        response.headers_mut().insert(name, HeaderValue::from_str(value.as_str()?).ok()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response.headers_mut().append("set-cookie", HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    Some(response)
}

/// An answer of the gateway itself.
pub fn plain(status: StatusCode, message: &str) -> Response {
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
