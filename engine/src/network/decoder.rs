//! The decoder of v3+: brings back detail from earlier, larger features. And what torchvision's
//! networks have in its place.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;

use super::builder::Builder;
use super::geometry::scale_dimension;
use super::layers::{Activation, Conv, Conv3x3, ConvSpec, Ending, head_1x1};
use super::resize::bilinear_align_corners;
use super::{Config, Library, TrainingMode};

/// Channels of the projected features that stand beside the decoder's own.
const PROJECTED: usize = 48;

/// One stage for each of `decoder_output_stride`.
#[derive(Module, Debug)]
pub(crate) struct Decoder {
    stages: Vec<Stage>,
    /// torchvision's: one 3x3 convolution, without earlier features.
    conv: Option<Conv3x3>,
}

impl Decoder {
    /// The decoder over features of `inputs` channels, and how many channels come out of it.
    /// `end_point` gives the channels of the backbone's features at a stride.
    pub(crate) fn build(
        config: &Config,
        inputs: usize,
        end_point: impl Fn(usize) -> usize,
        builder: &mut Builder,
    ) -> (Self, usize) {
        let mut channels = inputs;
        let mut stages = Vec::new();
        for (index, &stride) in config.decoder_output_stride.iter().enumerate() {
            let inputs = [channels, end_point(stride)];
            stages.push(Stage::build(config, index, inputs, builder));
            channels = config.decoder_filters;
        }
        let conv = (config.library == Library::Torchvision).then(|| {
            let inputs = std::mem::replace(&mut channels, config.decoder_filters);
            let sides = [inputs, channels];
            Conv3x3::full(
                "decoder/decoder_conv0",
                sides,
                config.head_activation(),
                builder,
            )
        });
        (Self { stages, conv }, channels)
    }

    /// `[n, inputs, h, w]` to `[n, outputs, h', w']`, larger by each stage; `image` is the size of
    /// the network's input, `end_points` the backbone's features by stride.
    pub(crate) fn forward(
        &self,
        features: Tensor<4>,
        end_points: &BTreeMap<usize, Tensor<4>>,
        config: &Config,
        image: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let mut features = features;
        for (stage, stride) in self.stages.iter().zip(&config.decoder_output_stride) {
            let size = image.map(|side| scale_dimension(side, 1.0 / *stride as f64));
            let detail = end_points[stride].clone();
            features = stage.forward(features, detail, size, mode);
        }
        match &self.conv {
            Some(conv) => conv.forward(features, 1, mode),
            None => features,
        }
    }
}

/// One stage: the backbone's features projected and merged in.
#[derive(Module, Debug)]
struct Stage {
    feature_projection: Conv,
    /// Two after features put together, one before a sum.
    convs: Vec<Conv3x3>,
    sum_merge: bool,
}

impl Stage {
    /// `inputs` are the channels of the decoder's features so far and of the backbone's.
    fn build(config: &Config, index: usize, inputs: [usize; 2], builder: &mut Builder) -> Self {
        let filters = config.decoder_filters;
        let sum_merge = config.decoder_use_sum_merge;
        let separable = config.decoder_use_separable_conv && !config.decoder_output_is_logits;
        let suffix = if index == 0 {
            String::new()
        } else {
            format!("_{index}")
        };
        let projected = if sum_merge { filters } else { PROJECTED };
        let feature_projection = conv_1x1(config, inputs[1], projected)
            .build(&format!("decoder/feature_projection0{suffix}"), builder);
        let scopes = match (sum_merge, separable) {
            (true, true) => vec![format!("decoder_split_sep_conv0{suffix}")],
            (true, false) => vec![format!("decoder_conv0{suffix}")],
            (false, true) => [0, 1].map(|i| format!("decoder_conv{i}{suffix}")).to_vec(),
            (false, false) => [1, 2]
                .map(|i| format!("decoder_conv0{suffix}/decoder_conv0{suffix}_{i}"))
                .to_vec(),
        };
        let mut channels = inputs[0] + if sum_merge { 0 } else { projected };
        let mut convs = Vec::new();
        for scope in scopes {
            let scope = format!("decoder/{scope}");
            convs.push(if separable {
                let activation = config.head_activation();
                Conv3x3::separable(&scope, [channels, filters], activation, builder)
            } else {
                let spec = ConvSpec {
                    kernel: if sum_merge && config.decoder_output_is_logits {
                        1
                    } else {
                        3
                    },
                    ..conv_1x1(config, channels, filters)
                };
                Conv3x3::single(spec.build(&scope, builder))
            });
            channels = filters;
        }
        Self {
            feature_projection,
            convs,
            sum_merge,
        }
    }

    fn forward(
        &self,
        features: Tensor<4>,
        detail: Tensor<4>,
        size: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let detail = self.feature_projection.forward_plain(detail, mode);
        let detail = bilinear_align_corners(detail, size);
        let mut features = bilinear_align_corners(features, size);
        if !self.sum_merge {
            features = Tensor::cat(vec![features, detail.clone()], 1);
        }
        for conv in &self.convs {
            features = conv.forward(features, 1, mode);
        }
        if self.sum_merge {
            features + detail
        } else {
            features
        }
    }
}

/// A 1x1 convolution of the decoder; plain, with a bias alone, where its output is the logits.
fn conv_1x1(config: &Config, inputs: usize, outputs: usize) -> ConvSpec {
    if config.decoder_output_is_logits {
        ConvSpec {
            ending: Ending::Biases,
            ..head_1x1(inputs, outputs, Activation::Linear)
        }
    } else {
        head_1x1(inputs, outputs, config.head_activation())
    }
}
