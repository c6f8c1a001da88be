//! What is found out about images after their names: sizes from their headers, and the classes in
//! labels that were written before classes were counted.

use std::path::PathBuf;

use rayon::prelude::*;
use rusqlite::params;

use super::open::Project;
use super::record::{FileMark, ImageId, ImageRecord};
use super::scan::native;
use crate::error::Result;
use crate::image_file::dimensions;
use crate::jobs::{Monitor, Pace};

/// Images whose headers are read between two checkpoints: enough that writing to the disk between
/// them does not count.
const BATCH: usize = 512;

/// An image whose header is to be read.
struct Unmeasured {
    id: i64,
    path: String,
    /// The file's time when it was listed: a file that changed since is to be measured again.
    modified: i64,
}

impl Project {
    /// Reads the headers of the images that are new or changed. Returns those that can't be read.
    /// What was read when the monitor says stop is kept; calling this again goes on.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index), and what the monitor says.
    pub fn measure(&self, monitor: &mut dyn Monitor) -> Result<Vec<(PathBuf, String)>> {
        let sql = "SELECT count(*) FROM images WHERE measured = 0 AND missing = 0";
        let total: i64 = self
            .index
            .read(|ask| ask.query_row(sql, [], |row| row.get(0)))?;
        let (mut pace, mut done) = (Pace::new(total.unsigned_abs()), 0);
        let (mut broken, mut last) = (Vec::new(), 0);
        loop {
            let batch = self.unmeasured(last)?;
            let Some(end) = batch.last() else {
                return Ok(broken);
            };
            last = end.id;
            done += batch.len() as u64;
            let sizes = batch.par_iter().map(|image| self.header(image)).collect();
            broken.extend(self.note_sizes(&batch, sizes)?);
            monitor.checkpoint(&pace.at(done, end.path.as_str()))?;
        }
    }

    /// Counts the classes of labels that are not counted yet, or were changed without being written
    /// to their files, by bringing those up to date. What can't be read is left for who opens it.
    ///
    /// # Errors
    /// As [`Project::measure`].
    pub fn count_classes(&self, monitor: &mut dyn Monitor) -> Result<()> {
        let sql = "SELECT id FROM images WHERE missing = 0 AND status <> 'unlabelled'
            AND counted IS NOT version ORDER BY id";
        let images: Vec<ImageId> = self.index.read(|ask| {
            ask.prepare(sql)?
                .query_map([], |row| row.get(0).map(ImageId))?
                .collect()
        })?;
        let mut pace = Pace::new(images.len() as u64);
        for id in images {
            if let Err(error) = self.count(id) {
                tracing::warn!("counting the classes of an image: {error}");
            }
            monitor.checkpoint(&pace.step(""))?;
        }
        Ok(())
    }

    /// Takes in that an image's file was replaced since `image` was listed. Says whether it was.
    /// A file that is gone is left to [`Project::scan`].
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index).
    pub fn notice(&self, image: &ImageRecord) -> Result<bool> {
        let file = FileMark::of(&self.image_path(image));
        if file == image.file || file == FileMark::default() {
            return Ok(false);
        }
        let sql = "UPDATE images SET file_bytes = ?2, file_modified = ?3, measured = 0
            WHERE id = ?1 AND (file_bytes <> ?2 OR file_modified <> ?3)";
        let changed = self.index.write(|change| {
            let values = params![image.id.0, file.bytes, file.modified];
            change.prepare_cached(sql)?.execute(values)
        })?;
        Ok(changed > 0)
    }

    /// Reads one image's header now, if it was not read yet. Not on the pool: whoever asks may hold
    /// the image's lock, for which the pool's threads may be waiting.
    pub(super) fn measure_now(&self, id: ImageId) -> Result<()> {
        let sql = "SELECT id, path, file_modified FROM images WHERE id = ?1 AND measured = 0";
        let image = self.index.read(|ask| {
            ask.prepare_cached(sql)?
                .query_map([id.0], Unmeasured::from_row)?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let sizes = image.iter().map(|image| self.header(image)).collect();
        self.note_sizes(&image, sizes).map(drop)
    }

    /// The next images to be measured, after the one with number `last`.
    fn unmeasured(&self, last: i64) -> Result<Vec<Unmeasured>> {
        let sql = "SELECT id, path, file_modified FROM images
            WHERE measured = 0 AND missing = 0 AND id > ?1 ORDER BY id LIMIT ?2";
        self.index.read(|ask| {
            ask.prepare_cached(sql)?
                .query_map(params![last, BATCH as i64], Unmeasured::from_row)?
                .collect()
        })
    }

    fn header(&self, image: &Unmeasured) -> Result<(u32, u32)> {
        dimensions(&self.images.join(native(&image.path)), &self.limits)
    }

    /// Notes sizes, or why there are none. Returns the images that have none.
    fn note_sizes(
        &self,
        batch: &[Unmeasured],
        sizes: Vec<Result<(u32, u32)>>,
    ) -> Result<Vec<(PathBuf, String)>> {
        let mut broken = Vec::new();
        self.index.write(|change| {
            let sql = "UPDATE images SET width = ?3, height = ?4, error = ?5, measured = 1
                WHERE id = ?1 AND file_modified = ?2";
            let mut put = change.prepare_cached(sql)?;
            for (image, size) in batch.iter().zip(sizes) {
                let ((width, height), error) = match size {
                    Ok(size) => (size, None),
                    Err(error) => ((0, 0), Some(error.to_string())),
                };
                put.execute(params![image.id, image.modified, width, height, error])?;
                broken.extend(error.map(|error| (native(&image.path), error)));
            }
            Ok(())
        })?;
        Ok(broken)
    }
}

impl Unmeasured {
    fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            path: row.get(1)?,
            modified: row.get(2)?,
        })
    }
}
