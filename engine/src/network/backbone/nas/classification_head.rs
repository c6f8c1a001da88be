//! What a searched backbone had for classification: the way down to a stride of 32, and a wide
//! last convolution.

use burn::module::Module;
use burn::tensor::Tensor;

use super::plan::Plan;
use super::{build, spec};
use crate::network::TrainingMode;
use crate::network::builder::Builder;
use crate::network::geometry::AtrousWalk;
use crate::network::layers::{Activation, Conv};

/// Channels of the convolutions on the way down, by the stride that they lead to.
const WAY_DOWN: [(usize, usize); 2] = [(16, 512), (32, 1024)];

/// 3x3 convolutions down to a stride of 32, or at rates once the output stride is reached, and a
/// 1x1 convolution; relu after each.
#[derive(Module, Debug)]
pub(super) struct ClassificationHead {
    downsample: Vec<Conv>,
    widen: Conv,
    /// Of the features that come in.
    stride: usize,
}

impl ClassificationHead {
    /// Channels that come out.
    pub(super) const CHANNELS: usize = 2048;

    /// The head over the `inputs` channels of the last cell.
    pub(super) fn build(plan: &Plan, inputs: usize, builder: &mut Builder) -> Self {
        let stride = plan.last_stride();
        let mut channels = inputs;
        let mut conv = |kernel, outputs, name: &str, channels: usize| {
            let spec = spec(kernel, channels, outputs, Activation::Relu);
            let names = [format!("{name}_conv"), format!("{name}_bn")];
            let names = names.each_ref().map(String::as_str);
            build(&spec, plan.scope, names, builder)
        };
        let mut downsample = Vec::new();
        for (target, outputs) in WAY_DOWN {
            if target > stride {
                let name = format!("downsample_os{target}");
                downsample.push(conv(3, outputs, &name, channels));
                channels = outputs;
            }
        }
        Self {
            downsample,
            widen: conv(1, Self::CHANNELS, "classification_head", channels),
            stride,
        }
    }

    /// `features` at the stride of the last cell to `[n, 2048, h', w']` at `output_stride`.
    pub(super) fn forward(
        &self,
        mut features: Tensor<4>,
        output_stride: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let mut walk = AtrousWalk::new(output_stride / self.stride).with_early_rates(true);
        for conv in &self.downsample {
            let (stride, rate) = walk.step(2);
            features = conv.forward(features, stride, rate, mode);
        }
        self.widen.forward_plain(features, mode)
    }
}
