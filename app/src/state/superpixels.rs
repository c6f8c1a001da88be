//! Superpixels that were computed, so that an image is cut once for each size.

use std::collections::VecDeque;
use std::sync::Arc;

use atrous_engine::mask::Superpixels;
use atrous_engine::project::ImageId;

/// So many are kept: a few images, or a few sizes of one.
const KEPT: usize = 6;

/// An image in superpixels.
#[derive(Clone)]
pub struct Cut {
    /// Which image.
    pub id: ImageId,
    /// The side that superpixels have on average, in pixels.
    pub side: u32,
    /// The superpixels.
    pub superpixels: Arc<Superpixels>,
    /// Their borders, to be laid over the image.
    pub borders: egui::TextureHandle,
}

/// The last images that were cut into superpixels, the newest first.
#[derive(Default)]
pub struct Cuts {
    kept: VecDeque<Cut>,
    /// What is being cut now: the image, and the side.
    pub under_way: Option<(ImageId, u32)>,
    /// What could not be cut or was stopped, so that it is not begun again at once.
    pub given_up: Option<(ImageId, u32)>,
}

impl Cuts {
    /// An image in superpixels of a side, if it was cut so.
    pub fn get(&self, id: ImageId, side: u32) -> Option<&Cut> {
        self.kept
            .iter()
            .find(|cut| (cut.id, cut.side) == (id, side))
    }

    /// Keeps one more, and lets the oldest go.
    pub fn keep(&mut self, cut: Cut) {
        self.kept.push_front(cut);
        self.kept.truncate(KEPT);
    }
}
