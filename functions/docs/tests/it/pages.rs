use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};

use crate::world::{get, get_with, mounts};

#[tokio::test]
async fn every_mount_has_both_pages_about_its_own_document() {
    for mount in mounts() {
        for page in ["docs", "redoc"] {
            let answer = get(&format!("{mount}/{page}/")).await;
            assert_eq!(answer.status, StatusCode::OK, "{mount}/{page}/");
            assert_eq!(answer.header(&CONTENT_TYPE), "text/html; charset=utf-8");
            assert!(answer.text().contains(&format!(r#"data-schema="{mount}/schema/""#)));
            assert_eq!(get(&format!("{mount}/{page}")).await.body, answer.body);
        }
    }
}

#[tokio::test]
async fn a_page_is_guarded() {
    let page = get("/api/docs/").await;
    insta::assert_snapshot!(page.header(&CONTENT_SECURITY_POLICY), @"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    assert_eq!(page.header(&X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(page.header(&REFERRER_POLICY), "no-referrer");
    assert!(!page.text().contains("<script>"), "no script stands in the page itself");
    assert!(!page.text().contains("://"), "nothing comes from elsewhere");
}

#[tokio::test]
async fn a_page_is_compared_before_it_is_used_again() {
    let page = get("/api/redoc/").await;
    assert_eq!(page.header(&CACHE_CONTROL), "no-cache");
    let again = get_with("/api/redoc/", &[(IF_NONE_MATCH, page.header(&ETAG))]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
    assert_eq!(again.header(&CONTENT_SECURITY_POLICY), page.header(&CONTENT_SECURITY_POLICY));
}
