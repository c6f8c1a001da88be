//! The report as one JSON object.

use std::path::Path;

use serde::Serialize;

use super::ScoreReport;
use crate::atomic_file::write_bytes;
use crate::error::Result;
use crate::metrics::Interval;

/// The report's keys. `null` stands for "no evidence".
#[derive(Serialize)]
struct Document<'a> {
    title: &'a str,
    palette: &'a str,
    miou: Option<f64>,
    /// 95 %, over the images.
    miou_interval: Option<Interval>,
    pixel_accuracy: Option<f64>,
    images: usize,
    scored_pixels: u64,
    void_pixels: u64,
    classes: Vec<ClassEntry<'a>>,
    /// Rows are the truth, columns the prediction, both by class index.
    confusion_matrix: Vec<Vec<u64>>,
    worst_images: Vec<ImageEntry<'a>>,
    failed: Vec<FailureEntry<'a>>,
}

#[derive(Serialize)]
struct ClassEntry<'a> {
    index: usize,
    name: &'a str,
    iou: Option<f64>,
    truth_pixels: u64,
    predicted_pixels: u64,
    /// Pixels of the class that were predicted as void or as the ignored class.
    unpredicted_pixels: u64,
}

#[derive(Serialize)]
struct ImageEntry<'a> {
    name: &'a str,
    miou: Option<f64>,
    pixel_accuracy: Option<f64>,
}

#[derive(Serialize)]
struct FailureEntry<'a> {
    path: String,
    reason: &'a str,
}

impl ScoreReport {
    /// The report as one line of JSON, its keys as `atrous evaluate --json` documents them.
    pub fn to_json(&self) -> String {
        let matrix = &self.matrix;
        let classes = 0..self.palette.len();
        let document = Document {
            title: &self.title,
            palette: &self.palette.name,
            miou: matrix.miou(),
            miou_interval: self.interval,
            pixel_accuracy: matrix.pixel_accuracy(),
            images: self.images.len(),
            scored_pixels: matrix.scored_pixels(),
            void_pixels: matrix.void_pixels(),
            classes: self
                .palette
                .classes
                .iter()
                .enumerate()
                .map(|(index, class)| ClassEntry {
                    index,
                    name: &class.name,
                    iou: matrix.iou(index),
                    truth_pixels: matrix.truth_pixels(index),
                    predicted_pixels: matrix.predicted_pixels(index),
                    unpredicted_pixels: matrix.unpredicted(index),
                })
                .collect(),
            confusion_matrix: classes
                .clone()
                .map(|truth| {
                    classes
                        .clone()
                        .map(|class| matrix.count(truth, class))
                        .collect()
                })
                .collect(),
            worst_images: self
                .worst_images(20)
                .into_iter()
                .map(|image| ImageEntry {
                    name: &image.name,
                    miou: image.miou,
                    pixel_accuracy: image.pixel_accuracy,
                })
                .collect(),
            failed: self
                .failed
                .iter()
                .map(|failure| FailureEntry {
                    path: failure.path.display().to_string(),
                    reason: &failure.reason,
                })
                .collect(),
        };
        serde_json::json!(document).to_string()
    }

    /// Writes [`ScoreReport::to_json`] to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        write_bytes(path, format!("{}\n", self.to_json()).as_bytes())
    }
}
