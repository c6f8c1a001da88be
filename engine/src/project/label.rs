//! The label map in force.

mod state;

use std::path::Path;
use std::sync::PoisonError;
use std::time::SystemTime;

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::classes::{ClassPixels, disagreement};
use super::open::Project;
use super::record::{ImageId, Status};
use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::limits::read_file;
use crate::mask::{Digest, Edit, History, LabelMap, Rect, png_file};
pub(super) use state::LabelState;

/// What the history calls a whole label map that was put in another's place.
const REPLACED: &str = "Labels replaced";
/// What the history calls a change that another program made to the label file.
const CHANGED_OUTSIDE: &str = "Changed by another program";

/// What became of writing an image's label map to its PNG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// It was written.
    Written,
    /// The file has it already.
    Unchanged,
    /// Another program changed the file. It was left alone: [`Project::open_label`] takes the
    /// change in as one step that can be undone.
    ChangedOutside,
}

/// So many label maps are kept in memory: that of the open image, and those around it.
const CACHED_MAPS: usize = 4;

/// The pixels of all of them together, unless one alone has more.
const CACHED_PIXELS: u64 = 64 << 20;

/// A label map kept in memory.
#[derive(Debug)]
pub(super) struct Cached {
    image: ImageId,
    version: i64,
    map: LabelMap,
}

/// What a label map holds, for filters and orders of the images.
struct Counts {
    classes: ClassPixels,
    disagreement: Option<f32>,
}

/// The label file as it is on disk.
pub(super) enum OnDisk {
    Nothing,
    /// As this program wrote it for that version.
    Known {
        version: i64,
        bytes: Vec<u8>,
    },
    /// As somebody else wrote it.
    Unknown {
        bytes: Vec<u8>,
    },
}

/// The label map below the journal's first edit, as PNG; void where there is none.
pub(super) struct Base(Option<Vec<u8>>);

impl Base {
    pub fn insert(&self, change: &Transaction<'_>, id: ImageId) -> rusqlite::Result<usize> {
        let sql = "INSERT INTO bases (image, png) VALUES (?1, ?2)";
        change.prepare_cached(sql)?.execute(params![id.0, self.0])
    }
}

impl Project {
    /// The label map in force and what can be undone and redone. What another program changed in
    /// the label file is taken in as one step.
    ///
    /// # Errors
    /// [`Error::Argument`] for an image that can't be read; [`Error::File`] for a label file that
    /// holds no label map of the image's size; [`Error::Index`] and [`Error::Io`].
    pub fn open_label(&self, id: ImageId) -> Result<(LabelMap, History)> {
        let _guard = self.guard(id);
        let (_, map) = self.load(id)?;
        Ok((map, self.history(id)?))
    }

    /// The label map in force. As [`Project::open_label`], without the history.
    ///
    /// # Errors
    /// As [`Project::open_label`].
    pub fn load_label(&self, id: ImageId) -> Result<LabelMap> {
        let _guard = self.guard(id);
        Ok(self.load(id)?.1)
    }

    /// Replaces the label map in force, as one step that can be undone, and writes its PNG. The
    /// image counts as corrected, unless it was reviewed already and nothing changes.
    ///
    /// # Errors
    /// [`Error::Argument`] when the map has another size than the image, and as
    /// [`Project::open_label`].
    pub fn save_label(&self, id: ImageId, map: &LabelMap) -> Result<()> {
        let _guard = self.guard(id);
        let (state, before) = self.load(id)?;
        state.check_size(map)?;
        match Edit::between(&before, map, map.bounds()) {
            Some(edit) => self.append_now(&state, edit.named(REPLACED))?,
            None if !state.status.is_touched() => self.touch(&state)?,
            None => {}
        }
        self.flush(id).map(drop)
    }

    /// Writes the label map in force to its PNG, if it changed since. This is for other programs;
    /// nothing is lost without it. Images that nobody touched are left as they are.
    ///
    /// # Errors
    /// [`Error::Io`] when the file can't be written, and as [`Project::open_label`].
    pub fn flush_label(&self, id: ImageId) -> Result<Flush> {
        let _guard = self.guard(id);
        self.flush(id)
    }

    /// Writes the label file where it is behind. The image's lock is held by the caller.
    pub(super) fn flush(&self, id: ImageId) -> Result<Flush> {
        let state = self.label_state(id)?;
        if !state.has_base {
            return Ok(Flush::Unchanged);
        }
        let disk = self.on_disk(&state)?;
        match &disk {
            OnDisk::Unknown { .. } => return Ok(Flush::ChangedOutside),
            OnDisk::Known { version, .. } if *version == state.version => {
                return Ok(Flush::Unchanged);
            }
            // Labels that were deleted have no file.
            OnDisk::Nothing if state.status == Status::Unlabelled => return Ok(Flush::Unchanged),
            _ => {}
        }
        let map = self.known_map(&state, &disk)?;
        let bytes = png_file::encode(&map, &self.palette().colors())?;
        self.write_label(&state, state.version, &map, &bytes)?;
        Ok(Flush::Written)
    }

    /// Counts the classes of the label map in force, and writes its file where it is behind.
    pub(super) fn count(&self, id: ImageId) -> Result<()> {
        let _guard = self.guard(id);
        if self.flush(id)? != Flush::Unchanged {
            return Ok(());
        }
        let state = self.label_state(id)?;
        let map = self.known_map(&state, &self.on_disk(&state)?)?;
        let counts = self.counts(&state, &map);
        self.index
            .write(|change| counts.note(change, state.id, state.version))
    }

    /// Loads the map and takes outside changes in. The image's lock is held by the caller.
    pub(super) fn load(&self, id: ImageId) -> Result<(LabelState, LabelMap)> {
        let state = self.label_state(id)?;
        if state.size.contains(&0) {
            let found = "one that can't be read";
            return Err(Error::argument(&state.path, "an image with pixels", found));
        }
        let disk = self.on_disk(&state)?;
        let map = self.known_map(&state, &disk)?;
        let OnDisk::Unknown { bytes } = disk else {
            return Ok((state, map));
        };
        let found = self.decode(&state, &bytes, &self.layout.label(&state.path))?;
        match Edit::between(&map, &found, found.bounds()) {
            Some(edit) => self.append_now(&state, edit.named(CHANGED_OUTSIDE))?,
            None => self.touch(&state)?,
        }
        let state = self.label_state(id)?;
        let counts = self.counts(&state, &found);
        self.note_written(&state, state.version, Digest::of(&bytes), Some(&counts))?;
        Ok((state, found))
    }

    pub(super) fn label_state(&self, id: ImageId) -> Result<LabelState> {
        let sql = "SELECT images.id, path, status, width, height, version,
                bases.image IS NOT NULL, saved_version, saved_digest, pending_version, pending_digest,
                measured
            FROM images LEFT JOIN bases ON bases.image = images.id WHERE images.id = ?1";
        let ask = || {
            self.index.read(|ask| {
                ask.prepare_cached(sql)?.query_row([id.0], |row| {
                    Ok((LabelState::from_row(row)?, row.get::<_, bool>(11)?))
                })
            })
        };
        let (state, measured) = ask()?;
        if measured {
            return Ok(state);
        }
        self.measure_now(id)?;
        Ok(ask()?.0)
    }

    /// What the label map in force holds. A prediction that can't be read disagrees with nothing.
    fn counts(&self, state: &LabelState, map: &LabelMap) -> Counts {
        let prediction = self.layout.prediction(&state.path);
        let prediction = (state.status.is_touched() && prediction.exists())
            .then(|| png_file::read(&prediction, &self.limits).ok())
            .flatten();
        Counts {
            classes: ClassPixels::new(&map.histogram()),
            disagreement: prediction.and_then(|prediction| disagreement(map, &prediction)),
        }
    }

    /// The base for an image whose journal is not in use yet; `None` where it is.
    pub(super) fn missing_base(&self, state: &LabelState) -> Result<Option<Base>> {
        if state.has_base {
            return Ok(None);
        }
        let disk = self.on_disk(state)?;
        Ok(Some(Base(self.untouched_png(state, &disk)?)))
    }

    /// Appends an edit that is made now. The image's lock is held by the caller.
    fn append_now(&self, state: &LabelState, edit: Edit) -> Result<()> {
        self.append(state, &edit.made_at(SystemTime::now()), Status::Corrected)
    }

    /// Puts the journal to use and counts the image as corrected, without an edit.
    fn touch(&self, state: &LabelState) -> Result<()> {
        let base = self.missing_base(state)?;
        self.index.write(|change| {
            if let Some(base) = &base {
                base.insert(change, state.id)?;
            }
            let sql = "UPDATE images SET status = ?2 WHERE id = ?1 AND status <> 'reviewed'";
            change.execute(sql, params![state.id.0, Status::Corrected])
        })?;
        Ok(())
    }

    /// The label map as far as this program knows: what others did to the file is not in it.
    fn known_map(&self, state: &LabelState, disk: &OnDisk) -> Result<LabelMap> {
        if let Some(map) = self.cached(state) {
            return Ok(map);
        }
        let map = match disk {
            OnDisk::Known { version, bytes } if state.has_base && *version == state.version => {
                self.decode(state, bytes, &self.layout.label(&state.path))?
            }
            _ if state.has_base => self.replay(state)?,
            _ => match self.untouched_png(state, disk)? {
                Some(bytes) => self.decode(state, &bytes, &self.layout.label(&state.path))?,
                None => state.void(),
            },
        };
        self.keep(state, state.version, map.clone());
        Ok(map)
    }

    /// The label map as far as this program knows, without a look at the disk where memory has it.
    pub(super) fn in_force(&self, state: &LabelState) -> Result<LabelMap> {
        match self.cached(state) {
            Some(map) => Ok(map),
            None => self.known_map(state, &self.on_disk(state)?),
        }
    }

    /// What is in force for an image that nobody touched: what this program wrote, else the
    /// prediction, else nothing.
    fn untouched_png(&self, state: &LabelState, disk: &OnDisk) -> Result<Option<Vec<u8>>> {
        if let OnDisk::Known { bytes, .. } = disk {
            return Ok(Some(bytes.clone()));
        }
        let prediction = self.layout.prediction(&state.path);
        if state.status == Status::Unlabelled || !prediction.exists() {
            return Ok(None);
        }
        read_file(&prediction, &self.limits).map(Some)
    }

    /// The base with the journal's edits on top.
    fn replay(&self, state: &LabelState) -> Result<LabelMap> {
        let mut map = self.base_map(state)?;
        for entry in self.entries(state.id)?.iter().filter(|entry| !entry.undone) {
            state.check_edit(&entry.edit)?;
            entry.edit.apply(&mut map);
        }
        Ok(map)
    }

    /// The label map below the journal's first edit.
    pub(super) fn base_map(&self, state: &LabelState) -> Result<LabelMap> {
        let sql = "SELECT png FROM bases WHERE image = ?1";
        let base: Option<Option<Vec<u8>>> = self.index.read(|ask| {
            let mut statement = ask.prepare_cached(sql)?;
            statement
                .query_row([state.id.0], |row| row.get(0))
                .optional()
        })?;
        match base.flatten() {
            Some(bytes) => self.decode(state, &bytes, &self.layout.index()),
            None => Ok(state.void()),
        }
    }

    fn decode(&self, state: &LabelState, bytes: &[u8], path: &Path) -> Result<LabelMap> {
        let map = png_file::decode(bytes, path, &self.limits)?;
        if map.size() == state.size {
            return Ok(map);
        }
        let size = |[width, height]: [u32; 2]| format!("{width} x {height} pixels");
        Err(Error::file(
            path,
            format!("the label map of {}, {}", state.path, size(state.size)),
            size(map.size()),
            "Put back the image or the label map that was replaced.",
        ))
    }

    pub(super) fn on_disk(&self, state: &LabelState) -> Result<OnDisk> {
        let path = self.layout.label(&state.path);
        if !path.exists() {
            return Ok(OnDisk::Nothing);
        }
        let bytes = read_file(&path, &self.limits)?;
        let digest = Digest::of(&bytes);
        let known = state.written.iter().flatten().find(|file| file.1 == digest);
        Ok(match known {
            Some((version, _)) => OnDisk::Known {
                version: *version,
                bytes,
            },
            None => OnDisk::Unknown { bytes },
        })
    }

    /// Whether somebody else wrote the label file.
    pub(super) fn is_changed_outside(&self, state: &LabelState) -> Result<bool> {
        Ok(matches!(self.on_disk(state)?, OnDisk::Unknown { .. }))
    }

    /// Writes a label map, `bytes` as PNG, to the label file. A crash at any moment leaves a file
    /// that is known as ours.
    pub(super) fn write_label(
        &self,
        state: &LabelState,
        version: i64,
        map: &LabelMap,
        bytes: &[u8],
    ) -> Result<()> {
        let digest = Digest::of(bytes);
        self.announce(state, version, digest)?;
        write_bytes(&self.layout.label(&state.path), bytes)?;
        let counts = self.counts(state, map);
        self.note_written(state, version, digest, Some(&counts))
    }

    /// Notes what is about to be written, beside what is there now.
    fn announce(&self, state: &LabelState, version: i64, digest: u64) -> Result<()> {
        if let [_, Some(_)] = state.written {
            // A crash cut the last write short. If its file is there, it is what has been written:
            // else this announcement would take its place, and a crash now make it a stranger's.
            if let OnDisk::Known { version, bytes } = self.on_disk(state)? {
                self.note_written(state, version, Digest::of(&bytes), None)?;
            }
        }
        let sql = "UPDATE images SET pending_version = ?2, pending_digest = ?3 WHERE id = ?1";
        let pending = params![state.id.0, version, digest.cast_signed()];
        self.index
            .write(|change| change.execute(sql, pending))
            .map(drop)
    }

    fn note_written(
        &self,
        state: &LabelState,
        version: i64,
        digest: u64,
        counts: Option<&Counts>,
    ) -> Result<()> {
        let sql = "UPDATE images SET saved_version = ?2, saved_digest = ?3,
            pending_version = NULL, pending_digest = NULL WHERE id = ?1";
        let saved = params![state.id.0, version, digest.cast_signed()];
        self.index.write(|change| {
            change.execute(sql, saved)?;
            counts.map_or(Ok(()), |counts| counts.note(change, state.id, version))
        })
    }

    fn cached(&self, state: &LabelState) -> Option<LabelMap> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |cached: &&Cached| {
            cached.image == state.id
                && cached.version == state.version
                && cached.map.size() == state.size
        };
        cache.iter().find(fits).map(|cached| cached.map.clone())
    }

    /// Remembers a map for the next one who asks.
    pub(super) fn keep(&self, state: &LabelState, version: i64, map: LabelMap) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|cached| cached.image != state.id);
        let kept = Cached {
            image: state.id,
            version,
            map,
        };
        cache.insert(0, kept);
        // The last one stays, however large it is.
        let mut pixels = 0;
        let mut place = 0;
        cache.retain(|cached| {
            pixels += u64::from(cached.map.width()) * u64::from(cached.map.height());
            place += 1;
            place == 1 || (place <= CACHED_MAPS && pixels <= CACHED_PIXELS)
        });
    }

    /// Carries the remembered map from the state's version to the next one, if it is this image's.
    pub(super) fn advance(&self, state: &LabelState, step: impl FnOnce(&mut LabelMap) -> Rect) {
        if let Some(mut map) = self.cached(state) {
            step(&mut map);
            self.keep(state, state.version + 1, map);
        }
    }
}

impl Counts {
    /// Notes what version `version` of the labels holds.
    fn note(&self, change: &Transaction<'_>, id: ImageId, version: i64) -> rusqlite::Result<()> {
        let sql = "UPDATE images SET classes = ?2, disagreement = ?3, counted = ?4 WHERE id = ?1";
        let values = params![id.0, self.classes, self.disagreement, version];
        change.prepare_cached(sql)?.execute(values).map(drop)
    }
}

#[cfg(test)]
mod tests;
