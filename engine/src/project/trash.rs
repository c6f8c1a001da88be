//! Deleting labels so that it can be undone.
//!
//! A deletion is an edit to void in the image's journal, which can be undone there as any other,
//! with a copy of the label map in `trash/<deletion>/`. The copy is on disk before the journal
//! knows, and the journal before the label file goes: a crash between them loses nothing.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::label::{LabelState, OnDisk};
use super::open::Project;
use super::record::{ImageId, Status};
use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use crate::mask::{Edit, LabelMap, png_file};

/// So many deletions are kept; older ones are forgotten for good.
const KEPT: i64 = 100;

/// What the history calls a deletion.
const DELETED: &str = "Labels deleted";
/// What the history calls labels that came back on top of others.
const RESTORED: &str = "Labels restored";

/// One deletion of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeletionId(i64);

/// What a deletion took away, or what restoring it brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Which deletion.
    pub id: DeletionId,
    /// The images whose labels it has.
    pub images: Vec<ImageId>,
    /// Images that could not be served, and why.
    pub failed: Vec<(PathBuf, String)>,
}

/// An image in the trash.
struct Trashed {
    /// How far it was.
    status: Status,
    /// The version of the label map that the deletion left.
    version: i64,
    /// Whether the deletion is an edit in the journal: it is none where all was void.
    erased: bool,
}

impl Project {
    /// Deletes the labels of images: they are unlabelled afterwards, and the model may label them
    /// again. [`Project::restore_labels`] brings them back. The images themselves are not touched.
    ///
    /// Images that have no labels are left out. When the monitor says stop, the deletion holds what
    /// was deleted until then.
    ///
    /// # Errors
    /// [`Error::Index`] when the index can't be read.
    pub fn delete_labels(&self, images: &[ImageId], monitor: &mut dyn Monitor) -> Result<Deletion> {
        let sql = "SELECT coalesce(max(deletion), 0) + 1 FROM trash";
        let number: i64 = self
            .index
            .read(|ask| ask.query_row(sql, [], |row| row.get(0)))?;
        self.forget_deletions(number - KEPT)?;
        self.each(number, images, monitor, |project, id| {
            project.delete(number, id)
        })
    }

    /// Brings the labels of a deletion back, with their history and statuses. An image that was
    /// labelled anew since gets the deleted labels as one more step, which can be undone.
    ///
    /// # Errors
    /// As [`Project::delete_labels`].
    pub fn restore_labels(
        &self,
        deletion: DeletionId,
        monitor: &mut dyn Monitor,
    ) -> Result<Deletion> {
        let images = self.deleted(deletion)?;
        let restored = self.each(deletion.0, &images, monitor, |project, id| {
            project.restore(deletion.0, id)
        })?;
        if self.deleted(deletion)?.is_empty() {
            // Nothing depends on the empty folders.
            drop(fs::remove_dir_all(self.layout.trash(deletion.0)));
        }
        Ok(restored)
    }

    /// The last deletion that was not restored.
    ///
    /// # Errors
    /// [`Error::Index`] when the index can't be read.
    pub fn last_deletion(&self) -> Result<Option<DeletionId>> {
        let sql = "SELECT max(deletion) FROM trash";
        let last: Option<i64> = self
            .index
            .read(|ask| ask.query_row(sql, [], |row| row.get(0)))?;
        Ok(last.map(DeletionId))
    }

    fn deleted(&self, deletion: DeletionId) -> Result<Vec<ImageId>> {
        let sql = "SELECT image FROM trash WHERE deletion = ?1 ORDER BY image";
        self.index.read(|ask| {
            ask.prepare_cached(sql)?
                .query_map([deletion.0], |row| row.get(0).map(ImageId))?
                .collect()
        })
    }

    /// Does one thing with each image, and notes for which it made a difference.
    fn each(
        &self,
        number: i64,
        images: &[ImageId],
        monitor: &mut dyn Monitor,
        serve: impl Fn(&Self, ImageId) -> Result<bool>,
    ) -> Result<Deletion> {
        let mut done = Deletion {
            id: DeletionId(number),
            images: Vec::new(),
            failed: Vec::new(),
        };
        let mut pace = Pace::new(images.len() as u64);
        for id in images {
            match serve(self, *id) {
                Ok(true) => done.images.push(*id),
                Ok(false) => {}
                Err(error) => {
                    let path = self.image(*id).map(|image| image.path);
                    let path = path.unwrap_or_else(|_| id.to_string().into());
                    done.failed.push((path, error.to_string()));
                }
            }
            if monitor.checkpoint(&pace.step("")).is_err() {
                break;
            }
        }
        Ok(done)
    }

    /// Deletes the labels of one image; says whether it had any.
    fn delete(&self, number: i64, id: ImageId) -> Result<bool> {
        let _guard = self.guard(id);
        let (state, map) = self.load(id)?;
        let void = state.void();
        let edit = Edit::between(&map, &void, map.bounds());
        if edit.is_none() && state.status == Status::Unlabelled {
            return Ok(false);
        }
        let copy = self.layout.trashed(number, &state.path);
        write_bytes(&copy, &self.png(&state, &map)?)?;
        let erased = edit.is_some();
        let version = state.version + i64::from(erased);
        let note = |change: &Transaction<'_>| {
            let sql = "INSERT INTO trash (deletion, image, status, version, erased)
                VALUES (?1, ?2, ?3, ?4, ?5)";
            let row = params![number, state.id.0, state.status, version, erased];
            change.prepare_cached(sql)?.execute(row)?;
            let sql =
                "UPDATE images SET status = 'unlabelled', classes = NULL, disagreement = NULL,
                counted = version WHERE id = ?1";
            change.prepare_cached(sql)?.execute([state.id.0]).map(drop)
        };
        match edit {
            Some(edit) => {
                let edit = edit.named(DELETED).made_at(SystemTime::now());
                self.append_with(&state, &edit, Status::Unlabelled, note)?;
            }
            None => self.index.write(note)?,
        }
        let file = self.layout.label(&state.path);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&file, "removing")(error))
            }
            _ => Ok(true),
        }
    }

    /// Brings the labels of one image back.
    fn restore(&self, number: i64, id: ImageId) -> Result<bool> {
        let _guard = self.guard(id);
        let Some(trashed) = self.trashed(number, id)? else {
            return Ok(false);
        };
        let (state, map) = self.load(id)?;
        let copy = self.layout.trashed(number, &state.path);
        let note = |change: &Transaction<'_>| {
            let sql = "DELETE FROM trash WHERE deletion = ?1 AND image = ?2";
            change.execute(sql, params![number, id.0])?;
            let sql = "UPDATE images SET status = ?2 WHERE id = ?1";
            change.execute(sql, params![id.0, trashed.status]).map(drop)
        };
        if state.version == trashed.version && trashed.erased {
            // Nothing came after it: the journal's last edit is the deletion.
            self.go(&state, -1, trashed.status, note)?;
        } else {
            let labels = png_file::read(&copy, &self.limits)?;
            state.check_size(&labels)?;
            match Edit::between(&map, &labels, map.bounds()) {
                Some(edit) => {
                    let edit = edit.named(RESTORED).made_at(SystemTime::now());
                    self.append_with(&state, &edit, trashed.status, note)?;
                }
                None => self.index.write(note)?,
            }
        }
        self.flush(id)?;
        // What is left of the copy is in nobody's way.
        drop(fs::remove_file(copy));
        Ok(true)
    }

    fn trashed(&self, number: i64, id: ImageId) -> Result<Option<Trashed>> {
        let sql = "SELECT status, version, erased FROM trash WHERE deletion = ?1 AND image = ?2";
        self.index.read(|ask| {
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Trashed {
                    status: row.get(0)?,
                    version: row.get(1)?,
                    erased: row.get(2)?,
                })
            };
            ask.query_row(sql, params![number, id.0], row).optional()
        })
    }

    /// The label map as PNG, from its file where that is up to date.
    fn png(&self, state: &LabelState, map: &LabelMap) -> Result<Vec<u8>> {
        match self.on_disk(state)? {
            OnDisk::Known { version, bytes } if version == state.version => Ok(bytes),
            _ => png_file::encode(map, &self.palette().colors()),
        }
    }

    /// Forgets the deletions up to a number, and their copies.
    fn forget_deletions(&self, last: i64) -> Result<()> {
        let sql = "SELECT DISTINCT deletion FROM trash WHERE deletion <= ?1";
        let old: Vec<i64> = self.index.read(|ask| {
            ask.prepare(sql)?
                .query_map([last], |row| row.get(0))?
                .collect()
        })?;
        if old.is_empty() {
            return Ok(());
        }
        self.index
            .write(|change| change.execute("DELETE FROM trash WHERE deletion <= ?1", [last]))?;
        for number in old {
            let folder = self.layout.trash(number);
            match fs::remove_dir_all(&folder) {
                // Somebody emptied the trash already.
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(&folder, "removing")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
