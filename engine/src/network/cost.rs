//! What a network costs: multiply-adds for an image, and the numbers that it holds.

use std::cell::Cell;

use burn::tensor::{Device, Tensor};

use super::{DeepLab, TrainingMode};

/// What a network costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Multiply-adds of the convolutions over all channels, for one image.
    pub full: u64,
    /// Multiply-adds of the depthwise convolutions, for one image.
    pub depthwise: u64,
    /// Numbers in all variables.
    pub parameters: u64,
    /// Numbers in those that training follows the gradient of: all but moving statistics.
    pub trainable: u64,
}

impl Cost {
    /// Multiply-adds of all convolutions, for one image.
    pub fn multiply_adds(&self) -> u64 {
        self.full + self.depthwise
    }
}

/// Multiply-adds counted so far; [`TrainingMode::tally`] has a forward pass count instead of
/// compute.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    full: Cell<u64>,
    depthwise: Cell<u64>,
}

impl Tally {
    /// Counts a convolution whose kernel holds `values` numbers and stands at `places` pixels: each
    /// number is used once at each.
    pub(super) fn add(&self, values: usize, places: usize, depthwise: bool) {
        let count = if depthwise {
            &self.depthwise
        } else {
            &self.full
        };
        count.set(count.get() + values as u64 * places as u64);
    }
}

impl DeepLab {
    /// What the network costs for an image of `height` by `width` pixels, counted as TensorFlow
    /// runs it: a convolution at a rate is one on rate x rate smaller maps, all padded to the same
    /// size. Batch norm, activations and resizing don't count.
    ///
    /// A forward pass of no images is what counts, so nothing is computed.
    pub fn cost(&self, [height, width]: [usize; 2]) -> Cost {
        let tally = Tally::default();
        let mode = TrainingMode {
            tally: Some(&tally),
            ..TrainingMode::default()
        };
        let no_images = Tensor::zeros([0, 3, height, width], &Device::flex());
        self.forward_training(no_images, &mode);
        let variables = self.variables().iter();
        let sizes = variables.map(|variable| {
            let values = variable.shape.iter().product::<usize>() as u64;
            (values, variable.kind.is_trainable())
        });
        let sizes: Vec<_> = sizes.collect();
        let trainable = sizes.iter().filter(|(_, trainable)| *trainable);
        Cost {
            full: tally.full.get(),
            depthwise: tally.depthwise.get(),
            parameters: sizes.iter().map(|(values, _)| values).sum(),
            trainable: trainable.map(|(values, _)| values).sum(),
        }
    }
}
