//! What lists answer.

use serde_json::json;
use table::{Listing, Tx};
use testkit::World;
use testkit::lists::{Expectations, asked, check_list, links};
use wire::Query;

use crate::books::{BOOKS, Book, Genre, SPREAD, ids, index, listing, stock};

/// Newest first, those that `keep` keeps.
fn newest(books: &[Book], keep: impl Fn(&Book) -> bool) -> Vec<String> {
    ids(books.iter().rev().filter(|book| keep(book)))
}

/// By a key; equal ones in the order they came.
fn by<K: Ord>(books: &[Book], key: impl Fn(&Book) -> K) -> Vec<String> {
    let mut sorted: Vec<&Book> = books.iter().collect();
    sorted.sort_by_key(|book| key(book));
    ids(sorted)
}

/// What both collections answer. Orders in memory leave equal rows in the order they came.
fn expectations(books: &[Book]) -> Expectations<'static, Book> {
    let science = |book: &Book| book.genre == Genre::Science;
    Expectations {
        of: "",
        id: |book| book.id.clone(),
        lists: vec![
            ("", newest(books, |_| true)),
            ("ordering=added", ids(books)),
            ("ordering=points", by(books, |book| (book.points, book.id.clone()))),
            ("ordering=title", by(books, |book| book.title.clone())),
            (
                "ordering=-shelf,points",
                by(books, |book| (std::cmp::Reverse(book.shelf.clone()), book.points)),
            ),
            ("genre=Science", newest(books, science)),
            ("genre=Science&ordering=title", {
                let books: Vec<Book> = books.iter().filter(|book| science(book)).cloned().collect();
                by(&books, |book| book.title.clone())
            }),
            ("genre=Science&ordering=points", {
                let books: Vec<Book> = books.iter().filter(|book| science(book)).cloned().collect();
                by(&books, |book| (book.points, book.id.clone()))
            }),
            ("shelf=s2", newest(books, |book| book.shelf == "s2")),
            ("shelf=s2&genre=Novel", newest(books, |book| book.shelf == "s2" && !science(book))),
            (
                "lent=true&min_points=3&max_points=6",
                newest(books, |book| book.lent && (3..=6).contains(&book.points)),
            ),
            ("min_points=3&max_points=6&ordering=points", {
                let books: Vec<Book> =
                    books.iter().filter(|book| (3..=6).contains(&book.points)).cloned().collect();
                by(&books, |book| (book.points, book.id.clone()))
            }),
            (
                "added_from=2026-03-01T05:00:00Z&added_until=2026-03-01T20:00:00Z",
                newest(&books[5..=20], |_| true),
            ),
            ("added_until=2026-03-01", newest(&books[..24], |_| true)),
            ("added_from=2026-03-02&shelf=s1", newest(&books[24..], |book| book.shelf == "s1")),
            ("shelf=nowhere", Vec::new()),
            ("min_points=6&max_points=3&ordering=points", Vec::new()),
            ("added_from=2026-03-02&added_until=2026-03-01", Vec::new()),
        ],
        refusals: vec![(
            "genre=Poem&min_points=x&lent=maybe&added_from=then",
            json!({
                "genre": ["Select a valid choice. Poem is not one of the available choices."],
                "min_points": ["Enter a number."],
                "lent": ["Select a valid choice. maybe is not one of the available choices."],
                "added_from": ["Enter a valid date/time."],
            }),
        )],
    }
}

fn books(count: usize) -> Vec<Book> {
    (0..count).map(Book::number).collect()
}

#[tokio::test]
async fn lists_hold_what_they_promise() {
    let world = World::new().await;
    let books = books(31);
    stock(&world.table, &books).await;
    index(&world.table, &books).await;
    let mut expected = expectations(&books);
    let rivers = |book: &Book| book.title.contains("Rivers");
    expected.lists.extend([
        ("ordering=-points", by(&books, |book| std::cmp::Reverse((book.points, book.id.clone())))),
        ("search=river", newest(&books, rivers)),
        ("search=VOL+gart", newest(&books, |book| book.title.contains("Gärten"))),
        ("search=river&ordering=added", ids(books.iter().filter(|book| rivers(book)))),
        ("search=river&genre=Science", newest(&books, |book| rivers(book) && book.genre == Genre::Science)),
        ("search=volume&shelf=s3", newest(&books, |book| book.shelf == "s3")),
        ("search=volume&ordering=title", by(&books, |book| book.title.clone())),
        ("search=nothing", Vec::new()),
        ("search=%21", Vec::new()),
    ]);
    check_list(&world.table, &BOOKS, &expected).await;
}

#[tokio::test]
async fn lists_over_several_partitions_are_one_list() {
    let world = World::new().await;
    let books = books(31);
    stock(&world.table, &books).await;
    check_list(&world.table, &SPREAD, &expectations(&books)).await;
}

#[tokio::test]
async fn rows_that_come_meanwhile_do_not_disturb_the_pages() {
    let world = World::new().await;
    let books = books(25);
    stock(&world.table, &books[..20]).await;
    let first = Query::parse("page_size=6");
    let page = SPREAD.page(&world.table, &listing(&first, &links("page_size=6"))).await.unwrap();
    stock(&world.table, &books[20..]).await;
    let text = asked(&page.next.unwrap());
    let next = SPREAD.page(&world.table, &listing(&Query::parse(&text), &links(&text))).await.unwrap();
    assert_eq!(ids(&next.results), ids(books[8..14].iter().rev()));
    let text = asked(&next.previous.unwrap());
    let back = SPREAD.page(&world.table, &listing(&Query::parse(&text), &links(&text))).await.unwrap();
    assert_eq!(ids(&back.results), ids(&page.results));
    let text = asked(&back.previous.unwrap());
    let newest = SPREAD.page(&world.table, &listing(&Query::parse(&text), &links(&text))).await.unwrap();
    assert_eq!(ids(&newest.results), ids(books[20..].iter().rev()));
    assert_eq!(newest.previous, None);
}

#[tokio::test]
async fn a_caller_may_be_held_to_some_rows() {
    let world = World::new().await;
    let books = books(30);
    stock(&world.table, &books).await;
    for (text, expected) in [
        ("page_size=100", newest(&books, |book| book.genre == Genre::Science)),
        ("page_size=100&genre=Science", newest(&books, |book| book.genre == Genre::Science)),
        ("page_size=100&genre=Novel", Vec::new()),
    ] {
        let (query, links) = (Query::parse(text), links(text));
        let listing = Listing::new(&query, &links, "anybody").only("genre", "Science");
        let page = BOOKS.page(&world.table, &listing).await.unwrap();
        assert_eq!((ids(&page.results), page.count), (expected.clone(), expected.len() as u64), "{text}");
    }
}

#[tokio::test]
async fn removed_rows_are_in_no_list() {
    let world = World::new().await;
    let books = books(10);
    stock(&world.table, &books).await;
    index(&world.table, &books).await;
    let gone = table::Row::key(&books[4]);
    let tx = Tx::new().delete(gone, table::Condition::exists(), ()).tally("TEST#BOOKS", [("Science", -1)]);
    world.table.commit(tx).await.unwrap();
    for text in ["", "ordering=title", "search=volume"] {
        let page = BOOKS.page(&world.table, &listing(&Query::parse(text), &links(text))).await.unwrap();
        assert_eq!(page.results.len(), 9, "{text}");
        assert!(!ids(&page.results).contains(&"b00004".to_owned()), "{text}");
    }
}
