//! What is kept: objects, answers by their keys, events, and which of them have to be delivered.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use wire::Stamp;

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS objects(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects(kind, number);
CREATE TABLE IF NOT EXISTS answers(
    key TEXT PRIMARY KEY, at INTEGER NOT NULL, path TEXT NOT NULL, form TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries(
    number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, since INTEGER NOT NULL,
    due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting');
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries(state, due);
";

/// How long an idempotency key is known.
const KEYS_LIVE: i64 = 24 * 3600 * 1_000_000;

/// What a key was first used for, and what came of it.
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) form: String,
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) request: String,
}

/// An event as developers see it.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) attempts: u32,
    pub(super) status: u16,
}

/// An object by its id.
pub(super) fn find(ledger: &Connection, id: &str) -> rusqlite::Result<Option<Value>> {
    let text: Option<String> =
        ledger.query_row("SELECT body FROM objects WHERE id = ?1", [id], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Keeps an object as it is now.
pub(super) fn put(ledger: &Connection, object: &Value) -> rusqlite::Result<()> {
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    ledger.execute(
        "INSERT INTO objects(id, kind, body) VALUES (?1, ?2, ?3) ON CONFLICT(id) DO UPDATE SET body = ?3",
        params![text("id"), text("object"), object.to_string()],
    )?;
    Ok(())
}

/// The newest objects of a kind, the newest first.
pub(super) fn newest(ledger: &Connection, kind: &str, limit: u32) -> rusqlite::Result<Vec<Value>> {
    let mut statement =
        ledger.prepare_cached("SELECT body FROM objects WHERE kind = ?1 ORDER BY number DESC LIMIT ?2")?;
    let texts = statement.query_map(params![kind, limit], |row| row.get::<_, String>(0))?;
    texts.map(|text| Ok(serde_json::from_str(&text?).unwrap_or_default())).collect()
}

/// What a key was used for within the last day.
pub(super) fn kept(ledger: &Connection, key: &str, now: Stamp) -> rusqlite::Result<Option<Kept>> {
    ledger.execute("DELETE FROM answers WHERE at < ?1", [now.micros() - KEYS_LIVE])?;
    let read = |row: &rusqlite::Row<'_>| {
        let (path, form) = (row.get(0)?, row.get(1)?);
        Ok(Kept { path, form, status: row.get(2)?, body: row.get(3)?, request: row.get(4)? })
    };
    let sql = "SELECT path, form, status, body, request FROM answers WHERE key = ?1";
    ledger.query_row(sql, [key], read).optional()
}

/// Keeps what came of a key.
pub(super) fn keep(ledger: &Connection, key: &str, kept: &Kept, now: Stamp) -> rusqlite::Result<()> {
    ledger.execute(
        "INSERT INTO answers(key, at, path, form, status, body, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![key, now.micros(), kept.path, kept.form, kept.status, kept.body, kept.request],
    )?;
    Ok(())
}

/// Keeps an event, to be delivered to those endpoints from `now` on.
pub(super) fn tell<'a>(
    ledger: &Connection,
    event: &Value,
    endpoints: impl IntoIterator<Item = &'a str>,
    now: Stamp,
) -> rusqlite::Result<()> {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    ledger.execute(
        "INSERT INTO events(id, kind, body) VALUES (?1, ?2, ?3)",
        params![text("id"), text("type"), event.to_string()],
    )?;
    for endpoint in endpoints {
        deliver(ledger, &text("id"), endpoint, now)?;
    }
    Ok(())
}

/// Has an event delivered to an endpoint, once more if it was before.
pub(super) fn deliver(ledger: &Connection, event: &str, endpoint: &str, now: Stamp) -> rusqlite::Result<()> {
    ledger.execute(
        "INSERT INTO deliveries(event, endpoint, since, due) VALUES (?1, ?2, ?3, ?3)",
        params![event, endpoint, now.micros()],
    )?;
    Ok(())
}

/// The newest events and what became of them, the newest first.
pub(super) fn events(ledger: &Connection, limit: u32) -> rusqlite::Result<Vec<Line>> {
    let mut statement = ledger.prepare_cached(
        "SELECT events.id, kind, coalesce(state, 'told nobody'), coalesce(attempts, 0), coalesce(status, 0)
         FROM events LEFT JOIN deliveries ON event = events.id
         ORDER BY events.number DESC, deliveries.number DESC LIMIT ?1",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        let (id, kind, state) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Line { id, kind, state, attempts: row.get(3)?, status: row.get(4)? })
    };
    statement.query_map([limit], read)?.collect()
}
