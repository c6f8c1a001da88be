//! Gaussian filtering of values that lie at points in five dimensions, in a time that grows with
//! the number of points alone: Adams, Baek and Davis, "Fast High-Dimensional Filtering Using the
//! Permutohedral Lattice", 2010.
//!
//! Each point gives its value to the corners of the simplex around it (*splat*), the lattice is
//! blurred along each of its directions, and each point takes its value back from the same corners
//! (*slice*). Where the points lie, and so the corners and their weights, is found once.

use std::collections::hash_map::Entry;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::simplex::{CORNERS, D, Embedding, Key, Simplex, Steps};
use crate::network::cpu::{Vectorised, vectorised};

/// Parts that values are splat in, each into a lattice of its own. They are the same on every
/// machine, because the order in which floats are added shows in the result.
const PARTS: usize = 4;

/// Points that are looked up together when the lattice is built.
const CHUNK: usize = 1 << 14;

/// Lattice points that are blurred by one task.
const BLUR_CHUNK: usize = 1 << 12;

/// The lattice points around some points. Lattice point 0 is none: it stands for all that no point
/// touches, and its values are 0.
#[derive(Debug)]
pub(super) struct Lattice {
    /// The corners of each point's simplex.
    corners: Vec<[u32; CORNERS]>,
    /// How much each of them counts.
    weights: Vec<[f32; CORNERS]>,
    /// The two neighbours of each lattice point in each direction.
    neighbours: Vec<[[u32; 2]; CORNERS]>,
}

/// Values of the lattice points, several channels at once.
pub(super) type Values<const L: usize> = Vec<[f32; L]>;

/// The lattice of some points on its way: points know the lattice by numbers of their own chunk.
struct Chunk {
    keys: Vec<Key>,
    corners: Vec<[u32; CORNERS]>,
    weights: Vec<[f32; CORNERS]>,
}

impl Lattice {
    /// The lattice for `count` points, of which `at` gives the coordinates in units of the filter's
    /// standard deviation, none above 1e5.
    pub(super) fn new(count: usize, at: impl Fn(usize) -> [f32; D] + Sync) -> Self {
        let (embedding, steps) = (Embedding::new(), Steps::new());
        let chunks: Vec<Chunk> = (0..count.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let points = chunk * CHUNK..count.min((chunk + 1) * CHUNK);
                Chunk::new(points.map(&at), &embedding, &steps)
            })
            .collect();
        let mut places = FxHashMap::default();
        let mut corners = Vec::with_capacity(count);
        let mut weights = Vec::with_capacity(count);
        for chunk in chunks {
            let numbers: Vec<u32> = chunk
                .keys
                .iter()
                .map(|key| number_of(&mut places, *key))
                .collect();
            let renumbered = chunk.corners.iter();
            corners.extend(renumbered.map(|corners| corners.map(|own| numbers[own as usize])));
            weights.extend(chunk.weights);
        }
        Self {
            corners,
            weights,
            neighbours: neighbours(&places, &steps),
        }
    }

    /// How many lattice points there are, the one that is none counted in.
    pub(super) fn len(&self) -> usize {
        self.neighbours.len()
    }

    /// Splats the values of the points, each times its `factor`, and blurs the lattice.
    ///
    /// `rows` gives the values of points in order, a slice for each of equal rows of points.
    pub(super) fn splat_and_blur<'a, const L: usize>(
        &self,
        rows: &(impl Fn(usize) -> &'a [[f32; L]] + Sync),
        width: usize,
        factors: &[f32],
    ) -> Values<L> {
        let height = self.corners.len() / width.max(1);
        let part = height.div_ceil(PARTS).max(1);
        let parts: Vec<Values<L>> = (0..PARTS)
            .into_par_iter()
            .map(|index| {
                let mut lattice = vec![[0.0; L]; self.len()];
                for row in index * part..height.min((index + 1) * part) {
                    let points = row * width..(row + 1) * width;
                    vectorised(Splat {
                        corners: &self.corners[points.clone()],
                        weights: &self.weights[points.clone()],
                        factors: &factors[points],
                        values: rows(row),
                        lattice: &mut lattice,
                    });
                }
                lattice
            })
            .collect();
        self.blur(sum(parts))
    }

    fn blur<const L: usize>(&self, mut values: Values<L>) -> Values<L> {
        let mut blurred = vec![[0.0; L]; values.len()];
        for direction in 0..CORNERS {
            let chunks = blurred.par_chunks_mut(BLUR_CHUNK);
            let neighbours = self.neighbours.par_chunks(BLUR_CHUNK);
            let own = values.par_chunks(BLUR_CHUNK);
            chunks
                .zip(neighbours)
                .zip(own)
                .for_each(|((blurred, neighbours), own)| {
                    vectorised(Blur {
                        direction,
                        neighbours,
                        own,
                        values: &values,
                        blurred,
                    });
                });
            // Nothing may flow through the point that is none.
            blurred[0] = [0.0; L];
            std::mem::swap(&mut values, &mut blurred);
        }
        values
    }

    /// The value of one point in a blurred lattice. Values are right up to one factor for all,
    /// which a normalisation takes out.
    #[inline(always)]
    pub(super) fn slice<const L: usize>(&self, values: &[[f32; L]], point: usize) -> [f32; L] {
        let mut sum = [0.0; L];
        for (corner, weight) in self.corners[point].iter().zip(&self.weights[point]) {
            for (sum, value) in sum.iter_mut().zip(&values[*corner as usize]) {
                *sum += weight * value;
            }
        }
        sum
    }
}

impl Chunk {
    fn new(points: impl Iterator<Item = [f32; D]>, embedding: &Embedding, steps: &Steps) -> Self {
        let mut chunk = Self {
            keys: Vec::new(),
            corners: Vec::with_capacity(CHUNK),
            weights: Vec::with_capacity(CHUNK),
        };
        let mut places: FxHashMap<Key, u32> = FxHashMap::default();
        let mut before: Option<(Simplex, [u32; CORNERS])> = None;
        for point in points {
            let (simplex, weights) = embedding.locate(point);
            // Neighbouring pixels often lie in one simplex.
            let corners = match before {
                Some((last, corners)) if last == simplex => corners,
                _ => simplex.corners(steps).map(|key| {
                    *places.entry(key).or_insert_with(|| {
                        chunk.keys.push(key);
                        chunk.keys.len() as u32 - 1
                    })
                }),
            };
            before = Some((simplex, corners));
            chunk.corners.push(corners);
            chunk.weights.push(weights);
        }
        chunk
    }
}

/// The number of a lattice point, counted from 1.
fn number_of(places: &mut FxHashMap<Key, u32>, key: Key) -> u32 {
    let next = places.len() as u32 + 1;
    match places.entry(key) {
        Entry::Occupied(place) => *place.get(),
        Entry::Vacant(place) => *place.insert(next),
    }
}

/// The neighbours of each lattice point; 0 where there is none.
fn neighbours(places: &FxHashMap<Key, u32>, steps: &Steps) -> Vec<[[u32; 2]; CORNERS]> {
    let mut keys = vec![None; places.len() + 1];
    for (key, place) in places {
        keys[*place as usize] = Some(*key);
    }
    let at = |key: Key| places.get(&key).copied().unwrap_or(0);
    keys.par_iter()
        .map(|key| match key {
            Some(key) => steps
                .neighbour
                .map(|step| [at(key.wrapping_add(step)), at(key.wrapping_sub(step))]),
            None => [[0; 2]; CORNERS],
        })
        .collect()
}

/// The sum of lattices.
fn sum<const L: usize>(parts: Vec<Values<L>>) -> Values<L> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for part in parts {
        let chunks = total.par_chunks_mut(BLUR_CHUNK);
        chunks
            .zip(part.par_chunks(BLUR_CHUNK))
            .for_each(|(total, part)| {
                for (total, part) in total.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
                    *total += part;
                }
            });
    }
    total
}

struct Splat<'a, const L: usize> {
    corners: &'a [[u32; CORNERS]],
    weights: &'a [[f32; CORNERS]],
    factors: &'a [f32],
    values: &'a [[f32; L]],
    lattice: &'a mut [[f32; L]],
}

impl<const L: usize> Vectorised for Splat<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let places = self.corners.iter().zip(self.weights);
        let values = self.values.iter().zip(self.factors);
        for ((corners, weights), (value, factor)) in places.zip(values) {
            for (corner, weight) in corners.iter().zip(weights) {
                let weight = weight * factor;
                for (sum, value) in self.lattice[*corner as usize].iter_mut().zip(value) {
                    *sum += weight * value;
                }
            }
        }
    }
}

struct Blur<'a, const L: usize> {
    direction: usize,
    neighbours: &'a [[[u32; 2]; CORNERS]],
    own: &'a [[f32; L]],
    values: &'a [[f32; L]],
    blurred: &'a mut [[f32; L]],
}

impl<const L: usize> Vectorised for Blur<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let all = self.blurred.iter_mut().zip(self.own).zip(self.neighbours);
        for ((blurred, own), neighbours) in all {
            let [one, other] = neighbours[self.direction];
            let (one, other) = (&self.values[one as usize], &self.values[other as usize]);
            for lane in 0..L {
                blurred[lane] = own[lane] + 0.5 * (one[lane] + other[lane]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of a small picture with a slope and an edge in it.
    fn points() -> Vec<[f32; D]> {
        let at = |place: usize| {
            let (x, y) = ((place % 24) as f32, (place / 24) as f32);
            let edge = if x + y > 20.0 { 1.5 } else { 0.0 };
            [x / 6.0, y / 6.0, edge, x * 0.02, 0.3 + edge / 2.0]
        };
        (0..24 * 16).map(at).collect()
    }

    /// What filtering `values` gives, normalised by what filtering ones gives.
    fn filtered(points: &[[f32; D]], values: &[f32]) -> Vec<f32> {
        let lattice = Lattice::new(points.len(), |point| points[point]);
        let pairs: Vec<[f32; 2]> = values.iter().map(|value| [*value, 1.0]).collect();
        let rows = |row: usize| &pairs[row * 24..(row + 1) * 24];
        let blurred = lattice.splat_and_blur(&rows, 24, &vec![1.0; points.len()]);
        let slice = |point| {
            let [value, one] = lattice.slice(&blurred, point);
            value / one
        };
        (0..points.len()).map(slice).collect()
    }

    #[test]
    fn it_is_near_the_gaussian_sum_over_all_points() {
        let points = points();
        let values: Vec<f32> = (0..points.len()).map(|i| (i * 37 % 101) as f32).collect();
        let found = filtered(&points, &values);
        for (place, found) in found.iter().enumerate() {
            let (mut sum, mut total) = (0.0, 0.0);
            for (other, value) in points.iter().zip(&values) {
                let distance: f32 = other
                    .iter()
                    .zip(&points[place])
                    .map(|(a, b)| (a - b).powi(2))
                    .sum();
                let weight = (-distance / 2.0).exp();
                sum += weight * value;
                total += weight;
            }
            let expected = sum / total;
            assert!(
                (found - expected).abs() < 4.0,
                "{place}: {found}, {expected}"
            );
        }
    }

    #[test]
    fn an_even_field_stays_even() {
        let points = points();
        for value in filtered(&points, &vec![3.0; points.len()]) {
            assert!((value - 3.0).abs() < 1e-4, "{value}");
        }
    }

    #[test]
    fn no_points_are_fine() {
        let lattice = Lattice::new(0, |_| [0.0; D]);
        assert_eq!(lattice.len(), 1);
        let blurred = lattice.splat_and_blur(&|_| &[[0.0_f32; 4]][..], 0, &[]);
        assert_eq!(blurred, [[0.0; 4]]);
    }
}
