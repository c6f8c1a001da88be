//! Small copies of the images, kept on disk so that each image is decoded for them once.
//!
//! They lie in a database of their own, which may be deleted without harm: a copy counts only for a
//! file of the same path, size and time, and what is damaged or missing is made again.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, ImageReader, RgbImage};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::open::{Project, text_path};
use super::record::{FileMark, ImageRecord};
use crate::error::{Error, Result};
use crate::image_file;

/// So many copies are kept, a few kilobytes each; beyond that the oldest go.
const MOST: i64 = 131_072;

/// The quality of the copies as JPEG, in percent.
const QUALITY: u8 = 85;

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS thumbnails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    file_bytes INTEGER NOT NULL,
    file_modified INTEGER NOT NULL,
    side INTEGER NOT NULL,
    jpeg BLOB NOT NULL
) STRICT;
";

/// The copies of a project.
#[derive(Debug)]
pub(super) struct Thumbnails {
    connection: Mutex<Connection>,
}

/// What a copy is made of: another file, time or size asks for another copy.
struct Key {
    path: String,
    file: FileMark,
    side: u32,
}

impl Project {
    /// A copy of an image whose longest side is at most `max_side` pixels, upright: the one that was
    /// kept, or else one that is made now and kept.
    ///
    /// # Errors
    /// As [`image_file::thumbnail`]. That a copy can't be kept is no failure.
    pub fn thumbnail(&self, image: &ImageRecord, max_side: u32) -> Result<RgbImage> {
        let path = self.image_path(image);
        let kept = self.thumbnails();
        let key = key(&path, text_path(&image.path), max_side)?;
        if let Some(copy) = kept.and_then(|kept| kept.find(&key)) {
            return Ok(copy);
        }
        let copy = image_file::thumbnail(&path, max_side, &self.limits)?;
        if let Some(kept) = kept {
            kept.keep(&key, &copy);
        }
        Ok(copy)
    }

    /// The copies that are kept; `None` where the disk does not let them be.
    fn thumbnails(&self) -> Option<&Thumbnails> {
        let open = || {
            let opened = Thumbnails::open(&self.layout.thumbnails());
            opened
                .inspect_err(|error| tracing::warn!("thumbnails are not kept: {error}"))
                .ok()
        };
        self.thumbnails.get_or_init(open).as_ref()
    }
}

fn key(file: &Path, path: String, side: u32) -> Result<Key> {
    let metadata = fs::metadata(file).map_err(Error::io(file, "opening"))?;
    Ok(Key {
        path,
        file: FileMark::from(&metadata),
        side,
    })
}

impl Thumbnails {
    /// Opens the database, or makes it; a damaged one is replaced.
    fn open(path: &Path) -> Result<Self> {
        let connection = connect(path).or_else(|_damaged| {
            for ending in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(ending);
                // What can't be removed shows when the database is made.
                drop(fs::remove_file(PathBuf::from(name)));
            }
            connect(path)
        });
        let connection = connection.map_err(|answer| Error::Index {
            path: path.to_owned(),
            answer,
        })?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    fn find(&self, key: &Key) -> Option<RgbImage> {
        let sql = "SELECT jpeg FROM thumbnails
            WHERE path = ?1 AND file_bytes = ?2 AND file_modified = ?3 AND side = ?4";
        let values = params![key.path, key.file.bytes, key.file.modified, key.side];
        let jpeg: Vec<u8> = self
            .ask(|database| {
                let mut statement = database.prepare_cached(sql)?;
                statement.query_row(values, |row| row.get(0)).optional()
            })
            .flatten()?;
        decode(jpeg, key.side)
    }

    fn keep(&self, key: &Key, copy: &RgbImage) {
        let mut jpeg = Vec::new();
        if let Err(error) = JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(copy) {
            return tracing::warn!("a thumbnail is not kept: {error}");
        }
        let sql = "INSERT OR REPLACE INTO thumbnails (path, file_bytes, file_modified, side, jpeg)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![key.path, key.file.bytes, key.file.modified, key.side, jpeg];
        self.ask(|database| database.prepare_cached(sql)?.execute(values));
    }

    /// Asks the database; what it can't do is only logged.
    fn ask<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let connection = self.connection.lock();
        let answer = ask(&connection.unwrap_or_else(PoisonError::into_inner));
        answer
            .inspect_err(|error| tracing::warn!("the kept thumbnails: {error}"))
            .ok()
    }
}

/// Opens the database and drops what is too much. What the loss of power takes is made again, so
/// that nothing waits for the disk.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.execute_batch(TABLE)?;
    let sql = "DELETE FROM thumbnails WHERE id <= (SELECT max(id) FROM thumbnails) - ?1";
    connection.execute(sql, [MOST])?;
    Ok(connection)
}

/// The copy that was kept; `None` where it is damaged.
fn decode(jpeg: Vec<u8>, side: u32) -> Option<RgbImage> {
    let mut reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(side);
    limits.max_image_height = Some(side);
    reader.limits(limits);
    Some(reader.decode().ok()?.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::Silent;

    fn project(folder: &Path) -> (Project, ImageRecord) {
        let project = Project::open(folder, Default::default()).unwrap();
        project.scan(&mut Silent).unwrap();
        let image = project.images().unwrap().remove(0);
        (project, image)
    }

    fn kept(folder: &Path) -> i64 {
        let database = Connection::open(folder.join(".atrous/thumbnails.sqlite")).unwrap();
        let count = "SELECT count(*) FROM thumbnails";
        database.query_row(count, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_copy_is_kept_until_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        RgbImage::from_pixel(300, 200, [200, 30, 30].into())
            .save(&file)
            .unwrap();
        let (red, image) = project(folder.path());
        let made = red.thumbnail(&image, 64).unwrap();
        assert_eq!(made.dimensions(), (64, 42));
        drop(red);
        assert_eq!(kept(folder.path()), 1);
        let (again, image) = project(folder.path());
        let found = again.thumbnail(&image, 64).unwrap();
        let near =
            |a: &image::Rgb<u8>, b: [u8; 3]| a.0.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 8);
        assert!(found.pixels().all(|pixel| near(pixel, [200, 30, 30])));
        RgbImage::from_pixel(310, 200, [30, 30, 200].into())
            .save(&file)
            .unwrap();
        let changed = again.thumbnail(&image, 64).unwrap();
        assert!(changed.pixels().all(|pixel| near(pixel, [30, 30, 200])));
        drop(again);
        assert_eq!(kept(folder.path()), 1, "the old copy is gone");
    }

    #[test]
    fn damaged_copies_are_made_again() {
        let folder = tempfile::tempdir().unwrap();
        RgbImage::new(30, 20)
            .save(folder.path().join("a.png"))
            .unwrap();
        let (first, image) = project(folder.path());
        first.thumbnail(&image, 16).unwrap();
        drop(first);
        let path = folder.path().join(".atrous/thumbnails.sqlite");
        let database = Connection::open(&path).unwrap();
        database
            .execute("UPDATE thumbnails SET jpeg = x'00112233'", [])
            .unwrap();
        drop(database);
        let (second, image) = project(folder.path());
        assert_eq!(second.thumbnail(&image, 16).unwrap().dimensions(), (16, 10));
        drop(second);
        fs::write(&path, [7; 5000]).unwrap();
        let (third, image) = project(folder.path());
        assert_eq!(third.thumbnail(&image, 16).unwrap().dimensions(), (16, 10));
        drop(third);
        assert_eq!(kept(folder.path()), 1);
    }
}
