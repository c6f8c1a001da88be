//! Fine-tuning runs.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::Value;

use super::open::Project;
use crate::error::Result;

/// A run of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(i64);

/// What is kept of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Which run.
    pub id: RunId,
    /// Its name, unique in the project.
    pub name: String,
    /// When it began.
    pub started: SystemTime,
    /// When it ended; `None` while it runs, and after it was killed.
    pub finished: Option<SystemTime>,
    /// The model it made; a relative path starts at the project's folder.
    pub model: Option<PathBuf>,
    /// Options, scores, curve: what the trainer wants to keep.
    pub summary: Value,
}

impl Project {
    /// Notes that a run begins.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the name is taken or the index can't be written.
    pub fn add_run(&self, name: &str, summary: &Value) -> Result<RunId> {
        self.index.write(|change| {
            change.execute(
                "INSERT INTO runs (name, started, summary) VALUES (?1, ?2, ?3)",
                params![name, now(), summary.to_string()],
            )?;
            Ok(RunId(change.last_insert_rowid()))
        })
    }

    /// Notes that a run of this name goes on; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be written.
    pub fn go_on_with_run(&self, name: &str) -> Result<Option<RunId>> {
        self.index.write(|change| {
            let sql = "UPDATE runs SET finished = NULL, model = NULL WHERE name = ?1 RETURNING id";
            let row = |row: &Row<'_>| row.get(0).map(RunId);
            change.query_row(sql, [name], row).optional()
        })
    }

    /// Notes what a run came to; `model` is the file that it made, if any.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be written.
    pub fn finish_run(&self, run: RunId, model: Option<&Path>, summary: &Value) -> Result<()> {
        let model = model.map(|model| {
            let inside = model.strip_prefix(self.project_dir());
            inside.unwrap_or(model).to_string_lossy().into_owned()
        });
        self.index.write(|change| {
            change.execute(
                "UPDATE runs SET finished = ?2, model = ?3, summary = ?4 WHERE id = ?1",
                params![run.0, now(), model, summary.to_string()],
            )
        })?;
        Ok(())
    }

    /// The runs, oldest first.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be read.
    pub fn runs(&self) -> Result<Vec<RunRecord>> {
        let sql = "SELECT id, name, started, finished, model, summary FROM runs ORDER BY id";
        self.index
            .read(|ask| ask.prepare_cached(sql)?.query_map([], record)?.collect())
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let time = |seconds: i64| UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
    let summary: String = row.get(5)?;
    let summary = serde_json::from_str(&summary)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, Type::Text, error.into()))?;
    Ok(RunRecord {
        id: RunId(row.get(0)?),
        name: row.get(1)?,
        started: time(row.get(2)?),
        finished: row.get::<_, Option<i64>>(3)?.map(time),
        model: row.get::<_, Option<String>>(4)?.map(PathBuf::from),
        summary,
    })
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
