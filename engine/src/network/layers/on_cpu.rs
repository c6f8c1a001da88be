//! How a folded convolution runs on the CPU: through our own kernels instead of burn's.

use burn::tensor::Tensor;

use super::Conv;
use crate::network::cpu::{Depthwise, Finish, Full, Map, Window, floats};

/// A convolution's weights as the kernels take them.
#[derive(Debug)]
pub(crate) enum Packed {
    /// Over all channels.
    Full(Full),
    /// Each channel by itself.
    Depthwise(Depthwise),
}

impl Conv {
    /// What lies under the kernel on a map of `size`.
    pub(super) fn window(&self, size: [usize; 2], stride: usize, rate: usize) -> Window {
        Window {
            side: self.kernel,
            stride,
            rate,
            padding: size.map(|size| self.padding.zeros(size, self.kernel, stride, rate)),
        }
    }

    /// Whether this convolution of these features is one for our kernels.
    pub(crate) fn runs_on_cpu(&self, features: &Tensor<4>) -> bool {
        self.packed(features).is_some()
    }

    /// The packed weights, if this convolution of these features is one for our kernels.
    pub(super) fn packed(&self, features: &Tensor<4>) -> Option<&Packed> {
        if self.batch_norm.is_some() || !Map::takes(features) || !Map::takes(&self.weights.val()) {
            return None;
        }
        self.packed.get_or_make(|| self.pack()).as_ref()
    }

    /// None for a kind of convolution that is left to burn.
    fn pack(&self) -> Option<Packed> {
        let [outputs, inputs, ..] = self.weights.val().dims();
        let kernel = floats(self.weights.val());
        let biases = self.biases.as_ref();
        let biases = biases.map_or_else(|| vec![0.0; outputs], |biases| floats(biases.val()));
        match self.groups {
            1 => Some(Packed::Full(Full::pack(
                &kernel,
                [inputs, self.kernel],
                0..inputs,
                &biases,
                self.finish_on_cpu(),
            ))),
            groups if inputs == 1 && groups == outputs => {
                Depthwise::pack(&kernel, self.kernel, &biases, self.finish_on_cpu())
                    .map(Packed::Depthwise)
            }
            _ => None,
        }
    }

    /// What the kernels apply; the other activations follow by themselves.
    fn finish_on_cpu(&self) -> Finish {
        self.activation.on_cpu().unwrap_or(Finish::NOTHING)
    }

    /// As [`Conv::forward`], with weights that [`Conv::packed`] gave; `size` is what comes out.
    pub(super) fn forward_packed(
        &self,
        packed: &Packed,
        features: Tensor<4>,
        window: &Window,
        size: [usize; 2],
    ) -> Tensor<4> {
        self.activated(match packed {
            Packed::Full(full) => full.convolve(features, window, size),
            Packed::Depthwise(depthwise) => depthwise.convolve(&Map::of(features), window, size),
        })
    }

    /// What the kernels left to do of the activation.
    pub(super) fn activated(&self, map: Map) -> Tensor<4> {
        match self.activation.on_cpu() {
            Some(_) => map.into_tensor(),
            None => self.activation.apply(map.into_tensor()),
        }
    }

    /// As [`Conv::forward_beside`]: what the pixel comes to is the same everywhere, so that it
    /// counts as a bias.
    pub(super) fn forward_beside_on_cpu(&self, pixel: Tensor<4>, features: Tensor<4>) -> Tensor<4> {
        let [_, first, ..] = pixel.dims();
        let [of_pixel, of_features] = self.packed_beside.get_or_make(|| {
            let [_, inputs, ..] = self.weights.val().dims();
            let kernel = floats(self.weights.val());
            let biases = self
                .biases
                .as_ref()
                .map_or_else(Vec::new, |b| floats(b.val()));
            let pack = |range, finish| Full::pack(&kernel, [inputs, 1], range, &biases, finish);
            [
                pack(0..first, Finish::NOTHING),
                pack(first..inputs, self.finish_on_cpu()),
            ]
        });
        let pixels = of_pixel.mix(&Map::of(pixel), of_pixel.biases());
        let biases = pixels.values.chunks_exact(of_pixel.outputs());
        let parts = Map::of(features).split();
        let maps = parts.into_iter().zip(biases).map(|(part, biases)| {
            let mut padded = biases.to_vec();
            padded.resize(of_features.biases().len(), 0.0);
            of_features.mix(&part, &padded)
        });
        self.activated(Map::join(maps))
    }
}
