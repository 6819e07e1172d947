//! The changes of the table, as the stream of a real one hands them to a function.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use wire::{Clock, Stamp};

use super::policy::Schema;
use crate::store::{self, lock};
use crate::{ACCOUNT, Error};

/// One change: where it stands in the order of all changes, and its stream record.
#[derive(Clone, Debug)]
pub struct Change {
    /// Grows with every change.
    pub position: i64,
    /// The record as Lambda hands it over.
    pub record: Value,
}

/// All changes in the order they were written, and how far they were consumed.
///
/// Reading takes no lock that a writer would wait for.
#[derive(Clone)]
pub struct Changes(Arc<Inner>);

struct Inner {
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
    written: watch::Sender<()>,
    consumed: AtomicI64,
    trimmed: AtomicI64,
    consumed_file: PathBuf,
    partition_key: String,
    sort_key: Option<String>,
    clock: Clock,
    region: String,
    source: String,
}

impl Changes {
    pub(super) fn open(
        data: &Path,
        file: &Path,
        schema: &Schema,
        clock: Clock,
        region: &str,
    ) -> Result<Changes, Error> {
        let reader = store::open_to_read(file)?;
        let consumed_file = data.join("changes.consumed");
        let consumed = std::fs::read_to_string(&consumed_file).ok().and_then(|text| text.trim().parse().ok());
        let table = &schema.table;
        Ok(Changes(Arc::new(Inner {
            reader: Mutex::new(reader),
            writer: Mutex::new(store::open(file, "")?),
            written: watch::Sender::new(()),
            consumed: AtomicI64::new(consumed.unwrap_or(0)),
            trimmed: AtomicI64::new(0),
            consumed_file,
            partition_key: schema.partition_key.clone(),
            sort_key: schema.sort_key.clone(),
            clock,
            region: region.to_owned(),
            source: format!(
                "arn:aws:dynamodb:{region}:{ACCOUNT}:table/{table}/stream/2026-01-01T00:00:00.000"
            ),
        })))
    }

    /// The next changes after a position, oldest first. A write that changed nothing is none, as on AWS.
    pub fn after(&self, position: i64, limit: usize) -> Result<Vec<Change>, Error> {
        let reader = lock(&self.0.reader);
        let mut statement = reader.prepare_cached(
            "SELECT id, unixepoch('subsec') - at, expired, old, new FROM _changes WHERE id > ?1 ORDER BY id",
        )?;
        let now = self.0.clock.now();
        let mut rows = statement.query([position])?;
        let mut changes = Vec::new();
        while changes.len() < limit
            && let Some(row) = rows.next()?
        {
            changes.extend(self.0.change(row, now)?);
        }
        Ok(changes)
    }

    /// Where the consumer stands: everything up to here is done with.
    pub fn consumed(&self) -> i64 {
        self.0.consumed.load(SeqCst)
    }

    /// Notes durably that everything up to this position is done with.
    pub fn consume(&self, position: i64) -> Result<(), Error> {
        store::replace(&self.0.consumed_file, position.to_string().as_bytes())?;
        self.0.consumed.store(position, SeqCst);
        if position - self.0.trimmed.load(SeqCst) >= TRIM_EVERY {
            self.0.trimmed.store(position, SeqCst);
            // A busy table may not let us in; the next time is as good.
            let _ = lock(&self.0.writer).execute("DELETE FROM _changes WHERE id <= ?1", [position - KEEP]);
        }
        Ok(())
    }

    /// Wakes its holder when something may have been written since it last looked.
    pub fn written(&self) -> watch::Receiver<()> {
        self.0.written.subscribe()
    }

    pub(super) fn announce(&self) {
        self.0.written.send_replace(());
    }

    /// The connection that writes beside the engine.
    pub(super) fn writer(&self) -> &Mutex<Connection> {
        &self.0.writer
    }
}

const TRIM_EVERY: i64 = 10_000;
const KEEP: i64 = 1_000;

impl Inner {
    fn change(&self, row: &Row<'_>, now: Stamp) -> Result<Option<Change>, Error> {
        let position: i64 = row.get(0)?;
        // The trigger knows the machine's clock alone: its time counts as an age before the cloud's own
        // present.
        let age = Duration::try_from_secs_f64(row.get(1)?).unwrap_or_default();
        let expired: bool = row.get(2)?;
        let old = image(row, 3)?;
        let new = image(row, 4)?;
        let name = match (&old, &new) {
            (None, Some(_)) => "INSERT",
            (Some(old), Some(new)) if old != new => "MODIFY",
            (Some(_), None) => "REMOVE",
            _ => return Ok(None),
        };
        let keys = old.as_ref().or(new.as_ref()).map(|item| self.keys(item)).unwrap_or_default();
        let size =
            [Some(&keys), old.as_ref(), new.as_ref()].into_iter().flatten().map(size_of_item).sum::<usize>();
        let mut change = json!({
            "ApproximateCreationDateTime": (now - age).seconds(),
            "Keys": keys,
            "SequenceNumber": (FIRST_SEQUENCE_NUMBER + i128::from(position)).to_string(),
            "SizeBytes": size,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        });
        for (side, image) in [("NewImage", new), ("OldImage", old)] {
            if let Some(image) = image {
                change[side] = Value::Object(image);
            }
        }
        let mut record = json!({
            "eventID": format!("{position:032x}"),
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.region,
            "dynamodb": change,
            "eventSourceARN": self.source,
        });
        if expired {
            record["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
        }
        Ok(Some(Change { position, record }))
    }

    fn keys(&self, item: &Map<String, Value>) -> Map<String, Value> {
        [Some(&self.partition_key), self.sort_key.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|name| Some((name.clone(), item.get(name)?.clone())))
            .collect()
    }
}

/// Sequence numbers of real streams have 21 digits or more.
const FIRST_SEQUENCE_NUMBER: i128 = 100_000_000_000_000_000_000;

fn image(row: &Row<'_>, column: usize) -> Result<Option<Map<String, Value>>, Error> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(text.map(serde_json::from_str).transpose()?)
}

fn size_of_item(item: &Map<String, Value>) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

/// The size of a value by its text, near enough to what AWS counts.
fn size_of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size_of_value).sum(),
        Value::Object(typed) => typed.values().map(size_of_value).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}
