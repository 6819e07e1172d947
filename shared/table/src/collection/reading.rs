//! One reading of a list: where its rows come from and which of them it keeps.

use std::collections::BTreeSet;

use wire::{Fault, Problem, Reply};

use super::asked::{Asked, Want};
use super::count::{self, Counted, Kept};
use super::cursor::Mark;
use super::found::Found;
use super::merge::{Appetite, Merge};
use super::walk::{Source, Stride, Walked, walk};
use super::way::{Taken, take};
use super::{BUDGET, Collection, FOUND_BUDGET, order};
use crate::{Row, Table};

/// A list about to be read.
pub(super) struct Reading<'a, R: 'static> {
    collection: &'a Collection<R>,
    table: &'a Table,
    asked: Asked,
    origin: Origin,
    pub(super) kept: Option<Kept>,
}

/// How the rows are found.
enum Origin {
    Way(Taken),
    Search { scope: String, ids: BTreeSet<String>, complete: bool, direction: Option<bool> },
}

impl<'a, R: Row> Reading<'a, R> {
    /// Takes the best way to what is asked, or searches.
    pub(super) async fn begin(collection: &'a Collection<R>, table: &'a Table, asked: Asked) -> Reply<Self> {
        let kept = if asked.search.is_none() { (collection.count)(&asked) } else { None };
        let origin = match (&collection.search, &asked.search) {
            (Some(search), Some(sought)) => {
                let scope = (search.scope)(&asked);
                let (ids, complete) = table.search(&scope, &sought.text, BUDGET).await?;
                let direction = order::direction(&[search.order], &asked.orders);
                Origin::Search { scope, ids, complete, direction }
            }
            _ => Origin::Way(take(collection.ways, &asked).ok_or_else(|| {
                Fault::bug(format!("no way of {} leads to what is asked", collection.name))
            })?),
        };
        Ok(Self { collection, table, asked, origin, kept })
    }

    /// A number that differs between origins whose cursors do not fit each other.
    pub(super) fn way(&self) -> usize {
        match &self.origin {
            Origin::Way(taken) => taken.number,
            Origin::Search { .. } => self.collection.ways.len(),
        }
    }

    /// Whether the origin gives the asked order, so that pages need not be sorted in memory.
    pub(super) fn is_ordered(&self) -> bool {
        match &self.origin {
            Origin::Way(taken) => taken.direction.is_some(),
            Origin::Search { direction, .. } => direction.is_some(),
        }
    }

    /// Whether some of the origin's rows may not be kept.
    pub(super) fn is_filtered(&self) -> bool {
        match &self.origin {
            Origin::Way(taken) => taken.residual,
            Origin::Search { .. } => !self.asked.wants.is_empty(),
        }
    }

    /// How many rows may be looked at.
    pub(super) fn budget(&self) -> usize {
        match &self.origin {
            Origin::Search { .. } if self.is_filtered() || !self.is_ordered() => FOUND_BUDGET,
            _ => BUDGET,
        }
    }

    /// The kept figure, if there is one.
    pub(super) async fn figure(&self) -> Result<Option<Counted>, Fault> {
        match &self.kept {
            Some(kept) => Box::pin(kept.read(self.table)).await.map(Some),
            None => Ok(None),
        }
    }

    /// The count, as far as it is known without looking at each row: by the search, or by a count of its own.
    pub(super) async fn count(&self) -> Result<Counted, Fault> {
        match &self.origin {
            Origin::Way(taken) => count::count(self.table, taken).await,
            Origin::Search { ids, complete, .. } => Ok(Counted::upto(ids.len(), *complete)),
        }
    }

    /// Whether [`Reading::count`] costs nothing.
    pub(super) fn is_counted(&self) -> bool {
        matches!(self.origin, Origin::Search { .. }) && !self.is_filtered()
    }

    /// Walks from `mark` on, or back; `None` when the mark does not fit.
    pub(super) async fn walk(
        &self,
        back: bool,
        mark: Option<Mark>,
        mut stride: Stride,
    ) -> Result<Option<Walked<R>>, Fault> {
        let one_more = stride.take + 1;
        let source = match &self.origin {
            Origin::Way(taken) => {
                let appetite = match (self.is_filtered(), stride.count) {
                    (false, _) => Appetite { first: stride.skip + one_more, most: stride.skip + one_more },
                    (true, true) => Appetite { first: stride.budget + 1, most: stride.budget + 1 },
                    (true, false) => Appetite { first: one_more.max(100), most: stride.budget + 1 },
                };
                Merge::new(self.table, taken.clone(), back, mark, appetite).map(Source::Merge)
            }
            Origin::Search { ids, direction, .. } => {
                // Found rows need not be read to be passed over.
                let passed = if self.is_filtered() { 0 } else { std::mem::take(&mut stride.skip) };
                let chunk = match (self.is_filtered(), stride.count) {
                    (false, _) => one_more,
                    (true, true) => stride.budget,
                    (true, false) => 100,
                };
                let descending = direction.unwrap_or_default() != back;
                let ids = ids.iter().map(String::as_str);
                let ids: Vec<&str> = if descending { ids.rev().collect() } else { ids.collect() };
                Found::new(self.table, self.keyed(ids.into_iter().skip(passed)), descending, mark, chunk)
                    .map(Source::Found)
            }
        };
        let Some(mut source) = source else { return Ok(None) };
        // Calls of the SDK are large as futures; on the heap they do not swell whoever waits for a page.
        Box::pin(walk(&mut source, |row| self.keeps(row), stride)).await.map(Some)
    }

    /// All matches in the asked order, and whether the budget cut them short.
    ///
    /// Never cut when sorted in memory: what was not read might come first.
    pub(super) async fn everything(&self) -> Reply<(Vec<R>, bool)> {
        let budget = match &self.origin {
            Origin::Way(_) => BUDGET,
            Origin::Search { .. } => FOUND_BUDGET,
        };
        let stride = Stride { skip: 0, take: budget, count: false, budget };
        let found = match &self.origin {
            Origin::Search { ids, complete, .. } => *complete && ids.len() <= budget,
            Origin::Way(_) => true,
        };
        if !found && !self.is_ordered() {
            return Err(too_many());
        }
        let walked = self.walk(false, None, stride).await?;
        let walked =
            walked.ok_or_else(|| Fault::bug("a walk from the beginning has no mark that might not fit"))?;
        let mut rows = walked.rows;
        if !self.is_ordered() {
            if !walked.complete {
                return Err(too_many());
            }
            order::sort(&mut rows, self.collection.orders, &self.asked.orders);
        }
        Ok((rows, !(walked.complete && found)))
    }

    /// Whether a row is what was asked for. Always asked of the row itself: entries of indexes and of the
    /// search may be behind it.
    fn keeps(&self, row: &R) -> bool {
        let wanted = self.asked.wants.iter().all(|want| self.keeps_want(row, want));
        let found = match (&self.origin, &self.asked.search) {
            (Origin::Search { scope, .. }, Some(sought)) => {
                row.words().is_some_and(|words| words.answer(scope, &sought.words))
            }
            _ => true,
        };
        wanted && found
    }

    fn keeps_want(&self, row: &R, want: &Want) -> bool {
        self.collection.filters[want.filter].keeps(row, &want.value, self.asked.now)
    }

    fn keyed<'k>(&'k self, ids: impl Iterator<Item = &'k str>) -> impl Iterator<Item = (String, crate::Key)> {
        let search = self.collection.search.as_ref();
        ids.filter_map(move |id| Some((id.to_owned(), (search?.key)(&self.asked, id))))
    }
}

/// A refusal to sort more than a request may read.
fn too_many() -> Problem {
    let text = "There are too many matches to order them by this. Narrow them down by filters or by search.";
    Problem::field("ordering", text)
}
