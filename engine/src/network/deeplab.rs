//! A whole network: backbone, head, decoder, logits.

use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};

use super::backbone::Backbone;
use super::builder::{Builder, Layout};
use super::config::check;
use super::decoder::Decoder;
use super::geometry::scale_dimension;
use super::head::Head;
use super::logits::Logits;
use super::resize::bilinear_align_corners;
use super::{Config, MergeMethod, TrainingMode, Variable};
use crate::Result;

/// A DeepLab network with its weights.
///
/// Made by [`Config::init`]; given weights by [`weights::assign`](crate::weights::assign).
#[derive(Module, Debug)]
pub struct DeepLab {
    backbone: Backbone,
    head: Head,
    decoder: Decoder,
    logits: Logits,
    folded: bool,
    #[module(skip)]
    config: Config,
    #[module(skip)]
    variables: Arc<[Variable]>,
}

impl DeepLab {
    /// `config` has been validated.
    pub(super) fn build(config: Config, mut builder: Builder) -> Result<Self> {
        let backbone = Backbone::build(&config, &mut builder)?;
        let (head, channels) = Head::build(&config, backbone.channels(), &mut builder)?;
        let end_point = |stride| backbone.end_point_channels(stride);
        let (decoder, channels) = Decoder::build(&config, channels, end_point, &mut builder);
        Ok(Self {
            logits: Logits::build(&config, channels, &mut builder),
            backbone,
            head,
            decoder,
            folded: builder.layout() == Layout::Folded,
            config,
            variables: builder.finish().into(),
        })
    }

    /// What the network was made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the weights lie.
    pub fn device(&self) -> Device {
        let mut first = FirstDevice(None);
        self.visit(&mut first);
        // No network is without parameters.
        first.0.unwrap_or_else(Device::flex)
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
    /// the decoder's, and for any other stride where the backbone's cells are made for one.
    pub fn with_output_stride(mut self, output_stride: usize) -> Result<Self> {
        let before = self.config.output_stride;
        check(
            !self.config.has_cells_for_its_stride() || output_stride == before,
            "output_stride",
            &format!("{before}, which this network's cells are made for"),
            &output_stride,
        )?;
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
        let stride = config.logits_stride() as f64;
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
        let seen = self.head.forward(features.last, config, scale, mode);
        let detailed =
            self.decoder
                .forward(seen, &features.end_points, config, [height, width], mode);
        self.logits.forward(detailed, config, mode)
    }
}

/// Where a module's first parameter lies; `Module::devices` forgets whether it is in training.
struct FirstDevice(Option<Device>);

impl ModuleVisitor for FirstDevice {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.get_or_insert_with(|| param.val().device());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{NamedTensor, TensorSet, collect};

    fn config() -> Config {
        Config {
            depth_multiplier: 0.25,
            atrous_rates: vec![6, 12],
            decoder_output_stride: vec![4],
            num_classes: 5,
            ..Config::default()
        }
    }

    fn deviation(tensor: &NamedTensor) -> f32 {
        let count = tensor.values.len() as f32;
        let mean = tensor.values.iter().sum::<f32>() / count;
        let squares = tensor.values.iter().map(|v| (v - mean).powi(2));
        (squares.sum::<f32>() / count).sqrt()
    }

    fn weights(seed: u64) -> TensorSet {
        collect(&config().init_seeded(seed, &Device::flex()).unwrap()).unwrap()
    }

    #[test]
    fn a_seed_is_a_network() {
        assert_eq!(weights(1), weights(1));
        assert_ne!(weights(1), weights(2));
    }

    #[test]
    fn fresh_weights_spread_as_the_originals() {
        let weights = weights(3);
        // A normal cut at two deviations keeps 0.88 of its deviation.
        for (name, expected) in [
            ("MobilenetV2/expanded_conv_16/project/weights", 0.88 * 0.09),
            (
                "MobilenetV2/expanded_conv_16/depthwise/depthwise_weights",
                0.88 * 0.09,
            ),
            ("aspp1_depthwise/depthwise_weights", 0.88 * 0.33),
            ("aspp1_pointwise/weights", 0.88 * 0.06),
            (
                "concat_projection/weights",
                (2.0_f32 / (1024.0 + 256.0)).sqrt(),
            ),
            ("logits/semantic/weights", 0.88 * 0.01),
        ] {
            let found = deviation(weights.get(name).unwrap());
            assert!(
                (found / expected - 1.0).abs() < 0.1,
                "{name}: {found}, not {expected}"
            );
        }
        let values = |name| weights.get(name).unwrap().values.clone();
        assert_eq!(values("logits/semantic/biases"), [0.0; 5]);
        assert_eq!(values("aspp0/BatchNorm/gamma"), [1.0; 256]);
        assert_eq!(values("aspp0/BatchNorm/beta"), [0.0; 256]);
        assert_eq!(values("aspp0/BatchNorm/moving_mean"), [0.0; 256]);
        assert_eq!(values("aspp0/BatchNorm/moving_variance"), [1.0; 256]);
    }

    #[test]
    fn another_output_stride_keeps_the_weights_and_the_reach() {
        let device = Device::flex();
        let network = config().init(&device).unwrap();
        let finer = network.clone().with_output_stride(8).unwrap();
        assert_eq!(finer.config().atrous_rates, [12, 24]);
        assert_eq!(collect(&finer).unwrap(), collect(&network).unwrap());
        let images = Tensor::<4>::zeros([2, 3, 33, 40], &device);
        assert_eq!(finer.forward(images.clone()).dims(), [2, 5, 9, 10]);
        assert_eq!(network.forward(images).dims(), [2, 5, 9, 10]);
        assert!(network.with_output_stride(4).is_err());
    }
}
