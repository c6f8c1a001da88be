//! The small copies in memory: those that were seen last.

use std::collections::HashMap;

use atrous_engine::project::ImageId;

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

/// The small copies, the ones seen longest ago are let go of.
#[derive(Default)]
pub struct Thumbnails {
    copies: HashMap<ImageId, (Thumbnail, u64)>,
    /// Counts the looks at the film strip.
    look: u64,
}

impl Thumbnails {
    /// The copy of an image.
    pub fn get(&self, id: ImageId) -> Option<&Thumbnail> {
        self.copies.get(&id).map(|(copy, _)| copy)
    }

    /// Every copy.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Thumbnail> {
        self.copies.values().map(|(copy, _)| copy)
    }

    /// These images are looked at. Returns those whose copies are to be made; what was asked for
    /// before and is not among them is not wanted any more.
    pub fn look_at(&mut self, images: &[ImageId]) -> Vec<ImageId> {
        self.look += 1;
        self.copies
            .retain(|_, (copy, _)| !matches!(copy, Thumbnail::Waiting));
        let mut missing = Vec::new();
        for id in images {
            let seen = self.copies.entry(*id).or_insert_with(|| {
                missing.push(*id);
                (Thumbnail::Waiting, 0)
            });
            seen.1 = self.look;
        }
        self.let_go();
        missing
    }

    /// Keeps a copy.
    pub fn put(&mut self, id: ImageId, copy: Thumbnail) {
        self.copies.insert(id, (copy, self.look));
    }

    /// Lets go of what was seen longest ago, a part at a time so that it is seldom done.
    fn let_go(&mut self) {
        if self.copies.len() <= MOST {
            return;
        }
        let mut looks: Vec<u64> = self.copies.values().map(|(_, look)| *look).collect();
        looks.sort_unstable();
        let oldest = looks[looks.len() - MOST * 3 / 4];
        self.copies
            .retain(|_, (_, look)| *look > oldest || *look == self.look);
    }
}
