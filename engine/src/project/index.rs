//! The project's database.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, Result};

/// The version of the tables. Raise it with a step in [`migrate`].
const VERSION: i64 = 4;

/// Tables of version 1.
///
/// `images.version` counts changes of the label map in force. `saved_*` say which version is in
/// the PNG under `labels/` and the digest of that file; `pending_*` the same of a file that was
/// being written: after a crash it is one or the other. `bases.png` is the label map below the
/// journal's first edit, void where it is null; an image without a base has no journal.
const TABLES: &str = "
CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL DEFAULT 'unlabelled',
    uncertainty REAL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    error TEXT,
    missing INTEGER NOT NULL DEFAULT 0,
    held_out INTEGER NOT NULL DEFAULT 0,
    file_bytes INTEGER NOT NULL,
    file_modified INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    saved_version INTEGER,
    saved_digest INTEGER,
    pending_version INTEGER,
    pending_digest INTEGER
) STRICT;
CREATE TABLE bases (
    image INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
    png BLOB
) STRICT;
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    undone INTEGER NOT NULL DEFAULT 0,
    edit BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_image ON journal (image, undone, id);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    started INTEGER NOT NULL,
    finished INTEGER,
    model TEXT,
    summary TEXT NOT NULL
) STRICT;
";

/// What version 2 adds.
///
/// `images.measured` says whether the header was read since the file changed: names are listed
/// first. `classes` has the pixels of each class in the label map of version `counted`, and
/// `disagreement` the part of its labelled pixels on which the prediction says something else.
/// `changed` is when labels, prediction or status last changed, in milliseconds since 1970.
/// `revision` grows with each change that a list of the images shows, so that a list can be brought
/// up to date by what changed. `trash` has the images whose labels were deleted: their status
/// before, the version of the label map that the deletion left, and whether it erased something.
const TABLES_2: &str = "
ALTER TABLE images ADD COLUMN measured INTEGER NOT NULL DEFAULT 1;
ALTER TABLE images ADD COLUMN classes BLOB;
ALTER TABLE images ADD COLUMN counted INTEGER;
ALTER TABLE images ADD COLUMN disagreement REAL;
ALTER TABLE images ADD COLUMN changed INTEGER;
ALTER TABLE images ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX images_by_revision ON images (revision);
CREATE INDEX images_to_measure ON images (id) WHERE measured = 0;
CREATE TRIGGER images_revised AFTER UPDATE ON images
WHEN old.error IS NOT new.error OR old.missing IS NOT new.missing
    OR old.held_out IS NOT new.held_out OR old.classes IS NOT new.classes
    OR old.disagreement IS NOT new.disagreement
BEGIN
    UPDATE images SET revision = (SELECT max(revision) + 1 FROM images) WHERE id = new.id;
END;
CREATE TRIGGER images_changed AFTER UPDATE OF status, uncertainty ON images
BEGIN
    UPDATE images SET revision = (SELECT max(revision) + 1 FROM images),
        changed = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE id = new.id;
END;
CREATE TABLE trash (
    deletion INTEGER NOT NULL,
    image INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    erased INTEGER NOT NULL,
    PRIMARY KEY (deletion, image)
) STRICT;
";

/// What version 3 changes: that a file was replaced is told, and so is its new size. The sizes of
/// new files are not, or a hundred thousand images would be told of once a folder is looked at.
const TABLES_3: &str = "
DROP TRIGGER images_revised;
CREATE TRIGGER images_revised AFTER UPDATE ON images
WHEN old.error IS NOT new.error OR old.missing IS NOT new.missing
    OR old.held_out IS NOT new.held_out OR old.classes IS NOT new.classes
    OR old.disagreement IS NOT new.disagreement
    OR old.file_bytes IS NOT new.file_bytes OR old.file_modified IS NOT new.file_modified
    OR (old.width > 0 AND (old.width IS NOT new.width OR old.height IS NOT new.height))
BEGIN
    UPDATE images SET revision = (SELECT max(revision) + 1 FROM images) WHERE id = new.id;
END;
";

/// What version 4 adds: whether a person wants the image left out of exports.
const TABLES_4: &str = "
ALTER TABLE images ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER images_excluded AFTER UPDATE OF excluded ON images
WHEN old.excluded IS NOT new.excluded
BEGIN
    UPDATE images SET revision = (SELECT max(revision) + 1 FROM images) WHERE id = new.id;
END;
";

/// The database, shared between threads. Who asks does not wait for who writes to the disk.
#[derive(Debug)]
pub(super) struct Index {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl Index {
    /// Opens the database, or makes it.
    pub fn open(path: &Path) -> Result<Self> {
        let fault = |answer| Error::Index {
            path: path.to_owned(),
            answer,
        };
        let mut connection = connect(path).map_err(fault)?;
        // A commit that returned survives the loss of power, not of the process alone.
        for (pragma, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
            connection
                .pragma_update(None, pragma, value)
                .map_err(fault)?;
        }
        connection
            .pragma_update(None, "foreign_keys", true)
            .map_err(fault)?;
        let version: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(fault)?;
        if version > VERSION {
            return Err(Error::file(
                path,
                format!("an index of version {VERSION} or older"),
                format!("version {version}"),
                "A newer Atrous made this project: use that one.",
            ));
        }
        migrate(&mut connection, version).map_err(fault)?;
        let reader = connect(path).map_err(fault)?;
        reader
            .pragma_update(None, "query_only", true)
            .map_err(fault)?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(connection),
            reader: Mutex::new(reader),
        })
    }

    /// Asks the database.
    pub fn read<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&connection).map_err(|source| self.fault(source))
    }

    /// Changes the database: all of it or nothing, and on disk when this returns.
    pub fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let value = change(&transaction)?;
                transaction.commit()?;
                Ok(value)
            });
        changed.map_err(|source| self.fault(source))
    }

    fn fault(&self, answer: rusqlite::Error) -> Error {
        Error::Index {
            path: self.path.clone(),
            answer,
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// Brings the tables from `version` to [`VERSION`].
fn migrate(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    if version == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (step, tables) in (1..).zip([TABLES, TABLES_2, TABLES_3, TABLES_4]) {
        if version < step {
            transaction.execute_batch(tables)?;
        }
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_change_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(&folder.path().join("index.sqlite")).unwrap();
        let add = "INSERT INTO runs (name, started, summary) VALUES (?1, 0, '{}')";
        let error = index.write(|change| {
            change.execute(add, ["one"])?;
            change.execute(add, ["one"])
        });
        assert!(error.unwrap_err().to_string().contains("index.sqlite"));
        let count: i64 = index
            .read(|ask| ask.query_row("SELECT count(*) FROM runs", [], |row| row.get(0)))
            .unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn an_index_of_version_1_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(TABLES).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        let add = "INSERT INTO images (path, status, width, height, file_bytes, file_modified)
            VALUES ('a.png', 'reviewed', 4, 3, 9, 9)";
        old.execute_batch(add).unwrap();
        drop(old);
        let index = Index::open(&path).unwrap();
        let sql = "SELECT status, measured, revision, excluded FROM images";
        let found: (String, bool, i64, bool) = index
            .read(|ask| ask.query_row(sql, [], |row| row.try_into()))
            .unwrap();
        assert_eq!(found, ("reviewed".to_owned(), true, 0, false));
    }

    #[test]
    fn newer_and_foreign_files_are_refused_with_their_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        drop(Index::open(&path).unwrap());
        drop(Index::open(&path).unwrap());
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let message = Index::open(&path).unwrap_err().to_string();
        assert!(
            message.contains("99") && message.contains("newer"),
            "{message}"
        );
        let other = folder.path().join("other.sqlite");
        std::fs::write(&other, [7; 5000]).unwrap();
        assert!(
            Index::open(&other)
                .unwrap_err()
                .to_string()
                .contains("other.sqlite")
        );
    }
}
