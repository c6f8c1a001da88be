//! What all MobileNets are: a convolution, inverted residuals, and perhaps one more convolution.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::Features;
use super::squeeze_excite::SqueezeExcite;
use crate::network::builder::Builder;
use crate::network::geometry::{AtrousWalk, Padding};
use crate::network::initializer::Initializer;
use crate::network::layers::{Activation, Chain, Conv, ConvSpec, Ending, Norm};
use crate::network::preprocess::normalise;
use crate::network::{Config, Library, TrainingMode};

/// What a MobileNet is to be; its convolutions are named `<scope>/Conv`, `<scope>/expanded_conv`,
/// `<scope>/expanded_conv_1`, ... and `<scope>/Conv_1`.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The network's scope.
    pub scope: &'static str,
    /// Channels of the first convolution, 3x3 with stride 2.
    pub first: usize,
    /// The inverted residuals.
    pub blocks: Vec<Block>,
    /// Channels of the last convolution, 1x1, where there is one.
    pub last: Option<usize>,
    /// Follows the first and the last convolution.
    pub activation: Activation,
    /// What surrounds the maps.
    pub padding: Padding,
    /// Makes the factors of squeeze and excitation.
    pub gate: Activation,
    /// Which block's depthwise features the decoder takes, by stride.
    pub end_points: &'static [(usize, usize)],
}

/// An inverted residual: widen, filter each channel by itself, narrow, add the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    /// How the channels are filtered.
    pub filter: Filter,
    /// Side of the filtering kernel.
    pub kernel: usize,
    /// On paper; the output stride may turn it into a rate.
    pub stride: usize,
    /// Channels between widening and narrowing; the input's own mean no widening.
    pub inner: usize,
    /// Channels out.
    pub outputs: usize,
    /// Follows widening and filtering; narrowing is linear.
    pub activation: Activation,
    /// Whether the inner channels are weighted by what the whole map shows.
    pub squeeze_excite: bool,
    /// Whether the input is added where its shape is the output's.
    pub residual: bool,
}

/// Where the kernel of a [`Block`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    /// A 1x1 convolution widens, a depthwise one filters.
    Depthwise,
    /// A full convolution does both; there is none if the block does not widen.
    Fused,
}

/// How wide the layers of a MobileNet are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Width {
    /// `depth_multiplier`
    pub multiplier: f64,
    /// Channels are multiples of this.
    pub divisor: usize,
    /// The least number of channels.
    pub min: usize,
}

impl Width {
    /// Of the networks after MobileNetV2, whose channels are multiples of 8 at any multiplier:
    /// research/deeplab does not hand `divisible_by` on to them.
    pub(super) fn in_eights(config: &Config) -> Self {
        Self {
            multiplier: config.depth_multiplier,
            divisor: 8,
            min: 8,
        }
    }

    /// Not narrower than at depth multiplier 1.
    pub(super) fn at_least_full(self) -> Self {
        Self {
            multiplier: self.multiplier.max(1.0),
            ..self
        }
    }

    /// Channels of a layer that has `channels` at depth multiplier 1.
    pub(super) fn channels(self, channels: usize) -> usize {
        make_divisible(channels as f64 * self.multiplier, self.divisor, self.min)
    }
}

/// The multiple of `divisor` nearest to `value`, at least `min`, at most a tenth below `value`.
pub(super) fn make_divisible(value: f64, divisor: usize, min: usize) -> usize {
    let nearest = (value + divisor as f64 / 2.0) as usize / divisor * divisor;
    let nearest = nearest.max(min);
    if (nearest as f64) < 0.9 * value {
        nearest + divisor
    } else {
        nearest
    }
}

/// A MobileNet at any width and output stride.
#[derive(Module, Debug)]
pub(crate) struct Mobilenet {
    conv: Conv,
    expanded_conv: Vec<ExpandedConv>,
    conv_1: Option<Conv>,
    channels: usize,
    #[module(skip)]
    end_points: &'static [(usize, usize)],
}

impl Mobilenet {
    pub(super) fn build(plan: &Plan, builder: &mut Builder) -> Self {
        let Plan { scope, first, .. } = *plan;
        let conv = ConvSpec {
            kernel: 3,
            padding: plan.padding,
            ..conv(3, first, plan.activation)
        };
        let conv = conv.build(&format!("{scope}/Conv"), builder);
        let mut channels = first;
        let mut expanded_conv = Vec::new();
        for (index, block) in plan.blocks.iter().enumerate() {
            let scope = match index {
                0 => format!("{scope}/expanded_conv"),
                index => format!("{scope}/expanded_conv_{index}"),
            };
            expanded_conv.push(ExpandedConv::build(plan, block, channels, &scope, builder));
            channels = block.outputs;
        }
        let conv_1 = plan.last.map(|last| {
            let inputs = std::mem::replace(&mut channels, last);
            self::conv(inputs, last, plan.activation).build(&format!("{scope}/Conv_1"), builder)
        });
        Self {
            conv,
            expanded_conv,
            conv_1,
            channels,
            end_points: plan.end_points,
        }
    }

    /// Channels of the last features.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Channels of the features that the decoder takes at `stride`; 0 where it can't.
    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        let block = self.end_point_block(stride);
        block.map_or(0, |block| self.expanded_conv[block].inner)
    }

    /// The features of `images`, `[n, 3, h, w]` with values from 0 to 255.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        let wanted: Vec<_> = config
            .decoder_output_stride
            .iter()
            .filter_map(|&stride| Some((self.end_point_block(stride)?, stride)))
            .collect();
        // torchvision's unit that loses its stride runs at the larger rate itself.
        let early = config.library == Library::Torchvision;
        let mut walk = AtrousWalk::new(config.output_stride).with_early_rates(early);
        let (stride, _) = walk.step(2);
        let mut features = self
            .conv
            .forward(normalise(images, config), stride, 1, mode);
        let mut end_points = BTreeMap::new();
        for (index, block) in self.expanded_conv.iter().enumerate() {
            let (stride, rate) = walk.step(block.stride);
            let Some((_, end_point)) = wanted.iter().find(|(block, _)| *block == index) else {
                features = block.forward(features, stride, rate, mode);
                continue;
            };
            let inner = block.inner(features.clone(), stride, rate, mode);
            end_points.insert(*end_point, inner.clone());
            features = block.outer(inner, features, stride, mode);
        }
        let last = match &self.conv_1 {
            Some(conv) => conv.forward_plain(features, mode),
            None => features,
        };
        Features { last, end_points }
    }

    fn end_point_block(&self, stride: usize) -> Option<usize> {
        let (_, block) = self.end_points.iter().find(|(s, _)| *s == stride)?;
        Some(*block)
    }
}

/// A 1x1 convolution of a MobileNet.
fn conv(inputs: usize, outputs: usize, activation: Activation) -> ConvSpec {
    ConvSpec {
        kernel: 1,
        inputs,
        outputs,
        depthwise: false,
        padding: Padding::Same,
        ending: Ending::BatchNorm(Norm::MOBILENET),
        activation,
        initializer: Initializer::TruncatedNormal(0.09),
    }
}

/// The layers of a [`Block`].
#[derive(Module, Debug)]
struct ExpandedConv {
    expand: Option<Conv>,
    /// None in a fused block.
    depthwise: Option<Conv>,
    squeeze_excite: Option<SqueezeExcite>,
    project: Conv,
    stride: usize,
    inner: usize,
    outputs: usize,
    residual: bool,
}

impl ExpandedConv {
    fn build(
        plan: &Plan,
        block: &Block,
        inputs: usize,
        scope: &str,
        builder: &mut Builder,
    ) -> Self {
        let Block { inner, outputs, .. } = *block;
        let widening = ConvSpec {
            kernel: match block.filter {
                Filter::Depthwise => 1,
                Filter::Fused => block.kernel,
            },
            padding: plan.padding,
            ..conv(inputs, inner, block.activation)
        };
        let expand = (inner > inputs).then(|| widening.build(&format!("{scope}/expand"), builder));
        let depthwise = (block.filter == Filter::Depthwise).then(|| {
            let depthwise = ConvSpec {
                kernel: block.kernel,
                depthwise: true,
                padding: plan.padding,
                ..conv(inner, inner, block.activation)
            };
            depthwise.build(&format!("{scope}/depthwise"), builder)
        });
        let squeeze_excite = block.squeeze_excite.then(|| {
            let squeezed = make_divisible(inner as f64 / 4.0, 8, 8);
            let form = conv(inner, squeezed, Activation::Relu);
            SqueezeExcite::build(&format!("{scope}/squeeze_excite"), form, plan.gate, builder)
        });
        let project = conv(inner, outputs, Activation::Linear);
        Self {
            expand,
            depthwise,
            squeeze_excite,
            project: project.build(&format!("{scope}/project"), builder),
            stride: block.stride,
            inner,
            outputs,
            residual: block.residual,
        }
    }

    /// The whole block.
    fn forward(
        &self,
        features: Tensor<4>,
        stride: usize,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        match (&self.depthwise, &self.squeeze_excite) {
            (Some(depthwise), None) => {
                let chain = Chain {
                    expand: self.expand.as_ref(),
                    depthwise,
                    project: Some(&self.project),
                    residual: self.adds(&features, stride),
                };
                chain.forward(features, stride, rate, mode)
            }
            _ => {
                let inner = self.inner(features.clone(), stride, rate, mode);
                self.outer(inner, features, stride, mode)
            }
        }
    }

    /// Whether the block's input is added to what comes out: where the shapes agree.
    fn adds(&self, input: &Tensor<4>, stride: usize) -> bool {
        self.residual && stride == 1 && input.dims()[1] == self.outputs
    }

    /// The features after widening and filtering.
    fn inner(
        &self,
        features: Tensor<4>,
        stride: usize,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        match (&self.expand, &self.depthwise) {
            (expand, Some(depthwise)) => {
                let chain = Chain {
                    expand: expand.as_ref(),
                    depthwise,
                    project: None,
                    residual: false,
                };
                chain.forward(features, stride, rate, mode)
            }
            // The original never dilates a fused block's kernel.
            (Some(fused), None) => fused.forward(features, stride, 1, mode),
            (None, None) => features,
        }
    }

    /// `inner` narrowed, plus the block's input where the shapes agree.
    fn outer(
        &self,
        inner: Tensor<4>,
        input: Tensor<4>,
        stride: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let inner = match &self.squeeze_excite {
            Some(squeeze_excite) => squeeze_excite.forward(inner, mode),
            None => inner,
        };
        let narrow = self.project.forward_plain(inner, mode);
        if self.adds(&input, stride) {
            narrow + input
        } else {
            narrow
        }
    }
}
