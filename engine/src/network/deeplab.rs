//! A whole network: backbone, head, decoder, logits.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::aspp::Aspp;
use super::backbone::Backbone;
use super::builder::{Builder, Layout};
use super::decoder::Decoder;
use super::geometry::scale_dimension;
use super::initializer::Initializer;
use super::layers::{Activation, Conv, ConvSpec, head_1x1};
use super::resize::bilinear_align_corners;
use super::{Config, MergeMethod, TrainingMode, Variable};
use crate::Result;

/// A DeepLab network with its weights.
///
/// Made by [`Config::init`]; given weights by [`weights::assign`](crate::weights::assign).
#[derive(Module, Debug)]
pub struct DeepLab {
    backbone: Backbone,
    aspp: Aspp,
    decoder: Decoder,
    logits: Conv,
    folded: bool,
    #[module(skip)]
    config: Config,
    #[module(skip)]
    variables: Arc<[Variable]>,
}

impl DeepLab {
    /// `config` has been validated.
    pub(super) fn build(config: Config, mut builder: Builder) -> Self {
        let backbone = Backbone::build(&config, &mut builder);
        let (aspp, channels) = Aspp::build(&config, backbone.channels(), &mut builder);
        let end_point = |stride| backbone.end_point_channels(stride);
        let (decoder, channels) = Decoder::build(&config, channels, end_point, &mut builder);
        let logits = ConvSpec {
            norm: None,
            initializer: Initializer::TruncatedNormal(0.01),
            ..head_1x1(channels, config.num_classes, Activation::Linear)
        };
        Self {
            logits: logits.build("logits/semantic", &mut builder),
            backbone,
            aspp,
            decoder,
            folded: builder.layout() == Layout::Folded,
            config,
            variables: builder.finish().into(),
        }
    }

    /// What the network was made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the weights lie.
    pub fn device(&self) -> Device {
        self.logits.device()
    }

    /// Whether batch norm is folded into the convolutions: faster, and not to be trained.
    pub fn is_folded(&self) -> bool {
        self.folded
    }

    /// Every variable under its TensorFlow name, in the order the original makes them.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The same weights at another output stride; the atrous rates keep their reach in the image.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a stride other than 8, 16 and 32, or below
    /// the decoder's.
    pub fn with_output_stride(mut self, output_stride: usize) -> Result<Self> {
        let before = self.config.output_stride;
        self.config.output_stride = output_stride;
        self.config.validate()?;
        for rate in &mut self.config.atrous_rates {
            *rate = (*rate * before / output_stride).max(1);
        }
        Ok(self)
    }

    /// `[n, 3, h, w]` images with RGB values from 0 to 255 to `[n, num_classes, h', w']` logits
    /// before upsampling, where h' is ceil(h / stride) of the decoder or the backbone.
    ///
    /// Images of any size are taken as they are; sides of k * output_stride + 1 line up best.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.forward_training(images, &TrainingMode::default())
    }

    /// As [`DeepLab::forward`], with what a training step does differently.
    pub fn forward_training(&self, images: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        if self.config.image_pyramid.is_empty() {
            return self.logits_at(images, 1.0, mode);
        }
        self.merge_scales(images, &self.config.image_pyramid, mode)
    }

    /// As [`DeepLab::forward`], seeing the images at each of `scales` (`eval_scales`, or
    /// `image_pyramid`): they are resized before normalisation, and their logits to the size that
    /// the largest scale gives, though at least that of scale 1, then merged by `merge_method`.
    pub fn forward_scales(&self, images: Tensor<4>, scales: &[f64]) -> Tensor<4> {
        self.merge_scales(images, scales, &TrainingMode::default())
    }

    fn merge_scales(&self, images: Tensor<4>, scales: &[f64], mode: &TrainingMode) -> Tensor<4> {
        let [_, _, height, width] = images.dims();
        let config = &self.config;
        let stride = config.decoder_output_stride.last();
        let stride = *stride.unwrap_or(&config.output_stride) as f64;
        let largest = scales.iter().copied().fold(1.0, f64::max);
        let size = [height, width].map(|side| scale_dimension(side, largest / stride));
        let logits = scales.iter().map(|&scale| {
            let size_at = [height, width].map(|side| scale_dimension(side, scale));
            let images = bilinear_align_corners(images.clone(), size_at);
            bilinear_align_corners(self.logits_at(images, scale, mode), size)
        });
        let merged = logits.reduce(|merged, logits| match config.merge_method {
            MergeMethod::Max => merged.max_pair(logits),
            MergeMethod::Avg => merged + logits,
        });
        match (merged, config.merge_method) {
            (Some(merged), MergeMethod::Max) => merged,
            (Some(merged), MergeMethod::Avg) => merged.div_scalar(scales.len() as f64),
            (None, _) => self.logits_at(images, 1.0, mode),
        }
    }

    /// The logits of images that have been resized by `scale`.
    fn logits_at(&self, images: Tensor<4>, scale: f64, mode: &TrainingMode) -> Tensor<4> {
        let [_, _, height, width] = images.dims();
        let config = &self.config;
        let features = self.backbone.forward(images, config, mode);
        let head = self.aspp.forward(&features.last, config, scale, mode);
        let detailed =
            self.decoder
                .forward(head, &features.end_points, config, [height, width], mode);
        self.logits.forward_plain(detailed, mode)
    }
}
