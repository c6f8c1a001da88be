//! Whose DeepLab a network is, and what follows from that.

use serde::{Deserialize, Serialize};

use super::Config;
use super::config::check;
use super::geometry::Padding;
use super::resize::Sampling;
use crate::Result;

/// The library whose DeepLab a network is.
///
/// The networks are the same in kind; they differ in how maps are padded and resized, and in how
/// an image's values are normalised. Variables have research/deeplab's names in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Library {
    /// The original: tensorflow/models, research/deeplab.
    #[default]
    Tensorflow,
    /// `torchvision.models.segmentation.deeplabv3_*`: DeepLab v3 with a 3x3 convolution before the
    /// logits.
    Torchvision,
    /// transformers' `MobileNetV2ForSemanticSegmentation`, converted from the original.
    HuggingFace,
}

impl Library {
    /// The backbones that it has; for the original, which has all others, none are listed.
    fn backbones(self) -> &'static [&'static str] {
        match self {
            Self::Tensorflow => &[],
            Self::Torchvision => &["mobilenet_v3_large", "resnet_v1_50", "resnet_v1_101"],
            Self::HuggingFace => &["mobilenet_v2"],
        }
    }
}

impl Config {
    /// Whether the library has such a network.
    pub(super) fn validate_library(&self) -> Result<()> {
        let (variant, known) = (self.model_variant.as_str(), self.library.backbones());
        let is_known = match self.library {
            Library::Tensorflow => variant != "mobilenet_v3_large",
            _ => known.contains(&variant),
        };
        let expected = match self.library {
            Library::Tensorflow => "mobilenet_v3_large_seg, or the library torchvision".to_owned(),
            library => format!("one of {} for {library:?}", known.join(", ")),
        };
        check(is_known, "model_variant", &expected, variant)?;
        let is_plain = self.aspp_with_batch_norm
            && self.decoder_output_stride.is_empty()
            && self.dense_prediction_cell_json.is_empty();
        check(
            is_plain || self.library == Library::Tensorflow,
            "library",
            "tensorflow with a decoder, a dense prediction cell, or the heads of DeepLab v1 and v2",
            &self.library,
        )
    }

    /// How a map is padded where research/deeplab pads it by `original`.
    pub(crate) fn padding(&self, original: Padding) -> Padding {
        match self.library {
            Library::Tensorflow => original,
            Library::HuggingFace if self.tf_padding => original,
            Library::Torchvision | Library::HuggingFace => Padding::Symmetric,
        }
    }

    /// Whether features lie at the corner pixels of an image whose sides are 1 more than a multiple
    /// of the output stride, as TensorFlow's padding has it, one feature more than there are
    /// strides. Otherwise sides are multiples of it, with a feature for each.
    pub(crate) fn pads_to_corners(&self) -> bool {
        self.padding(Padding::Same) == Padding::Same
    }

    /// How the network's logits are brought to the size of the image.
    pub fn sampling(&self) -> Sampling {
        match self.library {
            Library::Tensorflow => Sampling::AlignedCorners,
            Library::Torchvision | Library::HuggingFace => Sampling::HalfPixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hugging_face_pads_as_its_config_says() {
        let padding = |library, tf_padding| {
            let config = Config {
                library,
                tf_padding,
                ..Config::default()
            };
            config.padding(Padding::Same)
        };
        assert_eq!(padding(Library::Tensorflow, false), Padding::Same);
        assert_eq!(padding(Library::HuggingFace, true), Padding::Same);
        assert_eq!(padding(Library::HuggingFace, false), Padding::Symmetric);
        assert_eq!(padding(Library::Torchvision, true), Padding::Symmetric);
    }
}
