//! One operation of a cell.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::plan::{CELLS, Operation, Place, Step};
use super::{build, resized, spec};
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::geometry::{Padding, scale_dimension};
use crate::network::layers::{Activation, Chain, Conv, ConvSpec, Ending, Scopes, max_pool};
use crate::network::variable::Kind;

/// Side of the pooling window.
const POOL: usize = 3;

/// The rate of an atrous convolution where it has no stride.
const ATROUS_RATE: usize = 2;

/// An operation with its weights.
#[derive(Module, Debug)]
pub(super) struct CellOperation {
    #[module(skip)]
    operation: Operation,
    /// The state that it reads.
    input: usize,
    stride: usize,
    separable: Vec<SeparableConv>,
    /// Of an atrous convolution, or of a skip with a stride.
    conv: Option<Conv>,
    /// How far down the backbone the cell lies, from 0 to 1 at its end.
    depth: f64,
    #[module(skip)]
    scope: String,
}

impl CellOperation {
    /// The operation of a cell at `place`, its variables in `scope`.
    pub(super) fn build(
        (operation, input): Step,
        place: Place,
        scope: &str,
        builder: &mut Builder,
    ) -> Self {
        let filters = place.filters;
        // Sums have the cell's own resolution already.
        let stride = if input < 2 { place.stride } else { 1 };
        let separable = match operation {
            Operation::Separable(kernel) => (1..=2)
                .map(|index| SeparableConv::build(kernel, filters, index, scope, builder))
                .collect(),
            _ => Vec::new(),
        };
        let mut conv = |kernel, names| {
            let spec = spec(kernel, filters, filters, Activation::Linear);
            build(&spec, scope, names, builder)
        };
        let conv = match operation {
            Operation::Atrous(kernel) => {
                let names = [
                    format!("atrous_{kernel}x{kernel}"),
                    format!("bn_atr_{kernel}x{kernel}"),
                ];
                Some(conv(kernel, names.each_ref().map(String::as_str)))
            }
            Operation::Skip if stride > 1 => Some(conv(1, ["1x1", "bn_1"])),
            _ => None,
        };
        Self {
            operation,
            input,
            stride,
            separable,
            conv,
            depth: (place.index + 1) as f64 / CELLS as f64,
            scope: scope.to_owned(),
        }
    }

    /// What the operation makes of one of the cell's `states`.
    pub(super) fn forward(&self, states: &[Tensor<4>], mode: &TrainingMode) -> Tensor<4> {
        let features = states[self.input].clone();
        let made = match (self.operation, &self.conv) {
            (Operation::Separable(_), _) => {
                let mut stride = self.stride;
                self.separable.iter().fold(features, |features, conv| {
                    conv.forward(features, std::mem::replace(&mut stride, 1), mode)
                })
            }
            (Operation::Atrous(_), Some(conv)) => self.atrous(conv, features, mode),
            (Operation::MaxPool, _) => max_pool(features, POOL, self.stride, Padding::Same),
            (_, Some(conv)) => {
                return conv.forward(activation::relu(features), self.stride, 1, mode);
            }
            (_, None) => return features,
        };
        mode.drop_paths(made, self.depth, &self.scope)
    }

    /// With a stride the features are made smaller first, and no pixels are left out.
    fn atrous(&self, conv: &Conv, features: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        let features = activation::relu(features);
        if self.stride == 1 {
            return conv.forward(features, 1, ATROUS_RATE, mode);
        }
        let [_, _, height, width] = features.dims();
        let half = [height, width].map(|side| scale_dimension(side, 0.5));
        conv.forward_plain(resized(features, half), mode)
    }
}

/// relu, a depthwise convolution and a 1x1 one with nothing in between, batch norm.
#[derive(Module, Debug)]
struct SeparableConv {
    depthwise: Conv,
    pointwise: Conv,
}

impl SeparableConv {
    /// The `index`th of the separable convolutions in `scope`.
    fn build(
        kernel: usize,
        filters: usize,
        index: usize,
        scope: &str,
        builder: &mut Builder,
    ) -> Self {
        let conv = format!("{scope}/separable_{kernel}x{kernel}_{index}");
        let norm = format!("{scope}/bn_sep_{kernel}x{kernel}_{index}");
        let scopes = |kernel| Scopes {
            conv: &conv,
            norm: &norm,
            kernel,
        };
        let depthwise = ConvSpec {
            depthwise: true,
            ending: Ending::Nothing,
            ..spec(kernel, filters, filters, Activation::Linear)
        };
        let pointwise = spec(1, filters, filters, Activation::Linear);
        Self {
            depthwise: depthwise.build_in(scopes(Kind::DepthwiseWeights), builder),
            pointwise: pointwise.build_in(scopes(Kind::PointwiseWeights), builder),
        }
    }

    fn forward(&self, features: Tensor<4>, stride: usize, mode: &TrainingMode) -> Tensor<4> {
        let chain = Chain {
            expand: None,
            depthwise: &self.depthwise,
            project: Some(&self.pointwise),
            residual: false,
        };
        chain.forward(activation::relu(features), stride, 1, mode)
    }
}
