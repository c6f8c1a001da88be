//! Looking through the folder of images: names first, headers later.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use rusqlite::{Transaction, params};

use super::open::Project;
use super::record::FileMark;
use crate::error::{Error, Result};
use crate::image_file::is_image_name;
use crate::jobs::Monitor;

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
    mark: FileMark,
}

/// An image as the index has it.
struct Known {
    id: i64,
    mark: FileMark,
    missing: bool,
    error: Option<String>,
}

/// A folder that is being walked through, and its path from the folder of images: empty, or with a
/// `/` at its end.
struct Walked {
    folder: PathBuf,
    prefix: String,
}

/// What an entry of a folder turns out to be.
enum Entry {
    Image(Found),
    Folder(Walked),
    Broken(PathBuf, String),
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
        let mut report = self.scan_names()?;
        report.broken.extend(self.measure(monitor)?);
        report.broken.sort();
        Ok(report)
    }

    /// The first half of [`Project::scan`]: takes in which images there are and opens none of them.
    /// [`Project::measure`] is the other half.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder itself can't be read, and [`Error::Index`].
    pub fn scan_names(&self) -> Result<ScanReport> {
        let mut report = ScanReport::default();
        let found = self.walk(&mut report.broken)?;
        let mut known = self.known()?;
        report.images = found.len();
        let mut news = Vec::new();
        for file in found {
            match known.remove(&file.path) {
                Some(old) if old.is(&file) => {
                    let error = old.error.map(|error| (native(&file.path), error));
                    report.broken.extend(error);
                }
                old => {
                    report.added += usize::from(old.is_none_or(|old| old.missing));
                    news.push(file);
                }
            }
        }
        report.missing = known.values().filter(|image| !image.missing).count();
        let gone = known.into_values().filter(|image| !image.missing);
        let gone: Vec<i64> = gone.map(|image| image.id).collect();
        if !news.is_empty() || !gone.is_empty() {
            self.index.write(|change| {
                add(change, &news)?;
                mark_missing(change, &gone)
            })?;
        }
        Ok(report)
    }

    /// Whether images may have come or gone since `time`: the folders that had some say when that
    /// was. Files that were written anew in their place are not seen; [`Project::notice`] sees them.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub fn may_have_changed_since(&self, time: SystemTime) -> Result<bool> {
        // Some file systems know times to two seconds.
        const COARSE: Duration = Duration::from_secs(3);
        let paths: Vec<String> = self.index.read(|ask| {
            ask.prepare("SELECT path FROM images WHERE missing = 0")?
                .query_map([], |row| row.get(0))?
                .collect()
        })?;
        let folder = |path: &str| {
            path.rsplit_once('/')
                .map_or(String::new(), |(at, _)| at.into())
        };
        let mut folders = HashSet::from([String::new()]);
        for path in &paths {
            // Those above it too: their own times tell of what comes into them.
            let mut at = folder(path);
            while folders.insert(at.clone()) {
                at = folder(&at);
            }
        }
        let quiet = |folder: &String| {
            let modified = fs::metadata(self.images.join(native(folder)))
                .and_then(|metadata| metadata.modified());
            modified.is_ok_and(|modified| modified + COARSE < time)
        };
        Ok(!folders.iter().all(quiet))
    }

    /// All image files, by path.
    fn walk(&self, broken: &mut Vec<(PathBuf, String)>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        let mut open = vec![Walked {
            folder: self.images.clone(),
            prefix: String::new(),
        }];
        while let Some(walked) = open.pop() {
            let entries = match fs::read_dir(&walked.folder) {
                Ok(entries) => entries,
                Err(error) if walked.folder == self.images => {
                    return Err(Error::io(&walked.folder, "reading the folder")(error));
                }
                Err(error) => {
                    broken.push((
                        native(walked.prefix.trim_end_matches('/')),
                        error.to_string(),
                    ));
                    continue;
                }
            };
            let entries: Vec<DirEntry> = entries.flatten().collect();
            // The system is asked about each file, which takes longer than to list them.
            let looked_at: Vec<Entry> = entries
                .par_iter()
                .filter_map(|entry| self.look_at(&walked, entry))
                .collect();
            for entry in looked_at {
                match entry {
                    Entry::Image(file) => found.push(file),
                    Entry::Folder(folder) => open.push(folder),
                    Entry::Broken(path, reason) => broken.push((path, reason)),
                }
            }
        }
        found.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// What an entry is; `None` for what is hidden, the project's own, or no image.
    fn look_at(&self, walked: &Walked, entry: &DirEntry) -> Option<Entry> {
        let name = entry.file_name();
        if is_hidden(Path::new(&name)) {
            return None;
        }
        let path = || walked.folder.join(&name);
        let kind = entry.file_type();
        let is_link = kind.as_ref().is_ok_and(fs::FileType::is_symlink);
        let is_folder = kind.is_ok_and(|kind| kind.is_dir());
        let is_image = is_image_name(Path::new(&name));
        if !is_folder && !is_image || is_folder && path() == self.project_dir() {
            return None;
        }
        let Some(text) = name.to_str() else {
            let reason = "its name is no Unicode text: rename it".to_owned();
            return Some(Entry::Broken(native(&walked.prefix).join(&name), reason));
        };
        let relative = format!("{}{text}", walked.prefix);
        if is_folder {
            return Some(Entry::Folder(Walked {
                folder: path(),
                prefix: relative + "/",
            }));
        }
        // Linked files count; linked folders do not, for they may lead in circles.
        let metadata = if is_link {
            fs::metadata(path())
        } else {
            entry.metadata()
        };
        if is_link && metadata.as_ref().is_ok_and(Metadata::is_dir) {
            return None;
        }
        Some(match found(&relative, metadata) {
            Ok(file) => Entry::Image(file),
            Err(reason) => Entry::Broken(native(&relative), reason),
        })
    }

    fn known(&self) -> Result<HashMap<String, Known>> {
        let sql = "SELECT path, id, file_bytes, file_modified, missing, error FROM images";
        self.index.read(|ask| {
            ask.prepare(sql)?
                .query_map([], |row| {
                    let known = Known {
                        id: row.get(1)?,
                        mark: FileMark {
                            bytes: row.get(2)?,
                            modified: row.get(3)?,
                        },
                        missing: row.get(4)?,
                        error: row.get(5)?,
                    };
                    Ok((row.get(0)?, known))
                })?
                .collect()
        })
    }
}

impl Known {
    /// Whether the file is as it was.
    fn is(&self, file: &Found) -> bool {
        !self.missing && self.mark == file.mark
    }
}

fn found(path: &str, metadata: io::Result<Metadata>) -> Result<Found, String> {
    let metadata = metadata.map_err(|error| error.to_string())?;
    Ok(Found {
        path: path.to_owned(),
        mark: FileMark::from(&metadata),
    })
}

/// Puts images into the index, to be measured.
fn add(change: &Transaction<'_>, files: &[Found]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO images (path, width, height, file_bytes, file_modified, measured)
        VALUES (?1, 0, 0, ?2, ?3, 0) ON CONFLICT (path) DO UPDATE SET
        file_bytes = ?2, file_modified = ?3, measured = 0, missing = 0";
    let mut put = change.prepare_cached(sql)?;
    for file in files {
        put.execute(params![file.path, file.mark.bytes, file.mark.modified])?;
    }
    Ok(())
}

/// Marks images as missing; those that nobody labelled, held out or excluded are forgotten.
fn mark_missing(change: &Transaction<'_>, gone: &[i64]) -> rusqlite::Result<()> {
    let mut mark = change.prepare_cached("UPDATE images SET missing = 1 WHERE id = ?1")?;
    let sql = "DELETE FROM images WHERE id = ?1 AND status = 'unlabelled'
        AND excluded = 0 AND held_out = 0
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

pub(super) fn native(path: &str) -> PathBuf {
    path.split('/').collect()
}
