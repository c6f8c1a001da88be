//! The kernel of positions alone: neighbours have the same class.

use rayon::prelude::*;

use super::field::Field;
use crate::network::cpu::{Vectorised, vectorised};

/// Beyond so many standard deviations the Gaussian counts as 0.
const REACH: f32 = 3.0;

/// A Gaussian over the pixels' positions, symmetrically normalised: `D^-1/2 K D^-1/2`, where `D` is
/// what `K` makes of ones. Both are products of a part along rows and one along columns.
#[derive(Debug)]
pub(super) struct Smoothness {
    /// The Gaussian at each whole distance.
    taps: Vec<f32>,
    /// `D^-1/2` along columns and along rows.
    down: Vec<f32>,
    across: Vec<f32>,
}

impl Smoothness {
    /// The kernel of a standard deviation in pixels, for `[height, width]` pixels.
    pub(super) fn new(deviation: f32, [height, width]: [usize; 2]) -> Self {
        let longest = height.max(width);
        let reach = ((deviation * REACH).ceil() as usize).min(longest.saturating_sub(1));
        let tap = |distance: usize| (-0.5 * (distance as f32 / deviation).powi(2)).exp();
        let taps: Vec<f32> = (0..=reach).map(tap).collect();
        let factors = |length: usize| {
            (0..length)
                .map(|place| {
                    let part = place.saturating_sub(reach)..(place + reach + 1).min(length);
                    part.map(|other| taps[place.abs_diff(other)])
                        .sum::<f32>()
                        .sqrt()
                        .recip()
                })
                .collect()
        };
        Self {
            down: factors(height),
            across: factors(width),
            taps,
        }
    }

    /// The first half: normalised and filtered along rows.
    pub(super) fn across<const L: usize>(&self, field: &Field<L>, out: &mut Field<L>) {
        let reach = self.taps.len() - 1;
        let width = field.width;
        let row = field.row_len().max(1);
        let rows = out
            .values
            .par_chunks_mut(row)
            .zip(field.values.par_chunks(row));
        rows.for_each_init(
            || vec![[0.0; L]; width + 2 * reach],
            |padded, (out, values)| {
                let groups = out.chunks_exact_mut(width).zip(values.chunks_exact(width));
                for (out, values) in groups {
                    let inner = padded[reach..][..width].iter_mut();
                    for ((padded, value), factor) in inner.zip(values).zip(&self.across) {
                        *padded = value.map(|value| value * factor);
                    }
                    out.fill([0.0; L]);
                    for (distance, tap) in self.taps.iter().enumerate() {
                        let left = &padded[reach - distance..][..width];
                        let right = &padded[reach + distance..][..width];
                        // The middle is its own mirror.
                        let weight = if distance == 0 { 0.5 * tap } else { *tap };
                        vectorised(AddScaled {
                            sources: [left.as_flattened(), right.as_flattened()],
                            weights: [weight; 2],
                            sum: out.as_flattened_mut(),
                        });
                    }
                }
            },
        );
    }

    /// The second half: one row of one group filtered along columns and normalised, times `scale`.
    pub(super) fn down<const L: usize>(
        &self,
        field: &Field<L>,
        [y, group]: [usize; 2],
        scale: f32,
        out: &mut [[f32; L]],
    ) {
        out.fill([0.0; L]);
        let weight = |row: usize, tap: f32| tap * self.down[row] * self.down[y] * scale;
        for (distance, tap) in self.taps.iter().enumerate() {
            let below = Some(y + distance).filter(|row| *row < field.height);
            let above = y.checked_sub(distance).filter(|_| distance > 0);
            // A row beyond the edge counts nothing; the one at hand stands in for it.
            let row = |row: Option<usize>| (row.unwrap_or(y), row.map_or(0.0, |r| weight(r, *tap)));
            let (rows, weights): (Vec<_>, Vec<_>) = [row(above), row(below)].into_iter().unzip();
            vectorised(AddScaled {
                sources: [
                    field.row(rows[0], group).as_flattened(),
                    field.row(rows[1], group).as_flattened(),
                ],
                weights: [weights[0], weights[1]],
                sum: out.as_flattened_mut(),
            });
        }
        for (out, factor) in out.iter_mut().zip(&self.across) {
            *out = out.map(|value| value * factor);
        }
    }
}

/// Adds two slices to a third, each times its weight.
struct AddScaled<'a> {
    sources: [&'a [f32]; 2],
    weights: [f32; 2],
    sum: &'a mut [f32],
}

impl Vectorised for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let sources = self.sources[0].iter().zip(self.sources[1]);
        for (sum, (one, other)) in self.sum.iter_mut().zip(sources) {
            *sum += self.weights[0] * one + self.weights[1] * other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_normalised_gaussian_sum() {
        let size = [7, 9];
        let values: Vec<f32> = (0..63).map(|i| (i * 29 % 17) as f32).collect();
        let field = Field::<1>::from_pixels(size, 1, &values, 0.0);
        let smoothness = Smoothness::new(1.2, size);
        let mut half = Field::filled(size, 1, 0.0);
        smoothness.across(&field, &mut half);
        // Truncated at 4 pixels in each direction, as the kernel is.
        let kernel = |a: usize, b: usize| {
            let along = |a: usize, b: usize| {
                let distance = a.abs_diff(b);
                if distance > 4 {
                    0.0
                } else {
                    (-0.5 * (distance as f32 / 1.2).powi(2)).exp()
                }
            };
            along(a / 9, b / 9) * along(a % 9, b % 9)
        };
        let degree: Vec<f32> = (0..63)
            .map(|a| (0..63).map(|b| kernel(a, b)).sum())
            .collect();
        for y in 0..7 {
            let mut row = [[0.0]; 9];
            smoothness.down(&half, [y, 0], 2.0, &mut row);
            for (x, [found]) in row.into_iter().enumerate() {
                let a = y * 9 + x;
                let sum: f32 = (0..63)
                    .map(|b| kernel(a, b) * values[b] / (degree[a] * degree[b]).sqrt())
                    .sum();
                assert!((found - 2.0 * sum).abs() < 1e-3, "{found} {sum}");
            }
        }
    }
}
