//! The report as one JSON object.

use std::path::Path;

use serde::Serialize;

use super::ScoreReport;
use crate::atomic_file::write_bytes;
use crate::error::Result;
use crate::metrics::{Interval, MeanQuality};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    panoptic: Option<PanopticEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boundary: Option<BoundaryEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<CalibrationEntry>,
    worst_images: Vec<ImageEntry<'a>>,
    failed: Vec<FailureEntry<'a>>,
}

/// Mean qualities over all classes, those whose instances are told apart, and the others.
#[derive(Serialize)]
struct PanopticEntry {
    all: Option<MeanQuality>,
    things: Option<MeanQuality>,
    stuff: Option<MeanQuality>,
    parsing_covering: Option<f64>,
}

#[derive(Serialize)]
struct BoundaryEntry {
    /// The part of the image's diagonal that boundaries are wide.
    ratio: f64,
    miou: Option<f64>,
}

#[derive(Serialize)]
struct CalibrationEntry {
    expected_error: Option<f64>,
    bins: Vec<BinEntry>,
}

#[derive(Serialize)]
struct BinEntry {
    pixels: u64,
    accuracy: Option<f64>,
    confidence: Option<f64>,
}

/// The segments of a class.
#[derive(Serialize)]
struct SegmentsEntry {
    is_thing: bool,
    pq: f64,
    sq: f64,
    rq: f64,
    true_positives: u64,
    false_negatives: u64,
    false_positives: u64,
    parsing_covering: Option<f64>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<SegmentsEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boundary_iou: Option<f64>,
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
                    segments: self.segments_entry(index),
                    boundary_iou: self.measured.boundary.as_ref().and_then(|b| b.iou(index)),
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
            panoptic: self.panoptic_entry(),
            boundary: self
                .measured
                .boundary
                .as_ref()
                .map(|boundary| BoundaryEntry {
                    ratio: boundary.ratio(),
                    miou: boundary.mean(),
                }),
            calibration: self.calibration_entry(),
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

    fn panoptic_entry(&self) -> Option<PanopticEntry> {
        let panoptic = self.measured.panoptic.as_ref()?;
        Some(PanopticEntry {
            all: panoptic.quality.mean(|_| true),
            things: panoptic.quality.mean(|class| panoptic.is_thing(class)),
            stuff: panoptic.quality.mean(|class| !panoptic.is_thing(class)),
            parsing_covering: panoptic.covering.mean(|_| true),
        })
    }

    /// `None` also for a class without evidence.
    fn segments_entry(&self, class: usize) -> Option<SegmentsEntry> {
        let panoptic = self.measured.panoptic.as_ref()?;
        let tally = panoptic.quality.class(class)?;
        Some(SegmentsEntry {
            is_thing: panoptic.is_thing(class),
            pq: tally.panoptic_quality(),
            sq: tally.segmentation_quality(),
            rq: tally.recognition_quality(),
            true_positives: tally.true_positives,
            false_negatives: tally.false_negatives,
            false_positives: tally.false_positives,
            parsing_covering: panoptic.covering.class(class).covering(),
        })
    }

    fn calibration_entry(&self) -> Option<CalibrationEntry> {
        let calibration = self.measured.calibration.as_ref()?;
        let bins = calibration.bins().iter().map(|bin| BinEntry {
            pixels: bin.pixels,
            accuracy: bin.accuracy(),
            confidence: bin.confidence(),
        });
        Some(CalibrationEntry {
            expected_error: calibration.expected_error(),
            bins: bins.collect(),
        })
    }

    /// Writes [`ScoreReport::to_json`] to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when the file can't be written.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        write_bytes(path, format!("{}\n", self.to_json()).as_bytes())
    }
}
