//! Finding MobileNet-EdgeTPU in a graph (`MobilenetEdgeTPU` of research/slim, mobilenet_v3.py).

use super::backbone::{Backbone, BlockShape, Expansion, Walk};
use super::layer::{Activation, Conv};
use super::mismatch::{Result, mismatch};
use super::naming::Naming;
use crate::network::Config;

/// Strides of the 22 blocks on paper; the last are dropped for a smaller output stride.
const STRIDES: [usize; 22] = [
    1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1,
];

/// The first block with a depthwise convolution; those before it, but for the first, are fused.
const FIRST_DEPTHWISE: usize = 9;
/// From here on, depthwise kernels are 5x5, but for the last block's.
const FIRST_WIDE: usize = 17;
const LAST: usize = 21;
/// The block that never adds its input.
const WITHOUT_RESIDUAL: usize = 13;

/// Channels of the last block and of the convolution after it, at full width.
const LAST_CHANNELS: usize = 192;
const FINAL_CHANNELS: usize = 1280;

/// Names the backbone's constants, from its first convolution and what that gives.
pub(super) fn read(layers: &mut Naming, first: Conv, output: usize) -> Result<Backbone> {
    let mut walk = Walk::start(layers, &first, output, "MobilenetEdgeTPU")?;
    for (index, stride) in STRIDES.into_iter().enumerate() {
        walk.block(layers, shape(index, stride), index)?;
    }
    let (last, features) = layers
        .conv_after(walk.current, |conv| conv.is_pointwise(Activation::Relu))
        .ok_or_else(|| mismatch("a last 1x1 convolution (Conv_1)", "none"))?;
    layers.name(&last, "MobilenetEdgeTPU/Conv_1")?;
    let channels = walk.channels.last().copied().unwrap_or_default();
    let depth_multiplier = channels as f64 / LAST_CHANNELS as f64;
    Ok(Backbone {
        features,
        config: Config {
            model_variant: "mobilenet_edgetpu".into(),
            output_stride: walk.stride,
            depth_multiplier,
            finegrain_classification_mode: depth_multiplier < 1.0 && last.outputs == FINAL_CHANNELS,
            ..Config::default()
        },
    })
}

fn shape(index: usize, stride: usize) -> BlockShape {
    BlockShape {
        expansion: match index {
            0 => Expansion::None,
            1..FIRST_DEPTHWISE => Expansion::Fused,
            _ => Expansion::Pointwise,
        },
        depthwise: match index {
            ..FIRST_DEPTHWISE => None,
            FIRST_WIDE..LAST => Some(5),
            _ => Some(3),
        },
        activation: Activation::Relu,
        stride,
        residual: index != WITHOUT_RESIDUAL,
    }
}
