//! One unit of a ResNet: two or three convolutions and a way around them.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::conv;
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::geometry::Padding;
use crate::network::layers::{Activation, Conv, ConvSpec, max_pool};

/// How much wider than inside a bottleneck is outside.
const EXPANSION: usize = 4;

/// What a unit is to be.
#[derive(Debug)]
pub(super) struct UnitSpec {
    pub scope: String,
    /// 1x1, 3x3 and 1x1 convolution, the last one wider; else two 3x3 ones (`lite`).
    pub bottleneck: bool,
    /// Channels inside.
    pub depth: usize,
    /// On paper; the output stride may turn it into a rate.
    pub stride: usize,
    /// Factor on the rate.
    pub unit_rate: usize,
}

/// relu(input + residual), where the residual is what the convolutions make of the input.
#[derive(Module, Debug)]
pub(super) struct ResidualUnit {
    /// Where the channels differ.
    shortcut: Option<Conv>,
    conv1: Conv,
    conv2: Conv,
    /// Only in a bottleneck.
    conv3: Option<Conv>,
    outputs: usize,
    stride: usize,
    unit_rate: usize,
}

impl UnitSpec {
    /// Makes the unit over features of `inputs` channels.
    pub(super) fn build(&self, inputs: usize, builder: &mut Builder) -> ResidualUnit {
        let depth = self.depth;
        let outputs = if self.bottleneck {
            EXPANSION * depth
        } else {
            depth
        };
        let mut make =
            |name: &str, spec: ConvSpec| spec.build(&format!("{}/{name}", self.scope), builder);
        let conv3x3 = |inputs, activation| ConvSpec {
            kernel: 3,
            ..conv(inputs, depth, activation)
        };
        let shortcut = (inputs != outputs)
            .then(|| make("shortcut", conv(inputs, outputs, Activation::Linear)));
        let (conv1, conv2, conv3) = if self.bottleneck {
            (
                make("conv1", conv(inputs, depth, Activation::Relu)),
                make("conv2", conv3x3(depth, Activation::Relu)),
                Some(make("conv3", conv(depth, outputs, Activation::Linear))),
            )
        } else {
            (
                make("conv1", conv3x3(inputs, Activation::Relu)),
                make("conv2", conv3x3(depth, Activation::Linear)),
                None,
            )
        };
        ResidualUnit {
            shortcut,
            conv1,
            conv2,
            conv3,
            outputs,
            stride: self.stride,
            unit_rate: self.unit_rate,
        }
    }
}

impl ResidualUnit {
    pub(super) fn channels(&self) -> usize {
        self.outputs
    }

    /// On paper.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// What the convolutions make of `input`, not activated: also what the decoder takes.
    pub(super) fn residual(
        &self,
        input: Tensor<4>,
        [stride, rate]: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let rate = self.unit_rate * rate;
        match &self.conv3 {
            Some(conv3) => {
                let narrow = self.conv1.forward_plain(input, mode);
                let narrow = self.conv2.forward(narrow, stride, rate, mode);
                conv3.forward_plain(narrow, mode)
            }
            None => {
                let features = self.conv1.forward(input, 1, rate, mode);
                self.conv2.forward(features, stride, rate, mode)
            }
        }
    }

    /// `residual` and the way around from `input`.
    pub(super) fn sum(
        &self,
        residual: Tensor<4>,
        input: Tensor<4>,
        stride: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let beside = match &self.shortcut {
            Some(shortcut) => shortcut.forward(input, stride, 1, mode),
            None if stride > 1 => max_pool(input, 1, stride, Padding::Same),
            None => input,
        };
        activation::relu(residual + beside)
    }
}
