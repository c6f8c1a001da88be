//! Whether what was read of an image is still what is on disk.

use std::path::Path;
use std::time::SystemTime;

use super::open::Project;
use super::record::{ImageRecord, Status};
use crate::error::Result;

/// What marks a file's content: when it was written, and how long it is. `None` where there is
/// no file.
type FileStamp = Option<(SystemTime, u64)>;

/// Marks what an image's pixels, labels and prediction were read from: while a part is equal,
/// reading it again gives the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamps {
    /// Of the image's file.
    pub image: ImageStamp,
    /// Of the label map in force and its history.
    pub labels: LabelStamp,
    /// Of the prediction and its confidence.
    pub prediction: PredictionStamp,
}

/// Marks an image's pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageStamp(FileStamp);

/// Marks a label map in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelStamp {
    version: i64,
    labelled: bool,
    file: FileStamp,
    /// An image that nobody touched follows it.
    prediction: FileStamp,
}

/// Marks what a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictionStamp {
    labels: FileStamp,
    confidence: FileStamp,
}

impl Project {
    /// The marks of an image's content as it is now. Nothing is decoded.
    ///
    /// # Errors
    /// [`Error::Index`](crate::Error::Index) when the index can't be asked.
    pub fn stamps(&self, image: &ImageRecord) -> Result<Stamps> {
        let state = self.label_state(image.id)?;
        let prediction = stamp(&self.layout.prediction(&state.path));
        Ok(Stamps {
            image: ImageStamp(stamp(&self.image_path(image))),
            labels: LabelStamp {
                version: state.version,
                labelled: state.status != Status::Unlabelled,
                file: stamp(&self.layout.label(&state.path)),
                prediction,
            },
            prediction: PredictionStamp {
                labels: prediction,
                confidence: stamp(&self.layout.confidence(&state.path)),
            },
        })
    }
}

fn stamp(path: &Path) -> FileStamp {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
