//! Scores on held-out images.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::augment::Frame;
use super::data::{TrainingData, load_checked};
use super::field::Field;
use crate::error::{Error, Result};
use crate::metrics::{ConfusionMatrix, Tally, bootstrap_miou};
use crate::network::DeepLab;
use atrous_palettes::Palette;

/// How well a network labels some images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mean IoU over the classes with evidence, 0 to 1; none without any pixel to score.
    pub miou: Option<f64>,
    /// 95 % bootstrap interval of `miou` over the images; none for fewer than two.
    pub interval: Option<[f64; 2]>,
    /// The part of the pixels that is right, 0 to 1.
    pub pixel_accuracy: Option<f64>,
    /// IoU of each class; none is "no evidence": neither in the labels nor in the predictions.
    pub iou: Vec<Option<f64>>,
    /// Images that were scored.
    pub images: usize,
}

/// A score, and what is needed to compare it with another on the same images.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub score: Score,
    pub tallies: Vec<Tally>,
}

/// Scores `network`, which is not in training, on all of `data`; `between` is called before each image.
///
/// # Errors
/// Those of loading and of the device, and those of `between`.
pub(super) fn evaluate(
    network: &DeepLab,
    data: &dyn TrainingData,
    palette: &Palette,
    seed: u64,
    mut between: impl FnMut(usize) -> Result<()>,
) -> Result<Evaluation> {
    let mut confusion = ConfusionMatrix::for_palette(palette);
    let mut tallies = Vec::with_capacity(data.len());
    for index in 0..data.len() {
        between(index)?;
        let labelled = load_checked(data, index, palette)?;
        let predicted = labels_of(network, &Frame::from(&labelled))?;
        let mut one = ConfusionMatrix::for_palette(palette);
        one.add(&labelled.labels, &predicted)?;
        confusion.merge(&one)?;
        tallies.push(one.tally());
    }
    let score = Score {
        miou: confusion.miou(),
        interval: bootstrap_miou(&tallies, seed).map(|interval| [interval.low, interval.high]),
        pixel_accuracy: confusion.pixel_accuracy(),
        iou: (0..palette.len())
            .map(|class| confusion.iou(class))
            .collect(),
        images: tallies.len(),
    };
    Ok(Evaluation { score, tallies })
}

/// The label map of a frame at its own size: as research/deeplab's `eval.py`, the frame is padded
/// right and below with the mean pixel, to a multiple of the output stride plus 1.
fn labels_of(network: &DeepLab, frame: &Frame) -> Result<Vec<u8>> {
    let stride = network.config().output_stride;
    let fitting = |side: usize| (side - 1).div_ceil(stride) * stride + 1;
    let (height, width) = (fitting(frame.height), fitting(frame.width));
    let padded = frame.window([0, 0], [height, width], network.config().mean_pixel());
    let images = TensorData::new(padded.planes(), [1, 3, height, width]);
    let images = Tensor::from_data(images, &network.device());
    let logits = network.forward(images).permute([0, 2, 3, 1]);
    let [_, h, w, classes] = logits.dims();
    let values = logits.try_into_vec_as::<f32>().map_err(|error| {
        let advice = "Score smaller images, or on the CPU.";
        Error::machine("reading the logits", error.to_string(), advice)
    })?;
    let labels = Field::new(&values, [h, w, classes], [height, width]).argmax();
    let rows = labels.chunks_exact(width).take(frame.height);
    Ok(rows.flat_map(|row| &row[..frame.width]).copied().collect())
}
