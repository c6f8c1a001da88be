//! Superpixels that were computed, so that an image is cut once for each size.

use std::collections::VecDeque;
use std::sync::Arc;

use atrous_engine::mask::Superpixels;
use atrous_engine::project::{FileMark, ImageId};

/// So many are kept: a few images, or a few sizes of one.
const KEPT: usize = 6;

/// What is cut, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutKey {
    /// Which image.
    pub id: ImageId,
    /// The file that it was read from: another one is another image.
    pub file: FileMark,
    /// The side that superpixels have on average, in pixels.
    pub side: u32,
}

/// An image in superpixels.
#[derive(Clone)]
pub struct Cut {
    /// Which image, and how it is cut.
    pub key: CutKey,
    /// The superpixels.
    pub superpixels: Arc<Superpixels>,
    /// Their borders, to be laid over the image.
    pub borders: egui::TextureHandle,
}

/// The last images that were cut into superpixels, the newest first.
#[derive(Default)]
pub struct Cuts {
    kept: VecDeque<Cut>,
    /// What is being cut now.
    pub under_way: Option<CutKey>,
    /// What could not be cut or was stopped, so that it is not begun again at once.
    pub given_up: Option<CutKey>,
}

impl Cuts {
    /// An image in superpixels, if it was cut so.
    pub fn get(&self, key: CutKey) -> Option<&Cut> {
        self.kept.iter().find(|cut| cut.key == key)
    }

    /// Keeps one more, and lets the oldest go.
    pub fn keep(&mut self, cut: Cut) {
        self.kept.push_front(cut);
        self.kept.truncate(KEPT);
    }
}
