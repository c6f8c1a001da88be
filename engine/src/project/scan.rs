//! Looking through the folder of images.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use rusqlite::{Transaction, params};

use super::open::{Project, text_path};
use crate::error::{Error, Result};
use crate::image_file::{dimensions, is_image_name};
use crate::jobs::{Monitor, Pace};

/// Images whose headers are read between two checkpoints.
const BATCH: usize = 64;

/// What a look through the folder found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// Images in the folder.
    pub images: usize,
    /// Images that were not known before, or came back.
    pub added: usize,
    /// Images that were there before and are gone. What a person labelled is kept.
    pub missing: usize,
    /// Files and folders that can't be read, from the folder of images, and why.
    pub broken: Vec<(PathBuf, String)>,
}

/// An image file in the folder.
struct Found {
    path: String,
    bytes: i64,
    modified: i64,
}

/// An image as the index has it.
struct Known {
    id: i64,
    bytes: i64,
    modified: i64,
    missing: bool,
    error: Option<String>,
}

impl Project {
    /// Looks through the folder and its folders, except hidden ones: new images are added, missing
    /// ones marked. Only headers are read, and only of files that are new or changed. An image
    /// that can't be read is listed with its reason and is no failure.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder itself can't be read, [`Error::Index`], and what the monitor
    /// says.
    pub fn scan(&self, monitor: &mut dyn Monitor) -> Result<ScanReport> {
        let mut report = ScanReport::default();
        let found = self.walk(&mut report.broken)?;
        let mut known = self.known()?;
        report.images = found.len();
        let mut news = Vec::new();
        for file in found {
            match known.remove(&file.path) {
                Some(old) if old.is(&file) => {
                    report
                        .broken
                        .extend(old.error.map(|error| (native(&file.path), error)));
                }
                old => {
                    report.added += usize::from(old.is_none_or(|old| old.missing));
                    news.push(file);
                }
            }
        }
        let mut pace = Pace::new(news.len() as u64);
        let mut done = 0;
        for batch in news.chunks(BATCH) {
            done += batch.len() as u64;
            self.take_in(batch, &mut report.broken)?;
            let last = batch.last().map_or("", |file| &file.path);
            monitor.checkpoint(&pace.at(done, last))?;
        }
        report.missing = known.values().filter(|image| !image.missing).count();
        let gone: Vec<i64> = known.into_values().map(|image| image.id).collect();
        self.index.write(|change| mark_missing(change, &gone))?;
        report.broken.sort();
        Ok(report)
    }

    /// All image files, by path.
    fn walk(&self, broken: &mut Vec<(PathBuf, String)>) -> Result<Vec<Found>> {
        let (mut found, mut open) = (Vec::new(), vec![self.images.clone()]);
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if folder == self.images => {
                    return Err(Error::io(&folder, "reading the folder")(error));
                }
                Err(error) => {
                    broken.push((self.relative(&folder), error.to_string()));
                    continue;
                }
            };
            for path in entries.flatten().map(|entry| entry.path()) {
                if is_hidden(&path) || path == self.project_dir() {
                    continue;
                }
                // Linked files count; linked folders do not, for they may lead in circles.
                if path.is_dir() {
                    if !path.is_symlink() {
                        open.push(path);
                    }
                } else if is_image_name(&path) {
                    match self.found(&path) {
                        Ok(file) => found.push(file),
                        Err(reason) => broken.push((self.relative(&path), reason)),
                    }
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn found(&self, path: &Path) -> Result<Found, String> {
        let relative = self.relative(path);
        if relative.to_str().is_none() {
            return Err("its name is no Unicode text: rename it".to_owned());
        }
        let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Found {
            path: text_path(&relative),
            bytes: metadata.len().cast_signed(),
            modified: modified.map_or(0, |time| time.as_nanos() as i64),
        })
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.images).unwrap_or(path).to_owned()
    }

    fn known(&self) -> Result<HashMap<String, Known>> {
        let sql = "SELECT path, id, file_bytes, file_modified, missing, error FROM images";
        self.index.read(|ask| {
            ask.prepare(sql)?
                .query_map([], |row| {
                    let known = Known {
                        id: row.get(1)?,
                        bytes: row.get(2)?,
                        modified: row.get(3)?,
                        missing: row.get(4)?,
                        error: row.get(5)?,
                    };
                    Ok((row.get(0)?, known))
                })?
                .collect()
        })
    }

    /// Reads the headers of some files and puts them into the index.
    fn take_in(&self, files: &[Found], broken: &mut Vec<(PathBuf, String)>) -> Result<()> {
        let sizes: Vec<Result<(u32, u32)>> = files
            .par_iter()
            .map(|file| dimensions(&self.images.join(native(&file.path)), &self.limits))
            .collect();
        self.index.write(|change| {
            let sql = "INSERT INTO images (path, width, height, error, file_bytes, file_modified)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (path) DO UPDATE SET
                width = ?2, height = ?3, error = ?4, file_bytes = ?5, file_modified = ?6, missing = 0";
            let mut put = change.prepare_cached(sql)?;
            for (file, size) in files.iter().zip(sizes) {
                let ((width, height), error) = match size {
                    Ok(size) => (size, None),
                    Err(error) => ((0, 0), Some(error.to_string())),
                };
                put.execute(params![file.path, width, height, error, file.bytes, file.modified])?;
                broken.extend(error.map(|error| (native(&file.path), error)));
            }
            Ok(())
        })
    }
}

impl Known {
    /// Whether the file is as it was.
    fn is(&self, file: &Found) -> bool {
        !self.missing && self.bytes == file.bytes && self.modified == file.modified
    }
}

/// Marks images as missing; those that nobody labelled are forgotten.
fn mark_missing(change: &Transaction<'_>, gone: &[i64]) -> rusqlite::Result<()> {
    let mut mark = change.prepare_cached("UPDATE images SET missing = 1 WHERE id = ?1")?;
    let sql = "DELETE FROM images WHERE id = ?1 AND status = 'unlabelled'
        AND id NOT IN (SELECT image FROM bases)";
    let mut forget = change.prepare_cached(sql)?;
    for id in gone {
        mark.execute([id])?;
        forget.execute([id])?;
    }
    Ok(())
}

/// Whether a name begins with a dot.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn native(path: &str) -> PathBuf {
    path.split('/').collect()
}
