//! Lists of more rows than one request may look at.

use serde_json::{Value, json};
use table::BUDGET;
use testkit::World;
use testkit::lists::{asked, links};
use wire::{Page, Query, Reply};

use crate::books::{BOOKS, Book, Genre, SPREAD, ids, listing, stock};

const ROWS: usize = 2_500;

async fn page(world: &World, spread: bool, text: &str) -> Reply<Page<Book>> {
    let (query, links) = (Query::parse(text), links(text));
    let collection = if spread { &SPREAD } else { &BOOKS };
    collection.page(&world.table, &listing(&query, &links)).await
}

#[tokio::test]
async fn budgets_end_what_would_read_too_much() {
    let world = World::new().await;
    let mut books: Vec<Book> = (0..ROWS).map(Book::number).collect();
    // The only books of this shelf are the three oldest.
    books[..3].iter_mut().for_each(|book| book.shelf = "cellar".to_owned());
    stock(&world.table, &books).await;

    for spread in [false, true] {
        // A filter that no index serves finds what the budget allows and goes on from there.
        let first = page(&world, spread, "shelf=cellar").await.unwrap();
        assert_eq!((first.results.len(), first.count, first.count_is_exact), (0, 0, false));
        let rest = page(&world, spread, &asked(&first.next.unwrap())).await.unwrap();
        assert_eq!(ids(&rest.results), ids(books[..3].iter().rev()));
        assert_eq!(rest.next, None);

        // Counted within the budget only.
        let lent = page(&world, spread, "shelf=s4").await.unwrap();
        assert_eq!((lent.results.len(), lent.count_is_exact), (20, false));
        assert_eq!(lent.count, u64::try_from(BUDGET / 5).unwrap());
        let second = page(&world, spread, &asked(&lent.next.unwrap())).await.unwrap();
        assert_eq!((second.count, second.count_is_exact), (lent.count, false));

        // An order that no index gives needs fewer matches.
        let refused = page(&world, spread, "ordering=title").await.unwrap_err();
        let body = Value::Object(refused.members().clone());
        let text =
            "There are too many matches to order them by this. Narrow them down by filters or by search.";
        assert_eq!(body, json!({ "ordering": [text] }));

        // Deep numbers are bounded; the last page is near from the other end, if its number is known.
        let deep = page(&world, spread, "page=101").await.unwrap_err();
        assert_eq!(deep.status(), 404);
        assert_eq!(
            ids(&page(&world, spread, "page=100").await.unwrap().results),
            ids(books[500..520].iter().rev())
        );
    }

    let narrow = page(&world, false, "ordering=-title&genre=Science").await.unwrap();
    assert_eq!((narrow.count, narrow.count_is_exact), (ROWS as u64 / 4, true));
    assert!(narrow.results.iter().all(|book| book.genre == Genre::Science));
    let last = page(&world, false, "page=last&page_size=30").await.unwrap();
    assert_eq!((ids(&last.results), last.count), (ids(books[..10].iter().rev()), ROWS as u64));
    let before = page(&world, false, &asked(&last.previous.unwrap())).await.unwrap();
    assert_eq!(ids(&before.results), ids(books[10..40].iter().rev()));
    assert_eq!(page(&world, true, "page=last").await.unwrap_err().status(), 404);

    // Without figures the count is bounded too.
    let all = page(&world, true, "").await.unwrap();
    assert!(!all.count_is_exact && all.count >= BUDGET as u64 && all.count <= ROWS as u64);
}
