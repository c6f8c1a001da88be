//! Squeeze and excitation (Hu et al., 2018): the whole map decides how much each channel counts.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::cpu::Map;
use crate::network::layers::{Activation, Conv, ConvSpec, Ending};

/// MobileNetV3's form: two 1x1 convolutions with biases and without batch norm.
#[derive(Module, Debug)]
pub(crate) struct SqueezeExcite {
    squeeze: Conv,
    excite: Conv,
}

impl SqueezeExcite {
    /// Under `<scope>/Conv` and `<scope>/Conv_1`. `squeeze` tells the channels of the map, those
    /// between the two convolutions, and the kernels' initialiser; `gate` makes the factors.
    pub(super) fn build(
        scope: &str,
        squeeze: ConvSpec,
        gate: Activation,
        builder: &mut Builder,
    ) -> Self {
        let squeeze = ConvSpec {
            ending: Ending::Biases,
            ..squeeze
        };
        let excite = ConvSpec {
            inputs: squeeze.outputs,
            outputs: squeeze.inputs,
            activation: gate,
            ..squeeze
        };
        Self {
            squeeze: squeeze.build(&format!("{scope}/Conv"), builder),
            excite: excite.build(&format!("{scope}/Conv_1"), builder),
        }
    }

    /// `[n, channels, h, w]`, each channel times a factor from 0 to 1.
    pub(super) fn forward(&self, features: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        if mode.tally.is_none() && self.squeeze.runs_on_cpu(&features) {
            let mut map = Map::of(features);
            let factors = self.factors(map.means().into_tensor(), mode);
            map.multiply(&Map::of(factors));
            return map.into_tensor();
        }
        let pooled = features.clone().mean_dims(&[2, 3]);
        features * self.factors(pooled, mode)
    }

    /// What each channel counts, from its mean over the map.
    fn factors(&self, pooled: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        let squeezed = self.squeeze.forward_plain(pooled, mode);
        self.excite.forward_plain(squeezed, mode)
    }
}
