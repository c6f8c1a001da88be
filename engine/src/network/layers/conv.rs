//! A convolution with what belongs to it: normalisation or bias, and activation.

use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, s};

use super::on_cpu::Packed;
use super::{Activation, BatchNorm, Norm};
use crate::network::builder::{Builder, Layout};
use crate::network::cpu::{Cache, Full};
use crate::network::geometry::Padding;
use crate::network::initializer::Initializer;
use crate::network::variable::Kind;
use crate::network::{Tally, TrainingMode};

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
    /// What surrounds the map.
    pub padding: Padding,
    /// What comes between the kernel and the activation.
    pub ending: Ending,
    /// Applied last.
    pub activation: Activation,
    /// How the kernel starts.
    pub initializer: Initializer,
}

/// What comes between a convolution's kernel and its activation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// Batch norm; a bias once that is folded.
    BatchNorm(Norm),
    /// A bias for each channel.
    Biases,
    /// Nothing: another convolution follows at once.
    Nothing,
}

/// Where the variables of a convolution stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scopes<'a> {
    /// Of the kernel and the biases.
    pub conv: &'a str,
    /// Of the batch norm.
    pub norm: &'a str,
    /// What the kernel is called.
    pub kernel: Kind,
}

impl ConvSpec {
    /// Makes the convolution, its kernel directly under `scope`, its batch norm below.
    pub(crate) fn build(&self, scope: &str, builder: &mut Builder) -> Conv {
        let scopes = Scopes {
            conv: scope,
            norm: &format!("{scope}/BatchNorm"),
            kernel: if self.depthwise {
                Kind::DepthwiseWeights
            } else {
                Kind::Weights
            },
        };
        self.build_in(scopes, builder)
    }

    /// Makes the convolution, its variables where `scopes` say.
    pub(crate) fn build_in(&self, scopes: Scopes, builder: &mut Builder) -> Conv {
        let (shape, groups) = if self.depthwise {
            ([self.kernel, self.kernel, self.inputs, 1], self.inputs)
        } else {
            ([self.kernel, self.kernel, self.inputs, self.outputs], 1)
        };
        let weights = builder.kernel(scopes.conv, scopes.kernel, shape, self.initializer);
        let outputs = self.outputs;
        let (batch_norm, biases) = match (self.ending, builder.layout()) {
            (Ending::BatchNorm(norm), Layout::BatchNorm) => {
                let kernel = format!("{}/{}", scopes.conv, scopes.kernel.leaf());
                let norm = BatchNorm::build(scopes.norm, &kernel, outputs, norm, builder);
                (Some(norm), None)
            }
            (Ending::Nothing, _) => (None, None),
            (Ending::Biases, _) | (_, Layout::Folded) => {
                let biases = builder.vector(scopes.conv, Kind::Biases, outputs, 0.0, None);
                (None, Some(biases))
            }
        };
        Conv {
            weights,
            biases,
            batch_norm,
            kernel: self.kernel,
            groups,
            padding: self.padding,
            activation: self.activation,
            packed: Cache::default(),
            packed_beside: Cache::default(),
        }
    }
}

/// A convolution, batch norm or bias, and an activation.
#[derive(Module, Debug)]
pub(crate) struct Conv {
    pub(super) weights: Param<Tensor<4>>,
    pub(super) biases: Option<Param<Tensor<1>>>,
    pub(super) batch_norm: Option<BatchNorm>,
    pub(super) kernel: usize,
    pub(super) groups: usize,
    #[module(skip)]
    pub(super) padding: Padding,
    #[module(skip)]
    pub(super) activation: Activation,
    pub(super) packed: Cache<Option<Packed>>,
    pub(super) packed_beside: Cache<[Full; 2]>,
}

impl Conv {
    /// `[n, inputs, h, w]` to `[n, outputs, h', w']`, with pixels `rate` apart under the kernel;
    /// padded as SAME, h' is ceil(h / stride).
    pub(crate) fn forward(
        &self,
        features: Tensor<4>,
        stride: usize,
        rate: usize,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        if let Some(tally) = mode.tally {
            return self.count(tally, &features, stride, [rate; 2]);
        }
        let [_, _, height, width] = features.dims();
        let window = self.window([height, width], stride, rate);
        if let Some(packed) = self.packed(&features)
            && let Some(size) = window.outputs([height, width])
        {
            return self.forward_packed(packed, features, &window, size);
        }
        let options =
            ConvOptions::new_with_padding([stride; 2], window.padding, [rate; 2], self.groups);
        let convolved = conv2d(features, self.weights.val(), self.biases(), options);
        self.finish(convolved, mode)
    }

    /// As [`Conv::forward`] without a stride, with pixels `rates` apart by rows and by columns.
    pub(crate) fn forward_at_rates(
        &self,
        features: Tensor<4>,
        rates: [usize; 2],
        mode: &TrainingMode,
    ) -> Tensor<4> {
        if let Some(tally) = mode.tally {
            return self.count(tally, &features, 1, rates);
        }
        let [_, _, height, width] = features.dims();
        let sides = [(height, rates[0]), (width, rates[1])];
        let padding = sides.map(|(size, rate)| self.padding.zeros(size, self.kernel, 1, rate));
        let options = ConvOptions::new_with_padding([1, 1], padding, rates, self.groups);
        let convolved = conv2d(features, self.weights.val(), self.biases(), options);
        self.finish(convolved, mode)
    }

    /// A 1x1 convolution, or one that needs neither stride nor rate.
    pub(crate) fn forward_plain(&self, features: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        self.forward(features, 1, 1, mode)
    }

    /// What a 1x1 convolution makes of `pixel`, `[n, p, 1, 1]`, repeated all over the map in front
    /// of `features`, `[n, inputs - p, h, w]`; without repeating it.
    pub(crate) fn forward_beside(
        &self,
        pixel: Tensor<4>,
        features: Tensor<4>,
        mode: &TrainingMode,
    ) -> Tensor<4> {
        if let Some(tally) = mode.tally {
            return self.count(tally, &features, 1, [1; 2]);
        }
        let [_, first, _, _] = pixel.dims();
        if self.packed(&features).is_some() {
            return self.forward_beside_on_cpu(pixel, features);
        }
        let weights = self.weights.val();
        let of_pixel = weights.clone().slice(s![.., ..first]);
        let of_features = weights.slice(s![.., first..]);
        let convolved = pointwise(features, of_features, self.biases());
        self.finish(convolved + pointwise(pixel, of_pixel, None), mode)
    }

    /// Counts what there is to compute, and gives features of the shape that comes out.
    fn count(
        &self,
        tally: &Tally,
        features: &Tensor<4>,
        stride: usize,
        rates: [usize; 2],
    ) -> Tensor<4> {
        let [images, _, height, width] = features.dims();
        let weights = self.weights.val();
        let [height, width] = [(height, rates[0]), (width, rates[1])].map(|(size, rate)| {
            let (before, after) = self.padding.zeros(size, self.kernel, stride, rate);
            let room = (before + size + after).saturating_sub((self.kernel - 1) * rate + 1);
            room / stride + 1
        });
        let places = height.next_multiple_of(rates[0]) * width.next_multiple_of(rates[1]);
        tally.add(weights.shape().num_elements(), places, self.groups > 1);
        let [outputs, ..] = weights.dims();
        Tensor::empty([images, outputs, height, width], &features.device())
    }

    fn biases(&self) -> Option<Tensor<1>> {
        self.biases.as_ref().map(Param::val)
    }

    fn finish(&self, convolved: Tensor<4>, mode: &TrainingMode) -> Tensor<4> {
        let normalised = match &self.batch_norm {
            Some(batch_norm) => batch_norm.forward(convolved, mode),
            None => convolved,
        };
        self.activation.apply(normalised)
    }
}

fn pointwise(features: Tensor<4>, weights: Tensor<4>, biases: Option<Tensor<1>>) -> Tensor<4> {
    conv2d(
        features,
        weights,
        biases,
        ConvOptions::new([1, 1], [0, 0], [1, 1], 1),
    )
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::network::builder::Fill;

    /// A 3x3 convolution of two channels by its definition, one output value at a time.
    struct Plain<'a> {
        image: &'a [f32],
        size: [usize; 2],
        kernel: &'a [f32],
        depthwise: bool,
        stride: usize,
        rate: usize,
    }

    impl Plain<'_> {
        fn at(&self, output: usize, row: usize, column: usize) -> f32 {
            let [height, width] = self.size;
            let (top, _) = Padding::Same.zeros(height, 3, self.stride, self.rate);
            let (left, _) = Padding::Same.zeros(width, 3, self.stride, self.rate);
            let inputs = if self.depthwise {
                output..=output
            } else {
                0..=1
            };
            let first = if self.depthwise { output } else { output * 2 };
            let mut sum = 0.0;
            for (kernel, input) in inputs.enumerate() {
                for (i, j) in (0..9).map(|tap| (tap / 3, tap % 3)) {
                    let y = (row * self.stride + i * self.rate).wrapping_sub(top);
                    let x = (column * self.stride + j * self.rate).wrapping_sub(left);
                    if y < height && x < width {
                        let pixel = self.image[(input * height + y) * width + x];
                        sum += pixel * self.kernel[((first + kernel) * 3 + i) * 3 + j];
                    }
                }
            }
            sum
        }
    }

    #[test]
    fn equals_its_definition_for_strides_rates_and_even_sizes() {
        let cases: [([usize; 2], usize, usize); 6] = [
            ([7, 7], 2, 1),
            ([8, 6], 2, 1),
            ([5, 6], 1, 2),
            ([4, 9], 1, 6),
            ([9, 4], 2, 2),
            ([2, 3], 1, 1),
        ];
        for (case, depthwise) in cases.iter().flat_map(|case| [(case, true), (case, false)]) {
            check(*case, depthwise);
        }
    }

    fn check((size, stride, rate): ([usize; 2], usize, usize), depthwise: bool) {
        let device = Device::flex();
        let spec = ConvSpec {
            kernel: 3,
            inputs: 2,
            outputs: 2,
            depthwise,
            padding: Padding::Same,
            ending: Ending::Biases,
            activation: Activation::Linear,
            initializer: Initializer::TruncatedNormal(1.0),
        };
        let mut builder = Builder::new(&device, Fill::Seed(5), Layout::BatchNorm);
        let conv = spec.build("conv", &mut builder);
        let [height, width] = size;
        let count = u8::try_from(2 * height * width).unwrap();
        let image: Vec<f32> = (0..count).map(|v| f32::from(v % 13) - 6.0).collect();
        let data = TensorData::new(image.clone(), [1, 2, height, width]);
        let image_tensor = Tensor::from_data(data, &device);
        let found = conv.forward(image_tensor, stride, rate, &TrainingMode::default());
        let (rows, columns) = (height.div_ceil(stride), width.div_ceil(stride));
        assert_eq!(found.dims(), [1, 2, rows, columns]);
        let found: Vec<f32> = found.into_data().try_to_vec().unwrap();
        let kernel: Vec<f32> = conv.weights.val().into_data().try_to_vec().unwrap();
        let plain = Plain {
            image: &image,
            size,
            kernel: &kernel,
            depthwise,
            stride,
            rate,
        };
        for (index, value) in found.iter().enumerate() {
            let (output, row) = (index / (rows * columns), index / columns % rows);
            let expected = plain.at(output, row, index % columns);
            let what = format!("{size:?}, stride {stride}, rate {rate}, depthwise {depthwise}");
            assert!(
                (value - expected).abs() < 1e-4,
                "{what}: {value} {expected}"
            );
        }
    }
}
