//! Which network of the DeepLab family to build.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::backbone::Variant;
use super::builder::{Builder, Fill, Layout};
use super::{DeepLab, Library, dense_prediction_cell};
use crate::{Error, Result};

/// How the logits of an image pyramid become one (`merge_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeMethod {
    /// The largest logit of all scales.
    #[default]
    Max,
    /// The mean logit of all scales.
    Avg,
}

/// A network of the DeepLab family; each field is the flag of research/deeplab with that name.
///
/// The default is the released MobileNetV2 network for PASCAL VOC: image pooling and a 1x1 branch,
/// no atrous branches, no decoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whose network it is, which decides on padding, resizing and normalisation.
    pub library: Library,
    /// Hugging Face's flag: whether its MobileNetV2 pads as TensorFlow does. Others ignore it.
    pub tf_padding: bool,
    /// The backbone, by research/deeplab's name, such as `mobilenet_v2`.
    pub model_variant: String,
    /// Classes, and so channels of the logits.
    pub num_classes: usize,
    /// Factors on the rates of the last block's units (ResNet, Xception); empty means 1 each.
    pub multi_grid: Vec<usize>,
    /// Filters of the searched backbones at their first level.
    pub nas_stem_output_num_conv_filters: usize,
    /// Whether a searched backbone ends in its classifier's convolutions.
    pub nas_use_classification_head: bool,
    /// Whether a searched backbone (Auto-DeepLab) stays at stride 16 where it would go to 32.
    pub nas_remove_os32_stride: bool,
    /// Image size over feature map size of the backbone: 8, 16 or 32.
    pub output_stride: usize,
    /// Height and width the network was made for; `None` pools over whatever size comes.
    pub crop_size: Option<[usize; 2]>,
    /// Dilations of the atrous branches, one branch each; empty builds none.
    pub atrous_rates: Vec<usize>,
    /// Width of a MobileNet.
    pub depth_multiplier: f64,
    /// Channels are multiples of this; `None` means 8 at depth multiplier 1, else 1.
    pub divisible_by: Option<usize>,
    /// Whether the last convolution of a MobileNet stays as wide as at depth multiplier 1 where the
    /// multiplier is smaller (slim's argument; EdgeTPU-DeepLab-slim was released so).
    pub finegrain_classification_mode: bool,
    /// Whether the head pools over the whole image.
    pub add_image_level_feature: bool,
    /// Image pixels that one pooling window spans; `None` means the crop.
    pub image_pooling_crop_size: Option<[usize; 2]>,
    /// Step of the pooling window, in feature pixels.
    pub image_pooling_stride: [usize; 2],
    /// `false` is DeepLab v1 and v2: no head, and the sum of a convolution for each atrous rate as
    /// logits.
    pub aspp_with_batch_norm: bool,
    /// Atrous branches as depthwise and pointwise convolution instead of a full one.
    pub aspp_with_separable_conv: bool,
    /// A 1x1 convolution after the branches are put together.
    pub aspp_with_concat_projection: bool,
    /// The pooled image multiplies the branches instead of standing beside them.
    pub aspp_with_squeeze_and_excitation: bool,
    /// That factor through relu6(x+3)/6 instead of a sigmoid.
    pub image_se_uses_qsigmoid: bool,
    /// Channels of each branch.
    pub aspp_convs_filters: usize,
    /// Strides of the decoder's stages, largest first; empty builds no decoder.
    pub decoder_output_stride: Vec<usize>,
    /// Decoder convolutions as depthwise and pointwise instead of full ones.
    pub decoder_use_separable_conv: bool,
    /// The decoder adds the projected features instead of putting them beside.
    pub decoder_use_sum_merge: bool,
    /// Channels of the decoder.
    pub decoder_filters: usize,
    /// The decoder ends in `decoder_filters` = `num_classes` logits, by plain convolutions.
    pub decoder_output_is_logits: bool,
    /// Scales at which the network looks at the image; empty means scale 1 alone.
    pub image_pyramid: Vec<f64>,
    /// How the logits of the pyramid become one.
    pub merge_method: MergeMethod,
    /// Side of the last kernels: 1 but for DeepLab v1 and v2.
    pub logits_kernel_size: usize,
    /// relu6 instead of relu in the head, but for image pooling.
    pub use_bounded_activation: bool,
    /// A dense prediction cell in the place of the pooling head: its JSON, or the name of the file
    /// that research/deeplab ships. Empty builds none.
    pub dense_prediction_cell_json: String,
    /// Whether the prediction is the argmax of upsampled logits, not the upsampled argmax.
    pub prediction_with_upsampled_logits: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            library: Library::Tensorflow,
            tf_padding: true,
            model_variant: "mobilenet_v2".into(),
            num_classes: 21,
            multi_grid: Vec::new(),
            nas_stem_output_num_conv_filters: 20,
            nas_use_classification_head: false,
            nas_remove_os32_stride: false,
            output_stride: 16,
            crop_size: Some([513, 513]),
            atrous_rates: Vec::new(),
            depth_multiplier: 1.0,
            divisible_by: None,
            finegrain_classification_mode: false,
            add_image_level_feature: true,
            image_pooling_crop_size: None,
            image_pooling_stride: [1, 1],
            aspp_with_batch_norm: true,
            aspp_with_separable_conv: true,
            aspp_with_concat_projection: true,
            aspp_with_squeeze_and_excitation: false,
            image_se_uses_qsigmoid: false,
            aspp_convs_filters: 256,
            decoder_output_stride: Vec::new(),
            decoder_use_separable_conv: true,
            decoder_use_sum_merge: false,
            decoder_filters: 256,
            decoder_output_is_logits: false,
            image_pyramid: Vec::new(),
            merge_method: MergeMethod::Max,
            logits_kernel_size: 1,
            use_bounded_activation: false,
            dense_prediction_cell_json: String::new(),
            prediction_with_upsampled_logits: true,
        }
    }
}

impl Config {
    /// A network on `device` with fresh weights: the original initialisers, seed 0.
    ///
    /// # Errors
    /// [`Error::Argument`] where a field makes no sense or asks for what is not built yet.
    pub fn init(&self, device: &Device) -> Result<DeepLab> {
        self.init_seeded(0, device)
    }

    /// As [`Config::init`]; the same seed gives the same weights on every device.
    ///
    /// # Errors
    /// [`Error::Argument`] where a field makes no sense or asks for what is not built yet.
    pub fn init_seeded(&self, seed: u64, device: &Device) -> Result<DeepLab> {
        self.build(Builder::new(device, Fill::Seed(seed), Layout::BatchNorm))
    }

    /// A network whose convolutions have biases instead of batch norm, all weights zero.
    pub(crate) fn init_folded(&self, device: &Device) -> Result<DeepLab> {
        self.build(Builder::new(device, Fill::Constants, Layout::Folded))
    }

    /// A network with batch norm, without drawing random weights that are about to be replaced.
    pub(crate) fn init_blank(&self, device: &Device) -> Result<DeepLab> {
        self.build(Builder::new(device, Fill::Constants, Layout::BatchNorm))
    }

    /// Image pixels from one logit to the next.
    pub(crate) fn logits_stride(&self) -> usize {
        let stride = self.decoder_output_stride.last();
        *stride.unwrap_or(&self.output_stride)
    }

    /// The same network for another number of classes.
    pub(crate) fn with_classes(&self, num_classes: usize) -> Self {
        let mut config = self.clone();
        config.num_classes = num_classes;
        if self.decoder_output_is_logits {
            config.decoder_filters = num_classes;
        }
        config
    }

    /// Whether the variable `name` belongs to the layer that makes logits.
    pub(crate) fn makes_logits(&self, name: &str) -> bool {
        if self.decoder_output_is_logits {
            name.starts_with("decoder/")
        } else {
            name.starts_with("logits/")
        }
    }

    fn build(&self, builder: Builder) -> Result<DeepLab> {
        self.validate()?;
        DeepLab::build(self.clone(), builder)
    }

    /// Whether this network makes sense and is built.
    ///
    /// # Errors
    /// [`Error::Argument`] with the flag's name, what is allowed and what was given.
    pub fn validate(&self) -> Result<()> {
        self.validate_library()?;
        self.validate_searched()?;
        let variant = Variant::of(self)?;
        let factors = &self.multi_grid;
        check(
            factors.is_empty()
                || factors.len() == variant.multi_grid
                    && factors.iter().all(|factor| (1..=1024).contains(factor)),
            "multi_grid",
            &match variant.multi_grid {
                0 => format!("none for {}", variant.name),
                count => format!("{count} factors from 1 to 1024 for {}", variant.name),
            },
            factors,
        )?;
        check(
            (1..=255).contains(&self.num_classes),
            "num_classes",
            "1 to 255 classes",
            &self.num_classes,
        )?;
        check(
            [8, 16, 32].contains(&self.output_stride),
            "output_stride",
            "8, 16 or 32",
            &self.output_stride,
        )?;
        check(
            self.depth_multiplier > 0.0 && self.depth_multiplier <= 8.0,
            "depth_multiplier",
            "a number above 0, at most 8",
            &self.depth_multiplier,
        )?;
        check(
            self.divisible_by != Some(0),
            "divisible_by",
            "1 or more",
            &self.divisible_by,
        )?;
        check(
            self.image_pyramid
                .iter()
                .all(|&s| s > 0.0 && s.is_finite() && s <= 8.0),
            "image_pyramid",
            "scales above 0, at most 8",
            &self.image_pyramid,
        )?;
        self.validate_head()?;
        self.validate_decoder()
    }

    fn validate_head(&self) -> Result<()> {
        check(
            self.atrous_rates.iter().all(|r| (1..=1024).contains(r)),
            "atrous_rates",
            "rates from 1 to 1024",
            &self.atrous_rates,
        )?;
        self.validate_cell()?;
        let plain = self.aspp_with_batch_norm || self.atrous_rates.is_empty();
        check(
            self.logits_kernel_size == 1 || !plain && (1..=7).contains(&self.logits_kernel_size),
            "logits_kernel_size",
            "1, or up to 7 with atrous_rates and without aspp_with_batch_norm",
            &self.logits_kernel_size,
        )?;
        let pooling = self.image_pooling_stride;
        check(
            !pooling.contains(&0),
            "image_pooling_stride",
            "1 or more",
            &pooling,
        )?;
        check(
            [self.aspp_convs_filters, self.decoder_filters]
                .iter()
                .all(|f| (1..=4096).contains(f)),
            "aspp_convs_filters, decoder_filters",
            "1 to 4096 channels",
            &[self.aspp_convs_filters, self.decoder_filters],
        )?;
        let gate = self.aspp_with_squeeze_and_excitation;
        check(
            !gate || self.add_image_level_feature,
            "aspp_with_squeeze_and_excitation",
            "add_image_level_feature with it",
            &gate,
        )?;
        check(
            !gate || self.aspp_with_concat_projection || self.atrous_rates.is_empty(),
            "aspp_with_squeeze_and_excitation",
            "aspp_with_concat_projection where there are atrous branches",
            &self.atrous_rates,
        )
    }

    fn validate_cell(&self) -> Result<()> {
        if self.dense_prediction_cell_json.is_empty() {
            return Ok(());
        }
        check(
            self.aspp_with_batch_norm && self.output_stride <= 16,
            "dense_prediction_cell_json",
            "aspp_with_batch_norm and an output_stride of 8 or 16 with it",
            &self.output_stride,
        )?;
        dense_prediction_cell::branches(&self.dense_prediction_cell_json).map(drop)
    }

    fn validate_decoder(&self) -> Result<()> {
        let is_logits = self.decoder_output_is_logits;
        check(
            !is_logits
                || self.decoder_filters == self.num_classes
                    && !self.decoder_output_stride.is_empty(),
            "decoder_output_is_logits",
            "a decoder_output_stride and as many decoder_filters as num_classes with it",
            &self.decoder_filters,
        )?;
        let strides = &self.decoder_output_stride;
        check(
            strides.iter().all(|s| [4, 8, 16].contains(s))
                && strides.windows(2).all(|pair| pair[0] > pair[1])
                && strides.first().is_none_or(|&s| s <= self.output_stride),
            "decoder_output_stride",
            "strides of 4, 8, 16, each smaller than the one before, none above output_stride",
            strides,
        )?;
        let variant = Variant::of(self)?;
        check(
            strides.iter().all(|s| variant.decoder_strides.contains(s)),
            "decoder_output_stride",
            &format!(
                "strides of {:?}, which {} has features for",
                variant.decoder_strides, variant.name
            ),
            strides,
        )
    }
}

/// An argument error unless `holds`.
pub(super) fn check(
    holds: bool,
    name: &str,
    expected: &str,
    found: &(impl std::fmt::Debug + ?Sized),
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::argument(name, expected, format!("{found:?}")))
}
