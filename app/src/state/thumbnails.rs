//! The small copies in memory: those that were seen last.

use std::collections::HashMap;

use atrous_engine::project::{FileMark, ImageId, ImageRecord};

/// So many copies stay in memory, some 50 kB each.
const MOST: usize = 1_000;

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

/// A small copy, what it is of, and when it was seen last.
struct Seen {
    copy: Thumbnail,
    file: FileMark,
    look: u64,
}

/// The small copies, the ones seen longest ago are let go of.
#[derive(Default)]
pub struct Thumbnails {
    copies: HashMap<ImageId, Seen>,
    /// Counts the looks at the film strip.
    look: u64,
}

impl Thumbnails {
    /// The copy of an image, unless its file was replaced since.
    pub fn get(&self, image: &ImageRecord) -> Option<&Thumbnail> {
        let seen = self.copies.get(&image.id)?;
        (seen.file == image.file).then_some(&seen.copy)
    }

    /// Every copy.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Thumbnail> {
        self.copies.values().map(|seen| &seen.copy)
    }

    /// These images are looked at. Returns those whose copies are to be made; what was asked for
    /// before and is not among them is not wanted any more.
    pub fn look_at<'a>(
        &mut self,
        images: impl Iterator<Item = &'a ImageRecord>,
    ) -> Vec<ImageRecord> {
        self.look += 1;
        self.copies
            .retain(|_, seen| !matches!(seen.copy, Thumbnail::Waiting));
        let mut missing = Vec::new();
        for image in images {
            match self.copies.get_mut(&image.id) {
                Some(seen) if seen.file == image.file => seen.look = self.look,
                _ => {
                    missing.push(image.clone());
                    self.keep(image.id, image.file, Thumbnail::Waiting);
                }
            }
        }
        self.let_go();
        missing
    }

    /// Keeps a copy of an image, unless one of its newer file is waited for.
    pub fn put(&mut self, id: ImageId, file: FileMark, copy: Thumbnail) {
        let known = self.copies.get(&id);
        if known.is_none_or(|known| known.file == file) {
            self.keep(id, file, copy);
        }
    }

    fn keep(&mut self, id: ImageId, file: FileMark, copy: Thumbnail) {
        let look = self.look;
        self.copies.insert(id, Seen { copy, file, look });
    }

    /// Lets go of what was seen longest ago, a part at a time so that it is seldom done.
    fn let_go(&mut self) {
        if self.copies.len() <= MOST {
            return;
        }
        let mut looks: Vec<u64> = self.copies.values().map(|seen| seen.look).collect();
        looks.sort_unstable();
        let oldest = looks[looks.len() - MOST * 3 / 4];
        self.copies
            .retain(|_, seen| seen.look > oldest || seen.look == self.look);
    }
}
