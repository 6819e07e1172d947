//! Expiry: finds what has expired and has the engine delete it.
//!
//! The engine's own sweep asks the machine's clock; this one asks the cloud's, and marks the keys it is about
//! to delete, so that their records say that nobody but time removed them.

use dynoxide::DynoxideError;
use rusqlite::params;
use serde_json::{Value, json};
use wire::Stamp;

use super::Table;
use super::engine::request;
use crate::Error;
use crate::store::{self, lock};

struct Expired {
    pk: String,
    sk: String,
    item: Value,
}

/// Deletes what expired before `now` and says how many items that were.
pub(super) fn sweep(table: &Table, ttl: &str, now: Stamp) -> Result<usize, Error> {
    let expired = find(table, ttl, now)?;
    if expired.is_empty() {
        return Ok(0);
    }
    // Held to the end: a second sweep at the same time would take the first one's marks away.
    let mut writer = lock(table.changes.writer());
    let marks = writer.transaction()?;
    for Expired { pk, sk, .. } in &expired {
        marks.execute("INSERT OR IGNORE INTO _expiring(pk, sk) VALUES (?1, ?2)", params![pk, sk])?;
    }
    marks.commit()?;
    let deleted: Result<Vec<bool>, Error> =
        expired.iter().map(|Expired { item, .. }| delete(table, ttl, now, item)).collect();
    // Before any failure is told, lest a mark outlive its sweep.
    writer.execute("DELETE FROM _expiring", [])?;
    Ok(deleted?.into_iter().filter(|deleted| *deleted).count())
}

fn find(table: &Table, ttl: &str, now: Stamp) -> Result<Vec<Expired>, Error> {
    let reader = store::open_to_read(&table.file)?;
    let name = table.schema.table.replace('"', "\"\"");
    let mut statement = reader.prepare(&format!(
        r#"SELECT pk, sk, item_json FROM "{name}" WHERE CAST(json_extract(item_json, ?1) AS INTEGER) < ?2"#
    ))?;
    let mut rows = statement.query(params![format!("$.\"{ttl}\".N"), now.seconds()])?;
    let mut expired = Vec::new();
    while let Some(row) = rows.next()? {
        let item: String = row.get(2)?;
        expired.push(Expired { pk: row.get(0)?, sk: row.get(1)?, item: serde_json::from_str(&item)? });
    }
    Ok(expired)
}

/// Deletes an item unless it was given more time or was deleted since it was found.
fn delete(table: &Table, ttl: &str, now: Stamp, item: &Value) -> Result<bool, Error> {
    let schema = &table.schema;
    let mut key = json!({ &schema.partition_key: item[&schema.partition_key] });
    if let Some(sort_key) = &schema.sort_key {
        key[sort_key] = item[sort_key].clone();
    }
    let deletion = table.engine.database.delete_item(request(json!({
        "TableName": schema.table,
        "Key": key,
        "ConditionExpression": "#ttl < :now",
        "ExpressionAttributeNames": { "#ttl": ttl },
        "ExpressionAttributeValues": { ":now": { "N": now.seconds().to_string() } },
    }))?);
    match deletion {
        Ok(_) => Ok(true),
        Err(DynoxideError::ConditionalCheckFailedException(..)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
