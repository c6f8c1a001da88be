//! The image on the canvas.

use std::sync::Arc;

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::project::{FileMark, ImageId};

use super::CutKey;
use crate::background::Snapped;
use crate::tools::{Scene, SelectedArea};

/// The open image: its labels in memory, their history, and what the model said.
#[derive(Debug)]
pub struct Document {
    /// Which image it is.
    pub id: ImageId,
    /// The file that the image was read from.
    pub file: FileMark,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// The image as the tools see it.
    pub scene: Scene,
    /// The label map in force.
    pub labels: LabelMap,
    /// What can be undone and redone.
    pub history: History,
    /// The labels as they were when the image was opened, or before the last prediction.
    pub before: LabelMap,
    /// The model's last label map.
    pub prediction: Option<LabelMap>,
    /// The model's confidence, row by row, 255 is sure.
    pub confidence: Option<Arc<Vec<u8>>>,
    /// Borders that were moved behind the window, to be taken over once the hand rests.
    pub snapped: Option<Box<Snapped>>,
    /// What mask operations and relabelling are limited to.
    pub selection: Option<SelectedArea>,
    /// Edits that are on their way to the disk.
    pub unwritten: usize,
}

impl Document {
    /// The image, to be cut into superpixels of a side.
    pub fn cut_key(&self, side: u32) -> CutKey {
        CutKey {
            id: self.id,
            file: self.file,
            side,
        }
    }

    /// The model's confidence at a pixel.
    pub fn confidence_at(&self, [x, y]: [u32; 2]) -> Option<u8> {
        if x >= self.size[0] || y >= self.size[1] {
            return None;
        }
        let place = y as usize * self.size[0] as usize + x as usize;
        self.confidence.as_ref()?.get(place).copied()
    }
}
