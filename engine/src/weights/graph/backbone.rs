//! What the backbones have in common: inverted residual blocks and their strides and rates.

use super::layer::{Activation, Conv, What};
use super::mismatch::{Result, mismatch};
use super::naming::Naming;
use super::{mobilenet_edgetpu, mobilenet_v2};
use crate::network::{Block, Config, Filter, MobilenetPlan};

/// What is known of a backbone once it has been found.
#[derive(Debug)]
pub(super) struct Backbone {
    /// The tensor it gives.
    pub(super) features: usize,
    /// What the flags of the network are as far as the backbone shows; the others are defaults.
    pub(super) config: Config,
}

/// Names the backbone's constants, walking from the tensor `image`.
pub(super) fn read(layers: &mut Naming, image: usize) -> Result<Backbone> {
    let (conv, output) = layers
        .conv_after(image, |conv| {
            !conv.depthwise && conv.size == [3, 3] && conv.stride == 2
        })
        .ok_or_else(|| mismatch("a 3x3 convolution of stride 2 first", "none"))?;
    let depthwise_next = layers.conv_after(output, |conv| conv.depthwise).is_some();
    if depthwise_next {
        mobilenet_v2::read(layers, conv, output)
    } else {
        mobilenet_edgetpu::read(layers, conv, output)
    }
}

/// How a block widens its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expansion {
    /// Not at all: it is not wider inside than outside.
    None,
    Pointwise,
    /// With a full 3x3 kernel, in place of the depthwise convolution.
    Fused,
}

/// What an inverted residual block is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BlockShape {
    expansion: Expansion,
    /// Side of the depthwise kernel, if there is one.
    depthwise: Option<usize>,
    activation: Activation,
    /// The stride on paper; dropped where the output stride has been reached.
    stride: usize,
    /// Whether the input is added where stride and channels allow it.
    residual: bool,
}

impl BlockShape {
    /// Of the network's own block, which takes `inputs` channels.
    fn of(block: &Block, inputs: usize, activation: Activation) -> Self {
        Self {
            expansion: match block.filter {
                _ if block.inner == inputs => Expansion::None,
                Filter::Depthwise => Expansion::Pointwise,
                Filter::Fused => Expansion::Fused,
            },
            depthwise: (block.filter == Filter::Depthwise).then_some(block.kernel),
            activation,
            stride: block.stride,
            residual: block.residual,
        }
    }
}

/// Follows blocks, their strides and their rates from the first convolution on.
///
/// Where a stride is dropped, the blocks after it run at a larger rate.
#[derive(Debug)]
pub(super) struct Walk {
    scope: &'static str,
    /// The tensor that the next block takes.
    pub(super) current: usize,
    /// How many channels each convolution between blocks has, from the first on.
    pub(super) channels: Vec<usize>,
    /// Image size over feature map size.
    pub(super) stride: usize,
    rate: usize,
}

impl Walk {
    /// Names the first convolution.
    pub(super) fn start(
        layers: &mut Naming,
        conv: &Conv,
        output: usize,
        scope: &'static str,
    ) -> Result<Self> {
        layers.name(conv, &format!("{scope}/Conv"))?;
        Ok(Self {
            scope,
            current: output,
            channels: vec![conv.outputs],
            stride: conv.stride,
            rate: 1,
        })
    }

    /// Names the constants of all blocks of `plan`, which is at full width; `activation` follows
    /// their convolutions.
    pub(super) fn blocks(
        &mut self,
        layers: &mut Naming,
        plan: &MobilenetPlan,
        activation: Activation,
    ) -> Result<()> {
        let mut inputs = plan.first;
        for (index, block) in plan.blocks.iter().enumerate() {
            self.block(layers, BlockShape::of(block, inputs, activation), index)?;
            inputs = block.outputs;
        }
        Ok(())
    }

    /// How wide the last of the blocks of `plan`, which is at full width, has turned out.
    pub(super) fn width_of_last_block(&self, plan: &MobilenetPlan) -> f64 {
        let full = plan.blocks.last().map_or(1, |block| block.outputs);
        let found = self.channels.last().copied().unwrap_or_default();
        found as f64 / full as f64
    }

    /// Names the constants of the next block, `index` of them in.
    fn block(&mut self, layers: &mut Naming, shape: BlockShape, index: usize) -> Result<()> {
        let scope = match index {
            0 => format!("{}/expanded_conv", self.scope),
            _ => format!("{}/expanded_conv_{index}", self.scope),
        };
        let input = self.current;
        let mut inner = input;
        let mut conv_of = |layers: &mut Naming, leaf: &str, wanted: &dyn Fn(&Conv) -> bool| {
            let (conv, output) = layers
                .conv_after(inner, wanted)
                .ok_or_else(|| mismatch(format!("the {leaf} convolution of {scope}"), "none"))?;
            layers.name(&conv, &format!("{scope}/{leaf}"))?;
            inner = output;
            Ok(conv)
        };
        let mut spatial = None;
        let activation = shape.activation;
        match shape.expansion {
            Expansion::None => {}
            Expansion::Pointwise => {
                conv_of(layers, "expand", &|conv| conv.is_pointwise(activation))?;
            }
            Expansion::Fused => {
                let wanted = |conv: &Conv| conv.is_full(3, activation);
                spatial = Some(conv_of(layers, "expand", &wanted)?);
            }
        }
        if let Some(side) = shape.depthwise {
            let wanted = |conv: &Conv| conv.is_depthwise(side, activation);
            spatial = Some(conv_of(layers, "depthwise", &wanted)?);
        }
        let linear = |conv: &Conv| conv.is_pointwise(Activation::None);
        let project = conv_of(layers, "project", &linear)?;
        let stride = spatial.map_or(Ok(1), |conv| self.step(shape.stride, &conv, &scope))?;
        let same = self.channels.last() == Some(&project.outputs);
        self.current = inner;
        if shape.residual && stride == 1 && same {
            self.current = sum(layers, input, inner)
                .ok_or_else(|| mismatch(format!("the input of {scope} added to it"), "no sum"))?;
        }
        self.channels.push(project.outputs);
        Ok(())
    }

    /// Goes over one stride on paper; answers with the real one.
    fn step(&mut self, on_paper: usize, conv: &Conv, scope: &str) -> Result<usize> {
        if conv.rate != self.rate || (conv.stride != on_paper && conv.stride != 1) {
            return Err(mismatch(
                format!("stride {on_paper} or 1 and rate {} in {scope}", self.rate),
                format!("stride {} and rate {}", conv.stride, conv.rate),
            ));
        }
        self.stride *= conv.stride;
        self.rate *= on_paper / conv.stride;
        Ok(conv.stride)
    }
}

/// The sum of two tensors, if a layer adds them.
fn sum(layers: &Naming, one: usize, other: usize) -> Option<usize> {
    let mut takers = layers.takers(other);
    takers
        .find(|layer| layer.what == What::Add && layer.inputs.contains(&one))
        .map(|layer| layer.output)
}
