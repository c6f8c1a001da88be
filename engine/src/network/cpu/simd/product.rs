//! Weights times pixels: the product that convolutions over all channels are made of.

use super::finish::{Finishing, HardSwish, Limits};
use super::isa::Set;
use super::lanes::{Lanes, Portable};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512};
use super::{Finish, Isa};

/// Registers of outputs that are worked on together: a panel is at most this wide.
const WIDEST: usize = 3;

/// Weights `[inputs, outputs]` in the order that the kernel reads them, and biases.
///
/// Outputs are split into panels of at most [`WIDEST`] registers, each `[inputs, outputs of it]`;
/// outputs are filled up with zeros to whole registers.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    isa: Isa,
    inputs: usize,
    outputs: usize,
    values: Vec<f32>,
    biases: Vec<f32>,
}

impl Weights {
    /// Packs the weights that `at(input, output)` gives.
    pub(crate) fn pack(
        isa: Isa,
        inputs: usize,
        biases: &[f32],
        at: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let outputs = biases.len();
        let lanes = isa.lanes();
        let registers = outputs.div_ceil(lanes);
        let mut values = Vec::with_capacity(inputs * registers * lanes);
        for (first, wide) in panels(registers) {
            for input in 0..inputs {
                let outs = first * lanes..(first + wide) * lanes;
                values.extend(outs.map(|out| if out < outputs { at(input, out) } else { 0.0 }));
            }
        }
        let mut biases = biases.to_vec();
        biases.resize(registers * lanes, 0.0);
        Self {
            isa,
            inputs,
            outputs,
            values,
            biases,
        }
    }

    /// Channels that come out.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The biases, followed by zeros up to whole registers.
    pub(crate) fn biases(&self) -> &[f32] {
        &self.biases
    }
}

/// First register and width of each panel; threes, and the rest in ones and twos.
fn panels(registers: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let wide = match registers - first {
            0 => return None,
            4 => 2,
            left => left.min(WIDEST),
        };
        first += wide;
        Some((first - wide, wide))
    })
}

/// Inputs of a pixel that lie side by side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Where they start, from the pixel's place in the source.
    pub start: usize,
    /// Which input of the weights the first is.
    pub input: usize,
    /// How many.
    pub len: usize,
}

/// Outputs of pixels that are equally far apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product<'a> {
    /// Where the inputs are read.
    pub source: &'a [f32],
    /// From a pixel's place in the source to the next one's; the first is at the start.
    pub step: usize,
    /// A pixel's inputs; those in none of the runs count as zero.
    pub runs: &'a [Run],
    /// What they are multiplied with.
    pub weights: &'a Weights,
    /// What the sums start with: as many as [`Weights::biases`].
    pub biases: &'a [f32],
    /// Added to the sums, `[pixels, outputs]`.
    pub residual: Option<&'a [f32]>,
    /// What is then done to the sums.
    pub finish: Finish,
}

impl Product<'_> {
    /// Computes `pixels` pixels into `out`, where each is `out_step` behind the one before.
    ///
    /// # Panics
    /// When something reaches beyond a slice.
    pub(crate) fn write(&self, pixels: usize, out: &mut [f32], out_step: usize) {
        if pixels == 0 {
            return;
        }
        self.check(pixels, out.len(), out_step);
        // SAFETY: `check` has seen that all reads and writes are inside their slices; an `Isa` is
        // only made where the processor has the features.
        unsafe {
            match self.weights.isa.0 {
                #[cfg(target_arch = "x86_64")]
                Set::Avx512 => avx512(self, pixels, out.as_mut_ptr(), out_step),
                #[cfg(target_arch = "x86_64")]
                Set::Avx2 => avx2(self, pixels, out.as_mut_ptr(), out_step),
                Set::Portable => finished::<Portable>(self, pixels, out.as_mut_ptr(), out_step),
            }
        }
    }

    fn check(&self, pixels: usize, out: usize, out_step: usize) {
        let outputs = self.weights.outputs;
        for run in self.runs {
            assert!((pixels - 1) * self.step + run.start + run.len <= self.source.len());
            assert!(run.input + run.len <= self.weights.inputs);
        }
        assert!(self.biases.len() >= self.weights.biases.len());
        assert!(out_step >= outputs && (pixels - 1) * out_step + outputs <= out);
        assert!(self.residual.is_none_or(|r| r.len() >= pixels * outputs));
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512(job: &Product, pixels: usize, out: *mut f32, out_step: usize) {
    unsafe { finished::<Avx512>(job, pixels, out, out_step) };
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(job: &Product, pixels: usize, out: *mut f32, out_step: usize) {
    unsafe { finished::<Avx2>(job, pixels, out, out_step) };
}

/// The product with its last step, which is chosen once for all tiles.
#[inline(always)]
unsafe fn finished<L: Lanes>(job: &Product, pixels: usize, out: *mut f32, out_step: usize) {
    unsafe {
        match job.finish {
            Finish::Limits(limits) => {
                product::<L, _>(job, pixels, out, out_step, Limits::new(limits));
            }
            Finish::HardSwish => product::<L, _>(job, pixels, out, out_step, HardSwish::new()),
        }
    }
}

/// A tile's place: pointers to what is read and written.
struct Tile<'a> {
    runs: &'a [Run],
    source: *const f32,
    step: usize,
    weights: *const f32,
    biases: *const f32,
    /// Null where nothing is added.
    residual: *const f32,
    outputs: usize,
    out: *mut f32,
    out_step: usize,
    /// Floats of the last register that count.
    last: usize,
}

/// All panels, one after the other: a panel's weights stay in the first cache if they fit.
#[inline(always)]
unsafe fn product<L: Lanes, F: Finishing<L>>(
    job: &Product,
    pixels: usize,
    out: *mut f32,
    out_step: usize,
    finish: F,
) {
    let weights = job.weights;
    let registers = weights.outputs.div_ceil(L::LEN);
    for (first, wide) in panels(registers) {
        let channel = first * L::LEN;
        let most = L::TILE[wide - 1];
        let tiles = pixels.div_ceil(most);
        for tile in 0..tiles {
            // Tiles of nearly the same size, so that none is much smaller than the registers allow.
            let (start, end) = (tile * pixels / tiles, (tile + 1) * pixels / tiles);
            let residual = match job.residual {
                Some(values) => unsafe { values.as_ptr().add(start * weights.outputs + channel) },
                None => std::ptr::null(),
            };
            let place = unsafe {
                Tile {
                    runs: job.runs,
                    source: job.source.as_ptr().add(start * job.step),
                    step: job.step,
                    weights: weights.values.as_ptr().add(channel * weights.inputs),
                    biases: job.biases.as_ptr().add(channel),
                    residual,
                    outputs: weights.outputs,
                    out: out.add(start * out_step + channel),
                    out_step,
                    last: (weights.outputs - channel - (wide - 1) * L::LEN).min(L::LEN),
                }
            };
            match wide {
                1 => unsafe { of_size::<L, F, 1>(&place, end - start, finish) },
                2 => unsafe { of_size::<L, F, 2>(&place, end - start, finish) },
                _ => unsafe { of_size::<L, F, 3>(&place, end - start, finish) },
            }
        }
    }
}

/// The kernel for a tile of `pixels` pixels.
#[inline(always)]
unsafe fn of_size<L: Lanes, F: Finishing<L>, const WIDE: usize>(
    place: &Tile,
    pixels: usize,
    finish: F,
) {
    macro_rules! sizes {
        ($($size:literal)*) => {
            match pixels {
                $($size if $size <= L::TILE[WIDE - 1] => unsafe {
                    tile::<L, F, $size, WIDE>(place, finish);
                },)*
                _ => unreachable!("a tile of {pixels} pixels"),
            }
        };
    }
    sizes!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

/// `PIXELS` pixels times `WIDE` registers of outputs, summed in registers.
#[inline(always)]
unsafe fn tile<L: Lanes, F: Finishing<L>, const PIXELS: usize, const WIDE: usize>(
    place: &Tile,
    finish: F,
) {
    unsafe {
        let biases: [L; WIDE] = std::array::from_fn(|r| L::load(place.biases.add(r * L::LEN)));
        let mut sums = [biases; PIXELS];
        if !place.residual.is_null() {
            for (pixel, sums) in sums.iter_mut().enumerate() {
                for (register, sum) in sums.iter_mut().enumerate() {
                    let from = place
                        .residual
                        .add(pixel * place.outputs + register * L::LEN);
                    let added = if register + 1 < WIDE || place.last == L::LEN {
                        L::load(from)
                    } else {
                        L::load_part(from, place.last)
                    };
                    *sum = sum.add(added);
                }
            }
        }
        for run in place.runs {
            let weights = place.weights.add(run.input * WIDE * L::LEN);
            let source = place.source.add(run.start);
            accumulate(&mut sums, source, place.step, weights, run.len);
        }
        for (pixel, sums) in sums.iter().enumerate() {
            for (register, sum) in sums.iter().enumerate() {
                let to = place.out.add(pixel * place.out_step + register * L::LEN);
                let value = finish.apply(*sum);
                if register + 1 < WIDE || place.last == L::LEN {
                    value.store(to);
                } else {
                    value.store_part(to, place.last);
                }
            }
        }
    }
}

/// Adds the products of `len` inputs.
///
/// Pixels are reached from every fourth one, so that few registers hold addresses.
#[inline(always)]
unsafe fn accumulate<L: Lanes, const PIXELS: usize, const WIDE: usize>(
    sums: &mut [[L; WIDE]; PIXELS],
    source: *const f32,
    step: usize,
    weights: *const f32,
    len: usize,
) {
    unsafe {
        let mut fourths: [*const f32; 4] =
            std::array::from_fn(|f| source.wrapping_add(4 * f * step));
        let mut weights = weights;
        for _ in 0..len {
            let column: [L; WIDE] = std::array::from_fn(|r| L::load(weights.add(r * L::LEN)));
            for (pixel, sums) in sums.iter_mut().enumerate() {
                let input = L::splat(*fourths[pixel / 4].add(pixel % 4 * step));
                for (sum, weight) in sums.iter_mut().zip(column) {
                    *sum = input.mul_add(weight, *sum);
                }
            }
            weights = weights.add(WIDE * L::LEN);
            fourths = fourths.map(|fourth| fourth.wrapping_add(1));
        }
    }
}
