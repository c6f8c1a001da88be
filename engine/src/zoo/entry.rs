//! One published checkpoint, in the publishers' own figures.

use serde::{Deserialize, Serialize};

use crate::network::Config;

/// What images a checkpoint was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// Its short name; for those with classes also the palette's.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// Classes of the networks trained on it.
    pub classes: usize,
    /// Under which terms its images may be used, in short.
    pub terms: String,
    /// Where the terms stand.
    pub address: String,
}

/// A score as published, and how it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Image pixels a feature pixel.
    pub output_stride: usize,
    /// Scales that were averaged.
    pub scales: Vec<f64>,
    /// Whether the mirror image was averaged too.
    pub flip: bool,
    /// Mean intersection over union, in percent.
    pub miou: Option<f64>,
    /// The part of the data set that it was measured on: "val" or "test".
    pub split: Option<String>,
    /// Pixels labelled right, in percent.
    pub pixel_accuracy: Option<f64>,
    /// Multiply-adds of one image, in billions.
    pub multiply_adds_billions: Option<f64>,
    /// Seconds for one image on the publishers' CPU.
    pub seconds: Option<f64>,
    /// Milliseconds for one image on a simulated Pixel 4 EdgeTPU.
    pub pixel4_edgetpu_ms: Option<f64>,
}

/// One published checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The published name.
    pub name: String,
    /// The data set's key.
    pub data_set: String,
    /// What it was trained on, in order.
    pub trained_on: Vec<String>,
    /// The archive's file name at the publishers'.
    pub archive: String,
    /// The archive's published size in megabytes (millions of bytes, rounded).
    pub megabytes: Option<f64>,
    /// What else there is to know.
    #[serde(default)]
    pub note: String,
    /// The flags of research/deeplab that it was made with, at the output stride of the first
    /// evaluation.
    pub network: Config,
    /// Published scores, the cheapest first.
    #[serde(default, rename = "evaluation")]
    pub evaluations: Vec<Evaluation>,
}

impl Entry {
    /// Whether it is a start for training only: its head has no classes.
    pub fn is_backbone_only(&self) -> bool {
        self.evaluations.is_empty()
    }

    /// The best published mIoU, in percent.
    pub fn best_miou(&self) -> Option<f64> {
        self.evaluations
            .iter()
            .filter_map(|evaluation| evaluation.miou)
            .max_by(f64::total_cmp)
    }

    /// The backbone for people ([`Config::backbone`]).
    pub fn backbone(&self) -> String {
        self.network.backbone()
    }

    /// The head for people ([`Config::head`]).
    pub fn head(&self) -> String {
        self.network.head()
    }

    /// Bytes that the archive has at most; published sizes are rounded.
    pub(super) fn archive_limit(&self) -> u64 {
        const UNKNOWN: f64 = 2000.0;
        let published = self.megabytes.unwrap_or(UNKNOWN);
        // A tenth for rounding and for counting in 1024s, and some more for the small ones.
        (published * 1.1e6) as u64 + (16 << 20)
    }
}
