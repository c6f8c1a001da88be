//! The networks below the head, which turn an image into features.

mod mobilenet_v2;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::builder::Builder;
use super::{Config, TrainingMode};
use mobilenet_v2::MobilenetV2;

/// What a backbone sees in an image.
#[derive(Debug)]
pub(crate) struct Features {
    /// The last features, at the output stride.
    pub last: Tensor<4>,
    /// Earlier features for the decoder, by their stride.
    pub end_points: BTreeMap<usize, Tensor<4>>,
}

/// One of the backbones.
#[derive(Module, Debug)]
pub(crate) enum Backbone {
    MobilenetV2(MobilenetV2),
}

impl Backbone {
    /// The backbone of `config`, which has been validated.
    pub(crate) fn build(config: &Config, builder: &mut Builder) -> Self {
        Self::MobilenetV2(MobilenetV2::build(config, builder))
    }

    /// Channels of the last features.
    pub(crate) fn channels(&self) -> usize {
        match self {
            Self::MobilenetV2(network) => network.channels(),
        }
    }

    /// Channels of the features that the decoder takes at `stride`.
    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        match self {
            Self::MobilenetV2(network) => network.end_point_channels(stride),
        }
    }

    /// The features of `images`, `[n, 3, h, w]` with values from 0 to 255.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        match self {
            Self::MobilenetV2(network) => network.forward(images, config, mode),
        }
    }
}
