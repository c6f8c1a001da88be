//! Moves the borders of an image's labels to its edges, on the pool.

use atrous_engine::Result;
use atrous_engine::jobs::{Cancel, Monitor};
use atrous_engine::mask::{Edit, LabelMap, Protection};
use atrous_engine::predict::refine::{SnapOptions, carry_over, snap_to_edges};
use atrous_engine::project::ImageId;

use super::{Background, Message, PoolMonitor, unless_stopped};
use crate::state::Task;
use crate::tools::Scene;

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
    /// Moves the borders of `labels`, which are those of the image of `scene`, to its edges.
    pub fn snap_to_edges(
        &self,
        (id, scene): (ImageId, Scene),
        (labels, protection): (LabelMap, Protection),
        options: SnapOptions,
    ) -> Cancel {
        let cancel = Cancel::default();
        let wish = cancel.clone();
        let message = move |snapped| Message::Snapped(id, snapped);
        self.answer(message, move |post| {
            let mut monitor = PoolMonitor::new(Task::Snap, wish, post);
            let given = (labels, protection);
            unless_stopped(snap(&scene, given, &options, &mut monitor))
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
        let message = move |snapped| Message::Snapped(id, snapped);
        self.answer(message, move |_post| {
            let maps = [&snapped.before, &snapped.after];
            let after = carry_over(maps, &now, &protection);
            Ok(Some(Box::new(Snapped::new(now, after, protection))))
        });
    }
}

fn snap(
    scene: &Scene,
    (labels, protection): (LabelMap, Protection),
    options: &SnapOptions,
    monitor: &mut dyn Monitor,
) -> Result<Box<Snapped>> {
    let after = snap_to_edges(&scene.to_image(), &labels, &protection, options, monitor)?;
    Ok(Box::new(Snapped::new(labels, after, protection)))
}
