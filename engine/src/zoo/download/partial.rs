//! What has come of a download, and what it is the beginning of.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};

/// What the server said of the file whose beginning is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// The file's ETag, or the time it was last modified.
    validator: String,
    /// The file's size, where the server said it.
    total: Option<u64>,
}

/// Where to go on, and how the server tells whether its file is still the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resume {
    /// Bytes that are here.
    pub(super) offset: u64,
    /// For `If-Range`.
    pub(super) validator: String,
    /// The whole file's size, where it is known.
    pub(super) total: Option<u64>,
}

/// The `.part` file.
pub(super) struct Partial {
    path: PathBuf,
    file: File,
    length: u64,
    note: Option<Note>,
}

impl Partial {
    /// Opens what an earlier attempt left, or begins.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(Error::io(path, "opening"))?;
        let length = file.metadata().map_err(Error::io(path, "measuring"))?.len();
        // A note that can't be read is none: the download begins anew.
        let note = fs::read(note_path(path))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            note,
        })
    }

    /// Bytes that are here.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Where to go on; `None` where there is nothing yet, or nothing known of it.
    pub(super) fn resume(&self) -> Option<Resume> {
        let note = self.note.as_ref()?;
        let fits = note.total.is_none_or(|total| self.length <= total);
        (self.length > 0 && fits).then(|| Resume {
            offset: self.length,
            validator: note.validator.clone(),
            total: note.total,
        })
    }

    /// Empties the file for a new beginning. Without a validator it can't be gone on with later.
    pub(super) fn restart(mut self, validator: Option<&str>, total: Option<u64>) -> Result<Self> {
        let note_path = note_path(&self.path);
        // First the note goes, then the bytes, then the new note comes: at no time does a note stand
        // beside bytes of another file.
        remove(&note_path)?;
        self.file
            .set_len(0)
            .map_err(Error::io(&self.path, "emptying"))?;
        self.length = 0;
        self.note = validator.map(|validator| Note {
            validator: validator.to_owned(),
            total,
        });
        if let Some(note) = &self.note {
            let text = serde_json::to_vec(note).map_err(|error| {
                Error::machine("noting a download", error.to_string(), "Report this.")
            })?;
            write_bytes(&note_path, &text)?;
        }
        Ok(self)
    }

    /// Adds bytes at the end.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(Error::io(&self.path, "writing"))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Brings what has come onto the disk.
    pub(super) fn settle(&self) -> Result<()> {
        self.file
            .sync_all()
            .map_err(Error::io(&self.path, "syncing"))
    }
}

/// Bytes that are here of a download.
pub(super) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Forgets a download.
///
/// # Errors
/// [`Error::Io`] when a file can't be removed.
pub(in crate::zoo) fn discard(path: &Path) -> Result<()> {
    remove(&note_path(path))?;
    remove(path)
}

fn note_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io(path, "removing")(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_gone_on_with_only_when_its_note_fits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar.gz.part");
        let mut partial = Partial::open(&path).unwrap();
        assert_eq!(partial.resume(), None);
        partial.append(b"unknown bytes").unwrap();
        assert_eq!(Partial::open(&path).unwrap().resume(), None, "no note");

        let mut partial = partial.restart(Some("\"v1\""), Some(5)).unwrap();
        partial.append(b"abc").unwrap();
        let resume = Partial::open(&path).unwrap().resume().unwrap();
        assert_eq!((resume.offset, resume.total), (3, Some(5)));
        assert_eq!(resume.validator, "\"v1\"");

        partial.append(b"too many").unwrap();
        assert_eq!(
            Partial::open(&path).unwrap().resume(),
            None,
            "longer than the file"
        );
        discard(&path).unwrap();
        discard(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
