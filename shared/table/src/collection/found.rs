//! Rows found by search, read by their keys.

use std::collections::VecDeque;

use futures_util::future::try_join_all;
use wire::Fault;

use super::asked::Asked;
use super::cursor::{Mark, Spot};
use crate::{Item, Key, Table};

/// How a collection is searched, by the beginnings of words.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// The scope that its rows name in their [`Words`](crate::Words).
    pub scope: fn(&Asked) -> String,
    /// The key of the row with this id.
    pub key: fn(&Asked, &str) -> Key,
    /// The order that ids stand in.
    pub order: &'static str,
}

/// Reads found rows in the order of their ids.
#[derive(Debug)]
pub(super) struct Found<'t> {
    table: &'t Table,
    /// What is still to be read, the first in front.
    ids: VecDeque<(String, Key)>,
    waiting: VecDeque<(String, Item)>,
    passed: Option<Spot>,
    chunk: usize,
}

/// How many keys one read takes.
const BATCH: usize = 100;

impl<'t> Found<'t> {
    /// Reads on from `mark`, `chunk` rows at a time; `None` when the mark is not one of a search.
    pub(super) fn new(
        table: &'t Table,
        ids: impl Iterator<Item = (String, Key)>,
        descending: bool,
        mark: Option<Mark>,
        chunk: usize,
    ) -> Option<Self> {
        let mut mark = mark.unwrap_or_else(|| Mark(vec![None])).0;
        if mark.len() != 1 {
            return None;
        }
        let passed = mark.pop().flatten();
        let reached = passed.as_ref().and_then(|spot| spot.0.first());
        let beyond =
            |id: &String| reached.is_none_or(|reached| if descending { id < reached } else { id > reached });
        let ids = ids.filter(|(id, _)| beyond(id)).collect();
        Some(Self { table, ids, waiting: VecDeque::new(), passed, chunk })
    }

    /// The position of the next row.
    pub(super) async fn heads(&mut self) -> Result<Mark, Fault> {
        self.fill().await?;
        Ok(Mark(vec![self.waiting.front().map(|(id, _)| spot(id))]))
    }

    /// The next row; `None` at the end. What is gone is passed over.
    pub(super) async fn next(&mut self) -> Result<Option<Item>, Fault> {
        self.fill().await?;
        let Some((id, item)) = self.waiting.pop_front() else { return Ok(None) };
        self.passed = Some(spot(&id));
        Ok(Some(item))
    }

    /// The position behind what was taken.
    pub(super) fn mark(&self) -> Mark {
        Mark(vec![self.passed.clone()])
    }

    async fn fill(&mut self) -> Result<(), Fault> {
        while self.waiting.is_empty() && !self.ids.is_empty() {
            let (ids, keys): (Vec<String>, Vec<Key>) =
                self.ids.drain(..self.chunk.min(self.ids.len())).unzip();
            let items = try_join_all(keys.chunks(BATCH).map(|keys| self.table.items(keys, false))).await?;
            let found = ids.into_iter().zip(items.into_iter().flatten());
            self.waiting.extend(found.filter_map(|(id, item)| Some((id, item?))));
        }
        Ok(())
    }
}

fn spot(id: &str) -> Spot {
    Spot(vec![id.to_owned()])
}
