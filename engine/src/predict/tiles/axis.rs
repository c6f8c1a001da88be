//! Where tiles stand along one side of an image, and how much each counts where they overlap.

use std::f32::consts::FRAC_PI_2;

/// How logits lie on cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Density {
    /// Logits a cell.
    pub per_cell: usize,
    /// Whether the first logit is at the corner pixel and one more ends the last cell, as SAME
    /// padding has it; otherwise a cell has its own logits alone.
    pub at_corners: bool,
}

impl Density {
    /// Logits of so many cells in a row.
    pub(super) fn count(self, cells: usize) -> usize {
        cells * self.per_cell + usize::from(self.at_corners)
    }

    /// How far the first logit is from the corner, in logits.
    fn shift(self) -> f32 {
        if self.at_corners { 0.0 } else { 0.5 }
    }
}

/// Tiles along one side. Lengths are in *cells*: pixels of the network's output stride, so that the
/// logits of all tiles fall on one grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Axis {
    /// Where each tile begins.
    pub starts: Vec<usize>,
    /// Length of each tile.
    pub tile: usize,
}

impl Axis {
    /// Tiles of `tile` cells, evenly spread over `length` cells, neighbours sharing `overlap` cells
    /// or more; one alone if that is enough. `overlap` is less than `tile`.
    pub(super) fn new(length: usize, tile: usize, overlap: usize) -> Self {
        let rest = length.saturating_sub(tile);
        let steps = rest.div_ceil(tile - overlap);
        let start = |index: usize| (index * rest + steps / 2) / steps.max(1);
        Self {
            starts: (0..=steps).map(start).collect(),
            tile,
        }
    }

    /// Cells from the first tile's beginning to the last one's end.
    pub(super) fn length(&self) -> usize {
        self.starts.last().map_or(0, |start| start + self.tile)
    }

    /// How much each logit of each tile counts: 1 where a tile is alone; where several overlap, the
    /// parts are 1 together and fade to 0 at a tile's end, with the slope of a cosine.
    pub(super) fn weights(&self, logits: Density) -> Vec<Vec<f32>> {
        let mut weights: Vec<Vec<f32>> = (0..self.starts.len())
            .map(|index| self.window(index, logits))
            .collect();
        let mut sums = vec![0.0; logits.count(self.length())];
        for (start, weights) in self.starts.iter().zip(&weights) {
            for (sum, weight) in sums[start * logits.per_cell..].iter_mut().zip(weights) {
                *sum += weight;
            }
        }
        for (start, weights) in self.starts.iter().zip(&mut weights) {
            for (weight, sum) in weights.iter_mut().zip(&sums[start * logits.per_cell..]) {
                *weight /= sum;
            }
        }
        weights
    }

    /// A tile's weights before they are made to sum to 1: rising over what it shares with the tile
    /// before, falling over what it shares with the next.
    fn window(&self, index: usize, logits: Density) -> Vec<f32> {
        let start = self.starts[index];
        let before = index.checked_sub(1).map(|before| self.starts[before]);
        let rise = before.map_or(0, |before| before + self.tile - start) * logits.per_cell;
        let next = self.starts.get(index + 1);
        let fall = next.map_or(0, |next| start + self.tile - next) * logits.per_cell;
        let last = (self.tile * logits.per_cell) as f32;
        (0..logits.count(self.tile))
            .map(|place| place as f32 + logits.shift())
            .map(|place| slope(place, rise as f32) * slope(last - place, fall as f32))
            .collect()
    }
}

/// From 0 at `place` 0 to 1 at `length` and behind it; 1 everywhere if there is no length.
fn slope(place: f32, length: f32) -> f32 {
    if place >= length {
        return 1.0;
    }
    (place / length * FRAC_PI_2).sin().powi(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CORNERS: Density = Density {
        per_cell: 1,
        at_corners: true,
    };

    #[test]
    fn one_tile_is_enough_for_what_it_covers() {
        assert_eq!(Axis::new(32, 32, 8).starts, [0]);
        assert_eq!(Axis::new(5, 32, 8).starts, [0]);
        assert_eq!(Axis::new(5, 32, 8).length(), 32);
        let density = |at_corners| Density {
            per_cell: 4,
            at_corners,
        };
        let weights = |at_corners| Axis::new(32, 32, 8).weights(density(at_corners));
        assert_eq!(weights(true), [vec![1.0; 129]]);
        assert_eq!(weights(false), [vec![1.0; 128]]);
    }

    #[test]
    fn tiles_are_spread_evenly() {
        assert_eq!(Axis::new(33, 32, 8).starts, [0, 1]);
        assert_eq!(Axis::new(80, 32, 8).starts, [0, 24, 48]);
        assert_eq!(Axis::new(81, 32, 8).starts, [0, 16, 33, 49]);
    }

    #[test]
    fn the_weight_fades_with_the_overlap() {
        let weights = Axis::new(6, 4, 2).weights(CORNERS);
        let expected = [[1.0, 1.0, 1.0, 0.5, 0.0], [0.0, 0.5, 1.0, 1.0, 1.0]];
        for (found, expected) in weights.iter().zip(expected) {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{weights:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn tiles_cover_all_and_count_as_one(
            length in 1_usize..300,
            tile in 2_usize..40,
            overlap in 1_usize..39,
            per_cell in 1_usize..5,
            at_corners: bool,
        ) {
            let logits = Density { per_cell, at_corners };
            let overlap = overlap.min(tile - 1);
            let axis = Axis::new(length, tile, overlap);
            prop_assert_eq!(axis.starts[0], 0);
            prop_assert_eq!(axis.length(), length.max(tile));
            for pair in axis.starts.windows(2) {
                prop_assert!(pair[0] < pair[1] && pair[0] + tile >= pair[1] + overlap);
            }
            let mut sums = vec![0.0; logits.count(axis.length())];
            for (start, weights) in axis.starts.iter().zip(axis.weights(logits)) {
                prop_assert_eq!(weights.len(), logits.count(tile));
                for (sum, weight) in sums[start * per_cell..].iter_mut().zip(weights) {
                    prop_assert!((0.0..=1.0).contains(&weight));
                    *sum += weight;
                }
            }
            prop_assert!(sums.iter().all(|sum| (sum - 1.0_f32).abs() < 1e-5));
        }
    }
}
