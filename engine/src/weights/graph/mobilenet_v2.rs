//! Finding MobileNetV2 in a graph.

use super::backbone::{Backbone, BlockShape, Expansion, Walk};
use super::layer::{Activation, Conv};
use super::mismatch::Result;
use super::naming::Naming;
use crate::network::Config;

/// Strides of the 17 blocks on paper (Sandler et al., 2018, table 2); the last are dropped for a
/// smaller output stride.
const STRIDES: [usize; 17] = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];

/// Channels of the last block, and of the one whose channels show the rounding, at full width.
const LAST_CHANNELS: usize = 320;
const SECOND_CHANNELS: usize = 24;

/// Names the backbone's constants, from its first convolution and what that gives.
pub(super) fn read(layers: &mut Naming, first: Conv, output: usize) -> Result<Backbone> {
    let mut walk = Walk::start(layers, &first, output, "MobilenetV2")?;
    for (index, stride) in STRIDES.into_iter().enumerate() {
        let shape = BlockShape {
            expansion: match index {
                0 => Expansion::None,
                _ => Expansion::Pointwise,
            },
            depthwise: Some(3),
            activation: Activation::Relu6,
            stride,
            residual: true,
        };
        walk.block(layers, shape, index)?;
    }
    let last = walk.channels.last().copied().unwrap_or_default();
    let depth_multiplier = last as f64 / LAST_CHANNELS as f64;
    // Without rounding to multiples of 8 the second width would be a multiple only by chance.
    let unrounded = (SECOND_CHANNELS as f64 * depth_multiplier).round() as usize;
    let mut blocks = walk.channels.iter().skip(1);
    let all_multiples = blocks.all(|channels| channels.is_multiple_of(8));
    Ok(Backbone {
        features: walk.current,
        config: Config {
            model_variant: "mobilenet_v2".into(),
            output_stride: walk.stride,
            depth_multiplier,
            divisible_by: (all_multiples && !unrounded.is_multiple_of(8)).then_some(8),
            ..Config::default()
        },
    })
}
