//! The journal: edits on disk before they count, undo and redo across restarts.

use std::sync::Arc;
use std::time::SystemTime;

use rusqlite::{Transaction, params};

use super::label::LabelState;
use super::open::Project;
use super::record::{ImageId, Status};
use crate::error::{Error, Result};
use crate::mask::{Edit, History, LabelMap, Rect, png_file};

/// What the history calls going back to the labels that a person saw while others were kept.
const AS_SHOWN: &str = "Labels as shown";

/// An edit in the journal.
pub(super) struct Entry {
    row: i64,
    pub undone: bool,
    bytes: usize,
    pub edit: Edit,
}

impl Project {
    /// Puts an edit of the label map in force into the journal. When this returns it is on disk,
    /// and what was undone before can't be redone any more. The image counts as corrected.
    ///
    /// # Errors
    /// [`Error::Argument`] when the edit does not fit the image; [`Error::Index`] and
    /// [`Error::Io`] when it can't be written: it does not count then.
    pub fn commit(&self, id: ImageId, edit: &Edit) -> Result<()> {
        let _guard = self.guard(id);
        let state = self.label_state(id)?;
        self.append(&state, edit, Status::Corrected)
    }

    /// As [`Project::commit`], for an edit that a window made: `shown` are its labels with the edit.
    ///
    /// Where the labels in force are not those that the edit was made on, because a prediction was
    /// kept after the window had read them, they become what the window showed by an edit of its
    /// own, which can be undone: what the person saw and did is what counts.
    ///
    /// # Errors
    /// As [`Project::commit`], and [`Error::Argument`] when the labels have not the image's size.
    pub fn commit_shown(&self, id: ImageId, edit: &Edit, shown: &LabelMap) -> Result<()> {
        let _guard = self.guard(id);
        let mut before = shown.clone();
        edit.revert(&mut before);
        let state = self.show(self.label_state(id)?, &before)?;
        self.append(&state, edit, Status::Corrected)?;
        self.keep(&state, state.version + 1, shown.clone());
        Ok(())
    }

    /// As [`Project::step`], for steps that a window went: `shown` are its labels after them, and
    /// become those in force as with [`Project::commit_shown`]. The journal may have fewer steps.
    ///
    /// # Errors
    /// As [`Project::step`], and [`Error::Argument`] when the labels have not the image's size.
    pub fn step_shown(&self, id: ImageId, steps: i64, shown: &LabelMap) -> Result<()> {
        let _guard = self.guard(id);
        let state = self.label_state(id)?;
        self.go(&state, steps, Status::Corrected, |_| Ok(()))?;
        let state = self.show(self.label_state(id)?, shown)?;
        self.keep(&state, state.version, shown.clone());
        Ok(())
    }

    /// Makes the labels in force those that a window shows. The image's lock is held by the caller.
    fn show(&self, state: LabelState, shown: &LabelMap) -> Result<LabelState> {
        state.check_size(shown)?;
        let in_force = self.in_force(&state)?;
        let Some(edit) = Edit::between(&in_force, shown, shown.bounds()) else {
            return Ok(state);
        };
        let edit = edit.named(AS_SHOWN).made_at(SystemTime::now());
        self.append(&state, &edit, Status::Corrected)?;
        self.label_state(state.id)
    }

    /// Takes back the image's last edit. Returns it, or `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Index`] when the journal can't be read or written, [`Error::File`] when it is damaged.
    pub fn undo(&self, id: ImageId) -> Result<Option<Edit>> {
        Ok(self.step(id, -1)?.pop())
    }

    /// Makes the edit that was undone last again. Returns it, or `None` where there is none.
    ///
    /// # Errors
    /// As [`Project::undo`].
    pub fn redo(&self, id: ImageId) -> Result<Option<Edit>> {
        Ok(self.step(id, 1)?.pop())
    }

    /// Goes `steps` edits back (below 0) or on in the image's history, all of them or none.
    /// Returns those edits in the order in which they were undone or made again, fewer where there
    /// are not that many.
    ///
    /// # Errors
    /// As [`Project::undo`].
    pub fn step(&self, id: ImageId, steps: i64) -> Result<Vec<Edit>> {
        let _guard = self.guard(id);
        let state = self.label_state(id)?;
        self.go(&state, steps, Status::Corrected, |_| Ok(()))
    }

    /// As [`Project::step`], setting the status and changing what else goes with it. The image's
    /// lock is held by the caller.
    pub(super) fn go(
        &self,
        state: &LabelState,
        steps: i64,
        status: Status,
        also: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<Vec<Edit>> {
        let back = steps < 0;
        let order = if back { "DESC" } else { "ASC" };
        let which = format!(
            "SELECT id, edit FROM journal WHERE image = ?1 AND undone = ?2 ORDER BY id {order} LIMIT ?3"
        );
        let count = steps.unsigned_abs().min(i64::MAX as u64);
        let found: Vec<(i64, Vec<u8>)> = self.index.read(|ask| {
            ask.prepare_cached(&which)?
                .query_map(params![state.id.0, !back, count.cast_signed()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect()
        })?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let edits: Vec<Edit> = found
            .iter()
            .map(|(_, bytes)| self.parse(bytes))
            .collect::<Result<_>>()?;
        self.index.write(|change| {
            let sql = "UPDATE journal SET undone = ?2 WHERE id = ?1";
            let mut update = change.prepare_cached(sql)?;
            for (row, _) in &found {
                update.execute(params![row, back])?;
            }
            drop(update);
            count_change(change, state, status)?;
            also(change)
        })?;
        let make = if back { Edit::revert } else { Edit::apply };
        self.advance(state, |map| {
            let rects = edits.iter().map(|edit| make(edit, map));
            rects.fold(Rect::EMPTY, |all, rect| all.union(rect))
        });
        Ok(edits)
    }

    /// Appends an edit. The image's lock is held by the caller.
    pub(super) fn append(&self, state: &LabelState, edit: &Edit, status: Status) -> Result<()> {
        self.append_with(state, edit, status, |_| Ok(()))
    }

    /// Appends an edit and changes what else goes with it, all or nothing. The image's lock is held
    /// by the caller.
    pub(super) fn append_with(
        &self,
        state: &LabelState,
        edit: &Edit,
        status: Status,
        also: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        state.check_edit(edit)?;
        let base = self.missing_base(state)?;
        let bytes = edit.to_bytes();
        self.index.write(|change| {
            if let Some(base) = &base {
                base.insert(change, state.id)?;
            }
            change
                .prepare_cached("DELETE FROM journal WHERE image = ?1 AND undone = 1")?
                .execute([state.id.0])?;
            change
                .prepare_cached("INSERT INTO journal (image, edit) VALUES (?1, ?2)")?
                .execute(params![state.id.0, bytes])?;
            count_change(change, state, status)?;
            also(change)
        })?;
        self.advance(state, |map| edit.apply(map));
        self.compact(state)
    }

    /// The edits of an image, oldest first.
    pub(super) fn entries(&self, id: ImageId) -> Result<Vec<Entry>> {
        let sql = "SELECT id, undone, edit FROM journal WHERE image = ?1 ORDER BY id";
        let rows: Vec<(i64, bool, Vec<u8>)> = self.index.read(|ask| {
            ask.prepare_cached(sql)?
                .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })?;
        rows.into_iter()
            .map(|(row, undone, bytes)| {
                Ok(Entry {
                    row,
                    undone,
                    bytes: bytes.len(),
                    edit: self.parse(&bytes)?,
                })
            })
            .collect()
    }

    /// What can be undone and redone.
    pub(super) fn history(&self, id: ImageId) -> Result<History> {
        let (mut done, mut undone) = (Vec::new(), Vec::new());
        for entry in self.entries(id)? {
            let list = if entry.undone { &mut undone } else { &mut done };
            list.push(Arc::new(entry.edit));
        }
        undone.reverse();
        Ok(History::restored(done, undone, self.history_bytes))
    }

    fn parse(&self, bytes: &[u8]) -> Result<Edit> {
        Edit::from_bytes(bytes, &self.limits).map_err(|error| {
            let advice = "Restore the file from a copy.";
            Error::file(
                self.layout.index(),
                "a journal of edits",
                error.to_string(),
                advice,
            )
        })
    }

    /// Once the journal of an image has twice the bytes that a history keeps, its oldest edits
    /// become part of the base. What any history in memory holds is still in the journal then.
    fn compact(&self, state: &LabelState) -> Result<()> {
        let sql = "SELECT total(length(edit)) FROM journal WHERE image = ?1";
        let total: f64 = self.index.read(|ask| {
            ask.prepare_cached(sql)?
                .query_row([state.id.0], |row| row.get(0))
        })?;
        if total <= 2.0 * self.history_bytes as f64 {
            return Ok(());
        }
        let mut map = self.base_map(state)?;
        let entries = self.entries(state.id)?;
        let mut left: usize = entries.iter().map(|entry| entry.bytes).sum();
        let mut last = None;
        for entry in entries.iter().filter(|entry| !entry.undone) {
            if left - entry.bytes < self.history_bytes {
                break;
            }
            left -= entry.bytes;
            entry.edit.apply(&mut map);
            last = Some(entry.row);
        }
        if last.is_none() {
            return Ok(());
        }
        let png = png_file::encode(&map, &self.palette().colors())?;
        self.index.write(|change| {
            change.execute(
                "UPDATE bases SET png = ?2 WHERE image = ?1",
                params![state.id.0, png],
            )?;
            let sql = "DELETE FROM journal WHERE image = ?1 AND id <= ?2";
            change.execute(sql, params![state.id.0, last])
        })?;
        Ok(())
    }
}

/// Counts a change of the label map in force.
fn count_change(
    change: &Transaction<'_>,
    state: &LabelState,
    status: Status,
) -> rusqlite::Result<()> {
    let sql = "UPDATE images SET version = ?2, status = ?3 WHERE id = ?1";
    let values = params![state.id.0, state.version + 1, status];
    change.prepare_cached(sql)?.execute(values).map(drop)
}
