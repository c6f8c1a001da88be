//! Whether what was read of an image is still what is on disk.

use super::open::Project;
use super::record::{FileMark, ImageRecord, Status};
use crate::error::Result;

/// Marks what an image's pixels, labels and prediction were read from: while a part is equal,
/// reading it again gives the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamps {
    /// Of the image's file.
    pub image: FileMark,
    /// Of the label map in force and its history.
    pub labels: LabelStamp,
    /// Of the prediction and its confidence.
    pub prediction: PredictionStamp,
}

/// Marks a label map in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelStamp {
    version: i64,
    /// Without labels the map is void, and as large as the image.
    size: [u32; 2],
    labelled: bool,
    file: FileMark,
    /// An image that nobody touched follows it.
    prediction: FileMark,
}

/// Marks what a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictionStamp {
    labels: FileMark,
    confidence: FileMark,
}

impl Project {
    /// The marks of an image's content as it is now. Nothing is decoded.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be asked.
    pub fn stamps(&self, image: &ImageRecord) -> Result<Stamps> {
        let state = self.label_state(image.id)?;
        let prediction = FileMark::of(&self.layout.prediction(&state.path));
        Ok(Stamps {
            image: FileMark::of(&self.image_path(image)),
            labels: LabelStamp {
                version: state.version,
                size: state.size,
                labelled: state.status != Status::Unlabelled,
                file: FileMark::of(&self.layout.label(&state.path)),
                prediction,
            },
            prediction: PredictionStamp {
                labels: prediction,
                confidence: FileMark::of(&self.layout.confidence(&state.path)),
            },
        })
    }
}
