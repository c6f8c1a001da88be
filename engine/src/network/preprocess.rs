//! What a network does to an image's values before its first convolution.

use burn::tensor::{Tensor, TensorData};

use super::{Config, Library};

/// The mean of ImageNet's RGB values, as research/deeplab has it.
const IMAGENET_MEAN: [f32; 3] = [123.15, 115.90, 103.06];

/// The mean and the deviation of ImageNet's RGB values from 0 to 1, as torchvision has them.
const TORCHVISION_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const TORCHVISION_DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// `[n, 3, h, w]` RGB values from 0 to 255 as most networks of `config`'s library want them.
pub(crate) fn normalise(images: Tensor<4>, config: &Config) -> Tensor<4> {
    match config.library {
        Library::Torchvision => to_deviations(images),
        Library::Tensorflow | Library::HuggingFace => to_unit_range(images),
    }
}

/// `[n, 3, h, w]` RGB values from 0 to 255 less torchvision's mean, in deviations.
fn to_deviations(images: Tensor<4>) -> Tensor<4> {
    let of_channels = |values: [f32; 3]| {
        let values = TensorData::new(values.to_vec(), [1, 3, 1, 1]);
        Tensor::<4>::from_data(values, &images.device())
    };
    let mean = of_channels(TORCHVISION_MEAN.map(|value| 255.0 * value));
    let deviation = of_channels(TORCHVISION_DEVIATION.map(|value| 255.0 * value));
    (images - mean) / deviation
}

/// `[n, 3, h, w]` RGB values from 0 to 255 as -1 to 1; 127.5 becomes exactly 0.
pub(crate) fn to_unit_range(images: Tensor<4>) -> Tensor<4> {
    images.mul_scalar(2.0 / 255.0).sub_scalar(1.0)
}

/// `[n, 3, h, w]` RGB values from 0 to 255 less ImageNet's mean; not scaled.
pub(crate) fn subtract_imagenet_mean(images: Tensor<4>) -> Tensor<4> {
    let mean = TensorData::new(IMAGENET_MEAN.to_vec(), [1, 3, 1, 1]);
    let mean = Tensor::from_data(mean, &images.device());
    images - mean
}

impl Config {
    /// The RGB value that pads an image.
    ///
    /// It counts as nothing, 0 after normalisation, but for one network: the original pads for
    /// `resnet_v1_18` with 127.5 although that network subtracts ImageNet's mean, and its weights
    /// have learned it so.
    pub fn mean_pixel(&self) -> [f32; 3] {
        if self.library == Library::Torchvision {
            return TORCHVISION_MEAN.map(|value| 255.0 * value);
        }
        match self.model_variant.as_str() {
            "resnet_v1_50" | "resnet_v1_101" => IMAGENET_MEAN,
            _ => [127.5; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn padding_of(variant: &str) -> Tensor<4> {
        let config = Config {
            model_variant: variant.to_owned(),
            ..Config::default()
        };
        let pixel = TensorData::new(config.mean_pixel().to_vec(), [1, 3, 1, 1]);
        Tensor::from_data(pixel, &Device::flex())
    }

    fn values(images: Tensor<4>) -> Vec<f32> {
        images.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn the_padding_is_nothing_but_for_one_network() {
        for variant in ["mobilenet_v2", "xception_65", "resnet_v1_50_beta"] {
            assert_eq!(values(to_unit_range(padding_of(variant))), [0.0; 3]);
        }
        for variant in ["resnet_v1_50", "resnet_v1_101"] {
            assert_eq!(
                values(subtract_imagenet_mean(padding_of(variant))),
                [0.0; 3]
            );
        }
        let padded = values(subtract_imagenet_mean(padding_of("resnet_v1_18")));
        for (found, expected) in padded.iter().zip([4.35, 11.6, 24.44]) {
            assert!((found - expected).abs() < 1e-4, "{found}");
        }
    }
}
