//! Pages of lists, and the links between them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ClientUri, Problem, Query, Reply};

/// One page of a list, as DRF shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// How many entries there are in all.
    pub count: u64,
    /// Sent as `false` when `count` is only near the truth.
    #[serde(skip_serializing_if = "is_true")]
    #[schema(required = false)]
    pub count_is_exact: bool,
    /// Where the next page is.
    pub next: Option<String>,
    /// Where the page before is.
    pub previous: Option<String>,
    /// The entries of this page.
    pub results: Vec<T>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_true(flag: &bool) -> bool {
    *flag
}

impl<T> Page<T> {
    /// A page by number with its links, out of `count` entries.
    pub fn numbered(results: Vec<T>, count: u64, number: u64, size: u32, links: &Links) -> Page<T> {
        let next = (number < last_page(count, size)).then(|| links.to_page(number + 1));
        let previous = (number > 1).then(|| links.to_page(number - 1));
        Page { count, count_is_exact: true, next, previous, results }
    }

    /// A page reached by cursor; `next` and `previous` are cursors.
    pub fn by_cursor(
        results: Vec<T>,
        count: u64,
        next: Option<&str>,
        previous: Option<&str>,
        links: &Links,
    ) -> Page<T> {
        let next = next.map(|cursor| links.to_cursor(cursor));
        let previous = previous.map(|cursor| links.to_cursor(cursor));
        Page { count, count_is_exact: true, next, previous, results }
    }

    /// The same page, its count marked as only near the truth.
    pub fn about(mut self) -> Page<T> {
        self.count_is_exact = false;
        self
    }

    /// The same page with each entry shown by `show`.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page {
            count: self.count,
            count_is_exact: self.count_is_exact,
            next: self.next,
            previous: self.previous,
            results: self.results.into_iter().map(show).collect(),
        }
    }
}

/// How large the pages of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    default: u32,
    max: Option<u32>,
}

impl PageLimits {
    /// Pages of one size, whatever `page_size` says.
    pub const fn fixed(size: u32) -> PageLimits {
        PageLimits { default: size, max: None }
    }

    /// Pages of `default` entries, or of as many as `page_size` asks for, up to `max`.
    pub const fn up_to(default: u32, max: u32) -> PageLimits {
        PageLimits { default, max: Some(max) }
    }

    /// The size asked for: too large means the largest, nonsense means the default, as in DRF.
    fn size(self, query: &Query) -> u32 {
        let Some(max) = self.max else { return self.default };
        let asked = query.get("page_size").map(str::trim).filter(|text| is_digits(text));
        match asked.map(|text| text.parse().unwrap_or(u64::MAX)) {
            None | Some(0) => self.default,
            Some(size) => u32::try_from(size).unwrap_or(max).min(max),
        }
    }
}

/// Which page was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// Where in the list.
    pub place: Place,
    /// How many entries.
    pub size: u32,
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The page of that number, from 1.
    Number(u64),
    /// The last page, whatever its number.
    Last,
    /// Where a cursor of ours points; not yet checked.
    Cursor(String),
}

impl PageQuery {
    /// Reads `page`, `page_size` and `cursor`; a cursor goes before a number.
    pub fn read(query: &Query, limits: PageLimits) -> Reply<PageQuery> {
        let size = limits.size(query);
        if let Some(cursor) = query.filled("cursor") {
            return Ok(PageQuery { place: Place::Cursor(cursor.to_owned()), size });
        }
        let place = match query.get("page").map(str::trim) {
            None => Place::Number(1),
            Some("last") => Place::Last,
            Some(text) if is_digits(text) => match text.parse() {
                Ok(number) if number > 0 => Place::Number(number),
                _ => return Err(Problem::invalid_page()),
            },
            Some(_) => return Err(Problem::invalid_page()),
        };
        Ok(PageQuery { place, size })
    }

    /// The number of the page among `count` entries; 404 beyond the end. Page 1 of an empty list exists.
    pub fn number(&self, count: u64) -> Reply<u64> {
        let last = last_page(count, self.size);
        match self.place {
            Place::Number(number) if number <= last => Ok(number),
            Place::Last => Ok(last),
            Place::Number(_) | Place::Cursor(_) => Err(Problem::invalid_page()),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn last_page(count: u64, size: u32) -> u64 {
    count.div_ceil(u64::from(size.max(1))).max(1)
}

/// Makes absolute links to other pages of the list that a request asked for.
///
/// Scheme, host, path and all other query parameters are those the client used.
#[derive(Clone, Debug)]
pub struct Links {
    origin: String,
    path: String,
    query: Query,
}

impl Links {
    /// The links of the list at the address of this request.
    pub fn of(parts: &Parts) -> Links {
        let uri = parts.extensions.get::<ClientUri>().map_or(&parts.uri, |client| &client.0);
        let query = Query::parse(uri.query().unwrap_or_default());
        Links { origin: origin(parts), path: uri.path().to_owned(), query }
    }

    /// The link to another path of the same origin.
    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The link to a page by number; the first page needs none.
    pub fn to_page(&self, number: u64) -> String {
        let number = (number > 1).then(|| number.to_string());
        self.link(&self.query.with("cursor", None).with("page", number.as_deref()))
    }

    /// The link to where a cursor points.
    pub fn to_cursor(&self, cursor: &str) -> String {
        self.link(&self.query.with("page", None).with("cursor", Some(cursor)))
    }

    fn link(&self, query: &Query) -> String {
        let address = self.to(&self.path);
        if query.pairs().is_empty() { address } else { format!("{address}?{}", query.encoded()) }
    }
}

impl<S: Sync> FromRequestParts<S> for Links {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Links::of(parts))
    }
}

/// The scheme and host the client used, such as `https://shop.test`.
pub fn origin(parts: &Parts) -> String {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let forwarded = header("x-forwarded-proto").and_then(|list| list.split(',').next()).map(str::trim);
    let scheme = match forwarded.or(parts.uri.scheme_str()) {
        Some("https") => "https",
        _ => "http",
    };
    let host = header(HOST.as_str())
        .filter(|host| !host.contains('@'))
        .and_then(|host| host.parse::<Authority>().ok());
    let authority = host.as_ref().or(parts.uri.authority());
    format!("{scheme}://{}", authority.map_or("localhost", Authority::as_str))
}
