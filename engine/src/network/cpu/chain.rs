//! A depthwise convolution with the 1x1 convolutions before and behind it, row by row.
//!
//! What lies between them is several times as large as what goes in and comes out, and never
//! leaves the processor's cache: only the rows that the depthwise kernel looks at are kept.

use std::cell::RefCell;

use rayon::prelude::*;

use super::buffer::Buffer;
use super::full::Full;
use super::map::Map;
use super::simd::{ChannelRow, ChannelWeights, Finish, Isa, LARGEST_KERNEL, Product};
use super::window::Window;

/// A depthwise convolution, ready to run.
#[derive(Debug)]
pub(crate) struct Depthwise {
    weights: ChannelWeights,
    finish: Finish,
}

impl Depthwise {
    /// Packs a kernel `[channels, 1, side, side]`; none where the side is not one that is built.
    pub(crate) fn pack(
        kernel: &[f32],
        side: usize,
        biases: &[f32],
        finish: Finish,
    ) -> Option<Self> {
        let taps = side * side;
        ChannelWeights::takes(side).then(|| Self {
            weights: ChannelWeights::pack(Isa::best(), side, biases, |channel, tap| {
                kernel[channel * taps + tap]
            }),
            finish,
        })
    }
}

impl Depthwise {
    /// The convolution alone; `size` is what [`Window::outputs`] says.
    pub(crate) fn convolve(&self, map: &Map, window: &Window, size: [usize; 2]) -> Map {
        let chain = Chain {
            expand: None,
            depthwise: self,
            project: None,
            residual: false,
        };
        chain.run(map, window, size)
    }
}

/// Convolutions that follow each other. Any but the depthwise one may be missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain<'a> {
    pub expand: Option<&'a Full>,
    pub depthwise: &'a Depthwise,
    pub project: Option<&'a Full>,
    /// Whether the input is added before the last activation; it then has the output's shape.
    pub residual: bool,
}

/// What a task needs beside input and output.
#[derive(Default)]
struct Scratch {
    ring: Buffer,
    filtered: Buffer,
    zeros: Buffer,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Chain<'_> {
    /// Runs the chain; `size` is what [`Window::outputs`] says.
    pub(crate) fn run(&self, map: &Map, window: &Window, [height, width]: [usize; 2]) -> Map {
        let tasks = rayon::current_num_threads();
        let band = height.div_ceil(tasks).max(1);
        if let Some(expand) = self.expand {
            // Neighbouring bands both widen the rows between them.
            if tasks > 1 && window.reach() * 4 > band * window.stride {
                let wide = expand.mix(map, expand.biases());
                return self.bands(&wide, map, window, [height, width], band, None);
            }
        }
        self.bands(map, map, window, [height, width], band, self.expand)
    }

    fn bands(
        &self,
        map: &Map,
        input: &Map,
        window: &Window,
        [height, width]: [usize; 2],
        band: usize,
        expand: Option<&Full>,
    ) -> Map {
        let channels = self
            .project
            .map_or(self.depthwise.weights.channels(), Full::outputs);
        let row = width * channels;
        let mut chained = Map::blank([map.images, height, width, channels]);
        let images = chained
            .values
            .par_chunks_mut((height * row).max(1))
            .enumerate();
        images.for_each(|(image, out)| {
            let rows = Rows {
                chain: self,
                expand,
                map,
                source: &map.values[image * map.height * map.row()..][..map.height * map.row()],
                input: &input.values[image * input.height * input.row()..],
                window,
                width,
            };
            let bands = out.par_chunks_mut((band * row).max(1)).enumerate();
            bands.for_each(|(index, out)| {
                SCRATCH.with_borrow_mut(|scratch| rows.write(index * band, out, row, scratch));
            });
        });
        chained
    }
}

/// The rows of an image.
struct Rows<'a> {
    chain: &'a Chain<'a>,
    expand: Option<&'a Full>,
    map: &'a Map,
    /// What is widened or, if nothing is, filtered.
    source: &'a [f32],
    /// What is added as residual.
    input: &'a [f32],
    window: &'a Window,
    width: usize,
}

impl Rows<'_> {
    /// Writes rows of `row` floats from the output row `first` on.
    fn write(&self, first: usize, out: &mut [f32], row: usize, scratch: &mut Scratch) {
        let weights = &self.chain.depthwise.weights;
        let wide = self.map.width * weights.channels();
        let kept = self.window.reach() + 1;
        let zeros: &[f32] = scratch.zeros.zeros(wide);
        let ring = scratch.ring.floats(if self.expand.is_some() {
            kept * wide
        } else {
            0
        });
        let filtered = scratch.filtered.floats(self.width * weights.channels());
        let mut done = 0;
        for (index, out) in out.chunks_exact_mut(row.max(1)).enumerate() {
            let places: Vec<_> = self.window.rows(first + index, self.map.height).collect();
            let mut rows = [zeros; LARGEST_KERNEL];
            match self.expand {
                Some(expand) => {
                    self.widen(expand, first + index, &mut done, ring, wide);
                    for (row, place) in rows.iter_mut().zip(&places) {
                        if let Some(place) = place {
                            *row = &ring[place % kept * wide..][..wide];
                        }
                    }
                }
                None => {
                    for (row, place) in rows.iter_mut().zip(&places) {
                        if let Some(place) = place {
                            *row = &self.source[place * wide..][..wide];
                        }
                    }
                }
            }
            let depthwise = ChannelRow {
                rows,
                width: self.map.width,
                stride: self.window.stride,
                rate: self.window.rate,
                left: self.window.padding[1].0,
                weights,
                finish: self.chain.depthwise.finish,
            };
            match self.chain.project {
                None => depthwise.write(out),
                Some(project) => {
                    depthwise.write(filtered);
                    let residual = self
                        .chain
                        .residual
                        .then(|| &self.input[(first + index) * row..][..row]);
                    let run = project.run();
                    let product = Product {
                        residual,
                        ..project.pixels(filtered, weights.channels(), &run)
                    };
                    product.write(self.width, out, project.outputs());
                }
            }
        }
    }

    /// Widens the rows under the kernel at the output row `row` that are not there yet: those from
    /// `done` on. Rows between the taps count too, because the next outputs look at them.
    fn widen(&self, expand: &Full, row: usize, done: &mut usize, ring: &mut [f32], wide: usize) {
        let (top, _) = self.window.padding[0];
        let first = row * self.window.stride;
        let beyond = (first + self.window.reach() + 1).saturating_sub(top);
        let wanted = first.saturating_sub(top)..beyond.min(self.map.height);
        let kept = self.window.reach() + 1;
        let narrow = self.map.row();
        for place in wanted.start.max(*done)..wanted.end {
            let source = &self.source[place * narrow..][..narrow];
            let out = &mut ring[place % kept * wide..][..wide];
            let run = expand.run();
            let product = expand.pixels(source, self.map.channels, &run);
            product.write(self.map.width, out, expand.outputs());
            *done = place + 1;
        }
    }
}
