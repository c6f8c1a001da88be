//! A convolution with what belongs to it: normalisation or bias, and activation.

use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

use super::{Activation, BatchNorm, Norm};
use crate::network::TrainingMode;
use crate::network::builder::{Builder, Layout};
use crate::network::geometry::same_padding;
use crate::network::initializer::Initializer;
use crate::network::variable::Kind;

/// What a convolution is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConvSpec {
    /// Side of the kernel.
    pub kernel: usize,
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// One kernel a channel, instead of one for each pair of channels.
    pub depthwise: bool,
    /// Batch norm after it; `None` is a bias instead.
    pub norm: Option<Norm>,
    /// Applied last.
    pub activation: Activation,
    /// How the kernel starts.
    pub initializer: Initializer,
}

impl ConvSpec {
    /// Makes the convolution, its kernel directly under `scope`.
    pub(crate) fn build(&self, scope: &str, builder: &mut Builder) -> Conv {
        let (kind, shape, groups) = if self.depthwise {
            let shape = [self.kernel, self.kernel, self.inputs, 1];
            (Kind::DepthwiseWeights, shape, self.inputs)
        } else {
            let shape = [self.kernel, self.kernel, self.inputs, self.outputs];
            (Kind::Weights, shape, 1)
        };
        let weights = builder.kernel(scope, kind, shape, self.initializer);
        let norm = self.norm.filter(|_| builder.layout() == Layout::BatchNorm);
        let batch_norm = norm.map(|norm| {
            BatchNorm::build(&format!("{scope}/BatchNorm"), self.outputs, norm, builder)
        });
        let biases = batch_norm
            .is_none()
            .then(|| builder.vector(scope, Kind::Biases, self.outputs, 0.0, None));
        Conv {
            weights,
            biases,
            batch_norm,
            kernel: self.kernel,
            groups,
            activation: self.activation,
        }
    }
}

/// A convolution, batch norm or bias, and an activation.
#[derive(Module, Debug)]
pub(crate) struct Conv {
    weights: Param<Tensor<4>>,
    biases: Option<Param<Tensor<1>>>,
    batch_norm: Option<BatchNorm>,
    kernel: usize,
    groups: usize,
    #[module(skip)]
    activation: Activation,
}

impl Conv {
    /// `[n, inputs, h, w]` to `[n, outputs, ceil(h / stride), ceil(w / stride)]`, padded as
    /// TensorFlow's SAME, with pixels `rate` apart under the kernel.
    pub(crate) fn forward(
        &self,
        features: Tensor<4>,
        stride: usize,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        let [_, _, height, width] = features.dims();
        let padding = [height, width].map(|size| same_padding(size, self.kernel, stride, rate));
        let options = ConvOptions::new_with_padding([stride; 2], padding, [rate; 2], self.groups);
        let biases = self.biases.as_ref().map(Param::val);
        let mut features = conv2d(features, self.weights.val(), biases, options);
        if let Some(batch_norm) = &self.batch_norm {
            features = batch_norm.forward(features, mode);
        }
        self.activation.apply(features)
    }

    /// A 1x1 convolution, or one that needs neither stride nor rate.
    pub(crate) fn forward_plain(&self, features: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        self.forward(features, 1, 1, mode)
    }

    /// Where the kernel lies.
    pub(crate) fn device(&self) -> Device {
        self.weights.device()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::network::builder::Fill;

    /// A convolution by its definition, one output value at a time.
    struct Plain<'a> {
        image: &'a [f32],
        size: [usize; 2],
        kernel: &'a [f32],
        stride: usize,
        rate: usize,
    }

    impl Plain<'_> {
        fn at(&self, channel: usize, row: usize, column: usize) -> f32 {
            let [height, width] = self.size;
            let (top, _) = same_padding(height, 3, self.stride, self.rate);
            let (left, _) = same_padding(width, 3, self.stride, self.rate);
            let mut sum = 0.0;
            for i in 0..3 {
                for j in 0..3 {
                    let y = (row * self.stride + i * self.rate).wrapping_sub(top);
                    let x = (column * self.stride + j * self.rate).wrapping_sub(left);
                    if y < height && x < width {
                        let pixel = self.image[(channel * height + y) * width + x];
                        sum += pixel * self.kernel[(channel * 3 + i) * 3 + j];
                    }
                }
            }
            sum
        }
    }

    #[test]
    fn depthwise_equals_its_definition_for_strides_rates_and_even_sizes() {
        let device = Device::flex();
        let cases: [([usize; 2], usize, usize); 5] = [
            ([7, 7], 2, 1),
            ([8, 6], 2, 1),
            ([5, 6], 1, 2),
            ([4, 9], 1, 6),
            ([9, 4], 2, 2),
        ];
        for (size, stride, rate) in cases {
            let spec = ConvSpec {
                kernel: 3,
                inputs: 2,
                outputs: 2,
                depthwise: true,
                norm: None,
                activation: Activation::Linear,
                initializer: Initializer::TruncatedNormal(1.0),
            };
            let mut builder = Builder::new(&device, Fill::Seed(5), Layout::BatchNorm);
            let conv = spec.build("depthwise", &mut builder);
            let [height, width] = size;
            let count = u8::try_from(2 * height * width).unwrap();
            let image: Vec<f32> = (0..count).map(|v| f32::from(v % 13) - 6.0).collect();
            let data = TensorData::new(image.clone(), [1, 2, height, width]);
            let mode = TrainingMode::default();
            let found = conv.forward(Tensor::from_data(data, &device), stride, rate, &mode);
            let rows = height.div_ceil(stride);
            let columns = width.div_ceil(stride);
            assert_eq!(found.dims(), [1, 2, rows, columns]);
            let found: Vec<f32> = found.into_data().try_to_vec().unwrap();
            let kernel: Vec<f32> = conv.weights.val().into_data().try_to_vec().unwrap();
            let plain = Plain {
                image: &image,
                size,
                kernel: &kernel,
                stride,
                rate,
            };
            for (index, value) in found.iter().enumerate() {
                let (channel, row) = (index / (rows * columns), index / columns % rows);
                let expected = plain.at(channel, row, index % columns);
                assert!((value - expected).abs() < 1e-4, "{size:?} {stride} {rate}");
            }
        }
    }
}
