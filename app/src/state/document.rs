//! The image on the canvas.

use std::sync::Arc;

use atrous_engine::mask::{History, LabelMap};
use atrous_engine::project::ImageId;

use crate::background::Snapped;
use crate::tools::Scene;

/// The open image: its labels in memory, their history, and what the model said.
#[derive(Debug)]
pub struct Document {
    /// Which image it is.
    pub id: ImageId,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// The image as the tools see it.
    pub scene: Scene,
    /// The label map in force.
    pub labels: LabelMap,
    /// What can be undone and redone.
    pub history: History,
    /// The model's last label map, row by row.
    pub prediction: Option<Arc<Vec<u8>>>,
    /// The label map that the model said before that one.
    pub former: Option<Arc<Vec<u8>>>,
    /// The model's confidence, row by row, 255 is sure.
    pub confidence: Option<Arc<Vec<u8>>>,
    /// Borders that were moved behind the window, to be taken over once the hand rests.
    pub snapped: Option<Box<Snapped>>,
    /// Edits that are on their way to the disk.
    pub unwritten: usize,
}

impl Document {
    /// The label map to compare the labels with: what the model said before, or says now.
    pub fn comparison(&self) -> Option<&Arc<Vec<u8>>> {
        self.former.as_ref().or(self.prediction.as_ref())
    }

    /// A value of a row-by-row map at a pixel.
    pub fn value_at(&self, map: &[u8], [x, y]: [u32; 2]) -> Option<u8> {
        if x >= self.size[0] || y >= self.size[1] {
            return None;
        }
        map.get(y as usize * self.size[0] as usize + x as usize)
            .copied()
    }
}
