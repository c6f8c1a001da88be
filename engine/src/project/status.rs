//! Statuses, which images are held out, and which are left out of exports.

use rusqlite::params;

use super::open::Project;
use super::record::{ImageId, Status};
use crate::error::Result;
use crate::jobs::{Monitor, Pace};

impl Project {
    /// Sets how far an image is. Corrected and reviewed labels are kept from predictions.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index), and what reading the image's prediction says: a
    /// touched image keeps what is in force now, whatever is predicted later.
    pub fn set_status(&self, id: ImageId, status: Status) -> Result<()> {
        let _guard = self.guard(id);
        let state = self.label_state(id)?;
        let base = if status.is_touched() {
            self.missing_base(&state)?
        } else {
            None
        };
        self.index.write(|change| {
            if let Some(base) = &base {
                base.insert(change, id)?;
            }
            change.execute(
                "UPDATE images SET status = ?2 WHERE id = ?1",
                params![id.0, status],
            )
        })?;
        Ok(())
    }

    /// Marks images as reviewed, or takes that back: an image that nobody edited is as predicted
    /// again then, or unlabelled, and the others count as corrected.
    ///
    /// # Errors
    /// As [`Project::set_status`], and what the monitor says; what was marked until then stays.
    pub fn set_reviewed(
        &self,
        images: &[ImageId],
        reviewed: bool,
        monitor: &mut dyn Monitor,
    ) -> Result<()> {
        let mut pace = Pace::new(images.len() as u64);
        for id in images {
            let was = self.image(*id)?.status == Status::Reviewed;
            match (reviewed, was) {
                (true, false) => self.set_status(*id, Status::Reviewed)?,
                (false, true) => self.set_status(*id, self.status_before_review(*id)?)?,
                _ => {}
            }
            monitor.checkpoint(&pace.step(""))?;
        }
        Ok(())
    }

    /// How far an image is without anybody having said that it is right.
    fn status_before_review(&self, id: ImageId) -> Result<Status> {
        let sql = "SELECT EXISTS (SELECT 1 FROM journal WHERE image = ?1 AND undone = 0),
            EXISTS (SELECT 1 FROM bases WHERE image = ?1 AND png IS NOT NULL)";
        let (edited, labelled): (bool, bool) = self
            .index
            .read(|ask| ask.query_row(sql, [id.0], |row| Ok((row.get(0)?, row.get(1)?))))?;
        let state = self.label_state(id)?;
        let predicted = self.layout.prediction(&state.path).exists();
        Ok(match (edited, labelled) {
            (true, _) => Status::Corrected,
            (false, true) if predicted => Status::Predicted,
            (false, true) => Status::Corrected,
            (false, false) => Status::Unlabelled,
        })
    }

    /// Leaves images out of exports, or takes them in again. Returns those for which it made a
    /// difference, so that the same can be taken back.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be written: nothing changed then.
    pub fn set_excluded(&self, images: &[ImageId], excluded: bool) -> Result<Vec<ImageId>> {
        let sql = "UPDATE images SET excluded = ?2 WHERE id = ?1 AND excluded <> ?2";
        self.index.write(|change| {
            let mut mark = change.prepare_cached(sql)?;
            let mut changed = Vec::new();
            for image in images {
                if mark.execute(params![image.0, excluded])? > 0 {
                    changed.push(*image);
                }
            }
            Ok(changed)
        })
    }

    /// The images that are never trained on, by path.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be read.
    pub fn held_out(&self) -> Result<Vec<ImageId>> {
        self.index.read(|ask| {
            ask.prepare_cached("SELECT id FROM images WHERE held_out ORDER BY path")?
                .query_map([], |row| row.get(0).map(ImageId))?
                .collect()
        })
    }

    /// Says which images are never trained on: these and no others.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be written.
    pub fn set_held_out(&self, images: &[ImageId]) -> Result<()> {
        self.index.write(|change| {
            change.execute("UPDATE images SET held_out = 0 WHERE held_out", [])?;
            let mut hold = change.prepare_cached("UPDATE images SET held_out = 1 WHERE id = ?1")?;
            for image in images {
                hold.execute([image.0])?;
            }
            Ok(())
        })
    }
}
