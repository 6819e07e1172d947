//! The function as the HTTP API calls it: an event in, an answer out.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::world::{Health, host};

async fn invoke(path: &str, headers: Value) -> Value {
    invoke_with(Health::Well, path, headers).await
}

async fn invoke_with(health: Health, path: &str, headers: Value) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "1",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test" },
            "requestId": "1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Mar/2026:08:30:00 +0000",
            "timeEpoch": 1_772_353_800_000_u64,
        },
        "isBase64Encoded": false,
    });
    let function = docs::boot(host(health)).await.unwrap();
    serde_json::from_str(&function.invoke(&event.to_string()).await.unwrap()).unwrap()
}

#[tokio::test]
async fn text_goes_out_as_text() {
    let answer = invoke("/api/health/?deep=1", json!({})).await;
    assert_eq!((&answer["statusCode"], &answer["isBase64Encoded"]), (&json!(200), &json!(false)));
    assert!(answer["body"].as_str().unwrap().starts_with(r#"{"status":"ok","service":"mercato""#));
    for path in ["/api/schema/", "/api/schema.yaml", "/api/docs/"] {
        assert_eq!(invoke(path, json!({})).await["isBase64Encoded"], json!(false), "{path}");
    }
}

#[tokio::test]
async fn packed_bodies_go_out_in_base64() {
    let packed = invoke("/api/schema/", json!({ "accept-encoding": "gzip" })).await;
    assert_eq!((&packed["statusCode"], &packed["isBase64Encoded"]), (&json!(200), &json!(true)));
    assert_eq!(packed["headers"]["content-encoding"], "gzip");
    let bytes = STANDARD.decode(packed["body"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, invoke("/api/schema/", json!({})).await["body"]);
}

#[tokio::test]
async fn a_dead_table_stops_nothing_but_the_deep_answer() {
    for (path, status) in [("/api/health/?deep=1", 503), ("/api/health/", 200), ("/api/docs/", 200)] {
        assert_eq!(invoke_with(Health::Failing, path, json!({})).await["statusCode"], status, "{path}");
    }
}
