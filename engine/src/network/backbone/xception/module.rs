//! One module of an Xception: three separable convolutions and a way around them.

use burn::module::Module;
use burn::tensor::Tensor;

use super::conv;
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::geometry::Padding;
use crate::network::layers::{Activation, Conv, ConvSpec};

/// What is added to the three convolutions' output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    /// The input through a 1x1 convolution of the module's stride.
    Conv,
    /// The input.
    Sum,
    /// Nothing.
    None,
}

/// What a module is to be.
#[derive(Debug)]
pub(super) struct ModuleSpec {
    pub scope: String,
    /// Channels out of each separable convolution.
    pub depths: [usize; 3],
    /// On paper; the output stride may turn it into a rate.
    pub stride: usize,
    pub skip: Skip,
    /// relu after each half of the separable convolutions, instead of once before both.
    pub relu_inside: bool,
    /// `use_bounded_activation`: no feature leaves -6 to 6.
    pub bounded: bool,
    /// Factors on the rates of the three convolutions.
    pub unit_rates: [usize; 3],
}

/// Three separable convolutions, the last of them strided, and what is added to them.
#[derive(Module, Debug)]
pub(super) struct XceptionModule {
    separable_conv1: SeparableConv,
    separable_conv2: SeparableConv,
    separable_conv3: SeparableConv,
    shortcut: Option<Conv>,
    #[module(skip)]
    skip: Skip,
    /// Of the sum.
    #[module(skip)]
    activation: Activation,
    outputs: usize,
    stride: usize,
    unit_rates: [usize; 3],
}

impl ModuleSpec {
    /// Makes the module over features of `inputs` channels.
    pub(super) fn build(&self, inputs: usize, builder: &mut Builder) -> XceptionModule {
        let [first, second, third] = self.depths;
        let mut separable = |index: usize, inputs, outputs| {
            let scope = format!("{}/separable_conv{index}", self.scope);
            SeparableConv::build(&scope, [inputs, outputs], self, builder)
        };
        let separable_conv1 = separable(1, inputs, first);
        let separable_conv2 = separable(2, first, second);
        let separable_conv3 = separable(3, second, third);
        let shortcut = (self.skip == Skip::Conv).then(|| {
            let spec = conv(inputs, third, self.unless_bounded(Activation::Clip6));
            spec.build(&format!("{}/shortcut", self.scope), builder)
        });
        XceptionModule {
            separable_conv1,
            separable_conv2,
            separable_conv3,
            shortcut,
            skip: self.skip,
            activation: self.unless_bounded(Activation::Relu6),
            outputs: third,
            stride: self.stride,
            unit_rates: self.unit_rates,
        }
    }

    /// Nothing, or `bounded` in a bounded network.
    fn unless_bounded(&self, bounded: Activation) -> Activation {
        if self.bounded {
            bounded
        } else {
            Activation::Linear
        }
    }
}

impl XceptionModule {
    pub(super) fn channels(&self) -> usize {
        self.outputs
    }

    /// On paper.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// The features after the first two convolutions: what the decoder takes.
    pub(super) fn begin(&self, input: Tensor<4>, rate: usize, mode: &TrainingMode) -> Tensor<4> {
        let [first, second, _] = self.unit_rates.map(|factor| factor * rate);
        let features = self.separable_conv1.forward(input, [1, first], mode);
        self.separable_conv2.forward(features, [1, second], mode)
    }

    /// What the third convolution makes of `begun`, and the way around from `input`.
    pub(super) fn finish(
        &self,
        begun: Tensor<4>,
        input: Tensor<4>,
        [stride, rate]: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let rate = self.unit_rates[2] * rate;
        let residual = self.separable_conv3.forward(begun, [stride, rate], mode);
        let beside = match (self.skip, &self.shortcut) {
            (Skip::None, _) => return residual,
            (_, Some(shortcut)) => shortcut.forward(input, stride, 1, mode),
            (_, None) => input,
        };
        self.activation.apply(residual + beside)
    }
}

/// A depthwise 3x3 convolution and a pointwise 1x1 one, batch norm after each.
#[derive(Module, Debug)]
struct SeparableConv {
    #[module(skip)]
    before: Activation,
    depthwise: Conv,
    pointwise: Conv,
}

impl SeparableConv {
    fn build(
        scope: &str,
        [inputs, outputs]: [usize; 2],
        module: &ModuleSpec,
        builder: &mut Builder,
    ) -> Self {
        let relu = if module.bounded {
            Activation::Relu6
        } else {
            Activation::Relu
        };
        let (before, inside) = if module.relu_inside {
            (Activation::Linear, relu)
        } else {
            (relu, module.unless_bounded(Activation::Clip6))
        };
        let depthwise = ConvSpec {
            kernel: 3,
            depthwise: true,
            padding: if module.bounded {
                Padding::Same
            } else {
                Padding::Explicit
            },
            ..conv(inputs, inputs, inside)
        };
        let pointwise = conv(inputs, outputs, inside);
        Self {
            before,
            depthwise: depthwise.build(&format!("{scope}_depthwise"), builder),
            pointwise: pointwise.build(&format!("{scope}_pointwise"), builder),
        }
    }

    fn forward(
        &self,
        features: Tensor<4>,
        [stride, rate]: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let features = self.before.apply(features);
        let features = self.depthwise.forward(features, stride, rate, mode);
        self.pointwise.forward_plain(features, mode)
    }
}
