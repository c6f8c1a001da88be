//! Convolutions that follow each other: a depthwise one and the 1x1 ones around it.

use burn::tensor::Tensor;

use super::on_cpu::Packed;
use super::{Activation, Conv};
use crate::network::TrainingMode;
use crate::network::cpu::{self, Full, Map};

/// A depthwise convolution, perhaps with a 1x1 convolution before it and one behind it.
///
/// The same as one after the other; on the CPU, in a folded network, what lies between them is
/// never written to memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain<'a> {
    pub expand: Option<&'a Conv>,
    pub depthwise: &'a Conv,
    pub project: Option<&'a Conv>,
    /// Whether the features are added to what comes out of `project`.
    pub residual: bool,
}

impl Chain<'_> {
    /// `[n, inputs, h, w]` to `[n, outputs, h', w']`, with the depthwise convolution's stride and
    /// rate.
    pub(crate) fn forward(
        &self,
        features: Tensor<4>,
        stride: usize,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let [_, _, height, width] = features.dims();
        let window = self.depthwise.window([height, width], stride, rate);
        if mode.tally.is_none()
            && let Some(chain) = self.packed(&features)
            && let Some(size) = window.outputs([height, width])
        {
            let map = chain.run(&Map::of(features), &window, size);
            return self.last().activated(map);
        }
        let input = self.residual.then(|| features.clone());
        let wide = match self.expand {
            Some(expand) => expand.forward_plain(features, mode),
            None => features,
        };
        let filtered = self.depthwise.forward(wide, stride, rate, mode);
        let projected = match self.project {
            Some(project) => project.forward_plain(filtered, mode),
            None => filtered,
        };
        match input {
            Some(input) => projected + input,
            None => projected,
        }
    }

    /// The convolution that ends the chain.
    fn last(&self) -> &Conv {
        self.project.unwrap_or(self.depthwise)
    }

    /// The chain for our kernels, where they can do all of it.
    fn packed(&self, features: &Tensor<4>) -> Option<cpu::Chain<'_>> {
        let inside = self
            .expand
            .into_iter()
            .chain(self.project.map(|_| self.depthwise));
        let mut finishes = inside.map(|conv| conv.activation.on_cpu());
        let linear = self.last().activation == Activation::Linear;
        if finishes.any(|finish| finish.is_none()) || (self.residual && !linear) {
            return None;
        }
        let Some(Packed::Depthwise(depthwise)) = self.depthwise.packed(features) else {
            return None;
        };
        let expand = match self.expand {
            Some(conv) => Some(full(conv, features)?),
            None => None,
        };
        let project = match self.project {
            Some(conv) => Some(full(conv, features)?),
            None => None,
        };
        Some(cpu::Chain {
            expand,
            depthwise,
            project,
            residual: self.residual,
        })
    }
}

/// The packed weights of a 1x1 convolution; none where it is left to burn.
fn full<'a>(conv: &'a Conv, features: &Tensor<4>) -> Option<&'a Full> {
    match conv.packed(features) {
        Some(Packed::Full(full)) => Some(full),
        _ => None,
    }
}
