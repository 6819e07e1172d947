//! Pages of a list.

use futures_util::future::try_join;
use wire::{Links, Page, PageQuery, Place, Problem, Reply};

use super::asked::Asked;
use super::count::Counted;
use super::cursor::Cursor;
use super::reading::Reading;
use super::walk::Stride;
use super::{Collection, Listing};
use crate::{Row, Seal, Table};

/// A page before its links are written.
struct Sheet<R> {
    rows: Vec<R>,
    counted: Counted,
    next: Option<Cursor>,
    previous: Option<Before>,
}

/// Where the page before is.
enum Before {
    Number(usize),
    Cursor(Cursor),
}

impl<R: Row> Collection<R> {
    /// The page that a request asks for. What it costs stands at [`Collection`].
    pub async fn page(&self, table: &Table, listing: &Listing<'_>) -> Reply<Page<R>> {
        let asked = Asked::read(self, listing)?;
        let PageQuery { place, size } = PageQuery::read(listing.query, self.limits)?;
        let size = size as usize;
        let purpose = listing.purpose(self.name);
        let cursor = match &place {
            Place::Cursor(text) => Some(opened(text, table.seal(), &purpose)?),
            Place::Number(_) | Place::Last => None,
        };
        let reading = Reading::begin(self, table, asked).await?;
        if cursor.as_ref().is_some_and(|cursor| cursor.way != reading.way()) {
            return Err(Problem::invalid_page());
        }
        let sheet = match (place, cursor) {
            (Place::Last, _) => last(&reading, size).await?,
            (_, Some(cursor)) if reading.is_ordered() => onward(&reading, cursor, size).await?,
            (_, Some(cursor)) => sorted(&reading, At::Skip(cursor.skip), size).await?,
            (Place::Number(number), None) => {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                if reading.is_ordered() {
                    numbered(&reading, number, size).await?
                } else {
                    sorted(&reading, At::Number(number), size).await?
                }
            }
            (Place::Cursor(_), None) => return Err(Problem::invalid_page()),
        };
        Ok(sheet.linked(listing.links, |cursor| cursor.close(table.seal(), &purpose)))
    }
}

fn opened(text: &str, seal: &Seal, purpose: &str) -> Reply<Cursor> {
    Cursor::open(text, seal, purpose).ok_or_else(Problem::invalid_page)
}

impl<R> Sheet<R> {
    fn linked(self, links: &Links, close: impl Fn(Cursor) -> String) -> Page<R> {
        let next = self.next.map(&close);
        let mut page = Page::by_cursor(self.rows, self.counted.count, next.as_deref(), None, links);
        page.previous = self.previous.map(|before| match before {
            Before::Number(number) => links.to_page(number as u64),
            Before::Cursor(cursor) => links.to_cursor(&close(cursor)),
        });
        if self.counted.exact { page } else { page.about() }
    }
}

/// A page by number, in the order of the rows: passes over all pages before it.
async fn numbered<R: Row>(reading: &Reading<'_, R>, number: usize, size: usize) -> Reply<Sheet<R>> {
    let budget = reading.budget();
    let skip = size.saturating_mul(number - 1);
    if skip >= budget {
        return Err(Problem::invalid_page());
    }
    let count = reading.kept.is_none() && reading.is_filtered();
    let stride = Stride { skip, take: size, count, budget };
    let (walked, figure) = try_join(reading.walk(false, None, stride), reading.figure()).await?;
    let walked = walked.ok_or_else(Problem::invalid_page)?;
    if number > 1 && walked.rows.is_empty() {
        return Err(Problem::invalid_page());
    }
    let counted = match figure {
        Some(figure) => figure,
        None if reading.is_counted() => reading.count().await?,
        None if walked.complete || count => Counted::upto(walked.matches, walked.complete),
        None => reading.count().await?,
    };
    let carried = figure.is_none().then_some(counted);
    let next = walked.onward.map(|mark| Cursor {
        way: reading.way(),
        mark: Some(mark),
        count: carried,
        ..Cursor::default()
    });
    let previous = (number > 1).then(|| Before::Number(number - 1));
    Ok(Sheet { rows: walked.rows, counted, next, previous })
}

/// A page by cursor, in the order of the rows.
async fn onward<R: Row>(reading: &Reading<'_, R>, cursor: Cursor, size: usize) -> Reply<Sheet<R>> {
    let Cursor { way, back, mark, count: carried, .. } = cursor;
    let stride = Stride { skip: 0, take: size, count: false, budget: reading.budget() };
    let (walked, figure) = try_join(reading.walk(back, mark, stride), reading.figure()).await?;
    let walked = walked.ok_or_else(Problem::invalid_page)?;
    let counted = figure.or(carried).ok_or_else(Problem::invalid_page)?;
    let at = |back, mark| Cursor { way, back, mark: Some(mark), count: carried, ..Cursor::default() };
    let (mut rows, here, onward) = (walked.rows, walked.start, walked.onward);
    let (next, previous) = if back {
        rows.reverse();
        (Some(at(false, here)), onward.map(|mark| at(true, mark)))
    } else {
        (onward.map(|mark| at(false, mark)), Some(at(true, here)))
    };
    Ok(Sheet { rows, counted, next, previous: previous.map(Before::Cursor) })
}

/// The last page: read from the end if the count can be told, else found by reading everything.
async fn last<R: Row>(reading: &Reading<'_, R>, size: usize) -> Reply<Sheet<R>> {
    if !reading.is_ordered() || (reading.kept.is_none() && reading.is_filtered()) {
        return sorted(reading, At::Last, size).await;
    }
    let counted = match reading.figure().await? {
        Some(figure) => figure,
        None => reading.count().await?,
    };
    let count = usize::try_from(counted.count).unwrap_or(usize::MAX);
    if !counted.exact {
        return Err(Problem::invalid_page());
    }
    let pages = count.div_ceil(size).max(1);
    if reading.is_counted() {
        return numbered(reading, pages, size).await;
    }
    let take = count - size * (pages - 1);
    let stride = Stride { skip: 0, take, count: false, budget: reading.budget() };
    let walked = reading.walk(true, None, stride).await?.ok_or_else(Problem::invalid_page)?;
    let previous = walked.onward.map(|mark| Cursor {
        way: reading.way(),
        back: true,
        mark: Some(mark),
        count: reading.kept.is_none().then_some(counted),
        ..Cursor::default()
    });
    let rows = walked.rows.into_iter().rev().collect();
    Ok(Sheet { rows, counted, next: None, previous: previous.map(Before::Cursor) })
}

/// A place among rows that are all at hand.
#[derive(Clone, Copy)]
enum At {
    Number(usize),
    Last,
    Skip(usize),
}

/// A page cut out of all matches.
async fn sorted<R: Row>(reading: &Reading<'_, R>, at: At, size: usize) -> Reply<Sheet<R>> {
    let (mut rows, cut) = reading.everything().await?;
    let count = rows.len();
    let skip = match at {
        At::Number(number) => size.saturating_mul(number - 1),
        At::Last => count.saturating_sub(1) / size * size,
        At::Skip(skip) => skip,
    };
    let beyond = matches!(at, At::Number(number) if number > 1 && skip >= count);
    if beyond || (cut && matches!(at, At::Last)) {
        return Err(Problem::invalid_page());
    }
    let to = |skip| Cursor { way: reading.way(), skip, ..Cursor::default() };
    let previous = match at {
        _ if skip == 0 => None,
        At::Skip(_) if skip > size => Some(Before::Cursor(to(skip - size))),
        At::Skip(_) => Some(Before::Number(1)),
        At::Number(_) | At::Last => Some(Before::Number(skip / size)),
    };
    let next = (skip.saturating_add(size) < count).then(|| to(skip + size));
    rows.truncate(skip.saturating_add(size));
    rows.drain(..skip.min(rows.len()));
    Ok(Sheet { rows, counted: Counted::upto(count, !cut), next, previous })
}
