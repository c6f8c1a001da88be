//! Convolutions over all channels.

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::map::Map;
use super::simd::{Finish, Isa, Product, Run, Weights};
use super::window::Window;

/// Pixels that one task takes on at a time: whole tiles of either size, small enough for a cache.
const CHUNK: usize = 126;

/// A convolution over all channels, ready to run.
#[derive(Debug)]
pub(crate) struct Full {
    weights: Weights,
    inputs: usize,
    finish: Finish,
}

impl Full {
    /// Packs a kernel `[outputs, inputs, side, side]`, or those of its `inputs` that are wanted.
    pub(crate) fn pack(
        kernel: &[f32],
        [all_inputs, side]: [usize; 2],
        inputs: std::ops::Range<usize>,
        biases: &[f32],
        finish: Finish,
    ) -> Self {
        let (taps, count) = (side * side, inputs.len());
        // Taps one after the other, the channels of each side by side.
        let at = |input: usize, output: usize| {
            let channel = inputs.start + input % count;
            kernel[(output * all_inputs + channel) * taps + input / count]
        };
        Self {
            weights: Weights::pack(Isa::best(), taps * count, biases, at),
            inputs: count,
            finish,
        }
    }

    /// Channels that come out.
    pub(crate) fn outputs(&self) -> usize {
        self.weights.outputs()
    }

    /// The biases as [`Full::mix`] takes them.
    pub(crate) fn biases(&self) -> &[f32] {
        self.weights.biases()
    }

    /// A product of pixels `step` apart in `source` with a 1x1 kernel.
    pub(crate) fn pixels<'a>(
        &'a self,
        source: &'a [f32],
        step: usize,
        run: &'a [Run],
    ) -> Product<'a> {
        Product {
            source,
            step,
            runs: run,
            weights: &self.weights,
            biases: self.weights.biases(),
            residual: None,
            finish: self.finish,
        }
    }

    /// A pixel's channels.
    pub(crate) fn run(&self) -> [Run; 1] {
        [Run {
            start: 0,
            input: 0,
            len: self.inputs,
        }]
    }

    /// A 1x1 convolution, with `biases` in place of its own.
    pub(crate) fn mix(&self, map: &Map, biases: &[f32]) -> Map {
        let outputs = self.outputs();
        let mut mixed = Map::blank([map.images, map.height, map.width, outputs]);
        let run = self.run();
        mixed
            .values
            .par_chunks_mut((CHUNK * outputs).max(1))
            .zip(map.values.par_chunks((CHUNK * map.channels).max(1)))
            .for_each(|(out, source)| {
                let product = Product {
                    biases,
                    ..self.pixels(source, map.channels, &run)
                };
                product.write(out.len() / outputs, out, outputs);
            });
        mixed
    }

    /// The convolution with any window; `size` is what [`Window::outputs`] says.
    pub(crate) fn convolve(
        &self,
        features: Tensor<4>,
        window: &Window,
        [height, width]: [usize; 2],
    ) -> Map {
        if window.side == 1 && window.stride == 1 && window.padding == [(0, 0); 2] {
            return self.mix(&Map::of(features), self.biases());
        }
        let map = Map::padded(features, window.padding[1]);
        let (row, image) = (width * self.outputs(), map.height * map.row());
        let mut convolved = Map::blank([map.images, height, width, self.outputs()]);
        let rows = convolved.values.par_chunks_mut(row.max(1)).enumerate();
        rows.for_each(|(index, out)| {
            let source = &map.values[index / height * image..][..image];
            let rows = window.rows(index % height, map.height);
            let runs = runs(rows, window, &map);
            let product = self.pixels(source, window.stride * map.channels, &runs);
            product.write(width, out, self.outputs());
        });
        convolved
    }
}

/// What lies under the kernel at a row's first output. Rows of zeros are left out.
fn runs(rows: impl Iterator<Item = Option<usize>>, window: &Window, padded: &Map) -> Vec<Run> {
    let channels = padded.channels;
    // Without a rate the taps of a row lie side by side.
    let (count, len) = match window.rate {
        1 => (1, window.side * channels),
        _ => (window.side, channels),
    };
    let mut runs = Vec::with_capacity(window.side * count);
    for (tap, row) in rows.enumerate() {
        let Some(row) = row else { continue };
        runs.extend((0..count).map(|column| Run {
            start: row * padded.row() + column * window.rate * channels,
            input: tap * window.side * channels + column * len,
            len,
        }));
    }
    runs
}
