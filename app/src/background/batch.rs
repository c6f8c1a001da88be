//! Work on several images at once, on the pool.

use std::sync::Arc;

use atrous_engine::Result;
use atrous_engine::jobs::Cancel;
use atrous_engine::project::{Deletion, DeletionId, ImageId, Project};

use super::{Background, Message, PoolMonitor};
use crate::state::{Exclusion, Task};

/// What came of work on several images.
pub enum BatchDone {
    /// They are marked as reviewed, or not so.
    Marked,
    /// Exports leave these out now, or have them again; and whether that took something back.
    Excluded(Exclusion, bool),
    /// Their labels are deleted.
    Deleted(Deletion),
    /// Labels that were deleted are back; others that were deleted before can be as well.
    Restored(Deletion, Option<DeletionId>),
}

impl Background {
    /// Marks images as reviewed, or takes that back.
    pub fn mark_reviewed(
        &self,
        project: &Arc<Project>,
        images: Vec<ImageId>,
        reviewed: bool,
    ) -> Cancel {
        self.batch(project, move |project, monitor| {
            let marked = project.set_reviewed(&images, reviewed, monitor);
            match marked {
                // What was marked until then stays.
                Err(error) if error.is_cancelled() => Ok(BatchDone::Marked),
                marked => marked.map(|()| BatchDone::Marked),
            }
        })
    }

    /// Leaves images out of exports, or takes them in again; `taken_back` says that this undoes what
    /// was done before.
    pub fn exclude(&self, project: &Arc<Project>, wish: Exclusion, taken_back: bool) -> Cancel {
        self.batch(project, move |project, _| {
            let Exclusion { images, excluded } = wish;
            let images = project.set_excluded(&images, excluded)?;
            let done = Exclusion { images, excluded };
            Ok(BatchDone::Excluded(done, taken_back))
        })
    }

    /// Deletes the labels of images, so that they can be restored.
    pub fn delete_labels(&self, project: &Arc<Project>, images: Vec<ImageId>) -> Cancel {
        self.batch(project, move |project, monitor| {
            let deleted = project.delete_labels(&images, monitor);
            deleted.map(BatchDone::Deleted)
        })
    }

    /// Brings deleted labels back.
    pub fn restore_labels(&self, project: &Arc<Project>, deletion: DeletionId) -> Cancel {
        self.batch(project, move |project, monitor| {
            let restored = project.restore_labels(deletion, monitor)?;
            Ok(BatchDone::Restored(restored, project.last_deletion()?))
        })
    }

    /// Does something once every stroke so far is on disk.
    fn batch(
        &self,
        project: &Arc<Project>,
        work: impl FnOnce(&Project, &mut PoolMonitor) -> Result<BatchDone> + Send + 'static,
    ) -> Cancel {
        let cancel = Cancel::default();
        let (wish, project, settle) = (cancel.clone(), project.clone(), self.settle());
        self.answer(Message::BatchDone, move |post| {
            settle();
            work(&project, &mut PoolMonitor::new(Task::Batch, wish, post))
        });
        cancel
    }
}
