use axum::Router;
use axum::body::Body as Bytes;
use axum::routing::{get, post};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use wire::{Body, Reply, Sent, Text, Whole, input};

input! {
    struct Greeting {
        name: Text<10>,
        times: Whole<1, 5> = Whole::of(1),
    }
}

async fn greet(Body(greeting): Body<Greeting>) -> Reply<String> {
    Ok(greeting.name.repeat(usize::try_from(greeting.times.get()).unwrap()))
}

async fn echo(sent: Sent) -> String {
    sent.keys().collect::<Vec<_>>().join(",")
}

async fn ask(content_type: Option<&str>, path: &str, body: impl Into<Bytes>) -> (StatusCode, Value) {
    let router = Router::new().route("/greet", post(greet)).route("/echo", get(echo).post(echo));
    let mut request = Request::post(path);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let response = router.oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn json_and_forms_are_read_alike() {
    for (content_type, body) in [
        (JSON, r#"{"name": "ho", "times": 3}"#),
        (Some("Application/JSON; charset=utf-8"), r#"{"times": "3", "name": " ho "}"#),
        (FORM, "name=ho&times=3"),
        (FORM, "name=hi&name=+ho+&times=%33&"),
    ] {
        assert_eq!(ask(content_type, "/greet", body).await, (StatusCode::OK, json!("hohoho")), "{body}");
    }
}

#[tokio::test]
async fn an_absent_body_is_an_empty_object() {
    let required = json!({"name": ["This field is required."]});
    for content_type in [None, JSON, FORM, Some("text/plain")] {
        assert_eq!(ask(content_type, "/greet", "").await, (StatusCode::BAD_REQUEST, required.clone()));
    }
    assert_eq!(ask(JSON, "/echo", r#"{"b": null, "a": {}}"#).await, (StatusCode::OK, json!("b,a")));
}

#[tokio::test]
async fn bodies_that_are_no_objects_are_refused() {
    for (body, kind) in [
        ("[]", "list"),
        ("3", "int"),
        ("3.5", "float"),
        ("\"x\"", "str"),
        ("true", "bool"),
        ("null", "NoneType"),
    ] {
        let expected =
            json!({"non_field_errors": [format!("Invalid data. Expected a dictionary, but got {kind}.")]});
        assert_eq!(ask(JSON, "/greet", body).await, (StatusCode::BAD_REQUEST, expected), "{body}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_a_parse_error() {
    let deep = "[".repeat(100_000);
    for body in [
        "{",
        "{\"name\": NaN}",
        "{\"times\": Infinity}",
        "{'name': 'x'}",
        "name=x",
        "{} {}",
        "{\"times\": 1e999}",
        &deep,
    ] {
        let (status, answer) = ask(JSON, "/greet", body.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(answer["detail"].as_str().unwrap().starts_with("JSON parse error - "), "{answer}");
    }
    let (status, answer) = ask(JSON, "/greet", vec![b'"', 0xff, b'"']).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["detail"].as_str().unwrap().starts_with("JSON parse error - "), "{answer}");
}

#[tokio::test]
async fn nesting_ends_at_thirty_two() {
    let nested = |levels: usize| format!("{{\"a\": {}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert_eq!(ask(JSON, "/echo", nested(32)).await, (StatusCode::OK, json!("a")));
    let (status, answer) = ask(JSON, "/echo", nested(33)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer, json!({"detail": "JSON parse error - nested deeper than 32 levels"}));
}

#[tokio::test]
async fn a_megabyte_is_the_most() {
    let body = |length: usize| format!("{{\"a\": \"{}\"}}", "x".repeat(length - 9));
    assert_eq!(ask(JSON, "/echo", body(wire::MAX_BODY)).await.0, StatusCode::OK);
    let expected = json!({"detail": "Request body is too large."});
    assert_eq!(ask(JSON, "/echo", body(wire::MAX_BODY + 1)).await, (StatusCode::PAYLOAD_TOO_LARGE, expected));
}

#[tokio::test]
async fn other_media_types_are_refused() {
    for (content_type, named) in [
        (Some("text/plain"), "text/plain"),
        (Some("application/xml; q=1"), "application/xml; q=1"),
        (None, ""),
    ] {
        let expected = json!({"detail": format!("Unsupported media type \"{named}\" in request.")});
        assert_eq!(ask(content_type, "/greet", "x").await, (StatusCode::UNSUPPORTED_MEDIA_TYPE, expected));
    }
}

#[test]
fn aliases_yield_to_the_name() {
    let sent = |value: Value| Sent::of(value.as_object().unwrap().clone()).alias("memberId", "member");
    assert_eq!(sent(json!({"memberId": "a"})).get("member"), Some(&json!("a")));
    assert_eq!(sent(json!({"memberId": "a", "member": "b"})).get("member"), Some(&json!("b")));
    assert!(!sent(json!({"memberId": "a"})).has("memberId"));
    assert!(sent(json!({"member": null})).has("member"));
    assert_eq!(sent(json!({"x": 1})).members().len(), 1);
}

#[test]
fn a_name_may_be_passed_over() {
    let sent = Sent::of(json!({"role": "admin", "name": "a"}).as_object().unwrap().clone()).without("role");
    assert!(!sent.has("role") && sent.has("name"));
    assert_eq!(sent.clone().without("role"), sent);
}
