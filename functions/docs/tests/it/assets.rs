use std::io::Read;

use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use flate2::read::GzDecoder;

use crate::world::{get, get_with};

/// The addresses that the two pages name.
async fn addresses() -> Vec<String> {
    let pages = [get("/api/docs/").await, get("/api/redoc/").await];
    let words = pages.iter().flat_map(|page| page.text().split('"'));
    words.filter(|word| word.starts_with("/api/docs/assets/")).map(str::to_owned).collect()
}

async fn address(name: &str) -> String {
    addresses().await.into_iter().find(|address| address.ends_with(&format!("/{name}"))).unwrap()
}

#[tokio::test]
async fn every_file_of_a_page_is_there_packed_or_plain() {
    let addresses = addresses().await;
    assert_eq!(addresses.len(), 9);
    for address in addresses {
        let plain = get(&address).await;
        assert_eq!(plain.status, StatusCode::OK, "{address}");
        assert!(!plain.headers.contains_key(CONTENT_ENCODING));
        assert_eq!(plain.header(&CACHE_CONTROL), "public, max-age=31536000, immutable");
        let expected = match address.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(plain.header(&CONTENT_TYPE), expected);

        let packed = get_with(&address, &[(ACCEPT_ENCODING, "br;q=1, gzip;q=0.5")]).await;
        if packed.headers.contains_key(CONTENT_ENCODING) {
            assert_eq!(packed.header(&CONTENT_ENCODING), "gzip");
            assert_ne!(packed.header(&ETAG), plain.header(&ETAG), "two bodies, two tags");
            let mut unpacked = Vec::new();
            GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == plain.body, "{address}");
        } else {
            assert!(packed.body.len() < 2000, "a long file is packed");
        }
    }
}

#[tokio::test]
async fn a_client_is_given_gzip_only_when_it_takes_it() {
    let address = address("swagger-ui.css").await;
    for (accepts, packed) in [
        ("gzip", true),
        ("*", true),
        ("br, GZIP", true),
        ("gzip;q=0", false),
        ("gzip;q=0, *", false),
        ("br", false),
    ] {
        let answer = get_with(&address, &[(ACCEPT_ENCODING, accepts)]).await;
        assert_eq!(answer.headers.contains_key(CONTENT_ENCODING), packed, "{accepts}");
        assert!(answer.header(&VARY).contains("Accept-Encoding"));
    }
}

#[tokio::test]
async fn a_held_file_is_not_sent_again() {
    let address = address("redoc.standalone.js").await;
    let packed = get_with(&address, &[(ACCEPT_ENCODING, "gzip")]).await;
    let tag = packed.header(&ETAG);
    for held in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = get_with(&address, &[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, &held)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{held}");
        assert_eq!(again.header(&ETAG), tag);
        assert!(again.body.is_empty());
    }
    let plain = get_with(&address, &[(IF_NONE_MATCH, tag)]).await;
    assert_eq!(plain.status, StatusCode::OK, "the packed body's tag is not the plain body's");
}

#[tokio::test]
async fn another_version_or_name_is_unknown() {
    let address = address("swagger.js").await;
    let mark = address.split('/').nth(4).unwrap();
    for path in [address.replace(mark, "0000000000000000"), address.replace("swagger.js", "Cargo.toml")] {
        let answer = get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.text(), r#"{"detail":"Not found."}"#);
        assert_eq!(answer.header(&CACHE_CONTROL), "no-store");
    }
}
