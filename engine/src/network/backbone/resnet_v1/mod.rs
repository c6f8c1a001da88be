//! ResNet v1 (He et al., "Deep Residual Learning for Image Recognition", 2016) as research/slim
//! arranges it: a block's stride is its last unit's. The beta variants begin with three 3x3
//! convolutions in place of the 7x7 one.

mod plan;
mod unit;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::Features;
use crate::network::builder::Builder;
use crate::network::geometry::{AtrousWalk, Padding};
use crate::network::initializer::Initializer;
use crate::network::layers::{Activation, Conv, ConvSpec, Ending, Norm, max_pool};
use crate::network::preprocess::{normalise, subtract_imagenet_mean};
use crate::network::{Config, Library, TrainingMode};
pub(crate) use plan::{Plan, RESNET_V1_18, RESNET_V1_50, RESNET_V1_101};
use unit::ResidualUnit;

/// The stride at which the decoder finds features.
pub(crate) const END_POINT_STRIDES: [usize; 1] = [4];

/// Stride of the first convolution and the pooling, which no output stride takes away.
const ROOT_STRIDE: usize = 4;

/// ResNet v1 of 18, 50 or 101 layers, beta or not, at any output stride.
#[derive(Module, Debug)]
pub(crate) struct ResnetV1 {
    /// The first is strided.
    root: Vec<Conv>,
    units: Vec<ResidualUnit>,
    /// The unit with the features for the decoder.
    end_point: usize,
    beta: bool,
}

impl ResnetV1 {
    pub(crate) fn build(plan: &Plan, config: &Config, builder: &mut Builder) -> Self {
        let mut channels = 3;
        let mut root = Vec::new();
        for (name, kernel, outputs) in plan.root() {
            let spec = ConvSpec {
                kernel,
                ..conv(channels, outputs, Activation::Relu)
            };
            root.push(spec.build(&format!("{}/{name}", plan.scope()), builder));
            channels = outputs;
        }
        let mut units = Vec::new();
        for spec in plan.units(config) {
            let unit = spec.build(channels, builder);
            channels = unit.channels();
            units.push(unit);
        }
        Self {
            root,
            units,
            end_point: plan.end_point(),
            beta: plan.is_beta(),
        }
    }

    pub(crate) fn channels(&self) -> usize {
        self.units.last().map_or(0, ResidualUnit::channels)
    }

    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        if END_POINT_STRIDES.contains(&stride) {
            self.units[self.end_point].channels()
        } else {
            0
        }
    }

    /// The features of `images`, whose values from 0 to 255 become -1 to 1 in the beta variants,
    /// and lose ImageNet's mean in the others.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        let mut features = if self.beta || config.library == Library::Torchvision {
            normalise(images, config)
        } else {
            subtract_imagenet_mean(images)
        };
        for (conv, stride) in self.root.iter().zip([2, 1, 1]) {
            features = conv.forward(features, stride, 1, mode);
        }
        features = max_pool(features, 3, 2, config.padding(Padding::Same));
        let mut walk = AtrousWalk::new(config.output_stride / ROOT_STRIDE);
        let mut end_points = BTreeMap::new();
        for (index, unit) in self.units.iter().enumerate() {
            let (stride, rate) = walk.step(unit.stride());
            let residual = unit.residual(features.clone(), [stride, rate], mode);
            if index == self.end_point && !config.decoder_output_stride.is_empty() {
                end_points.insert(END_POINT_STRIDES[0], residual.clone());
            }
            features = unit.sum(residual, features, stride, mode);
        }
        Features {
            last: features,
            end_points,
        }
    }
}

/// A 1x1 convolution of the backbone.
fn conv(inputs: usize, outputs: usize, activation: Activation) -> ConvSpec {
    ConvSpec {
        kernel: 1,
        inputs,
        outputs,
        depthwise: false,
        padding: Padding::Explicit,
        ending: Ending::BatchNorm(Norm::RESNET),
        activation,
        initializer: Initializer::HeNormal,
    }
}
