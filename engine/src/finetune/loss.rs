//! Softmax cross entropy a pixel, and its gradient, in one pass over the pixels.
//!
//! The logits of a batch are small (one vector of classes for every 4 to 16 pixels each way), the
//! upsampled logits are huge. So the logits are read back, and each row of the label map is
//! interpolated, turned into its loss and its gradient, and the gradient folded back onto the
//! logits, without ever holding the upsampled tensor. The network then only needs the product rule:
//! the derivative of `sum(logits * gradient)`, with the gradient held constant, is the gradient itself.

use burn::tensor::{Tensor, TensorData};

use super::field::Field;
use super::mining;
use crate::error::{Error, Result};
use crate::network::resize::Sampling;
use crate::predict::resize::nearest_align_corners;

/// Settings of the loss; the field names are research/deeplab's flags.
#[derive(Debug, Clone, PartialEq)]
pub struct LossOptions {
    /// Upsample the logits to the label map (bilinear), or else the label map down to the logits (nearest).
    pub upsample_logits: bool,
    /// How they are upsampled: as the network's predictions are.
    pub sampling: Sampling,
    /// Weight of each class; one weight for all; or none for 1.
    pub label_weights: Vec<f32>,
    /// The part of the pixels, those with the largest losses, that count; 1 for all.
    pub top_k_percent_pixels: f32,
    /// Steps over which that part falls from 1 to `top_k_percent_pixels`; 0 for at once.
    pub hard_example_mining_step: u64,
}

impl Default for LossOptions {
    fn default() -> Self {
        Self {
            upsample_logits: true,
            sampling: Sampling::AlignedCorners,
            label_weights: Vec::new(),
            top_k_percent_pixels: 1.0,
            hard_example_mining_step: 0,
        }
    }
}

impl LossOptions {
    /// The weight of a label's pixel: 0 for void and for whatever is no class.
    fn weight(&self, label: u8, classes: usize) -> f32 {
        if usize::from(label) >= classes {
            return 0.0;
        }
        match self.label_weights.as_slice() {
            [] => 1.0,
            [all] => *all,
            each => each.get(usize::from(label)).copied().unwrap_or(1.0),
        }
    }
}

/// The label maps of a batch: `count` maps of `height` x `width`, row-major, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Class indices; void (255) and anything that is no class is left out of the loss.
    pub values: &'a [u8],
    /// Rows of each map.
    pub height: usize,
    /// Columns of each map.
    pub width: usize,
}

/// A loss and what carries its gradient.
#[derive(Debug)]
pub struct Loss {
    /// The cross entropy, without regularisation.
    pub cross_entropy: f64,
    /// `sum(logits * gradient)`: call `backward` on this. Its own value means nothing.
    pub surrogate: Tensor<1>,
}

/// The loss of `logits` [n, classes, h, w] against `labels` at training step `step` (for mining).
///
/// As `train_utils.add_softmax_cross_entropy_loss_for_each_scale`: the weighted sum over the pixels
/// divided by the number of pixels that are not void; with mining, the sum over the hardest pixels
/// divided by how many of those have a loss.
///
/// # Errors
/// [`Error::Argument`] when the labels don't fit the batch; [`Error::Machine`] when the logits
/// can't be read from the device.
pub fn cross_entropy(
    logits: Tensor<4>,
    labels: &Labels<'_>,
    options: &LossOptions,
    step: u64,
) -> Result<Loss> {
    let logits = logits.permute([0, 2, 3, 1]);
    let shape = logits.dims();
    let values = logits
        .clone()
        .without_autodiff()
        .try_into_vec_as::<f32>()
        .map_err(|error| {
            let advice = "Try a smaller batch or crop, or train on the CPU.";
            Error::machine("reading the logits", error.to_string(), advice)
        })?;
    let (cross_entropy, gradient) = gradient(&values, shape, labels, options, step)?;
    let gradient = Tensor::<4>::from_data(TensorData::new(gradient, shape), &logits.device());
    Ok(Loss {
        cross_entropy,
        surrogate: (logits * gradient).sum(),
    })
}

/// The loss, and its gradient with respect to `logits`; both [n, h, w, classes], row-major.
fn gradient(
    logits: &[f32],
    shape: [usize; 4],
    labels: &Labels<'_>,
    options: &LossOptions,
    step: u64,
) -> Result<(f64, Vec<f32>)> {
    let [count, height, width, classes] = shape;
    if labels.values.len() != count * labels.height * labels.width {
        return Err(Error::argument(
            "labels",
            format!("{count} maps of {} x {}", labels.width, labels.height),
            format!("{} pixels", labels.values.len()),
        ));
    }
    let small;
    let labels = if options.upsample_logits {
        labels
    } else {
        small = downsample(labels, height, width);
        &Labels {
            values: &small,
            height,
            width,
        }
    };
    let field = Field::new(
        logits,
        [height, width, classes],
        [labels.height, labels.width],
        options.sampling,
    );
    let mut parts: Vec<f32> = labels
        .values
        .iter()
        .map(|label| options.weight(*label, classes))
        .collect();
    if options.top_k_percent_pixels < 1.0 {
        let mut losses = field.losses(labels.values);
        losses
            .iter_mut()
            .zip(&parts)
            .for_each(|(loss, weight)| *loss *= weight);
        mining::keep_hardest(&mut parts, &losses, mining::share(options, step));
    } else {
        let valid = labels
            .values
            .iter()
            .filter(|label| usize::from(**label) < classes)
            .count();
        let share = if valid == 0 { 0.0 } else { 1.0 / valid as f32 };
        parts.iter_mut().for_each(|part| *part *= share);
    }
    Ok(field.gradient(labels.values, &parts))
}

/// Label maps at the size of the logits, by nearest with `align_corners`.
fn downsample(labels: &Labels<'_>, height: usize, width: usize) -> Vec<u8> {
    let from = [labels.height, labels.width];
    labels
        .values
        .chunks_exact(labels.height * labels.width)
        .flat_map(|map| nearest_align_corners(map, from, [height, width]))
        .collect()
}
