//! Where a point lies among the points of the permutohedral lattice.
//!
//! The lattice fills the plane of vectors in `D + 1` dimensions whose coordinates sum to 0 with
//! equal simplices (Adams, Baek and Davis: "Fast High-Dimensional Filtering Using the Permutohedral
//! Lattice", 2010, sections 3 and 4). A corner of *remainder* `k` has coordinates that are all `k`
//! modulo `D + 1`; each simplex has one corner of each remainder.

/// Dimensions of the points: column, row and three colours.
pub(super) const D: usize = 5;

/// Corners of a simplex.
pub(super) const CORNERS: usize = D + 1;

/// Bits for one coordinate of a [`Key`]; the last coordinate follows from the others.
const BITS: usize = 24;

/// Added to a coordinate, so that it is not negative in a [`Key`].
const BIAS: i64 = 1 << (BITS - 1);

/// A lattice point: its first `D` coordinates in one number, so that a step from one point to
/// another is an addition.
pub(super) type Key = u128;

/// The step by `coordinates`, to be added to a [`Key`] with wrapping.
fn step(coordinates: impl Iterator<Item = i64>) -> Key {
    let shifted = coordinates.take(D).enumerate();
    shifted.fold(0, |sum: Key, (axis, coordinate)| {
        sum.wrapping_add((i128::from(coordinate) << (BITS * axis)) as Key)
    })
}

/// The steps of the lattice, the same everywhere.
#[derive(Debug)]
pub(super) struct Steps {
    /// From a simplex' corner of remainder 0 to that of each remainder, by the rank of an axis:
    /// `corner[remainder][axis][rank]` are to be added over the axes.
    corner: [[[Key; CORNERS]; D]; CORNERS],
    /// To the neighbour in each of the `D + 1` directions; its negative leads to the one opposite.
    pub(super) neighbour: [Key; CORNERS],
}

impl Steps {
    pub(super) fn new() -> Self {
        let one = |axis: usize, value: i64| step((0..D).map(|a| if a == axis { value } else { 0 }));
        let corner = |remainder: usize, axis: usize, rank: usize| {
            let wraps = rank > D - remainder;
            let value = remainder as i64 - if wraps { CORNERS as i64 } else { 0 };
            one(axis, value)
        };
        Self {
            corner: std::array::from_fn(|remainder| {
                std::array::from_fn(|axis| {
                    std::array::from_fn(|rank| corner(remainder, axis, rank))
                })
            }),
            neighbour: std::array::from_fn(|direction| {
                step((0..D).map(|axis| if axis == direction { D as i64 } else { -1 }))
            }),
        }
    }
}

/// The simplex around a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Simplex {
    /// The corner of remainder 0.
    origin: Key,
    /// The place of each axis when they are sorted by how far the point is beyond the origin, the
    /// farthest first.
    rank: [u8; CORNERS],
}

/// Takes points to the lattice.
#[derive(Debug)]
pub(super) struct Embedding {
    /// What each dimension is multiplied with before it is turned into the plane.
    scale: [f32; D],
}

impl Embedding {
    /// For a filter whose standard deviation is 1 in every dimension.
    pub(super) fn new() -> Self {
        // The blur's own deviation on the lattice (section 4.1 of the paper).
        let deviation = (2.0_f64 / 3.0).sqrt() * CORNERS as f64;
        let scale = |axis: usize| deviation / (((axis + 1) * (axis + 2)) as f64).sqrt();
        Self {
            scale: std::array::from_fn(|axis| scale(axis) as f32),
        }
    }

    /// The simplex around `point`, and how much each of its corners counts there, by remainder;
    /// these barycentric coordinates sum to 1. No coordinate of the point may be above 1e5.
    pub(super) fn locate(&self, point: [f32; D]) -> (Simplex, [f32; CORNERS]) {
        let elevated = self.elevate(point);
        // The nearest lattice point whose coordinates are multiples of D + 1; they may not sum to 0
        // yet.
        let mut origin: [i32; CORNERS] = std::array::from_fn(|axis| {
            let multiple = (elevated[axis] / CORNERS as f32).round();
            multiple as i32 * CORNERS as i32
        });
        let beyond: [f32; CORNERS] =
            std::array::from_fn(|axis| elevated[axis] - origin[axis] as f32);
        let mut rank = [0_i32; CORNERS];
        for i in 0..D {
            for j in i + 1..CORNERS {
                let later = if beyond[i] < beyond[j] { i } else { j };
                rank[later] += 1;
            }
        }
        // Steps back into the plane along the axes that cost least.
        let off = origin.iter().sum::<i32>() / CORNERS as i32;
        for (rank, origin) in rank.iter_mut().zip(&mut origin) {
            *rank += off;
            if *rank < 0 {
                *rank += CORNERS as i32;
                *origin += CORNERS as i32;
            } else if *rank > D as i32 {
                *rank -= CORNERS as i32;
                *origin -= CORNERS as i32;
            }
        }
        let mut weights = [0.0; CORNERS + 1];
        for axis in 0..CORNERS {
            let part = (elevated[axis] - origin[axis] as f32) / CORNERS as f32;
            let place = D - rank[axis] as usize;
            weights[place] += part;
            weights[place + 1] -= part;
        }
        weights[0] += 1.0 + weights[CORNERS];
        let simplex = Simplex {
            origin: step(origin.iter().map(|value| i64::from(*value) + BIAS)),
            rank: rank.map(|rank| rank as u8),
        };
        (simplex, std::array::from_fn(|remainder| weights[remainder]))
    }

    /// The point on the plane of the lattice.
    fn elevate(&self, point: [f32; D]) -> [f32; CORNERS] {
        let mut elevated = [0.0; CORNERS];
        let mut sum = 0.0;
        for axis in (0..D).rev() {
            let scaled = point[axis] * self.scale[axis];
            elevated[axis + 1] = sum - (axis + 1) as f32 * scaled;
            sum += scaled;
        }
        elevated[0] = sum;
        elevated
    }
}

impl Simplex {
    /// The corner of each remainder.
    pub(super) fn corners(&self, steps: &Steps) -> [Key; CORNERS] {
        std::array::from_fn(|remainder| {
            let along = steps.corner[remainder].iter().zip(&self.rank);
            along.fold(self.origin, |key, (steps, rank)| {
                key.wrapping_add(steps[usize::from(*rank)])
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All coordinates of a lattice point.
    fn coordinates(key: Key) -> [i64; CORNERS] {
        let mut all = [0; CORNERS];
        for (axis, coordinate) in all.iter_mut().take(D).enumerate() {
            *coordinate = ((key >> (BITS * axis)) & ((1 << BITS) - 1)) as i64 - BIAS;
        }
        all[D] = -all.iter().sum::<i64>();
        all
    }

    proptest! {
        #[test]
        fn a_point_is_the_weighted_mean_of_its_simplex(
            point in prop::array::uniform5(-300.0..300.0_f32),
        ) {
            let (embedding, steps) = (Embedding::new(), Steps::new());
            let (simplex, weights) = embedding.locate(point);
            prop_assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-3);
            prop_assert!(weights.iter().all(|weight| *weight > -1e-3), "{weights:?}");
            let mut mean = [0.0; CORNERS];
            for (remainder, key) in simplex.corners(&steps).into_iter().enumerate() {
                let corner = coordinates(key);
                let expected = remainder as i64;
                prop_assert!(corner.iter().all(|c| c.rem_euclid(CORNERS as i64) == expected));
                for (mean, coordinate) in mean.iter_mut().zip(corner) {
                    *mean += weights[remainder] * coordinate as f32;
                }
            }
            for (mean, expected) in mean.into_iter().zip(embedding.elevate(point)) {
                prop_assert!((mean - expected).abs() < 0.05, "{mean} {expected}");
            }
        }
    }

    #[test]
    fn neighbours_differ_by_a_step_in_the_plane() {
        let steps = Steps::new();
        let (simplex, _) = Embedding::new().locate([3.0, -2.0, 7.5, 0.1, 40.0]);
        let key = simplex.corners(&steps)[2];
        for (direction, step) in steps.neighbour.into_iter().enumerate() {
            let (from, to) = (coordinates(key), coordinates(key.wrapping_add(step)));
            for axis in 0..CORNERS {
                let expected = if axis == direction { D as i64 } else { -1 };
                assert_eq!(to[axis] - from[axis], expected);
            }
            assert_eq!(coordinates(key.wrapping_add(step).wrapping_sub(step)), from);
        }
    }
}
