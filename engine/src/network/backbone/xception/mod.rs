//! Xception as DeepLab v3+ made it longer (Chollet, "Xception", 2017; Chen et al., 2018):
//! separable convolutions everywhere, with strides instead of pooling.

mod module;
mod plan;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::Features;
use crate::network::builder::Builder;
use crate::network::geometry::{AtrousWalk, Padding};
use crate::network::initializer::Initializer;
use crate::network::layers::{Activation, Conv, ConvSpec, Ending, Norm};
use crate::network::preprocess::to_unit_range;
use crate::network::{Config, TrainingMode};
use module::XceptionModule;
pub(crate) use plan::{MULTI_GRID, Plan, XCEPTION_41, XCEPTION_65, XCEPTION_71};

/// The stride at which the decoder finds features.
pub(crate) const END_POINT_STRIDES: [usize; 1] = [4];

/// Channels of the features at that stride.
const END_POINT_CHANNELS: usize = 256;

/// Stride of the first convolution, which no output stride takes away.
const ROOT_STRIDE: usize = 2;

/// Xception 41, 65 or 71 at any output stride.
#[derive(Module, Debug)]
pub(crate) struct Xception {
    conv1_1: Conv,
    conv1_2: Conv,
    modules: Vec<XceptionModule>,
    /// The module with the features for the decoder.
    end_point: usize,
}

impl Xception {
    pub(crate) fn build(plan: &Plan, config: &Config, builder: &mut Builder) -> Self {
        let scope = plan.name;
        let activation = if config.use_bounded_activation {
            Activation::Relu6
        } else {
            Activation::Relu
        };
        let mut root = |name: &str, inputs, outputs| {
            let spec = ConvSpec {
                kernel: 3,
                padding: Padding::Explicit,
                ..conv(inputs, outputs, activation)
            };
            spec.build(&format!("{scope}/entry_flow/{name}"), builder)
        };
        let conv1_1 = root("conv1_1", 3, 32);
        let conv1_2 = root("conv1_2", 32, 64);
        let mut inputs = 64;
        let modules = plan.modules(config).into_iter().map(|spec| {
            let module = spec.build(inputs, builder);
            inputs = module.channels();
            module
        });
        Self {
            conv1_1,
            conv1_2,
            modules: modules.collect(),
            end_point: plan.end_point,
        }
    }

    pub(crate) fn channels(&self) -> usize {
        self.modules.last().map_or(0, XceptionModule::channels)
    }

    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        if END_POINT_STRIDES.contains(&stride) {
            END_POINT_CHANNELS
        } else {
            0
        }
    }

    /// The features of `images`, whose 0 to 255 become -1 to 1.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        let normalised = to_unit_range(images);
        let root = self.conv1_1.forward(normalised, ROOT_STRIDE, 1, mode);
        let mut features = self.conv1_2.forward_plain(root, mode);
        let mut walk = AtrousWalk::new(config.output_stride / ROOT_STRIDE);
        let mut end_points = BTreeMap::new();
        for (index, module) in self.modules.iter().enumerate() {
            let (stride, rate) = walk.step(module.stride());
            let begun = module.begin(features.clone(), rate, mode);
            if index == self.end_point && !config.decoder_output_stride.is_empty() {
                end_points.insert(END_POINT_STRIDES[0], begun.clone());
            }
            features = module.finish(begun, features, [stride, rate], mode);
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
        padding: Padding::Same,
        ending: Ending::BatchNorm(Norm::XCEPTION),
        activation,
        initializer: Initializer::TruncatedNormal(0.09),
    }
}
