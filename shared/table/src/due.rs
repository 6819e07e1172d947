//! Deadlines: rows that carry a time are found when it has come.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::{Fault, Stamp};

use crate::key::spread;
use crate::{Index, Item, Key, Places, Query, Row, Table, from_item, key_of, kind_of};

/// How many partitions a context's deadlines are spread over.
const SHARDS: u32 = 4;

/// What "the last minutes" are: several rounds of the clock.
const RECENT: Duration = Duration::from_mins(5);

/// A row whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What is to be done, in the context's own words.
    pub what: String,
    /// The partition key of the row.
    pub pk: String,
    /// The sort key of the row.
    pub sk: String,
    /// When it was due.
    pub at: Stamp,
}

impl Due {
    /// The key of the row.
    pub fn key(&self) -> Key {
        Key::new(&self.pk, &self.sk)
    }
}

impl Places {
    /// Also due: `what` is to be done for this row at that time. A settled row says so no more.
    pub fn due(self, context: &str, what: &str, at: Stamp, id: &str) -> Self {
        let partition = partition(context, spread(id, SHARDS));
        self.at(Index::Due, partition, format!("{at}#{what}#{id}"))
    }
}

fn partition(context: &str, shard: u32) -> String {
    format!("DUE#{}#{shard}", context.to_uppercase())
}

impl Table {
    /// What is due in a context by `now`, the oldest first and `limit` of each shard at most. A fifth of them is from
    /// the last minutes, so that old rows which nobody can settle do not keep new ones waiting.
    pub async fn due(&self, context: &str, now: Stamp, limit: usize) -> Result<Vec<Due>, Fault> {
        let spans = (0..SHARDS).flat_map(|shard| {
            // `$` follows `#`: the bound includes every row due at this very instant.
            let from = |from: String, limit: usize| {
                let query = Query::index(Index::Due, partition(context, shard));
                self.query(query.between(from, format!("{now}$")).limit(limit))
            };
            let recent = limit.div_ceil(5);
            [from("0".to_owned(), limit - recent), from((now - RECENT).to_string(), recent)]
        });
        let batches = futures_util::future::try_join_all(spans).await?;
        let mut due: Vec<Due> =
            batches.into_iter().flat_map(|batch| batch.items).filter_map(|item| read(&item)).collect();
        due.sort_by(|a, b| (a.at, &a.pk, &a.sk).cmp(&(b.at, &b.pk, &b.sk)));
        due.dedup();
        Ok(due)
    }
}

/// How many rows of each shard are looked at for what is overdue.
const OVERDUE: usize = 1_000;

impl Table {
    /// The rows of a kind that are due by `now` and that nobody settled yet. There are few, as long as the clock goes:
    /// for figures that go by the time and are moved by whoever settles them.
    pub async fn overdue<R: Row>(&self, context: &str, now: Stamp) -> Result<Vec<R>, Fault> {
        let shards = (0..SHARDS).map(|shard| {
            let query = Query::index(Index::Due, partition(context, shard));
            self.query(query.between("0", format!("{now}$")).limit(OVERDUE))
        });
        let batches = futures_util::future::try_join_all(shards).await?;
        let items = batches.into_iter().flat_map(|batch| batch.items);
        items.filter(|item| kind_of(item) == R::KIND).map(from_item).collect()
    }
}

/// Reads a due row by its key and place. One that does not read is reported, and leaves the others be.
fn read(item: &Item) -> Option<Due> {
    let key = key_of(item).ok()?;
    let place = item.get("duesk").and_then(|place| place.as_s().ok()).map_or("", String::as_str);
    let mut parts = place.splitn(3, '#');
    let (at, what) = (parts.next().and_then(Stamp::parse), parts.next());
    let Some((at, what)) = at.zip(what) else {
        tracing::error!(target: "fault", ?key, "a due row with an unreadable place");
        return None;
    };
    Some(Due { what: what.to_owned(), pk: key.pk().to_owned(), sk: key.sk().to_owned(), at })
}
