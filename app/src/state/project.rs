//! The open project as the window shows it: its images in order, and their thumbnails.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use atrous_engine::project::{ImageId, ImageRecord, Project, Status};
use atrous_palettes::Palette;

/// The small copy of an image in the film strip.
#[derive(Clone)]
pub enum Thumbnail {
    /// Asked for.
    Waiting,
    /// There.
    Ready(egui::TextureHandle),
    /// The image can't be read.
    Failed,
}

/// The open project.
pub struct OpenProject {
    /// The project itself, shared with the threads behind the window.
    pub project: Arc<Project>,
    /// The folder of images.
    pub folder: PathBuf,
    /// Its classes.
    pub palette: Arc<Palette>,
    /// What is known of each image.
    pub images: Vec<ImageRecord>,
    /// Positions in `images` as the film strip shows them.
    pub order: Vec<usize>,
    /// The image on the canvas, or on its way there.
    pub current: Option<ImageId>,
    /// Small copies by image.
    pub thumbnails: HashMap<ImageId, Thumbnail>,
}

impl OpenProject {
    /// The folder's own name.
    pub fn name(&self) -> String {
        self.folder.file_name().map_or_else(
            || self.folder.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Takes over what is known of the images now, and puts them in order.
    pub fn update(&mut self, images: Vec<ImageRecord>, most_uncertain_first: bool) {
        self.images = images;
        self.sort(most_uncertain_first);
    }

    /// Orders the film strip: by name, or what most wants a look first.
    ///
    /// Corrected and reviewed images come last in the second order, broken ones at the very end.
    pub fn sort(&mut self, most_uncertain_first: bool) {
        let images = &self.images;
        self.order = (0..images.len()).collect();
        if most_uncertain_first {
            self.order.sort_by(|a, b| {
                let [a, b] = [&images[*a], &images[*b]];
                let uncertainty = |image: &ImageRecord| image.uncertainty.unwrap_or(0.0);
                rank(a)
                    .cmp(&rank(b))
                    .then(uncertainty(b).total_cmp(&uncertainty(a)))
                    .then(a.path.cmp(&b.path))
            });
        } else {
            self.order
                .sort_by(|a, b| images[*a].path.cmp(&images[*b].path));
        }
    }

    /// What is known of an image.
    pub fn image(&self, id: ImageId) -> Option<&ImageRecord> {
        self.images.iter().find(|image| image.id == id)
    }

    /// What is known of an image, to be changed.
    pub fn image_mut(&mut self, id: ImageId) -> Option<&mut ImageRecord> {
        self.images.iter_mut().find(|image| image.id == id)
    }

    /// The image at a place of the film strip.
    pub fn at(&self, place: usize) -> Option<&ImageRecord> {
        self.images.get(*self.order.get(place)?)
    }

    /// The current image's place in the film strip.
    pub fn place(&self) -> Option<usize> {
        let current = self.current?;
        self.order
            .iter()
            .position(|index| self.images[*index].id == current)
    }

    /// The image `step` places from the current one; none past the ends.
    pub fn neighbour(&self, step: isize) -> Option<ImageId> {
        let place = self.place()?.checked_add_signed(step)?;
        self.at(place).map(|image| image.id)
    }

    /// The next image to look at: the most uncertain one that is not reviewed and comes after the
    /// current one in that order, or before it with `step` -1.
    pub fn next_uncertain(&self, step: isize) -> Option<ImageId> {
        let queue = self.queue();
        let mut places = queue.iter();
        let place = places.position(|image| Some(image.id) == self.current);
        let next = match place {
            Some(place) => place.checked_add_signed(step)?,
            None => 0,
        };
        queue.get(next).map(|image| image.id)
    }

    /// The image to go on with once the current one is reviewed: the next in the queue, else the
    /// first one left in it.
    pub fn next_to_review(&self) -> Option<ImageId> {
        let left = || {
            let mut queue = self.queue().into_iter();
            queue.find(|image| Some(image.id) != self.current)
        };
        self.next_uncertain(1)
            .or_else(|| left().map(|image| image.id))
    }

    /// The images that are not reviewed, and the current one, the most uncertain first.
    fn queue(&self) -> Vec<&ImageRecord> {
        let mut queue: Vec<&ImageRecord> = self
            .images
            .iter()
            .filter(|image| image.error.is_none())
            .filter(|image| image.status != Status::Reviewed || Some(image.id) == self.current)
            .collect();
        queue.sort_by(|a, b| {
            let uncertainty = |image: &ImageRecord| image.uncertainty.unwrap_or(0.0);
            uncertainty(b)
                .total_cmp(&uncertainty(a))
                .then(a.path.cmp(&b.path))
        });
        queue
    }

    /// How many images have the status.
    pub fn count(&self, status: Status) -> usize {
        self.images
            .iter()
            .filter(|image| image.status == status)
            .count()
    }

    /// How many images a person corrected or reviewed.
    pub fn touched(&self) -> usize {
        self.count(Status::Corrected) + self.count(Status::Reviewed)
    }
}

/// Where an image stands in the order of what most wants a look.
fn rank(image: &ImageRecord) -> u8 {
    match (image.error.is_some(), image.status) {
        (true, _) => 4,
        (false, Status::Predicted) => 0,
        (false, Status::Unlabelled) => 1,
        (false, Status::Corrected) => 2,
        (false, Status::Reviewed) => 3,
    }
}
