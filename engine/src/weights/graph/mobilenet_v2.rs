//! Finding MobileNetV2 in a graph.

use super::backbone::{Backbone, Walk};
use super::layer::{Activation, Conv};
use super::mismatch::Result;
use super::naming::Naming;
use crate::network::{Config, mobilenet_v2_plan};

/// The block whose channels show the rounding.
const SHOWS_ROUNDING: usize = 1;

/// Names the backbone's constants, from its first convolution and what that gives.
pub(super) fn read(layers: &mut Naming, first: Conv, output: usize) -> Result<Backbone> {
    let plan = mobilenet_v2_plan(&Config::default());
    let mut walk = Walk::start(layers, &first, output, plan.scope)?;
    walk.blocks(layers, &plan, Activation::Relu6)?;
    let depth_multiplier = walk.width_of_last_block(&plan);
    // Without rounding to multiples of 8 this width would be a multiple only by chance.
    let channels = plan.blocks[SHOWS_ROUNDING].outputs;
    let unrounded = (channels as f64 * depth_multiplier).round() as usize;
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
