//! Checks of any list: give it a collection, what is in the table, and what each question answers.
//!
//! Every page is walked forth, back and by number, in several sizes; cursors are handed to others, edited and brought
//! to other questions; and a parameter that no question tries fails the check.

use std::fmt::Debug;

use serde_json::Value;
use table::{Collection, Listing, Row, Table};
use wire::{Links, Page, Problem, Query, Reply};

/// What a list is to answer.
pub struct Expectations<'a, R> {
    /// The rows of whom; see [`Listing::of`].
    pub of: &'a str,
    /// What tells rows apart.
    pub id: fn(&R) -> String,
    /// Queries and the ids they answer, in order. Each filter has to occur.
    pub lists: Vec<(&'a str, Vec<String>)>,
    /// Queries and the bodies they are refused with.
    pub refusals: Vec<(&'a str, Value)>,
}

/// A list under test.
struct Bench<'a, R: 'static> {
    table: &'a Table,
    collection: &'static Collection<R>,
    expected: &'a Expectations<'a, R>,
}

/// Checks everything that a list promises.
pub async fn check_list<R: Row + Debug>(
    table: &Table,
    collection: &'static Collection<R>,
    expected: &Expectations<'_, R>,
) {
    let bench = Bench { table, collection, expected };
    bench.every_parameter_is_tried();
    for (query, ids) in &expected.lists {
        for size in [1, 4, 20] {
            if ids.len() / size <= 10 {
                bench.pages(&with(query, &format!("page_size={size}")), ids, size).await;
            }
        }
        bench.unknown_parameters_change_nothing(query).await;
        bench.cursors_are_sealed(query, ids).await;
    }
    for (query, body) in &expected.refusals {
        let refused = bench.page(query, "anybody").await.expect_err(query);
        assert_eq!(refused.status(), 400, "{query}");
        assert_eq!(Value::Object(refused.members().clone()), *body, "{query}");
    }
}

impl<R: Row + Debug> Bench<'_, R> {
    fn every_parameter_is_tried(&self) {
        for parameter in self.collection.parameters() {
            let name = format!("{}=", parameter.name);
            let standing = ["page=", "page_size=", "cursor="].contains(&name.as_str());
            let tried = self.expected.lists.iter().any(|(query, _)| query.contains(&name));
            assert!(standing || tried, "{} of {} is tried by no case", parameter.name, self.collection.name);
        }
    }

    /// All pages forth by links, back by links, and each by its number.
    async fn pages(&self, query: &str, ids: &[String], size: usize) {
        let mut forth: Vec<Vec<String>> = Vec::new();
        let mut at = query.to_owned();
        let end = loop {
            let page = self.ok(&at).await;
            assert_eq!((page.count, page.count_is_exact), (ids.len() as u64, true), "count of {at}");
            assert_eq!(
                page.previous.is_some(),
                !forth.is_empty(),
                "previous of page {} of {query}",
                forth.len() + 1
            );
            forth.push(self.ids(&page));
            match &page.next {
                Some(next) => at = asked(next),
                None => break page,
            }
        };
        assert_eq!(forth.concat(), ids, "{query}");
        let sizes = forth.iter().rev().skip(1).all(|page| page.len() == size);
        assert!(sizes, "every page of {query} but the last is full");

        let mut back = vec![self.ids(&end)];
        let mut page = end;
        while let Some(previous) = &page.previous {
            page = self.ok(&asked(previous)).await;
            assert!(page.next.is_some(), "there is a way forth again in {query}");
            back.insert(0, self.ids(&page));
        }
        assert_eq!(back, forth, "back through {query}");
        if let Some(next) = &page.next {
            assert_eq!(self.ids(&self.ok(&asked(next)).await), forth[1], "forth again in {query}");
        }

        for (number, expected) in (1..).zip(&forth).take(4) {
            let page = self.ok(&with(query, &format!("page={number}"))).await;
            assert_eq!(self.ids(&page), *expected, "page {number} of {query}");
            assert_eq!(page.next.is_some(), number < forth.len(), "next of page {number} of {query}");
            if number > 1 {
                assert_eq!(
                    self.ids(&self.ok(&asked(&page.previous.expect("a way back"))).await),
                    forth[number - 2]
                );
            }
        }
        let last = self.ok(&with(query, "page=last")).await;
        assert_eq!(self.ids(&last), forth[forth.len() - 1], "last page of {query}");
        assert_eq!(last.next, None, "{query}");
        if let Some(previous) = &last.previous {
            let before = self.ok(&asked(previous)).await;
            assert_eq!(self.ids(&before), forth[forth.len() - 2], "before the last page of {query}");
        }
        for page in [format!("page={}", forth.len() + 1), "page=0".into(), "page=-1".into(), "page=x".into()]
        {
            let refused = self.page(&with(query, &page), "anybody").await.expect_err(&page);
            assert!(is_no_page(&refused), "{page} of {query}");
        }
    }

    async fn unknown_parameters_change_nothing(&self, query: &str) {
        let plain = self.ok(query).await;
        let odd = self.ok(&with(query, "unheard_of=1&&page_size=x")).await;
        assert_eq!((self.ids(&odd), odd.count), (self.ids(&plain), plain.count), "{query}");
    }

    async fn cursors_are_sealed(&self, query: &str, ids: &[String]) {
        let Some(next) = self.ok(&with(query, "page_size=1")).await.next else {
            assert!(ids.len() <= 1, "{query} has more pages");
            return;
        };
        let whole = Query::parse(&asked(&next));
        let cursor = whole.get("cursor").expect("a link holds a cursor");
        // The size of the page is no part of the question.
        let rest = self.ok(&whole.with("page_size", Some("20")).encoded()).await;
        assert_eq!(self.ids(&rest)[0], ids[1], "{query}");
        assert!(is_no_page(
            &self.page(&whole.encoded(), "somebody else").await.expect_err("for another caller")
        ));
        let mut edited = cursor.to_owned();
        let last = edited.pop().expect("a cursor is not empty");
        let (cut, swapped) = (edited.clone(), format!("{edited}{}", if last == 'A' { 'B' } else { 'A' }));
        for bad in [&cut, &swapped, "x", &cursor[1..]] {
            let query = whole.with("cursor", Some(bad)).encoded();
            assert!(
                is_no_page(&self.page(&query, "anybody").await.expect_err("an edited cursor")),
                "{query}"
            );
        }
        for (other, _) in &self.expected.lists {
            if other != &query {
                let query = with(other, &format!("cursor={cursor}"));
                assert!(is_no_page(&self.page(&query, "anybody").await.expect_err("another list's cursor")));
            }
        }
    }

    async fn ok(&self, query: &str) -> Page<R> {
        self.page(query, "anybody").await.unwrap_or_else(|problem| panic!("{query}: {problem:?}"))
    }

    async fn page(&self, query: &str, caller: &str) -> Reply<Page<R>> {
        let links = links(query);
        let query = Query::parse(query);
        let listing = Listing::new(&query, &links, caller).of(self.expected.of);
        self.collection.page(self.table, &listing).await
    }

    fn ids(&self, page: &Page<R>) -> Vec<String> {
        page.results.iter().map(self.expected.id).collect()
    }
}

/// The links of a request with this query.
pub fn links(query: &str) -> Links {
    let request = http::Request::builder().uri(format!("http://shop.test/api/list?{query}")).body(());
    Links::of(&request.expect("a test's query is well formed").into_parts().0)
}

/// The query of a link.
pub fn asked(link: &str) -> String {
    link.split_once('?').map_or("", |(_, query)| query).to_owned()
}

fn with(query: &str, more: &str) -> String {
    if query.is_empty() { more.to_owned() } else { format!("{query}&{more}") }
}

fn is_no_page(problem: &Problem) -> bool {
    problem.status() == 404 && problem.detail_text() == Some("Invalid page.")
}
