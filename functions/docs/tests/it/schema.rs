use axum::http::StatusCode;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use docs::{DOCUMENTS, Form};
use serde_json::Value;

use crate::world::{get, get_with, mounts};

#[tokio::test]
async fn every_mount_has_its_document_in_both_forms() {
    for mount in mounts() {
        let json = get(&format!("{mount}/schema.json")).await;
        assert_eq!(json.status, StatusCode::OK, "{mount}");
        assert_eq!(json.header(&CONTENT_TYPE), "application/json");
        assert_eq!(json.json()["openapi"], "3.1.0");
        for path in ["schema.json/", "schema?format=json", "schema/?format=json"] {
            assert_eq!(get(&format!("{mount}/{path}")).await.body, json.body, "{mount}/{path}");
        }
        for path in ["schema.yaml", "schema.yaml/", "schema?format=yaml", "schema/?format=yaml"] {
            let yaml = get(&format!("{mount}/{path}")).await;
            assert_eq!(yaml.header(&CONTENT_TYPE), "application/yaml", "{mount}/{path}");
            assert_eq!(serde_norway::from_str::<Value>(yaml.text()).unwrap(), json.json());
        }
        let own = DOCUMENTS.iter().find(|document| document.mount == mount);
        let form = match own.map_or(Form::Json, |document| document.form) {
            Form::Json => "json",
            Form::Yaml => "yaml",
        };
        let asked = get(&format!("{mount}/schema.{form}")).await;
        for path in ["schema", "schema/"] {
            assert_eq!(get(&format!("{mount}/{path}")).await.body, asked.body, "{mount}/{path}");
        }
    }
}

#[tokio::test]
async fn the_form_follows_what_the_client_accepts() {
    for (accept, media) in [
        ("*/*", "application/json"),
        ("application/json, application/yaml", "application/json"),
        ("application/yaml", "application/yaml"),
        ("application/vnd.oai.openapi", "application/yaml"),
        ("application/vnd.oai.openapi+json", "application/json"),
        ("application/yaml, */*;q=0.8", "application/yaml"),
        ("application/yaml;q=0.5, application/json", "application/json"),
        ("text/html", "application/json"),
    ] {
        let answer = get_with("/api/schema/", &[(ACCEPT, accept)]).await;
        assert_eq!(answer.header(&CONTENT_TYPE), media, "{accept}");
    }
    for (accept, media) in [
        ("*/*", "application/yaml"),
        ("application/json, application/yaml", "application/yaml"),
        ("application/json", "application/json"),
        ("application/json,*/*", "application/json"),
        ("application/yaml;q=0.5, application/json", "application/json"),
    ] {
        let answer = get_with("/api/loyalty/schema/", &[(ACCEPT, accept)]).await;
        assert_eq!(answer.header(&CONTENT_TYPE), media, "{accept}, where YAML is the document's own form");
    }
    assert_eq!(get("/api/schema/?format=xml").await.text(), r#"{"detail":"Not found."}"#);
}

#[tokio::test]
async fn a_document_is_packed_and_compared() {
    let packed = get_with("/api/schema/", &[(ACCEPT_ENCODING, "gzip")]).await;
    assert_eq!(packed.header(&CONTENT_ENCODING), "gzip");
    let tag = packed.header(&ETAG);
    let again = get_with("/api/schema/", &[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[test]
fn every_committed_document_keeps_to_its_mount_and_says_who_may() {
    for document in DOCUMENTS {
        let value: Value = serde_json::from_str(document.json).unwrap();
        assert_eq!(value["openapi"], "3.1.0", "{}", document.context);
        for (path, item) in value["paths"].as_object().unwrap() {
            assert!(path.starts_with(&format!("{}/", document.mount)), "{path}");
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation.get("x-access").is_some(), "{method} {path}");
                assert!(operation.get("operationId").is_some(), "{method} {path}");
            }
        }
    }
}
