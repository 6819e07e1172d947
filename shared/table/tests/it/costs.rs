//! What lists cost.

use table::{Collection, metered};
use testkit::World;
use testkit::lists::{asked, links};
use wire::Query;

use crate::books::{BOOKS, Book, SPREAD, index, listing, stock};

/// What a page costs, and its link to the next.
async fn cost(world: &World, collection: &Collection<Book>, text: &str) -> (String, Option<String>) {
    let (query, links) = (Query::parse(text), links(text));
    let (page, usage) = metered(collection.page(&world.table, &listing(&query, &links))).await;
    (format!("{} calls, {} units", usage.calls, usage.reads), page.unwrap().next)
}

fn half_a_kilobyte(n: usize) -> Book {
    Book { padding: "x".repeat(90), ..Book::number(n) }
}

#[tokio::test]
async fn a_page_costs_the_same_whatever_the_size_of_the_list() {
    let world = World::new().await;
    let books: Vec<Book> = (0..5_000).map(half_a_kilobyte).collect();
    stock(&world.table, &books[..50]).await;
    index(&world.table, &books[..50]).await;
    // The query, its page, and the page after. One call and one unit are for the figures.
    let questions = [
        ("", "2 calls, 2.5 units", "2 calls, 2.5 units"),
        ("genre=Science&page_size=5", "2 calls, 1.5 units", "2 calls, 1.5 units"),
        ("page=2", "2 calls, 4 units", "2 calls, 2.5 units"),
        ("ordering=points", "5 calls, 5 units", "5 calls, 5 units"),
        ("ordering=-points&page_size=5", "5 calls, 3 units", "5 calls, 3 units"),
    ];
    for (question, expected, _) in questions {
        assert_eq!(cost(&world, &BOOKS, question).await.0, expected, "{question} of 50");
    }
    assert_eq!(cost(&world, &BOOKS, "search=volume").await.0, "2 calls, 12 units");
    assert_eq!(cost(&world, &BOOKS, "search=volume&shelf=s1").await.0, "2 calls, 26.5 units");

    stock(&world.table, &books[50..]).await;
    for (question, expected, after) in questions {
        let (found, next) = cost(&world, &BOOKS, question).await;
        assert_eq!(found, expected, "{question} of 5,000");
        let onward = cost(&world, &BOOKS, &asked(&next.unwrap())).await.0;
        assert_eq!(onward, after, "after {question} of 5,000");
    }
    // What no index answers is bounded: the first page counts, those that follow need not.
    let (counted, next) = cost(&world, &SPREAD, "shelf=s1").await;
    assert_eq!(counted, "4 calls, 138 units");
    assert_eq!(cost(&world, &SPREAD, &asked(&next.unwrap())).await.0, "4 calls, 10 units");
    assert_eq!(cost(&world, &SPREAD, "").await.0, "8 calls, 130 units");
}
