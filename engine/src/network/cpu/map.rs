//! Features between tensors and slices.

use burn::tensor::{DType, Device, Tensor, TensorData};

/// Features with channels last: a pixel's channels lie side by side, as the kernels read them.
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
        features.dtype() == DType::F32 && features.device() == Device::flex()
    }

    /// The features of a tensor `[n, channels, h, w]` that [`Map::takes`] takes. Nothing is copied
    /// if the tensor came from a map and nobody else holds it.
    pub(crate) fn of(features: Tensor<4>) -> Self {
        let [images, channels, height, width] = features.dims();
        let values = features
            .permute([0, 2, 3, 1])
            .into_data()
            .try_into_vec::<f32>();
        Self {
            values: values.unwrap_or_default(),
            images,
            height,
            width,
            channels,
        }
    }

    /// The features as a tensor `[n, channels, h, w]`, whose memory stays as it is here.
    pub(crate) fn into_tensor(self) -> Tensor<4> {
        let shape = [self.images, self.height, self.width, self.channels];
        let tensor = Tensor::from_data(TensorData::new(self.values, shape), &Device::flex());
        tensor.permute([0, 3, 1, 2])
    }

    /// Floats in a row of pixels.
    pub(crate) fn row(&self) -> usize {
        self.width * self.channels
    }

    /// The images one by one.
    pub(crate) fn split(self, images: usize) -> Vec<Self> {
        if images == 1 {
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
            joined.values.extend(map.values);
        }
        joined
    }
}
