//! Rows of several partitions, side by side, as one list.

use std::collections::VecDeque;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use wire::Fault;

use super::cursor::{Mark, Spot};
use super::way::Taken;
use crate::{Index, Item, Query, Table};

/// How many items to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Appetite {
    /// How many in all at first.
    pub(super) first: usize,
    /// How many in all later, when the first were not enough.
    pub(super) most: usize,
}

/// Reads the partitions of a way and merges them by sort key.
#[derive(Debug)]
pub(super) struct Merge<'t> {
    table: &'t Table,
    descending: bool,
    lanes: Vec<Lane>,
    /// The sort key that was reached. Rows that slipped in before it belong to pages already shown.
    reached: Option<String>,
    chunk: usize,
    most: usize,
}

#[derive(Debug)]
struct Lane {
    pk: String,
    index: Option<Index>,
    query: Query,
    waiting: VecDeque<Item>,
    next: Option<Item>,
    done: bool,
    passed: Option<Spot>,
}

impl<'t> Merge<'t> {
    /// Reads on from `mark`; `None` when the mark is not one of this way.
    pub(super) fn new(
        table: &'t Table,
        taken: Taken,
        back: bool,
        mark: Option<Mark>,
        appetite: Appetite,
    ) -> Option<Self> {
        let descending = taken.direction.unwrap_or_default() != back;
        let count = taken.partitions.len();
        let mark = mark.unwrap_or_else(|| Mark(vec![None; count]));
        if mark.0.len() != count {
            return None;
        }
        let reached = mark.furthest(descending).map(str::to_owned);
        let lanes = taken.partitions.into_iter().zip(mark.0).map(|((pk, query), passed)| {
            let query = if descending { query.descending() } else { query };
            let next = match &passed {
                Some(spot) => Some(start(&pk, taken.index, spot)?),
                None => None,
            };
            Some(Lane { pk, index: taken.index, query, waiting: VecDeque::new(), next, done: false, passed })
        });
        let lanes = lanes.collect::<Option<Vec<_>>>()?;
        let (chunk, most) = (share(appetite.first, count), share(appetite.most, count));
        Some(Self { table, descending, lanes, reached, chunk, most })
    }

    /// The positions of the next items; none where a partition is at its end.
    pub(super) async fn heads(&mut self) -> Result<Mark, Fault> {
        self.fill().await?;
        Ok(Mark(self.lanes.iter().map(|lane| lane.waiting.front().map(|item| lane.spot(item))).collect()))
    }

    /// The next item; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Item>, Fault> {
        self.fill().await?;
        let keys = self.lanes.iter().enumerate().filter_map(|(number, lane)| Some((lane.head()?, number)));
        let first = if self.descending { keys.max() } else { keys.min() };
        Ok(first.map(|(_, number)| number).and_then(|number| self.lanes[number].pop()))
    }

    /// The position behind what was taken.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.lanes.iter().map(|lane| lane.passed.clone()).collect())
    }

    /// Sees to it that every partition has an item waiting or is at its end.
    async fn fill(&mut self) -> Result<(), Fault> {
        loop {
            let (table, chunk) = (self.table, self.chunk);
            let empty: Vec<_> =
                self.lanes.iter_mut().filter(|lane| lane.waiting.is_empty() && !lane.done).collect();
            if empty.is_empty() {
                return Ok(());
            }
            try_join_all(empty.into_iter().map(|lane| lane.fill(table, chunk))).await?;
            self.chunk = (chunk * 2).min(self.most.max(chunk));
            if let Some(reached) = &self.reached {
                for lane in &mut self.lanes {
                    lane.drop_before(reached, self.descending);
                }
            }
        }
    }
}

impl Lane {
    async fn fill(&mut self, table: &Table, chunk: usize) -> Result<(), Fault> {
        let batch = table.query(self.query.clone().limit(chunk).after(self.next.take())).await?;
        self.waiting.extend(batch.items);
        self.done = batch.next.is_none();
        self.next = batch.next;
        Ok(())
    }

    fn drop_before(&mut self, reached: &str, descending: bool) {
        while let Some(head) = self.head()
            && if descending { head > reached } else { head < reached }
        {
            self.pop();
        }
    }

    fn head(&self) -> Option<&str> {
        self.waiting.front().map(|item| self.sort_key(item))
    }

    fn pop(&mut self) -> Option<Item> {
        let item = self.waiting.pop_front()?;
        self.passed = Some(self.spot(&item));
        Some(item)
    }

    fn sort_key<'i>(&self, item: &'i Item) -> &'i str {
        text(item, self.index.map_or("sk", Index::sk))
    }

    fn spot(&self, item: &Item) -> Spot {
        let mut parts = vec![self.sort_key(item).to_owned()];
        if self.index.is_some() {
            parts.extend(["pk", "sk"].map(|name| text(item, name).to_owned()));
        } else {
            debug_assert_eq!(text(item, "pk"), self.pk, "a query answers with its own partition");
        }
        Spot(parts)
    }
}

/// How many of the first `items` in a list one of its `lanes` partitions holds, but for a rare bad draw.
///
/// Partitions are drawn by hash, so that their shares scatter about the mean by its root.
fn share(items: usize, lanes: usize) -> usize {
    let mean = items / lanes.max(1);
    if lanes > 1 { (mean + 2 * mean.isqrt() + 2).min(items) } else { items }
}

fn text<'i>(item: &'i Item, name: &str) -> &'i str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// The position of a spot as the table wants it.
fn start(partition: &str, index: Option<Index>, spot: &Spot) -> Option<Item> {
    let entry = |name: &str, text: &str| (name.to_owned(), AttributeValue::S(text.to_owned()));
    match (index, spot.0.as_slice()) {
        (None, [sk]) => Some(Item::from([entry("pk", partition), entry("sk", sk)])),
        (Some(index), [place, pk, sk]) => Some(Item::from([
            entry("pk", pk),
            entry("sk", sk),
            entry(index.pk(), partition),
            entry(index.sk(), place),
        ])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_types::SdkConfig;

    fn table() -> Table {
        let latest = aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest();
        let config = SdkConfig::builder().behavior_version(latest).build();
        Table::new(&config, "nowhere", crate::Seal::new(&[0; 32]))
    }

    /// Partitions whose items were all read.
    fn merge<'t>(table: &'t Table, lanes: &[&[&str]], descending: bool) -> Merge<'t> {
        let lanes = lanes.iter().map(|keys| Lane {
            pk: "P".to_owned(),
            index: None,
            query: Query::partition("P"),
            waiting: keys.iter().map(|sk| crate::Key::new("P", *sk).attributes()).collect(),
            next: None,
            done: true,
            passed: None,
        });
        Merge { table, descending, lanes: lanes.collect(), reached: None, chunk: 1, most: 1 }
    }

    async fn rest(merge: &mut Merge<'_>) -> String {
        let mut keys = String::new();
        while let Some(item) = merge.next().await.unwrap() {
            keys += text(&item, "sk");
        }
        keys
    }

    fn marked(mark: &Mark) -> Vec<Option<&str>> {
        mark.0.iter().map(|spot| spot.as_ref().map(|spot| spot.0[0].as_str())).collect()
    }

    #[tokio::test]
    async fn partitions_become_one_list_in_both_directions() {
        let table = table();
        assert_eq!(rest(&mut merge(&table, &[&["a", "d"], &[], &["b", "c", "e"]], false)).await, "abcde");
        assert_eq!(rest(&mut merge(&table, &[&["d", "a"], &[], &["e", "c", "b"]], true)).await, "edcba");
        assert_eq!(rest(&mut merge(&table, &[], true)).await, "");
    }

    #[tokio::test]
    async fn marks_tell_what_was_taken_and_heads_what_comes() {
        let table = table();
        let mut merge = merge(&table, &[&["a", "d"], &["b", "c"]], false);
        assert_eq!(marked(&merge.mark()), [None, None]);
        assert_eq!(marked(&merge.heads().await.unwrap()), [Some("a"), Some("b")]);
        for _ in 0..3 {
            merge.next().await.unwrap();
        }
        assert_eq!(marked(&merge.mark()), [Some("a"), Some("c")]);
        assert_eq!(marked(&merge.heads().await.unwrap()), [Some("d"), None]);
    }

    #[test]
    fn what_slipped_in_before_the_mark_is_passed_over() {
        let table = table();
        let mut ascending = merge(&table, &[&["a", "b", "c"]], false);
        ascending.lanes[0].drop_before("b", false);
        assert_eq!(ascending.lanes[0].head(), Some("b"));
        let mut descending = merge(&table, &[&["c", "b", "a"]], true);
        descending.lanes[0].drop_before("b", true);
        assert_eq!(descending.lanes[0].head(), Some("b"));
    }

    #[test]
    fn a_share_holds_the_mean_and_some_more() {
        assert_eq!([share(21, 1), share(21, 4), share(2_001, 4), share(1, 8)], [21, 11, 546, 1]);
    }
}
