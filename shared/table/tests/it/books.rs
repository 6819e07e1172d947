//! A library: the collection that the tests list.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use table::{
    Collection, Filter, Index, Kept, Key, Listing, Order, Places, Row, Search, Table, Tx, Way, Words, spread,
};
use wire::{Choice, PageLimits, Stamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Genre {
    Novel,
    Science,
}

impl Choice for Genre {
    const ALL: &'static [Self] = &[Self::Novel, Self::Science];

    fn as_str(self) -> &'static str {
        match self {
            Self::Novel => "Novel",
            Self::Science => "Science",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Book {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) genre: Genre,
    pub(crate) shelf: String,
    pub(crate) points: i64,
    pub(crate) lent: bool,
    pub(crate) added: Stamp,
    pub(crate) padding: String,
}

pub(crate) const SCOPE: &str = "TEST#BOOKS";

impl Book {
    /// The book number `n`, added `n` hours after the first.
    pub(crate) fn number(n: usize) -> Book {
        Book {
            id: format!("b{n:05}"),
            title: format!("Volume {n} of {}", ["Gardens", "Rivers", "Gärten"][n % 3]),
            genre: if n.is_multiple_of(4) { Genre::Science } else { Genre::Novel },
            shelf: format!("s{}", n % 5),
            points: i64::try_from(n * 7 % 10).unwrap(),
            lent: n % 3 == 1,
            added: Stamp::parse("2026-03-01T00:00:00Z").unwrap() + Duration::from_secs(n as u64 * 3600),
            padding: String::new(),
        }
    }
}

impl Row for Book {
    const KIND: &'static str = "book";

    fn key(&self) -> Key {
        Key::new(format!("TEST#{}", self.id), "BOOK")
    }

    fn places(&self) -> Places {
        let time = format!("{}#{}", self.added, self.id);
        let lane = spread(&self.id, 4);
        Places::none()
            .at(Index::Gsi1, SCOPE, &time)
            .at(Index::Gsi2, format!("{SCOPE}#{}", self.genre.as_str()), &time)
            .at(Index::Gsi3, format!("{SCOPE}#POINTS#{lane}"), format!("{:010}#{}", self.points, self.id))
            .at(Index::Gsi4, format!("{SCOPE}#{lane}"), &time)
    }

    fn words(&self) -> Option<Words> {
        Some(Words::new(SCOPE, &self.id).text(&self.title))
    }
}

fn lanes(prefix: &str) -> Vec<String> {
    (0..4).map(|lane| format!("{prefix}#{lane}")).collect()
}

const FILTERS: &[Filter<Book>] = &[
    Filter::choice::<Genre>("genre", |book: &Book, genre| book.genre.as_str() == genre)
        .about("The kind of book."),
    Filter::text("shelf", |book, shelf| book.shelf == shelf),
    Filter::whole("min_points", |book, least| book.points >= least),
    Filter::whole("max_points", |book, most| book.points <= most),
    Filter::flag("lent", |book, lent| book.lent == lent),
    Filter::from("added_from", |book, from| book.added >= from),
    Filter::until("added_until", |book, until| book.added <= until),
];

const ORDERS: &[Order<Book>] = &[
    Order::by("added", |one, other| one.added.cmp(&other.added)),
    Order::by("points", |one, other| one.points.cmp(&other.points)),
    Order::by("title", |one, other| one.title.cmp(&other.title)),
    Order::by("shelf", |one, other| one.shelf.cmp(&other.shelf)),
];

const SEARCH: Search = Search {
    scope: |_| SCOPE.to_owned(),
    key: |_, id| Key::new(format!("TEST#{id}"), "BOOK"),
    order: "added",
};

/// With indexes and figures for most of what is asked.
pub(crate) static BOOKS: Collection<Book> = Collection {
    name: "test/books",
    limits: PageLimits::up_to(20, 100),
    ways: &[
        Way::index(Index::Gsi1, |_| Some(vec![SCOPE.to_owned()]))
            .answers(&["added_from", "added_until"])
            .orders(&["added"])
            .narrow(|asked, query| asked.within("added_from", "added_until", query)),
        Way::index(Index::Gsi2, |asked| Some(vec![format!("{SCOPE}#{}", asked.text("genre")?)]))
            .answers(&["genre"])
            .orders(&["added"]),
        Way::index(Index::Gsi3, |_| Some(lanes("TEST#BOOKS#POINTS")))
            .answers(&["min_points", "max_points"])
            .orders(&["points"])
            .narrow(|asked, query| {
                let least = asked.whole("min_points").unwrap_or_default().max(0);
                let most = asked.whole("max_points").unwrap_or(i64::from(i32::MAX)).max(0);
                query.between(format!("{least:010}"), format!("{most:010}$"))
            }),
    ],
    filters: FILTERS,
    orders: ORDERS,
    default_order: "-added",
    search: Some(SEARCH),
    count: |asked| match asked.text("genre") {
        Some(genre) if asked.only(&["genre"]) => Some(Kept::figure(SCOPE, genre)),
        None if asked.only(&[]) => Some(Kept::figure(SCOPE, "Novel").plus("Science")),
        _ => None,
    },
    columns: &[("id", |book| book.id.as_str().into()), ("title", |book| book.title.as_str().into())],
};

/// The same books over four partitions and without figures.
pub(crate) static SPREAD: Collection<Book> = Collection {
    name: "test/spread",
    limits: PageLimits::up_to(20, 100),
    ways: &[Way::index(Index::Gsi4, |_| Some(lanes(SCOPE))).orders(&["added"])],
    filters: FILTERS,
    orders: ORDERS,
    default_order: "-added",
    search: None,
    count: |_| None,
    columns: &[],
};

/// Puts books on the shelves, with their figures.
pub(crate) async fn stock(table: &Table, books: &[Book]) {
    for books in books.chunks(90) {
        let tx = books.iter().fold(Tx::new(), |tx, book| tx.insert(book, ()));
        let counts = Genre::ALL.iter().map(|genre| {
            let count = books.iter().filter(|book| book.genre == *genre).count();
            (genre.as_str(), i64::try_from(count).unwrap())
        });
        table.commit(tx.tally(SCOPE, counts)).await.unwrap();
    }
}

/// Makes books known to the search, as the projector does.
pub(crate) async fn index(table: &Table, books: &[Book]) {
    for book in books {
        table.index_words(None, book.words().as_ref(), "1", book.added).await.unwrap();
    }
}

/// The ids of books.
pub(crate) fn ids<'b>(books: impl IntoIterator<Item = &'b Book>) -> Vec<String> {
    books.into_iter().map(|book| book.id.clone()).collect()
}

/// A request of anybody.
pub(crate) fn listing<'a>(query: &'a wire::Query, links: &'a wire::Links) -> Listing<'a> {
    Listing::new(query, links, "anybody")
}
