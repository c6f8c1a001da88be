//! What the network thinks of every class, on the coarse grid that it sees.

use super::{Logits, Prepared};
use crate::mask::{Point, Rect};
use crate::network::resize::Sampling;

/// The probability of each class in each cell of the network's output grid, and where the grid lies
/// on the image: a few hundred kilobytes, whatever the image's size.
#[derive(Debug, Clone, PartialEq)]
pub struct Probabilities {
    classes: usize,
    /// Rows and columns of cells.
    grid: [usize; 2],
    /// `[rows, columns, classes]`
    values: Vec<f32>,
    /// For rows and for columns: the cell that lies at the image's coordinate 0, and cells a pixel.
    axes: [Axis; 2],
}

/// How cells lie along an axis of the image: pixel `i` looks at cell `offset + i * step`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    offset: f32,
    step: f32,
}

impl Axis {
    /// From `image` pixels that are fitted into `content` of `padded` pixels, which are upsampled
    /// from `cells`.
    fn new(sampling: Sampling, image: usize, content: usize, padded: usize, cells: usize) -> Self {
        let ratio = |from: usize, to: usize| {
            from.saturating_sub(1) as f32 / to.saturating_sub(1).max(1) as f32
        };
        let fitted = ratio(content, image);
        match sampling {
            Sampling::AlignedCorners => Self {
                offset: 0.0,
                step: fitted * ratio(cells, padded),
            },
            Sampling::HalfPixels => {
                let scale = cells as f32 / padded.max(1) as f32;
                Self {
                    offset: 0.5 * scale - 0.5,
                    step: fitted * scale,
                }
            }
        }
    }

    /// The two cells around an image coordinate, and how far it is from the first to the second.
    fn between(self, coordinate: f32, cells: usize) -> (usize, usize, f32) {
        let last = cells.saturating_sub(1);
        // A coordinate of 0.5 is the middle of pixel 0.
        let place = (self.offset + (coordinate - 0.5) * self.step).clamp(0.0, last as f32);
        let low = place as usize;
        (low, (low + 1).min(last), place - low as f32)
    }
}

impl Probabilities {
    /// The softmax of the first of the looks at an image, as it was fitted into the network's input.
    pub(super) fn new(looks: &[Logits], prepared: &Prepared, sampling: Sampling) -> Self {
        let empty = Logits {
            classes: 0,
            size: [0; 2],
            values: Vec::new(),
        };
        let logits = looks.first().unwrap_or(&empty);
        let axis = |axis: usize| {
            Axis::new(
                sampling,
                prepared.image[axis],
                prepared.content[axis],
                prepared.size[axis],
                logits.size[axis],
            )
        };
        Self {
            classes: logits.classes,
            grid: logits.size,
            values: softmax(logits),
            axes: [axis(0), axis(1)],
        }
    }

    /// How many classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The probabilities of all classes at a point of the image, between cells where it lies
    /// between cells; empty where the network has no cells.
    pub fn at(&self, [x, y]: Point) -> Vec<f32> {
        if self.values.is_empty() {
            return Vec::new();
        }
        let (top, bottom, down) = self.axes[0].between(y, self.grid[0]);
        let (left, right, across) = self.axes[1].between(x, self.grid[1]);
        let corners = [[top, left], [top, right], [bottom, left], [bottom, right]];
        let [a, b, c, d] = corners.map(|[row, column]| self.cell(row, column));
        (0..self.classes)
            .map(|class| {
                let above = a[class] + (b[class] - a[class]) * across;
                let below = c[class] + (d[class] - c[class]) * across;
                above + (below - above) * down
            })
            .collect()
    }

    /// A figure of each cell, seen from a part of the image: `measure` is asked once a cell, and
    /// what lies between cells is interpolated. `nodes` are the rows and columns of the result,
    /// evenly spaced over `part`; row after row. All 0 where the network has no cells.
    pub fn field(
        &self,
        part: Rect,
        nodes: [usize; 2],
        measure: impl Fn(&[f32]) -> f32,
    ) -> Vec<f32> {
        let [rows, columns] = nodes;
        if self.values.is_empty() {
            return vec![0.0; rows * columns];
        }
        let measured: Vec<f32> = self
            .values
            .chunks_exact(self.classes)
            .map(measure)
            .collect();
        let across = self.across(part, columns);
        let mut out = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            let (top, bottom, down) = self.down(part, rows, row);
            let above = &measured[top * self.grid[1]..][..self.grid[1]];
            let below = &measured[bottom * self.grid[1]..][..self.grid[1]];
            out.extend(across.iter().map(|&(left, right, part)| {
                let above = above[left] + (above[right] - above[left]) * part;
                let below = below[left] + (below[right] - below[left]) * part;
                above + (below - above) * down
            }));
        }
        out
    }

    /// The probability that each node has of a class of its own, as [`Self::field`] sees nodes;
    /// `classes` are as many as there are nodes. 0 for classes that the network does not know.
    pub fn of_each(&self, part: Rect, nodes: [usize; 2], classes: &[u8]) -> Vec<f32> {
        let [rows, columns] = nodes;
        if self.values.is_empty() {
            return vec![0.0; rows * columns];
        }
        let across = self.across(part, columns);
        let mut out = Vec::with_capacity(rows * columns);
        for (row, classes) in classes.chunks_exact(columns.max(1)).enumerate().take(rows) {
            let (top, bottom, down) = self.down(part, rows, row);
            out.extend(across.iter().zip(classes).map(|(between, class)| {
                let &(left, right, part) = between;
                let of = |row, column| {
                    let cell = self.cell(row, column);
                    cell.get(usize::from(*class)).copied().unwrap_or(0.0)
                };
                let above = of(top, left) + (of(top, right) - of(top, left)) * part;
                let below = of(bottom, left) + (of(bottom, right) - of(bottom, left)) * part;
                above + (below - above) * down
            }));
        }
        out
    }

    /// The cells around each of some columns of nodes.
    fn across(&self, part: Rect, columns: usize) -> Vec<(usize, usize, f32)> {
        let middle = |column| middle(column, part.x, part.width, columns);
        (0..columns)
            .map(|column| self.axes[1].between(middle(column), self.grid[1]))
            .collect()
    }

    /// The cells around a row of nodes.
    fn down(&self, part: Rect, rows: usize, row: usize) -> (usize, usize, f32) {
        let y = middle(row, part.y, part.height, rows);
        self.axes[0].between(y, self.grid[0])
    }

    fn cell(&self, row: usize, column: usize) -> &[f32] {
        &self.values[(row * self.grid[1] + column) * self.classes..][..self.classes]
    }
}

/// The coordinate of the middle of one of `count` nodes along `length` pixels.
fn middle(index: usize, start: u32, length: u32, count: usize) -> f32 {
    start as f32 + (index as f32 + 0.5) * length as f32 / count as f32
}

/// Softmax over the classes, cell by cell.
fn softmax(logits: &Logits) -> Vec<f32> {
    let cells = logits.size[0] * logits.size[1];
    let mut values = Vec::with_capacity(cells * logits.classes);
    for cell in 0..cells {
        let scores = || (0..logits.classes).map(|class| logits.values[class * cells + cell]);
        let largest = scores().fold(f32::NEG_INFINITY, f32::max);
        let start = values.len();
        values.extend(scores().map(|score| (score - largest).exp()));
        let sum: f32 = values[start..].iter().sum();
        values[start..].iter_mut().for_each(|value| *value /= sum);
    }
    values
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    /// Two classes on a grid of 2 x 3 cells; the second class grows to the right.
    fn grown(image: [u32; 2], side: usize, sampling: Sampling) -> Probabilities {
        let prepared = Prepared::fitted(&RgbImage::new(image[0], image[1]), side, [0.0; 3]);
        let odds = [0.2_f32, 0.5, 0.8];
        let logit = |column: usize| (odds[column] / (1.0 - odds[column])).ln();
        let values = [0.0; 6]
            .into_iter()
            .chain((0..6).map(|cell| logit(cell % 3)))
            .collect();
        let logits = Logits {
            classes: 2,
            size: [2, 3],
            values,
        };
        Probabilities::new(&[logits], &prepared, sampling)
    }

    #[test]
    fn corners_of_image_and_grid_meet() {
        let probabilities = grown([33, 33], 17, Sampling::AlignedCorners);
        for (x, expected) in [(0.5, 0.2), (16.5, 0.5), (32.5, 0.8), (8.5, 0.35)] {
            let found = probabilities.at([x, 16.5]);
            assert!((found[1] - expected).abs() < 1e-5, "{x}: {found:?}");
            assert!((found[0] + found[1] - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn padding_is_left_aside() {
        // 33 x 17 fitted into 17 x 17: the lower half is padding, the columns are as before.
        let probabilities = grown([33, 17], 17, Sampling::AlignedCorners);
        assert!((probabilities.at([32.5, 0.5])[1] - 0.8).abs() < 1e-5);
        // A tall image ends in the middle of the grid's columns.
        let probabilities = grown([17, 33], 17, Sampling::AlignedCorners);
        assert!((probabilities.at([16.5, 0.5])[1] - 0.5).abs() < 1e-5);
    }

    #[test]
    fn edges_of_image_and_grid_meet_with_half_pixels() {
        let probabilities = grown([30, 30], 30, Sampling::HalfPixels);
        for (x, expected) in [
            (5.0, 0.2),
            (15.0, 0.5),
            (25.0, 0.8),
            (0.0, 0.2),
            (30.0, 0.8),
        ] {
            let found = probabilities.at([x, 15.0])[1];
            assert!((found - expected).abs() < 1e-5, "{x}: {found}");
        }
    }

    #[test]
    fn a_field_is_what_its_points_are() {
        let probabilities = grown([40, 30], 33, Sampling::AlignedCorners);
        let part = Rect::new(6, 3, 20, 12);
        let field = probabilities.field(part, [6, 10], |cell| cell[1]);
        for row in 0..6 {
            for column in 0..10 {
                let point = [7.0 + 2.0 * column as f32, 4.0 + 2.0 * row as f32];
                let expected = probabilities.at(point)[1];
                assert!((field[row * 10 + column] - expected).abs() < 1e-5);
            }
        }
        let classes: Vec<u8> = (0..60).map(|node| node % 3).collect();
        let each = probabilities.of_each(part, [6, 10], &classes);
        for ((each, class), second) in each.iter().zip(classes).zip(field) {
            let expected = [1.0 - second, second, 0.0][usize::from(class)];
            assert!((each - expected).abs() < 1e-5);
        }
    }
}
