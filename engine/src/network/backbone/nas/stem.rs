//! The convolutions before the first cell.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::{build, spec};
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::layers::{Activation, Conv};
use crate::network::preprocess::to_unit_range;

/// Channels of the three convolutions.
const CHANNELS: [usize; 3] = [64, 64, 128];

/// Three 3x3 convolutions, the first and the last with stride 2.
#[derive(Module, Debug)]
pub(super) struct Stem {
    conv0: Conv,
    conv1: Conv,
    conv2: Conv,
}

impl Stem {
    pub(super) fn build(scope: &str, builder: &mut Builder) -> Self {
        let [first, second, third] = CHANNELS;
        let mut conv = |index: usize, inputs, outputs, activation| {
            let names = [format!("conv{index}"), format!("conv{index}_bn")];
            let names = names.each_ref().map(String::as_str);
            build(&spec(3, inputs, outputs, activation), scope, names, builder)
        };
        Self {
            conv0: conv(0, 3, first, Activation::Relu),
            conv1: conv(1, first, second, Activation::Linear),
            conv2: conv(2, second, third, Activation::Linear),
        }
    }

    /// Channels of what [`Stem::forward`] gives.
    pub(super) fn channels(&self) -> [usize; 2] {
        [CHANNELS[1], CHANNELS[2]]
    }

    /// What the second and the third convolution, not activated, make of `images` from 0 to 255:
    /// features at strides of 2 and 4.
    pub(super) fn forward(&self, images: Tensor<4>, mode: &TrainingMode) -> [Tensor<4>; 2] {
        let features = self.conv0.forward(to_unit_range(images), 2, 1, mode);
        let second = self.conv1.forward_plain(features, mode);
        let activated = activation::relu(second.clone());
        [second, self.conv2.forward(activated, 2, 1, mode)]
    }
}
