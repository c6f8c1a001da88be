//! What is known of the images of a project, found by number and counted without looking at all.

use std::collections::HashMap;
use std::ops::Deref;

use atrous_engine::dataset::Only;
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
    /// Readable images by status, for exports: those that they have, and those excluded.
    exported: [[usize; 2]; Status::ALL.len()],
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

    /// How many images an export of these labels has, and how many are excluded from it.
    pub fn exported(&self, only: Only) -> [usize; 2] {
        let statuses = Status::ALL.into_iter().filter(|status| only.takes(*status));
        statuses.fold([0, 0], |[exported, excluded], status| {
            let [of_it, left_out] = self.exported[status as usize];
            [exported + of_it, excluded + left_out]
        })
    }

    fn tally(&mut self, kinds: Kinds, step: isize) {
        let add = |count: &mut usize| *count = count.saturating_add_signed(step);
        let status = kinds.status as usize;
        add(&mut self.counts[status]);
        if kinds.readable && kinds.status != Status::Unlabelled {
            add(&mut self.labelled);
        }
        if kinds.readable {
            add(&mut self.exported[status][usize::from(kinds.excluded)]);
        }
    }
}

/// What an image is counted as.
#[derive(Clone, Copy)]
struct Kinds {
    status: Status,
    readable: bool,
    excluded: bool,
}

fn kinds(image: &ImageRecord) -> Kinds {
    Kinds {
        status: image.status,
        readable: image.error.is_none(),
        excluded: image.excluded,
    }
}
