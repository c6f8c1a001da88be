//! Atrous spatial pyramid pooling: the head that looks at several distances at once.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;

use super::builder::Builder;
use super::geometry::scale_dimension;
use super::layers::{Activation, Conv, Conv3x3, ConvSpec, Ending, head_1x1};
use super::resize::bilinear_align_corners;
use super::{Config, TrainingMode};

/// Image pooling, a 1x1 branch and atrous branches, side by side, then a projection.
#[derive(Module, Debug)]
pub(crate) struct Aspp {
    image_pooling: Option<Conv>,
    aspp0: Conv,
    atrous: Vec<Conv3x3>,
    concat_projection: Option<Conv>,
}

impl Aspp {
    /// The head over features of `inputs` channels, and how many channels come out of it.
    pub(crate) fn build(config: &Config, inputs: usize, builder: &mut Builder) -> (Self, usize) {
        let depth = config.aspp_convs_filters;
        let activation = config.head_activation();
        let image_pooling = config
            .add_image_level_feature
            .then(|| pooling_conv(config, inputs).build("image_pooling", builder));
        let aspp0 = head_1x1(inputs, depth, activation).build("aspp0", builder);
        let form = if config.aspp_with_separable_conv {
            Conv3x3::separable
        } else {
            Conv3x3::full
        };
        let atrous: Vec<_> = (1..=config.atrous_rates.len())
            .map(|i| form(&format!("aspp{i}"), [inputs, depth], activation, builder))
            .collect();
        let beside = image_pooling.is_some() && !config.aspp_with_squeeze_and_excitation;
        let together = depth * (usize::from(beside) + 1 + atrous.len());
        let concat_projection = config
            .aspp_with_concat_projection
            .then(|| head_1x1(together, depth, activation).build("concat_projection", builder));
        let outputs = if concat_projection.is_some() {
            depth
        } else {
            together
        };
        let aspp = Self {
            image_pooling,
            aspp0,
            atrous,
            concat_projection,
        };
        (aspp, outputs)
    }

    /// `[n, inputs, h, w]` to `[n, outputs, h, w]`; `scale` is the image's in the image pyramid.
    pub(crate) fn forward(
        &self,
        features: &Tensor<4>,
        config: &Config,
        scale: f64,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let [_, _, height, width] = features.dims();
        let pooled = self
            .image_pooling
            .as_ref()
            .map(|conv| conv.forward_plain(pool(features.clone(), config, scale), mode));
        let mut branches = vec![self.aspp0.forward_plain(features.clone(), mode)];
        for (conv, &rate) in self.atrous.iter().zip(&config.atrous_rates) {
            branches.push(conv.forward(features.clone(), rate, mode));
        }
        let together = Tensor::cat(branches, 1);
        match pooled {
            Some(gate) if config.aspp_with_squeeze_and_excitation => {
                self.project(None, together, mode) * bilinear_align_corners(gate, [height, width])
            }
            pooled => self.project(pooled, together, mode),
        }
    }

    /// The projection of `pooled`, spread over the map, and the branches behind it.
    fn project(
        &self,
        pooled: Option<Tensor<4>>,
        branches: Tensor<4>,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let [_, _, height, width] = branches.dims();
        let projected = match (&self.concat_projection, pooled) {
            (Some(projection), Some(pooled)) if pooled.dims()[2..] == [1, 1] => {
                projection.forward_beside(pooled, branches, mode)
            }
            (projection, pooled) => {
                let spread = pooled.map(|map| bilinear_align_corners(map, [height, width]));
                let together = Tensor::cat(spread.into_iter().chain([branches]).collect(), 1);
                match projection {
                    Some(projection) => projection.forward_plain(together, mode),
                    None => return together,
                }
            }
        };
        mode.drop_out(projected)
    }
}

impl Config {
    /// What follows the convolutions of the head and the decoder.
    pub(super) fn head_activation(&self) -> Activation {
        if self.use_bounded_activation {
            Activation::Relu6
        } else {
            Activation::Relu
        }
    }
}

/// The convolution on the pooled image: a branch with batch norm, or a gate with a bias.
fn pooling_conv(config: &Config, inputs: usize) -> ConvSpec {
    let branch = head_1x1(inputs, config.aspp_convs_filters, Activation::Relu);
    if !config.aspp_with_squeeze_and_excitation {
        return branch;
    }
    ConvSpec {
        ending: Ending::Biases,
        activation: if config.image_se_uses_qsigmoid {
            Activation::QuantSigmoid
        } else {
            Activation::Sigmoid
        },
        ..branch
    }
}

/// The mean over the whole map, or over a sliding window if `image_pooling_crop_size` sets one.
///
/// Without it the window is the crop, which is the whole map: the crop here is always the image.
fn pool(features: Tensor<4>, config: &Config, scale: f64) -> Tensor<4> {
    let [_, _, height, width] = features.dims();
    let window = config.crop_size.and(config.image_pooling_crop_size);
    let stride = 1.0 / config.output_stride as f64;
    let kernel = window.map_or([height, width], |size| {
        size.map(|side| scale_dimension(scale_dimension(side, scale), stride))
    });
    if kernel[0] >= height && kernel[1] >= width {
        return features.mean_dims(&[2, 3]);
    }
    let kernel = [kernel[0].clamp(1, height), kernel[1].clamp(1, width)];
    let options = AvgPoolOptions::new(kernel).with_stride(config.image_pooling_stride);
    avg_pool2d(features, options)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// The means of a map of 5 x 7 pixels, each of them its row.
    fn pooled(config: &Config, scale: f64) -> (Vec<usize>, Vec<f32>) {
        let rows: Vec<f32> = (0..35_u8).map(|pixel| f32::from(pixel / 7)).collect();
        let map = Tensor::from_data(TensorData::new(rows, [1, 1, 5, 7]), &Device::flex());
        let means = pool(map, config, scale);
        (
            means.dims().to_vec(),
            means.into_data().try_to_vec().unwrap(),
        )
    }

    #[test]
    fn the_window_is_the_crops_and_follows_the_scale() {
        let config = Config {
            crop_size: Some([65, 97]),
            image_pooling_crop_size: Some([33, 65]),
            image_pooling_stride: [2, 1],
            ..Config::default()
        };
        // 33 x 65 image pixels are 3 x 5 feature pixels.
        let (shape, means) = pooled(&config, 1.0);
        assert_eq!(shape, [1, 1, 2, 3]);
        assert_eq!(means, [1.0, 1.0, 1.0, 3.0, 3.0, 3.0]);
        // Of an image half as large they are 17 x 33, and so 2 x 3.
        let (shape, means) = pooled(&config, 0.5);
        assert_eq!(shape, [1, 1, 2, 5]);
        assert_eq!(means[..6], [0.5, 0.5, 0.5, 0.5, 0.5, 2.5]);
    }

    #[test]
    fn without_a_window_or_a_crop_the_whole_map_is_one() {
        let whole = Config::default();
        assert_eq!(pooled(&whole, 1.0), (vec![1, 1, 1, 1], vec![2.0]));
        let any_size = Config {
            crop_size: None,
            image_pooling_crop_size: Some([33, 65]),
            ..Config::default()
        };
        assert_eq!(pooled(&any_size, 1.0), (vec![1, 1, 1, 1], vec![2.0]));
    }
}
