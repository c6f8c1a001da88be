//! Finding MobileNetV2 in a graph.

use super::graph::Activation;
use super::layers::{Conv, Layers, Result, What, mismatch};

/// Strides of the 17 blocks on paper (Sandler et al., 2018, table 2); the last are dropped for a
/// smaller output stride.
const STRIDES: [i32; 17] = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];

/// Channels of the last block, and of the one whose channels show the rounding, at full width.
const LAST_CHANNELS: usize = 320;
const SECOND_CHANNELS: usize = 24;

/// What is known of a backbone once it has been found.
#[derive(Debug)]
pub(super) struct Backbone {
    /// The tensor it gives.
    pub(super) features: i32,
    pub(super) output_stride: usize,
    pub(super) depth_multiplier: f64,
    pub(super) divisible_by: Option<usize>,
}

/// Names the backbone's constants, walking from the tensor `image`.
pub(super) fn read(layers: &mut Layers, image: i32) -> Result<Backbone> {
    let first = |conv: &Conv| !conv.depthwise && conv.size == [3, 3] && conv.stride == 2;
    let Some((conv, mut current)) = layers.conv_after(image, first) else {
        return Err(mismatch("a 3x3 convolution of stride 2 first", "none"));
    };
    layers.name(&conv, "MobilenetV2/Conv")?;
    let mut walk = Walk {
        stride: conv.stride,
        rate: 1,
    };
    let mut channels = Vec::new();
    for (index, stride) in STRIDES.into_iter().enumerate() {
        let block = block(layers, current, index)?;
        walk.step(stride, &block.depthwise, index)?;
        channels.push(block.channels);
        current = block.output;
    }
    let last = channels.last().copied().unwrap_or_default();
    let depth_multiplier = last as f64 / LAST_CHANNELS as f64;
    // Without rounding to multiples of 8 the second width would be a multiple only by chance.
    let unrounded = (SECOND_CHANNELS as f64 * depth_multiplier).round() as usize;
    let all_multiples = channels.iter().all(|channels| channels.is_multiple_of(8));
    Ok(Backbone {
        features: current,
        output_stride: usize::try_from(walk.stride).unwrap_or_default(),
        depth_multiplier,
        divisible_by: (all_multiples && !unrounded.is_multiple_of(8)).then_some(8),
    })
}

struct Block {
    depthwise: Conv,
    channels: usize,
    output: i32,
}

/// Names the constants of the inverted residual block that takes `input`.
fn block(layers: &mut Layers, input: i32, index: usize) -> Result<Block> {
    let scope = match index {
        0 => "MobilenetV2/expanded_conv".to_owned(),
        _ => format!("MobilenetV2/expanded_conv_{index}"),
    };
    let missing = |what: &str| mismatch(format!("{what} of {scope}"), "none");
    let mut inner = input;
    // The first block is not wider inside than outside, so it has nothing to expand.
    if index > 0 {
        let (expand, output) = layers
            .conv_after(input, |conv| conv.is_pointwise(Activation::Relu6))
            .ok_or_else(|| missing("the expansion"))?;
        layers.name(&expand, &format!("{scope}/expand"))?;
        inner = output;
    }
    let (depthwise, inner) = layers
        .conv_after(inner, |conv| {
            conv.depthwise && conv.size == [3, 3] && conv.activation == Activation::Relu6
        })
        .ok_or_else(|| missing("the depthwise convolution"))?;
    layers.name(&depthwise, &format!("{scope}/depthwise"))?;
    let (project, output) = layers
        .conv_after(inner, |conv| conv.is_pointwise(Activation::None))
        .ok_or_else(|| missing("the projection"))?;
    layers.name(&project, &format!("{scope}/project"))?;
    let added = layers
        .takers(output)
        .find(|layer| layer.what == What::Add && layer.inputs.contains(&input));
    Ok(Block {
        depthwise,
        channels: project.outputs,
        output: added.map_or(output, |added| added.output),
    })
}

/// Follows strides and rates: where a stride is dropped, the units after it run at a larger rate.
struct Walk {
    stride: i32,
    rate: i32,
}

impl Walk {
    fn step(&mut self, on_paper: i32, conv: &Conv, index: usize) -> Result<()> {
        if conv.rate != self.rate || (conv.stride != on_paper && conv.stride != 1) {
            return Err(mismatch(
                format!(
                    "stride {on_paper} or 1 and rate {} in block {index}",
                    self.rate
                ),
                format!("stride {} and rate {}", conv.stride, conv.rate),
            ));
        }
        self.stride *= conv.stride;
        self.rate *= on_paper / conv.stride;
        Ok(())
    }
}
