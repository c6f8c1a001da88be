//! The logits of tiles put together, as few rows at a time as can be.

use super::axis::{Axis, Density};
use crate::predict::Logits;

/// Blends the tiles' logits, row of tiles by row of tiles. Rows that no tile to come reaches can be
/// taken and let go, so that those of a whole large image never exist at once.
#[derive(Debug, Clone)]
pub(super) struct Mosaic {
    classes: usize,
    /// Logits of a row of the image.
    width: usize,
    /// The first row that is held, counted from the top of the image.
    first: usize,
    /// Rows that are held: a tile's, and one above.
    height: usize,
    /// `[classes, height, width]`
    values: Vec<f32>,
}

impl Mosaic {
    /// Room for the first row of tiles.
    pub(super) fn new(classes: usize, [down, across]: [&Axis; 2], logits: Density) -> Self {
        let height = logits.count(down.tile) + 1;
        Self::of_size(classes, [height, logits.count(across.length())])
    }

    /// Room for all rows of tiles.
    pub(super) fn whole(classes: usize, [down, across]: [&Axis; 2], logits: Density) -> Self {
        let size = [down, across].map(|axis| logits.count(axis.length()));
        Self::of_size(classes, size)
    }

    fn of_size(classes: usize, [height, width]: [usize; 2]) -> Self {
        Self {
            classes,
            width,
            first: 0,
            height,
            values: vec![0.0; classes * height * width],
        }
    }

    /// Adds a tile that begins at row `top` and column `left` of the image's logits; the weights of
    /// its rows and columns multiply.
    pub(super) fn add(
        &mut self,
        tile: &Logits,
        [top, left]: [usize; 2],
        [rows, columns]: [&[f32]; 2],
    ) {
        let [height, width] = tile.size;
        let above = (top - self.first) * self.width;
        let planes = self.values.chunks_exact_mut(self.height * self.width);
        for (source, target) in tile.values.chunks_exact(height * width).zip(planes) {
            let sources = source.chunks_exact(width);
            let targets = target[above..].chunks_exact_mut(self.width);
            for ((source, target), down) in sources.zip(targets).zip(rows) {
                let target = target[left..].iter_mut();
                for ((target, value), across) in target.zip(source).zip(columns) {
                    *target += value * (down * across);
                }
            }
        }
    }

    /// The rows from the first one held up to `end`, which is counted from the top of the image.
    pub(super) fn rows_until(&self, end: usize) -> Logits {
        let rows = end - self.first;
        let planes = self.values.chunks_exact(self.height * self.width);
        let values = planes.flat_map(|plane| &plane[..rows * self.width]);
        Logits {
            classes: self.classes,
            size: [rows, self.width],
            values: values.copied().collect(),
        }
    }

    /// All rows that there is room for.
    pub(super) fn into_logits(self) -> Logits {
        Logits {
            classes: self.classes,
            size: [self.height, self.width],
            values: self.values,
        }
    }

    /// Lets go of the rows before `first`, which is counted from the top of the image, and makes
    /// room below.
    pub(super) fn move_to(&mut self, first: usize) {
        let gone = (first - self.first) * self.width;
        for plane in self.values.chunks_exact_mut(self.height * self.width) {
            plane.copy_within(gone.., 0);
            let kept = plane.len() - gone;
            plane[kept..].fill(0.0);
        }
        self.first = first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tile of one class, all of one value.
    fn tile(value: f32) -> Logits {
        Logits {
            classes: 1,
            size: [5, 5],
            values: vec![value; 25],
        }
    }

    #[test]
    fn tiles_fade_into_each_other_row_by_row() {
        let down = Axis::new(6, 4, 2);
        let across = Axis::new(4, 4, 2);
        let density = Density {
            per_cell: 1,
            at_corners: true,
        };
        let weights = down.weights(density);
        let columns = &across.weights(density)[0];
        let mut mosaic = Mosaic::new(1, [&down, &across], density);
        mosaic.add(&tile(10.0), [0, 0], [&weights[0], columns]);
        let above = mosaic.rows_until(2);
        assert_eq!((above.size, above.values), ([2, 5], vec![10.0; 10]));
        mosaic.move_to(1);
        mosaic.add(&tile(20.0), [2, 0], [&weights[1], columns]);
        let below = mosaic.rows_until(7);
        assert_eq!(below.size, [6, 5]);
        let rows = below.values.chunks_exact(5);
        for (row, expected) in rows.zip([10.0, 10.0, 15.0, 20.0, 20.0, 20.0]) {
            assert!(row.iter().all(|v| (v - expected).abs() < 1e-4), "{row:?}");
        }
    }
}
