use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, StatusCode};

use crate::world::{Health, ask, get};

#[tokio::test]
async fn the_shallow_answer_tells_what_runs_and_asks_nobody() {
    for mount in ["/api", "/api/auth"] {
        for path in ["health", "health/"].map(|page| format!("{mount}/{page}")) {
            let answer = ask(Health::Silent, Method::GET, &path, &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.header(&CACHE_CONTROL), "no-store");
            insta::allow_duplicates! {
                insta::assert_snapshot!(answer.text(), @r#"{"status":"ok","service":"mercato","stage":"local","version":"1.2.3","time":"2026-03-01T08:30:00.123456Z"}"#);
            }
        }
    }
}

#[tokio::test]
async fn a_context_with_a_sentence_of_its_own_says_it_whatever_the_table_does() {
    for (context, sentence) in [
        (
            "loyalty",
            r#"{"success":true,"message":"CRM API is running","version":"1.0.0","status":"healthy"}"#,
        ),
        ("prepaid", r#"{"status":"healthy","django":"running"}"#),
    ] {
        for path in ["health", "health/", "health/?deep=1"] {
            let path = format!("/api/{context}/{path}");
            let answer = ask(Health::Silent, Method::GET, &path, &[]).await;
            assert_eq!(
                (answer.status, answer.header(&CACHE_CONTROL)),
                (StatusCode::OK, "no-store"),
                "{path}"
            );
            assert_eq!(answer.header(&CONTENT_TYPE), "application/json");
            assert_eq!(answer.text(), sentence, "{path}");
        }
    }
}

#[tokio::test]
async fn the_deep_answer_is_the_tables() {
    for (health, status, word) in [
        (Health::Well, StatusCode::OK, "ok"),
        (Health::Failing, StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (Health::Silent, StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    ] {
        let answer = ask(health, Method::GET, "/api/health/?deep=1", &[]).await;
        assert_eq!((answer.status, &answer.json()["status"]), (status, &word.into()), "{health:?}");
        assert_eq!(answer.header(&CACHE_CONTROL), "no-store");
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_words() {
    assert_eq!(get("/api/v1/health/").await.status, StatusCode::OK, "the versioned path is the same path");
    let answer = get("/api/nothing/").await;
    assert_eq!((answer.status, answer.text()), (StatusCode::NOT_FOUND, r#"{"detail":"Not found."}"#));
    for path in ["/api/health/", "/api/auth/docs/", "/api/redoc", "/api/schema.yaml"] {
        let answer = ask(Health::Well, Method::POST, path, &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.text(), r#"{"detail":"Method \"POST\" not allowed."}"#);
    }
}
