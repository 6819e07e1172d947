//! Searches that are behind what is stored.

use std::time::Duration;

use table::Tx;
use testkit::World;
use testkit::lists::links;
use wire::Query;

use crate::books::{BOOKS, Book, ids, index, listing, stock};

#[tokio::test]
async fn a_stale_entry_shows_nothing_that_does_not_match() {
    let world = World::new().await;
    let books: Vec<Book> = (0..9).map(Book::number).collect();
    stock(&world.table, &books).await;
    index(&world.table, &books).await;
    // The title changes, and the search has not heard of it yet.
    let renamed = Book { title: "Mountains".to_owned(), ..books[1].clone() };
    world.table.commit(Tx::<()>::new().change(&books[1], &renamed, &[])).await.unwrap();
    let text = "search=river";
    let page = BOOKS.page(&world.table, &listing(&Query::parse(text), &links(text))).await.unwrap();
    assert_eq!(ids(&page.results), ["b00007", "b00004"]);

    let later = renamed.added + Duration::from_mins(1);
    let words = (table::Row::words(&books[1]), table::Row::words(&renamed));
    world.table.index_words(words.0.as_ref(), words.1.as_ref(), "2", later).await.unwrap();
    for (text, expected) in [("search=river", &["b00007", "b00004"][..]), ("search=mount", &["b00001"][..])] {
        let page = BOOKS.page(&world.table, &listing(&Query::parse(text), &links(text))).await.unwrap();
        assert_eq!(ids(&page.results), expected, "{text}");
        assert_eq!(page.count, expected.len() as u64, "{text}");
    }
}
