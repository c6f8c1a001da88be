//! Finding MobileNet-EdgeTPU in a graph (`MobilenetEdgeTPU` of research/slim, mobilenet_v3.py).

use super::backbone::{Backbone, Walk};
use super::layer::{Activation, Conv};
use super::mismatch::{Result, mismatch};
use super::naming::Naming;
use crate::network::{Config, mobilenet_edgetpu_plan};

/// Names the backbone's constants, from its first convolution and what that gives.
pub(super) fn read(layers: &mut Naming, first: Conv, output: usize) -> Result<Backbone> {
    let plan = mobilenet_edgetpu_plan(&Config::default());
    let mut walk = Walk::start(layers, &first, output, plan.scope)?;
    walk.blocks(layers, &plan, Activation::Relu)?;
    let (last, features) = layers
        .conv_after(walk.current, |conv| conv.is_pointwise(Activation::Relu))
        .ok_or_else(|| mismatch("a last 1x1 convolution (Conv_1)", "none"))?;
    layers.name(&last, &format!("{}/Conv_1", plan.scope))?;
    let depth_multiplier = walk.width_of_last_block(&plan);
    let is_full = plan.last == Some(last.outputs);
    Ok(Backbone {
        features,
        config: Config {
            model_variant: "mobilenet_edgetpu".into(),
            output_stride: walk.stride,
            depth_multiplier,
            finegrain_classification_mode: depth_multiplier < 1.0 && is_full,
            ..Config::default()
        },
    })
}
