//! The dense prediction cell (Chen et al., "Searching for Efficient Multi-Scale Architectures for
//! Dense Image Prediction", 2018): a searched head in the place of atrous spatial pyramid pooling.

mod branch;

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;

pub(super) use branch::{Branch, branches};

use super::builder::Builder;
use super::geometry::scale_dimension;
use super::layers::{Activation, Conv, Conv3x3, head_1x1};
use super::resize::bilinear_align_corners;
use super::{Config, TrainingMode};
use crate::Result;

/// Channels of each branch and of the cell (`reduction_size` and `concat_channels`).
const DEPTH: usize = 256;

/// The output stride that the rates of a cell are written for.
const RATES_AT: usize = 16;

/// Branches that read the backbone or each other, put together and projected.
#[derive(Module, Debug)]
pub(crate) struct DensePredictionCell {
    /// Of each branch: a separable convolution, or a single 1x1 one.
    layers: Vec<Conv3x3>,
    #[module(skip)]
    branches: Vec<Branch>,
    concat_projection: Conv,
}

impl DensePredictionCell {
    /// The cell over features of `inputs` channels, and how many channels come out of it.
    ///
    /// # Errors
    /// As [`branches`].
    pub(super) fn build(
        config: &Config,
        inputs: usize,
        builder: &mut Builder,
    ) -> Result<(Self, usize)> {
        let branches = branches(&config.dense_prediction_cell_json)?;
        let mut layers = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let scope = format!("meta_architecture/branch{index}");
            let inputs = branch.input().map_or(inputs, |_| DEPTH);
            layers.push(match branch {
                Branch::Separable { .. } => {
                    Conv3x3::separable(&scope, [inputs, DEPTH], Activation::Relu, builder)
                }
                Branch::Pointwise { .. } | Branch::Pooling { .. } => {
                    let conv = head_1x1(inputs, DEPTH, Activation::Relu);
                    Conv3x3::single(conv.build(&scope, builder))
                }
            });
        }
        let projection = head_1x1(DEPTH * branches.len(), DEPTH, Activation::Relu);
        let cell = Self {
            layers,
            branches,
            concat_projection: projection.build("meta_architecture/concat_projection", builder),
        };
        Ok((cell, DEPTH))
    }

    /// `[n, inputs, h, w]` to `[n, outputs, h, w]`; `scale` is the image's in the image pyramid.
    pub(super) fn forward(
        &self,
        features: &Tensor<4>,
        config: &Config,
        scale: f64,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let mut outputs: Vec<Tensor<4>> = Vec::new();
        for (branch, layer) in self.branches.iter().zip(&self.layers) {
            let input = branch.input().map_or(features, |index| &outputs[index]);
            outputs.push(match branch {
                Branch::Separable { rate, .. } => {
                    let rates = rate.map(|rate| rate * RATES_AT / config.output_stride);
                    layer.forward_at_rates(input.clone(), rates, mode)
                }
                Branch::Pointwise { .. } => layer.forward(input.clone(), 1, mode),
                Branch::Pooling { grid, .. } => {
                    let pooled = pool(input.clone(), config, scale, *grid);
                    let [_, _, height, width] = input.dims();
                    bilinear_align_corners(layer.forward(pooled, 1, mode), [height, width])
                }
            });
        }
        let together = mode.drop_out(Tensor::cat(outputs, 1));
        self.concat_projection.forward_plain(together, mode)
    }
}

/// Means over windows that the crop, or `image_pooling_crop_size`, holds `grid` of.
fn pool(features: Tensor<4>, config: &Config, scale: f64, grid: [usize; 2]) -> Tensor<4> {
    let [_, _, height, width] = features.dims();
    let map = [height, width];
    let window = config.crop_size.and(config.image_pooling_crop_size);
    let kernel = [0, 1].map(|axis| {
        let parts = grid[axis] as f64;
        let side = match window {
            Some(size) => {
                let side = scale_dimension(size[axis], scale);
                scale_dimension(side, 1.0 / (config.output_stride as f64 * parts))
            }
            None => scale_dimension(map[axis], 1.0 / parts),
        };
        side.clamp(1, map[axis])
    });
    avg_pool2d(features, AvgPoolOptions::new(kernel).with_stride([1, 1]))
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::TrainingMode;

    const CELL: &str = r#"[
        {"op": "pyramid_pooling", "grid_size": [1, 2], "input": -1},
        {"op": "conv", "kernel": 1, "input": 0},
        {"op": "conv", "kernel": 3, "rate": [1, 6], "input": -1}
    ]"#;

    fn config() -> Config {
        Config {
            depth_multiplier: 0.25,
            dense_prediction_cell_json: CELL.into(),
            ..Config::default()
        }
    }

    #[test]
    fn every_operation_keeps_the_size_of_the_map() {
        let device = Device::flex();
        let network = config().init(&device).unwrap();
        let names: Vec<_> = network
            .variables()
            .iter()
            .map(|variable| (variable.name.as_str(), variable.shape.as_slice()))
            .filter(|(name, _)| name.starts_with("meta_architecture") && name.ends_with("weights"))
            .collect();
        let expected: [(&str, &[usize]); 5] = [
            ("meta_architecture/branch0/weights", &[1, 1, 80, 256]),
            ("meta_architecture/branch1/weights", &[1, 1, 256, 256]),
            (
                "meta_architecture/branch2_depthwise/depthwise_weights",
                &[3, 3, 80, 1],
            ),
            (
                "meta_architecture/branch2_pointwise/weights",
                &[1, 1, 80, 256],
            ),
            (
                "meta_architecture/concat_projection/weights",
                &[1, 1, 768, 256],
            ),
        ];
        assert_eq!(names, expected);
        let logits = network.forward(Tensor::ones([1, 3, 65, 97], &device));
        assert_eq!(logits.dims(), [1, 21, 5, 7]);
    }

    #[test]
    fn dropout_comes_before_the_projection() {
        let device = Device::flex();
        let network = config().init(&device).unwrap();
        let images = Tensor::<4>::ones([1, 3, 33, 33], &device);
        let dropping = TrainingMode {
            dropout: Some(1),
            ..TrainingMode::default()
        };
        let plain = network.forward(images.clone());
        let dropped = network.forward_training(images, &dropping);
        assert!(plain.into_data() != dropped.into_data());
    }
}
