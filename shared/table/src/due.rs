//! Deadlines: rows that carry a time are found when it has come.

use serde::{Deserialize, Serialize};
use wire::{Fault, Stamp};

use crate::key::spread;
use crate::{Index, Key, Places, Query, Table, key_of};

/// How many partitions a context's deadlines are spread over.
const SHARDS: u32 = 4;

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
    /// What is due in a context by `now`, the oldest first, `limit` of each shard at most.
    pub async fn due(&self, context: &str, now: Stamp, limit: usize) -> Result<Vec<Due>, Fault> {
        let shards = (0..SHARDS).map(|shard| {
            // `$` follows `#`: the bound includes every row due at this very instant.
            let query = Query::index(Index::Due, partition(context, shard));
            self.query(query.between("0", format!("{now}$")).limit(limit))
        });
        let mut due = Vec::new();
        for batch in futures_util::future::try_join_all(shards).await? {
            for item in batch.items {
                let key = key_of(&item)?;
                let place = item.get("duesk").and_then(|place| place.as_s().ok()).map_or("", String::as_str);
                let mut parts = place.splitn(3, '#');
                let at = parts.next().and_then(Stamp::parse);
                let (Some(at), Some(what)) = (at, parts.next()) else {
                    return Err(Fault::bug(format!("a due row with an unreadable place: {place}")));
                };
                due.push(Due { what: what.to_owned(), pk: key.pk().to_owned(), sk: key.sk().to_owned(), at });
            }
        }
        due.sort_by_key(|due| due.at);
        Ok(due)
    }
}
