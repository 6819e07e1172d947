//! What a list says of itself, and lists as files.

use http_body_util::BodyExt;
use serde_json::json;
use testkit::World;
use testkit::lists::links;
use utoipa::openapi::path::Operation;
use wire::Query;

use crate::books::{BOOKS, Book, listing, stock};

#[test]
fn the_document_names_every_parameter() {
    let mut list = Operation::new();
    BOOKS.describe(&mut list);
    let parameters = serde_json::to_value(list.parameters).unwrap();
    let names: Vec<&str> =
        parameters.as_array().unwrap().iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "genre",
            "shelf",
            "min_points",
            "max_points",
            "lent",
            "added_from",
            "added_until",
            "search",
            "ordering",
            "page",
            "page_size",
            "cursor"
        ]
    );
    assert_eq!(
        parameters[0],
        json!({
            "name": "genre", "in": "query", "description": "The kind of book.", "required": false,
            "schema": { "type": "string", "enum": ["Novel", "Science"] },
        })
    );
    assert_eq!(parameters[8]["schema"]["default"], "-added");
    assert_eq!(parameters[10]["schema"]["maximum"], 100);
    assert_eq!(parameters[10]["schema"]["default"], 20);
}

#[tokio::test]
async fn a_list_is_also_a_file() {
    let world = World::new().await;
    let mut books: Vec<Book> = (0..2_100).map(Book::number).collect();
    books[0].title = "=SUM(A1)".to_owned();
    stock(&world.table, &books).await;
    for (text, lines, truncated) in [
        ("shelf=s0&genre=Science", 106, false),
        ("", 2_001, true),
        ("page=7&page_size=3&ordering=added", 2_001, true),
    ] {
        let (query, links) = (Query::parse(text), links(text));
        let response = BOOKS.csv(&world.table, &listing(&query, &links), "books.csv").await.unwrap();
        assert_eq!(response.headers().contains_key("x-truncated"), truncated, "{text}");
        assert_eq!(response.headers()["content-disposition"], r#"attachment; filename="books.csv""#);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(body.lines().count(), lines, "{text}");
        if text.contains("ordering") {
            assert!(
                body.starts_with("id,title\r\nb00000,'=SUM(A1)\r\nb00001,Volume 1 of Rivers\r\n"),
                "{body:.100}"
            );
        }
    }
}
