//! The corners of pixels in a part of an image, or of cells of several pixels, and how strong an edge
//! runs through each.

use crate::mask::{Pixels, Point, Rect};

/// A cell's colour is the mean of at most so many pixels along each side: the cost must not follow
/// the size of cells.
const SAMPLES: u32 = 2;

/// Nodes at the corners of cells of `step` by `step` pixels.
#[derive(Debug)]
pub(super) struct Lattice {
    /// Columns and rows of the image.
    image: [u32; 2],
    part: Rect,
    step: u32,
    /// Columns and rows of nodes: one more than of cells.
    nodes: [usize; 2],
}

impl Lattice {
    /// A lattice over a part of an image, as fine as `most` nodes allow.
    pub(super) fn new(image: [u32; 2], part: Rect, most: usize) -> Self {
        let mut step = (part.area() as f64 / most as f64).sqrt().ceil().max(1.0) as u32;
        loop {
            let lattice = Self::with_step(image, part, step);
            if lattice.count() <= most || step >= part.width.max(part.height) {
                return lattice;
            }
            step += 1;
        }
    }

    /// A lattice with a step in pixels.
    pub(super) fn with_step(image: [u32; 2], part: Rect, step: u32) -> Self {
        let step = step.max(1);
        let along = |length: u32| length.div_ceil(step) as usize + 1;
        Self {
            image,
            part,
            step,
            nodes: [along(part.width), along(part.height)],
        }
    }

    /// Pixels from a node to the next.
    pub(super) fn step(&self) -> u32 {
        self.step
    }

    /// Columns and rows of nodes.
    pub(super) fn nodes(&self) -> [usize; 2] {
        self.nodes
    }

    /// How many nodes there are.
    pub(super) fn count(&self) -> usize {
        self.nodes[0] * self.nodes[1]
    }

    /// Where a node lies in the image. Those of the last row and column may stand for the image's
    /// border.
    pub(super) fn point(&self, node: usize) -> Point {
        let along = |index: usize, start: u32, end: u32| {
            let place = u64::from(start) + index as u64 * u64::from(self.step);
            place.min(u64::from(end)) as f32
        };
        let (row, column) = (node / self.nodes[0], node % self.nodes[0]);
        [
            along(column, self.part.x, self.image[0]),
            along(row, self.part.y, self.image[1]),
        ]
    }

    /// The node nearest to a point.
    pub(super) fn nearest(&self, at: Point) -> usize {
        let [column, row] = self.place(at);
        row * self.nodes[0] + column
    }

    /// Column and row of the node nearest to a point.
    pub(super) fn place(&self, [x, y]: Point) -> [usize; 2] {
        let along = |value: f32, start: u32, nodes: usize| {
            let place = (value - start as f32) / self.step as f32;
            (place.round().max(0.0) as usize).min(nodes - 1)
        };
        [
            along(x, self.part.x, self.nodes[0]),
            along(y, self.part.y, self.nodes[1]),
        ]
    }

    /// The largest strength within so many nodes of one.
    pub(super) fn strongest_around(&self, strengths: &[f32], node: usize, reach: i64) -> f32 {
        let [columns, rows] = self.nodes;
        let near = |place: usize, count: usize| {
            let place = place as i64;
            (place - reach).max(0) as usize..=((place + reach) as usize).min(count - 1)
        };
        let lines = near(node / columns, rows);
        let found = lines.flat_map(|row| {
            let line = &strengths[row * columns..(row + 1) * columns];
            line[near(node % columns, columns)].iter().copied()
        });
        found.fold(0.0, f32::max)
    }

    /// The contrast of the edge through each node, 0 to about 255: the gradient of the channel where
    /// it is largest. A step between two cells has its own height on the border, and a quarter of it
    /// a cell away.
    pub(super) fn strengths(&self, pixels: Pixels<'_>) -> Vec<f32> {
        let [columns, rows] = self.nodes;
        let places = self.sampled(self.part.x, columns, self.image[0]);
        let heights = self.sampled(self.part.y, rows, self.image[1]);
        let samples = self.step.min(SAMPLES) as usize;
        let line = |cell: usize| {
            let heights = &heights[cell * samples..(cell + 1) * samples];
            Line::new(pixels, heights, &places, samples)
        };
        let mut strengths = Vec::with_capacity(self.count());
        // The two cells above a node's row and the two below.
        let mut lines = [line(0), line(1), line(2), line(3)];
        for row in 0..rows {
            if row > 0 {
                lines.rotate_left(1);
                lines[3] = line(row + 3);
            }
            let squared = squares(&lines);
            let channels = [0, 1, 2].map(|channel| &squared[channel * columns..]);
            strengths.extend((0..columns).map(|column| {
                let [red, green, blue] = channels.map(|channel| channel[column]);
                red.max(green).max(blue).sqrt()
            }));
        }
        strengths
    }

    /// The pixels along an axis that the cells are the means of, from the second one before the first
    /// node to the second one behind the last. Cells beside the image repeat its border.
    fn sampled(&self, start: u32, nodes: usize, end: u32) -> Vec<usize> {
        let samples = i64::from(self.step.min(SAMPLES));
        let step = i64::from(self.step);
        let last = (i64::from(end) - 1).max(0);
        let cells = -2..nodes as i64 + 1;
        let pixels = cells.flat_map(|cell| {
            let middle = move |sample: i64| (2 * sample + 1) * step / (2 * samples);
            (0..samples).map(move |sample| i64::from(start) + cell * step + middle(sample))
        });
        pixels.map(|pixel| pixel.clamp(0, last) as usize).collect()
    }
}

/// The contrast of the edge through the corner of a pixel, as [`Lattice::strengths`] has it.
pub(super) fn corner(pixels: Pixels<'_>, [x, y]: Point) -> f32 {
    let [width, height] = pixels.size().map(i64::from);
    let (x, y) = (x as i64, y as i64);
    let mut smoothed = [[0.0_f32; 4]; 3];
    let mut slopes = [[0.0_f32; 4]; 3];
    for line in 0..4 {
        let row = pixels.row((y - 2 + line as i64).clamp(0, (height - 1).max(0)) as u32);
        let colors = [0, 1, 2, 3].map(|place: i64| {
            let column = (x - 2 + place).clamp(0, (width - 1).max(0));
            row.get(column as usize).copied().unwrap_or_default()
        });
        for channel in 0..3 {
            let values = colors.map(|color| f32::from(color[channel]));
            smoothed[channel][line] = smooth(values);
            slopes[channel][line] = slope(values);
        }
    }
    let square =
        |channel: usize| smooth(slopes[channel]).powi(2) + slope(smoothed[channel]).powi(2);
    square(0).max(square(1)).max(square(2)).sqrt()
}

/// A row of cells seen from the nodes between them: of red, then of green, then of blue.
struct Line {
    /// The mean of the four cells around.
    smooth: Vec<f32>,
    /// By how much the cells on the right are brighter than those on the left.
    slope: Vec<f32>,
}

impl Line {
    fn new(pixels: Pixels<'_>, rows: &[usize], places: &[usize], samples: usize) -> Self {
        let cells = places.len() / samples;
        let mut sums = vec![0.0_f32; 3 * cells];
        for row in rows {
            let row = pixels.row(*row as u32);
            for (cell, places) in places.chunks_exact(samples).enumerate() {
                for place in places {
                    let color = row.get(*place).copied().unwrap_or_default();
                    sums[cell] += f32::from(color[0]);
                    sums[cells + cell] += f32::from(color[1]);
                    sums[2 * cells + cell] += f32::from(color[2]);
                }
            }
        }
        let scale = 1.0 / (samples * rows.len().max(1)) as f32;
        let nodes = cells - 3;
        let mut line = Self {
            smooth: Vec::with_capacity(3 * nodes),
            slope: Vec::with_capacity(3 * nodes),
        };
        for channel in sums.chunks_exact(cells) {
            let around = channel.windows(4);
            line.smooth.extend(
                around
                    .clone()
                    .map(|c| scale * smooth([c[0], c[1], c[2], c[3]])),
            );
            line.slope
                .extend(around.map(|c| scale * slope([c[0], c[1], c[2], c[3]])));
        }
        line
    }
}

/// A binomial mean of four values.
fn smooth([a, b, c, d]: [f32; 4]) -> f32 {
    (a + d + 3.0 * (b + c)) * 0.125
}

/// How far four values rise in their middle.
fn slope([a, b, c, d]: [f32; 4]) -> f32 {
    (d - a + 3.0 * (c - b)) * 0.25
}

/// The squares of the gradients between four rows of cells, channel by channel.
fn squares([a, b, c, d]: &[Line; 4]) -> Vec<f32> {
    let count = a.smooth.len();
    let [sa, sb, sc, sd] = [a, b, c, d].map(|line| &line.smooth[..count]);
    let [ra, rb, rc, rd] = [a, b, c, d].map(|line| &line.slope[..count]);
    let square = |at: usize| {
        let across = smooth([ra[at], rb[at], rc[at], rd[at]]);
        let down = slope([sa[at], sb[at], sc[at], sd[at]]);
        across * across + down * down
    };
    (0..count).map(square).collect()
}
