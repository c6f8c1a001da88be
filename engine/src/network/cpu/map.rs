//! Features between tensors and slices.

use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;

use super::pool;

/// Images have few channels, and lie with one channel after the other.
const FEW_CHANNELS: usize = 4;

/// Features with channels last: a pixel's channels lie side by side, as the kernels read them.
///
/// The memory of a map that is dropped goes into the next ones.
#[derive(Debug, Default)]
pub(crate) struct Map {
    /// `[images, height, width, channels]`
    pub values: Vec<f32>,
    pub images: usize,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

impl Map {
    /// Whether a tensor is one that can be taken apart: of floats, on the CPU, without gradients.
    pub(crate) fn takes(features: &Tensor<4>) -> bool {
        let device = features.device();
        // Comparing devices says nothing of gradients.
        features.dtype() == DType::F32 && device == Device::flex() && !device.is_autodiff()
    }

    /// A map of any values, to be filled.
    pub(crate) fn blank([images, height, width, channels]: [usize; 4]) -> Self {
        Self {
            values: pool::take(images * height * width * channels),
            images,
            height,
            width,
            channels,
        }
    }

    /// The features of a tensor `[n, channels, h, w]` that [`Map::takes`] takes. Nothing is copied
    /// if the tensor came from a map and nobody else holds it.
    pub(crate) fn of(features: Tensor<4>) -> Self {
        let [images, channels, height, width] = features.dims();
        Self {
            values: floats(features.permute([0, 2, 3, 1])),
            images,
            height,
            width,
            channels,
        }
    }

    /// As [`Map::of`], with that many zeros before and behind each row.
    pub(crate) fn padded(features: Tensor<4>, sides: (usize, usize)) -> Self {
        let [images, channels, height, width] = features.dims();
        if channels > FEW_CHANNELS {
            let map = Self::of(features);
            return if sides == (0, 0) { map } else { map.pad(sides) };
        }
        let planes = floats(features);
        let mut padded = Self::blank([images, height, sides.0 + width + sides.1, channels]);
        let [plane, inner] = [height * width, sides.0 * channels];
        let row = padded.row().max(1);
        let rows = padded.values.par_chunks_mut(row).enumerate();
        rows.for_each(|(index, out)| {
            out.fill(0.0);
            let (image, y) = (index / height, index % height);
            for channel in 0..channels {
                let source = &planes[(image * channels + channel) * plane + y * width..][..width];
                let out = out[inner + channel..].iter_mut().step_by(channels);
                out.zip(source).for_each(|(out, value)| *out = *value);
            }
        });
        pool::give(planes);
        padded
    }

    fn pad(&self, (left, right): (usize, usize)) -> Self {
        let width = left + self.width + right;
        let mut padded = Self::blank([self.images, self.height, width, self.channels]);
        let row = padded.row().max(1);
        let inner = left * self.channels..left * self.channels + self.row();
        padded
            .values
            .par_chunks_mut(row)
            .zip(self.values.par_chunks(self.row().max(1)))
            .for_each(|(out, row)| {
                out[..inner.start].fill(0.0);
                out[inner.clone()].copy_from_slice(row);
                out[inner.end..].fill(0.0);
            });
        padded
    }

    /// The features as a tensor `[n, channels, h, w]`, whose memory stays as it is here.
    pub(crate) fn into_tensor(mut self) -> Tensor<4> {
        let shape = [self.images, self.height, self.width, self.channels];
        let values = TensorData::new(std::mem::take(&mut self.values), shape);
        Tensor::from_data(values, &Device::flex()).permute([0, 3, 1, 2])
    }

    /// Floats in a row of pixels.
    pub(crate) fn row(&self) -> usize {
        self.width * self.channels
    }

    /// The images one by one.
    pub(crate) fn split(self) -> Vec<Self> {
        if self.images == 1 {
            return vec![self];
        }
        let image = (self.height * self.row()).max(1);
        let parts = self.values.chunks_exact(image).map(|values| Self {
            values: values.to_vec(),
            images: 1,
            ..self
        });
        parts.collect()
    }

    /// Images of the same size together.
    pub(crate) fn join(maps: impl IntoIterator<Item = Self>) -> Self {
        let mut maps = maps.into_iter();
        let mut joined = maps.next().unwrap_or_default();
        for map in maps {
            joined.images += map.images;
            joined.values.extend(&map.values);
        }
        joined
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.values));
    }
}

/// A tensor's values, on the CPU.
pub(crate) fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap_or_default()
}
