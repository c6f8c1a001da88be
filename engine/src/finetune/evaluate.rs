//! Scores on held-out images.

use atrous_palettes::Palette;
use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::data::{TrainingData, load_checked};
use super::options::FinetuneOptions;
use crate::error::Result;
use crate::metrics::{ConfusionMatrix, Tally, bootstrap_miou};
use crate::network::{Config, DeepLab};
use crate::predict::{PredictOptions, Predictor, Prepared};

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
    options: &FinetuneOptions,
    mut between: impl FnMut(usize) -> Result<()>,
) -> Result<Evaluation> {
    let side = options.input_size.unwrap_or(options.crop);
    let recipe = PredictOptions::default();
    let predictor = Predictor::with_network(network, side, recipe, &network.device())?;
    let mut confusion = ConfusionMatrix::for_palette(palette);
    let mut tallies = Vec::with_capacity(data.len());
    for index in 0..data.len() {
        between(index)?;
        let labelled = load_checked(data, index, palette)?;
        let prepared = prepare(&labelled.image, options.input_size, network.config());
        let passes = predictor.run(&prepared)?;
        let predicted = predictor.finish(&prepared, &passes)?.labels;
        let mut one = ConfusionMatrix::for_palette(palette);
        one.add(&labelled.labels, &predicted)?;
        confusion.merge(&one)?;
        tallies.push(one.tally());
    }
    let score = Score {
        miou: confusion.miou(),
        interval: bootstrap_miou(&tallies, options.seed)
            .map(|interval| [interval.low, interval.high]),
        pixel_accuracy: confusion.pixel_accuracy(),
        iou: (0..palette.len())
            .map(|class| confusion.iou(class))
            .collect(),
        images: tallies.len(),
    };
    Ok(Evaluation { score, tallies })
}

/// An image as it is scored: fitted into `side`, as for a prediction; or at its own size, padded
/// right and below to a multiple of the output stride plus 1, as research/deeplab's `eval.py`.
fn prepare(image: &RgbImage, side: Option<usize>, config: &Config) -> Prepared {
    let mean_pixel = config.mean_pixel();
    if let Some(side) = side {
        return Prepared::fitted(image, side, mean_pixel);
    }
    let fitting = |side: u32| {
        let stride = config.output_stride;
        (side as usize - 1).div_ceil(stride) * stride + 1
    };
    let (width, height) = image.dimensions();
    Prepared::padded(image, [fitting(height), fitting(width)], mean_pixel)
}
