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

    /// The backbone for people: "MobileNetV2 0.5", "Xception 65".
    pub fn backbone(&self) -> String {
        let name = match self.network.model_variant.as_str() {
            "mobilenet_v2" => "MobileNetV2",
            "mobilenet_v3_large_seg" => "MobileNetV3 large",
            "mobilenet_v3_small_seg" => "MobileNetV3 small",
            "mobilenet_edgetpu" => "MobileNet EdgeTPU",
            "xception_41" => "Xception 41",
            "xception_65" => "Xception 65",
            "xception_71" => "Xception 71",
            "resnet_v1_50_beta" => "ResNet-v1 50 beta",
            "resnet_v1_101_beta" => "ResNet-v1 101 beta",
            other => other,
        };
        match self.network.depth_multiplier {
            1.0 => name.to_owned(),
            multiplier => format!("{name} {multiplier}"),
        }
    }

    /// What turns features into classes, for people: "image pooling", "ASPP 6, 12, 18, decoder 4".
    pub fn head(&self) -> String {
        let network = &self.network;
        let joined = |numbers: &[usize]| {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            numbers.join(", ")
        };
        let mut parts = Vec::new();
        if !network.dense_prediction_cell_json.is_empty() {
            parts.push("dense prediction cell".to_owned());
        } else if network.atrous_rates.is_empty() {
            parts.push("image pooling".to_owned());
        } else {
            parts.push(format!("ASPP {}", joined(&network.atrous_rates)));
        }
        if !network.decoder_output_stride.is_empty() {
            parts.push(format!(
                "decoder {}",
                joined(&network.decoder_output_stride)
            ));
        }
        parts.join(", ")
    }

    /// Bytes that the archive has at most; published sizes are rounded.
    pub(super) fn archive_limit(&self) -> u64 {
        const UNKNOWN: f64 = 2000.0;
        let published = self.megabytes.unwrap_or(UNKNOWN);
        // A tenth for rounding and for counting in 1024s, and some more for the small ones.
        (published * 1.1e6) as u64 + (16 << 20)
    }
}
