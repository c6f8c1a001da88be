//! Mean field inference of one window.

use rayon::prelude::*;

use super::CrfOptions;
use super::field::Field;
use super::lattice::Lattice;
use super::smoothness::Smoothness;
use crate::error::Result;
use crate::network::cpu::{Vectorised, vectorised};
use crate::predict::exp::exp_of_negative;

/// The logarithm of a probability that is none: far below any other, and still a number.
pub(super) const NEVER: f32 = -1e9;

/// Pixels of a window, with what pairs of them say of each other.
pub(super) struct MeanField<'a> {
    options: &'a CrfOptions,
    smoothness: Smoothness,
    /// The kernel of positions and colours, with its normalisation; none where it counts nothing.
    appearance: Option<Appearance>,
}

/// The kernel of positions and colours: pixels nearby that look alike have the same class.
struct Appearance {
    lattice: Lattice,
    /// `D^-1/2` at each pixel, as in [`Smoothness`].
    factors: Vec<f32>,
}

impl Appearance {
    /// For RGB pixels, row by row, `width` in each.
    fn new(pixels: &[[u8; 3]], width: usize, options: &CrfOptions) -> Self {
        let of_color = 1.0 / options.color_deviation as f32;
        let of_place = 1.0 / options.bilateral_deviation as f32;
        let lattice = Lattice::new(pixels.len(), |pixel| {
            let [red, green, blue] = pixels[pixel].map(|color| f32::from(color) * of_color);
            let place = [pixel % width, pixel / width].map(|place| place as f32 * of_place);
            [place[0], place[1], red, green, blue]
        });
        let ones = vec![[1.0]; width];
        let even = vec![1.0; pixels.len()];
        let degree = lattice.splat_and_blur::<1>(&|_| &ones[..], width, &even);
        let factor = |pixel| {
            let [degree] = lattice.slice(&degree, pixel);
            (degree + 1e-20).sqrt().recip()
        };
        Self {
            factors: (0..pixels.len()).into_par_iter().map(factor).collect(),
            lattice,
        }
    }
}

impl<'a> MeanField<'a> {
    /// Readies both kernels for the RGB pixels of a window of `[height, width]`.
    pub(super) fn new(pixels: &[[u8; 3]], size: [usize; 2], options: &'a CrfOptions) -> Self {
        let counts = options.bilateral_weight > 0.0;
        Self {
            options,
            smoothness: Smoothness::new(options.smoothness_deviation as f32, size),
            appearance: counts.then(|| Appearance::new(pixels, size[1], options)),
        }
    }

    /// The probability of each class at each pixel after so many iterations, from the logarithms of
    /// those that each pixel has by itself. `step` is called before each iteration, and can stop.
    ///
    /// # Errors
    /// Those of `step`.
    pub(super) fn infer<const L: usize>(
        &self,
        alone: &Field<L>,
        step: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Field<L>> {
        let mut field = alone.clone();
        let mut half = alone.clone();
        let row = field.row_len().max(1);
        field.values.par_chunks_mut(row).for_each(|row| {
            vectorised(Softmax {
                width: alone.width,
                logits: row,
            });
        });
        for _ in 0..self.options.iterations {
            step()?;
            self.smoothness.across(&field, &mut half);
            let lattices: Vec<_> = match &self.appearance {
                Some(appearance) => (0..field.groups)
                    .into_par_iter()
                    .map(|group| {
                        let rows = |row: usize| field.row(row, group);
                        let factors = &appearance.factors;
                        let lattice = &appearance.lattice;
                        lattice.splat_and_blur(&rows, field.width, factors)
                    })
                    .collect(),
                None => Vec::new(),
            };
            let rows = field.values.par_chunks_mut(row).enumerate();
            rows.zip(alone.values.par_chunks(row))
                .for_each(|((y, row), alone)| {
                    self.messages(&half, &lattices, y, row);
                    vectorised(Settle {
                        width: half.width,
                        alone,
                        messages: row,
                    });
                });
        }
        Ok(field)
    }

    /// What the other pixels say to those of row `y`: with Potts' model, how much of each class
    /// is around them, by both kernels.
    fn messages<const L: usize>(
        &self,
        half: &Field<L>,
        lattices: &[Vec<[f32; L]>],
        y: usize,
        row: &mut [[f32; L]],
    ) {
        let width = half.width;
        let weight = self.options.smoothness_weight as f32;
        for (group, messages) in row.chunks_exact_mut(width.max(1)).enumerate() {
            self.smoothness.down(half, [y, group], weight, messages);
            if let (Some(appearance), Some(values)) = (&self.appearance, lattices.get(group)) {
                vectorised(Slice {
                    appearance,
                    values,
                    first: y * width,
                    weight: self.options.bilateral_weight as f32,
                    messages,
                });
            }
        }
    }
}

/// Adds to the messages what the lattice says.
struct Slice<'a, const L: usize> {
    appearance: &'a Appearance,
    values: &'a [[f32; L]],
    /// The row's first pixel.
    first: usize,
    weight: f32,
    messages: &'a mut [[f32; L]],
}

impl<const L: usize> Vectorised for Slice<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (x, message) in self.messages.iter_mut().enumerate() {
            let pixel = self.first + x;
            let found = self.appearance.lattice.slice(self.values, pixel);
            let factor = self.weight * self.appearance.factors[pixel];
            for (message, found) in message.iter_mut().zip(found) {
                *message += factor * found;
            }
        }
    }
}

/// Turns messages into probabilities: the softmax of them and what each pixel says by itself.
struct Settle<'a, const L: usize> {
    width: usize,
    alone: &'a [[f32; L]],
    messages: &'a mut [[f32; L]],
}

impl<const L: usize> Vectorised for Settle<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let all = self.messages.as_flattened_mut().iter_mut();
        for (message, alone) in all.zip(self.alone.as_flattened()) {
            *message += alone;
        }
        Softmax {
            width: self.width,
            logits: self.messages,
        }
        .run();
    }
}

/// The softmax over the classes of each pixel of a row.
struct Softmax<'a, const L: usize> {
    width: usize,
    logits: &'a mut [[f32; L]],
}

impl<const L: usize> Vectorised for Softmax<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let groups = self.logits.len() / self.width.max(1);
        for x in 0..self.width {
            let mut best = [f32::MIN; L];
            for group in 0..groups {
                let logits = &self.logits[group * self.width + x];
                for (best, logit) in best.iter_mut().zip(logits) {
                    *best = best.max(*logit);
                }
            }
            let best = best.into_iter().fold(f32::MIN, f32::max);
            let mut sum = [0.0; L];
            for group in 0..groups {
                let logits = &mut self.logits[group * self.width + x];
                for (logit, sum) in logits.iter_mut().zip(&mut sum) {
                    *logit = exp_of_negative(*logit - best);
                    *sum += *logit;
                }
            }
            let scale = sum.into_iter().sum::<f32>().recip();
            for group in 0..groups {
                for probability in &mut self.logits[group * self.width + x] {
                    *probability *= scale;
                }
            }
        }
    }
}
