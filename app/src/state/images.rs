//! What is known of the images of a project, found by number and counted without looking at all.

use std::collections::HashMap;
use std::ops::Deref;

use atrous_engine::project::{ImageId, ImageRecord, Status};

/// The images by path, as many as a hundred thousand.
#[derive(Debug, Default)]
pub struct Images {
    list: Vec<ImageRecord>,
    positions: HashMap<ImageId, usize>,
    /// Images by status.
    counts: [usize; Status::ALL.len()],
    /// Readable images with labels or predictions.
    labelled: usize,
}

impl Deref for Images {
    type Target = [ImageRecord];

    fn deref(&self) -> &[ImageRecord] {
        &self.list
    }
}

impl Images {
    /// Images that are in order.
    pub fn new(list: Vec<ImageRecord>) -> Self {
        let ids = list.iter().map(|image| image.id);
        let mut images = Self {
            positions: ids.zip(0..).collect(),
            ..Self::default()
        };
        for image in &list {
            images.tally(kinds(image), 1);
        }
        images.list = list;
        images
    }

    /// The position of an image.
    pub fn position(&self, id: ImageId) -> Option<usize> {
        self.positions.get(&id).copied()
    }

    /// What is known of an image.
    pub fn find(&self, id: ImageId) -> Option<&ImageRecord> {
        self.list.get(self.position(id)?)
    }

    /// Changes what is known of the image at a position.
    pub fn change(&mut self, position: usize, change: impl FnOnce(&mut ImageRecord)) {
        let before = kinds(&self.list[position]);
        change(&mut self.list[position]);
        let after = kinds(&self.list[position]);
        self.tally(before, -1);
        self.tally(after, 1);
    }

    /// How many images have the status.
    pub fn count(&self, status: Status) -> usize {
        self.counts[status as usize]
    }

    /// How many readable images have labels or predictions.
    pub fn labelled(&self) -> usize {
        self.labelled
    }

    fn tally(&mut self, (status, labelled): (Status, bool), step: isize) {
        let add = |count: &mut usize| *count = count.saturating_add_signed(step);
        add(&mut self.counts[status as usize]);
        if labelled {
            add(&mut self.labelled);
        }
    }
}

/// What an image is counted as: its status, and whether it is readable and has labels.
fn kinds(image: &ImageRecord) -> (Status, bool) {
    let labelled = image.error.is_none() && image.status != Status::Unlabelled;
    (image.status, labelled)
}
