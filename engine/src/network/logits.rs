//! The last convolutions: a score for each class.

use burn::module::Module;
use burn::tensor::Tensor;

use super::builder::Builder;
use super::initializer::Initializer;
use super::layers::{Activation, Conv, ConvSpec, Ending, head_1x1};
use super::{Config, TrainingMode};

/// One convolution; or the sum of several at different rates, which is all the head that DeepLab
/// v1 (LargeFOV: one rate) and v2 have (Chen et al., 2014 and 2016); or none, where the decoder's
/// output is the logits.
#[derive(Module, Debug)]
pub(crate) struct Logits {
    branches: Vec<Conv>,
}

impl Logits {
    /// Over features of `inputs` channels: `logits/semantic`, `logits/semantic_1` and so on.
    pub(super) fn build(config: &Config, inputs: usize, builder: &mut Builder) -> Self {
        let spec = ConvSpec {
            kernel: config.logits_kernel_size,
            ending: Ending::Biases,
            initializer: Initializer::TruncatedNormal(0.01),
            ..head_1x1(inputs, config.num_classes, Activation::Linear)
        };
        let count = if config.decoder_output_is_logits {
            0
        } else {
            rates(config).len()
        };
        let branches = (0..count).map(|index| match index {
            0 => spec.build("logits/semantic", builder),
            index => spec.build(&format!("logits/semantic_{index}"), builder),
        });
        Self {
            branches: branches.collect(),
        }
    }

    /// `[n, inputs, h, w]` to `[n, num_classes, h, w]`.
    pub(super) fn forward(
        &self,
        features: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let branches = self.branches.iter().zip(rates(config));
        let logits = branches.map(|(conv, &rate)| conv.forward(features.clone(), 1, rate, mode));
        logits.reduce(Tensor::add).unwrap_or(features)
    }
}

/// The rate of each convolution.
fn rates(config: &Config) -> &[usize] {
    if config.aspp_with_batch_norm || config.atrous_rates.is_empty() {
        &[1]
    } else {
        &config.atrous_rates
    }
}
