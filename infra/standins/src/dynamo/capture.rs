//! Capturing changes: triggers beside the engine's own table note every write in the same transaction.
//!
//! The engine's own stream gets slower with every record ever written; triggers cost the same on every write.
//! They lean on the engine's private schema, which is why its version is pinned and its columns are checked
//! here.

use std::path::Path;

use crate::{Error, store};

/// Where the triggers write, and the keys that expire at this moment, so that their removal is told apart.
const NOTEBOOK: &str = "
CREATE TABLE IF NOT EXISTS _changes(
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, expired INTEGER NOT NULL, old TEXT, new TEXT);
CREATE TABLE IF NOT EXISTS _expiring(pk TEXT NOT NULL, sk TEXT NOT NULL, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
DELETE FROM _expiring;
";

/// Installs the triggers on an existing table, anew at every start.
pub(super) fn install(file: &Path, table: &str) -> Result<(), Error> {
    let connection = store::open(file, NOTEBOOK)?;
    let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let columns: Vec<String> = columns.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if !["pk", "sk", "item_json"].iter().all(|name| columns.iter().any(|column| column == name)) {
        return Err(Error::new(format!(
            "this engine keeps items in columns {columns:?}; changes are captured from pk, sk and item_json"
        )));
    }
    // The engine overwrites by INSERT OR REPLACE, which fires no delete trigger: the old image is read
    // before.
    let table = table.replace('"', "\"\"");
    connection.execute_batch(&format!(
        r#"BEGIN IMMEDIATE;
        DROP TRIGGER IF EXISTS _capture_put;
        DROP TRIGGER IF EXISTS _capture_delete;
        CREATE TRIGGER _capture_put BEFORE INSERT ON "{table}" BEGIN
            INSERT INTO _changes(at, expired, old, new) VALUES (unixepoch('subsec'), 0,
                (SELECT item_json FROM "{table}" WHERE pk = NEW.pk AND sk = NEW.sk), NEW.item_json);
        END;
        CREATE TRIGGER _capture_delete AFTER DELETE ON "{table}" BEGIN
            INSERT INTO _changes(at, expired, old, new) VALUES (unixepoch('subsec'),
                EXISTS (SELECT 1 FROM _expiring WHERE pk = OLD.pk AND sk = OLD.sk), OLD.item_json, NULL);
        END;
        COMMIT;"#
    ))?;
    Ok(())
}
