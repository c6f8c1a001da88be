//! A 3x3 convolution of the head or the decoder, in either of its two forms.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Activation, Chain, Conv, ConvSpec, Ending, Norm};
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::geometry::Padding;
use crate::network::initializer::Initializer;

/// A full 3x3 convolution, or a depthwise 3x3 one followed by a pointwise 1x1 one; batch norm and
/// activation after each.
#[derive(Module, Debug)]
pub(crate) struct Conv3x3 {
    /// Only in the separable form.
    depthwise: Option<Conv>,
    /// 1x1 in the separable form, else 3x3.
    mixing: Conv,
}

impl Conv3x3 {
    /// One convolution as it comes.
    pub(crate) fn single(conv: Conv) -> Self {
        Self {
            depthwise: None,
            mixing: conv,
        }
    }

    /// One full convolution under `scope`.
    pub(crate) fn full(
        scope: &str,
        [inputs, outputs]: [usize; 2],
        activation: Activation,
        builder: &mut Builder,
    ) -> Self {
        let spec = ConvSpec {
            kernel: 3,
            ..head_1x1(inputs, outputs, activation)
        };
        Self::single(spec.build(scope, builder))
    }

    /// Two convolutions, under `<scope>_depthwise` and `<scope>_pointwise`.
    pub(crate) fn separable(
        scope: &str,
        [inputs, outputs]: [usize; 2],
        activation: Activation,
        builder: &mut Builder,
    ) -> Self {
        let depthwise = ConvSpec {
            kernel: 3,
            depthwise: true,
            initializer: Initializer::TruncatedNormal(0.33),
            ..head_1x1(inputs, inputs, activation)
        };
        let pointwise = ConvSpec {
            initializer: Initializer::TruncatedNormal(0.06),
            ..head_1x1(inputs, outputs, activation)
        };
        Self {
            depthwise: Some(depthwise.build(&format!("{scope}_depthwise"), builder)),
            mixing: pointwise.build(&format!("{scope}_pointwise"), builder),
        }
    }

    /// `[n, inputs, h, w]` to `[n, outputs, h, w]`, with pixels `rate` apart under the 3x3 kernel.
    pub(crate) fn forward(
        &self,
        features: Tensor<4>,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        match &self.depthwise {
            None => self.mixing.forward(features, 1, rate, mode),
            Some(depthwise) => {
                let chain = Chain {
                    expand: None,
                    depthwise,
                    project: Some(&self.mixing),
                    residual: false,
                };
                chain.forward(features, 1, rate, mode)
            }
        }
    }

    /// As [`Conv3x3::forward`], with pixels `rates` apart by rows and by columns.
    pub(crate) fn forward_at_rates(
        &self,
        features: Tensor<4>,
        rates: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        match &self.depthwise {
            None => self.mixing.forward_at_rates(features, rates, mode),
            Some(depthwise) => {
                let features = depthwise.forward_at_rates(features, rates, mode);
                self.mixing.forward_plain(features, mode)
            }
        }
    }
}

/// A 1x1 convolution of the head or the decoder, with batch norm.
pub(crate) fn head_1x1(inputs: usize, outputs: usize, activation: Activation) -> ConvSpec {
    ConvSpec {
        kernel: 1,
        inputs,
        outputs,
        depthwise: false,
        padding: Padding::Same,
        ending: Ending::BatchNorm(Norm::HEAD),
        activation,
        initializer: Initializer::GlorotUniform,
    }
}
