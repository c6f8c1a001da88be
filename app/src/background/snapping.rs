//! Moves the borders of an image's labels to its edges, on the pool.

use std::sync::Arc;

use atrous_engine::jobs::{Cancel, Monitor};
use atrous_engine::mask::{Edit, LabelMap, Protection};
use atrous_engine::predict::refine::{SnapOptions, carry_over, snap_to_edges};
use atrous_engine::project::{ImageId, ImageRecord, Project};
use atrous_engine::{Result, image_file};

use super::{Background, Message, PoolMonitor};
use crate::state::Task;

/// Labels with their borders moved.
#[derive(Debug)]
pub struct Snapped {
    /// The labels as they were.
    pub before: LabelMap,
    /// What was protected then.
    pub protection: Protection,
    /// The labels as they should be.
    pub after: LabelMap,
    /// What leads there; none where every border lay well.
    pub edit: Option<Edit>,
}

impl Snapped {
    fn new(before: LabelMap, after: LabelMap, protection: Protection) -> Self {
        Self {
            edit: Edit::between(&before, &after, before.bounds()),
            before,
            after,
            protection,
        }
    }
}

impl Background {
    /// Moves the borders of `labels`, which are those of `image`, to the image's edges.
    pub fn snap_to_edges(
        &self,
        project: &Arc<Project>,
        image: ImageRecord,
        labels: LabelMap,
        protection: Protection,
    ) -> Cancel {
        let cancel = Cancel::default();
        let (wish, project) = (cancel.clone(), project.clone());
        self.spawn(move |post| {
            let mut monitor = PoolMonitor::new(Task::Snap, wish, post);
            let snapped = match snap(&project, &image, labels, protection, &mut monitor) {
                Ok(snapped) => Ok(Some(Box::new(snapped))),
                Err(error) if error.is_cancelled() => Ok(None),
                Err(error) => Err(error.to_string()),
            };
            post.send(Message::Snapped(image.id, snapped));
        });
        cancel
    }

    /// Does on `now` what was found for the labels as they were: they have gone on meanwhile.
    pub fn carry_over(
        &self,
        id: ImageId,
        snapped: Box<Snapped>,
        now: LabelMap,
        protection: Protection,
    ) {
        self.spawn(move |post| {
            let maps = [&snapped.before, &snapped.after];
            let after = carry_over(maps, &now, &protection);
            let carried = Snapped::new(now, after, protection);
            post.send(Message::Snapped(id, Ok(Some(Box::new(carried)))));
        });
    }
}

fn snap(
    project: &Project,
    image: &ImageRecord,
    labels: LabelMap,
    protection: Protection,
    monitor: &mut dyn Monitor,
) -> Result<Snapped> {
    let pixels = image_file::decode(&project.image_path(image), project.limits())?;
    let options = SnapOptions::default();
    let after = snap_to_edges(&pixels, &labels, &protection, &options, monitor)?;
    Ok(Snapped::new(labels, after, protection))
}
