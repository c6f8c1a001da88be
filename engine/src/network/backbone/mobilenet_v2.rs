//! MobileNetV2 (Sandler et al., 2018) without its classifier: inverted residuals to 320 channels.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::Features;
use crate::network::builder::Builder;
use crate::network::geometry::{AtrousWalk, Padding};
use crate::network::initializer::Initializer;
use crate::network::layers::{Activation, Conv, ConvSpec, Norm};
use crate::network::{Config, TrainingMode};

/// Stride, channels and number of the groups of blocks, at depth multiplier 1. The stride is the
/// first block's of the group.
const GROUPS: [(usize, usize, usize); 7] = [
    (1, 16, 1),
    (2, 24, 2),
    (2, 32, 3),
    (2, 64, 4),
    (1, 96, 3),
    (2, 160, 3),
    (1, 320, 1),
];

/// How often wider than its input a block is inside; the first block is not wider.
const EXPANSION: usize = 6;

/// Which block's depthwise features the decoder takes, by stride.
const END_POINTS: [(usize, usize); 3] = [(4, 2), (8, 5), (16, 12)];

/// MobileNetV2 at any width and output stride.
#[derive(Module, Debug)]
pub(crate) struct MobilenetV2 {
    conv: Conv,
    expanded_conv: Vec<ExpandedConv>,
}

impl MobilenetV2 {
    pub(crate) fn build(config: &Config, builder: &mut Builder) -> Self {
        let width = Width::of(config);
        let mut channels = width.channels(32);
        let first = ConvSpec {
            kernel: 3,
            ..conv(3, channels, Activation::Relu6)
        };
        let first = first.build("MobilenetV2/Conv", builder);
        let mut expanded_conv = Vec::new();
        for (stride, outputs, count) in GROUPS {
            for repeat in 0..count {
                let spec = BlockSpec {
                    index: expanded_conv.len(),
                    stride: if repeat == 0 { stride } else { 1 },
                    inputs: channels,
                    outputs: width.channels(outputs),
                };
                channels = spec.outputs;
                expanded_conv.push(spec.build(builder));
            }
        }
        Self {
            conv: first,
            expanded_conv,
        }
    }

    pub(crate) fn channels(&self) -> usize {
        self.expanded_conv.last().map_or(0, |block| block.outputs)
    }

    pub(crate) fn end_point_channels(&self, stride: usize) -> usize {
        end_point_block(stride).map_or(0, |block| self.expanded_conv[block].inner)
    }

    /// The features of `images`, whose 0 to 255 become -1 to 1.
    pub(crate) fn forward(
        &self,
        images: Tensor<4>,
        config: &Config,
        mode: &TrainingMode,
    ) -> Features {
        let wanted: Vec<_> = config
            .decoder_output_stride
            .iter()
            .filter_map(|&stride| Some((end_point_block(stride)?, stride)))
            .collect();
        let mut walk = AtrousWalk::new(config.output_stride);
        let (stride, _) = walk.step(2);
        let normalised = images.mul_scalar(2.0 / 255.0).sub_scalar(1.0);
        let mut features = self.conv.forward(normalised, stride, 1, mode);
        let mut end_points = BTreeMap::new();
        for (index, block) in self.expanded_conv.iter().enumerate() {
            let (stride, rate) = walk.step(block.stride);
            let inner = block.inner(features.clone(), stride, rate, mode);
            if let Some((_, stride)) = wanted.iter().find(|(block, _)| *block == index) {
                end_points.insert(*stride, inner.clone());
            }
            features = block.outer(inner, features, stride, mode);
        }
        Features {
            last: features,
            end_points,
        }
    }
}

fn end_point_block(stride: usize) -> Option<usize> {
    let (_, block) = END_POINTS.iter().find(|(s, _)| *s == stride)?;
    Some(*block)
}

/// How wide the layers are.
#[derive(Debug, Clone, Copy)]
struct Width {
    multiplier: f64,
    divisor: usize,
    min: usize,
}

impl Width {
    fn of(config: &Config) -> Self {
        let standard = config.depth_multiplier == 1.0;
        Self {
            multiplier: config.depth_multiplier,
            divisor: config.divisible_by.unwrap_or(if standard { 8 } else { 1 }),
            min: if standard { 8 } else { 1 },
        }
    }

    /// Channels of a layer that has `channels` at depth multiplier 1.
    fn channels(self, channels: usize) -> usize {
        make_divisible(channels as f64 * self.multiplier, self.divisor, self.min)
    }
}

/// The multiple of `divisor` nearest to `value`, at least `min`, at most a tenth below `value`.
fn make_divisible(value: f64, divisor: usize, min: usize) -> usize {
    let nearest = (value + divisor as f64 / 2.0) as usize / divisor * divisor;
    let nearest = nearest.max(min);
    if (nearest as f64) < 0.9 * value {
        nearest + divisor
    } else {
        nearest
    }
}

/// What a block is to be.
#[derive(Debug)]
struct BlockSpec {
    index: usize,
    stride: usize,
    inputs: usize,
    outputs: usize,
}

impl BlockSpec {
    fn build(&self, builder: &mut Builder) -> ExpandedConv {
        let scope = match self.index {
            0 => "MobilenetV2/expanded_conv".to_owned(),
            index => format!("MobilenetV2/expanded_conv_{index}"),
        };
        let inner = match self.index {
            0 => self.inputs,
            _ => make_divisible((EXPANSION * self.inputs) as f64, 8, 8),
        };
        let expand = (inner > self.inputs).then(|| {
            conv(self.inputs, inner, Activation::Relu6).build(&format!("{scope}/expand"), builder)
        });
        let depthwise = ConvSpec {
            kernel: 3,
            depthwise: true,
            ..conv(inner, inner, Activation::Relu6)
        };
        let depthwise = depthwise.build(&format!("{scope}/depthwise"), builder);
        let project = conv(inner, self.outputs, Activation::Linear)
            .build(&format!("{scope}/project"), builder);
        ExpandedConv {
            expand,
            depthwise,
            project,
            stride: self.stride,
            inner,
            outputs: self.outputs,
        }
    }
}

/// A 1x1 convolution of the backbone.
fn conv(inputs: usize, outputs: usize, activation: Activation) -> ConvSpec {
    ConvSpec {
        kernel: 1,
        inputs,
        outputs,
        depthwise: false,
        padding: Padding::Same,
        norm: Some(Norm::MOBILENET),
        activation,
        initializer: Initializer::TruncatedNormal(0.09),
    }
}

/// An inverted residual: widen, filter each channel by itself, narrow, add the input.
#[derive(Module, Debug)]
struct ExpandedConv {
    expand: Option<Conv>,
    depthwise: Conv,
    project: Conv,
    /// On paper; the output stride may turn it into a rate.
    stride: usize,
    inner: usize,
    outputs: usize,
}

impl ExpandedConv {
    /// The features after the depthwise convolution.
    fn inner(
        &self,
        features: Tensor<4>,
        stride: usize,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let wide = match &self.expand {
            Some(expand) => expand.forward_plain(features, mode),
            None => features,
        };
        self.depthwise.forward(wide, stride, rate, mode)
    }

    /// `inner` narrowed, plus the block's input where the shapes agree.
    fn outer(
        &self,
        inner: Tensor<4>,
        input: Tensor<4>,
        stride: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let narrow = self.project.forward_plain(inner, mode);
        if stride == 1 && input.dims()[1] == self.outputs {
            narrow + input
        } else {
            narrow
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Channels of the first convolution and of each group.
    fn channels(depth_multiplier: f64, divisible_by: Option<usize>) -> Vec<usize> {
        let width = Width::of(&Config {
            depth_multiplier,
            divisible_by,
            ..Config::default()
        });
        [32, 16, 24, 32, 64, 96, 160, 320]
            .map(|c| width.channels(c))
            .to_vec()
    }

    #[test]
    fn widths_follow_the_divisor() {
        assert_eq!(channels(1.0, None), [32, 16, 24, 32, 64, 96, 160, 320]);
        assert_eq!(channels(0.5, None), [16, 8, 12, 16, 32, 48, 80, 160]);
        assert_eq!(channels(1.4, None), [45, 22, 34, 45, 90, 134, 224, 448]);
        assert_eq!(channels(0.75, Some(8)), [24, 16, 24, 24, 48, 72, 120, 240]);
    }
}
