//! Where messages lie: one row each, visible from an instant on.

use std::time::Duration;

use rusqlite::{Connection, Row, TransactionBehavior, params};
use uuid::Uuid;
use wire::Stamp;

use super::message::{Message, Sending};
use super::{Depth, QueueSpec};

/// Times are microseconds; a receipt is there from the first receive on.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS messages(
    number INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL, trace TEXT, sender TEXT NOT NULL, sent INTEGER NOT NULL, visible INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0, first_received INTEGER, receipt TEXT, dead_letter_source TEXT);
CREATE INDEX IF NOT EXISTS by_visibility ON messages(queue, visible);
CREATE UNIQUE INDEX IF NOT EXISTS by_receipt ON messages(receipt);
";

/// Puts a message into a queue and gives it an id.
pub(super) fn put(
    messages: &Connection,
    queue: &str,
    sending: &Sending,
    now: Stamp,
) -> rusqlite::Result<String> {
    let id = Uuid::now_v7().to_string();
    let attributes = serde_json::Value::Object(sending.attributes.clone()).to_string();
    messages
        .prepare_cached(
            "INSERT INTO messages(queue, id, body, attributes, trace, sender, sent, visible)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            queue,
            id,
            sending.body,
            attributes,
            sending.trace,
            sending.sender,
            now.micros(),
            (now + sending.delay).micros(),
        ])?;
    Ok(id)
}

/// Moves what was received too often to the dead-letter queue and says how many messages that were.
pub(super) fn bury(
    messages: &Connection,
    spec: &QueueSpec,
    source: &str,
    now: Stamp,
) -> rusqlite::Result<usize> {
    let Some((dead, max_receives)) = &spec.dead_letter else { return Ok(0) };
    messages
        .prepare_cached(
            "UPDATE messages SET queue = ?1, dead_letter_source = ?2, visible = ?3, receipt = NULL
             WHERE queue = ?4 AND visible <= ?3 AND receives >= ?5",
        )?
        .execute(params![dead, source, now.micros(), spec.name, max_receives])
}

/// Receives the oldest visible messages and hides them for a while.
pub(super) fn take(
    messages: &mut Connection,
    queue: &str,
    max: usize,
    visibility: Duration,
    now: Stamp,
) -> rusqlite::Result<Vec<Message>> {
    let taking = messages.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken = {
        let mut visible = taking.prepare_cached(
            "SELECT number FROM messages WHERE queue = ?1 AND visible <= ?2 ORDER BY number LIMIT ?3",
        )?;
        let numbers = visible.query_map(params![queue, now.micros(), max], |row| row.get::<_, i64>(0))?;
        let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
        let mut hide = taking.prepare_cached(
            "UPDATE messages SET receives = receives + 1, first_received = coalesce(first_received, ?2),
             visible = ?3, receipt = ?4 WHERE number = ?1 RETURNING *",
        )?;
        let hidden = |number| {
            let until = (now + visibility).micros();
            hide.query_row(params![number, now.micros(), until, Uuid::now_v7().to_string()], message)
        };
        numbers.into_iter().map(hidden).collect::<Result<_, _>>()?
    };
    taking.commit()?;
    Ok(taken)
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let attributes: String = row.get("attributes")?;
    Ok(Message {
        id: row.get("id")?,
        receipt: row.get("receipt")?,
        body: row.get("body")?,
        attributes: serde_json::from_str(&attributes).unwrap_or_default(),
        trace: row.get("trace")?,
        sender: row.get("sender")?,
        sent_micros: row.get("sent")?,
        first_received_micros: row.get("first_received")?,
        receives: row.get("receives")?,
        dead_letter_source: row.get("dead_letter_source")?,
    })
}

/// Deletes a received message; a receipt that is no longer good deletes nothing.
pub(super) fn delete(messages: &Connection, queue: &str, receipt: &str) -> rusqlite::Result<()> {
    messages
        .prepare_cached("DELETE FROM messages WHERE queue = ?1 AND receipt = ?2")?
        .execute(params![queue, receipt])?;
    Ok(())
}

/// Hides a message in flight for so long from now on; false when it is not in flight.
pub(super) fn hide(
    messages: &Connection,
    queue: &str,
    receipt: &str,
    visibility: Duration,
    now: Stamp,
) -> rusqlite::Result<bool> {
    let hidden = messages
        .prepare_cached(
            "UPDATE messages SET visible = ?3 WHERE queue = ?1 AND receipt = ?2 AND visible > ?4",
        )?
        .execute(params![queue, receipt, (now + visibility).micros(), now.micros()])?;
    Ok(hidden > 0)
}

/// Empties a queue.
pub(super) fn purge(messages: &Connection, queue: &str) -> rusqlite::Result<()> {
    messages.execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
    Ok(())
}

/// How full a queue is.
pub(super) fn depth(messages: &Connection, queue: &str, now: Stamp) -> rusqlite::Result<Depth> {
    messages
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE visible <= ?2), count(*) FILTER (WHERE visible > ?2 AND receipt NOTNULL),
             count(*) FILTER (WHERE visible > ?2 AND receipt ISNULL) FROM messages WHERE queue = ?1",
        )?
        .query_row(params![queue, now.micros()], |row| {
            Ok(Depth {
                queue: queue.to_owned(),
                waiting: row.get(0)?,
                in_flight: row.get(1)?,
                delayed: row.get(2)?,
            })
        })
}
