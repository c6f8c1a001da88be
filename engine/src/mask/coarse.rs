//! A part of an image at a size that can be thought over as a whole, and the way back to pixels.
//!
//! Tools that weigh every pixel against every other look at a grid of nodes, each the mean of a few
//! pixels. What they find is a figure a node; it is taken back to full size by joint bilateral
//! upsampling (Kopf and others, *Joint Bilateral Upsampling*, 2007): a pixel between nodes goes with
//! those that have its colour, so that the border lies on the image's edges again.

use std::ops::Range;

use rayon::prelude::*;

use super::pixels::Pixels;
use super::rect::Rect;
use super::span::{Point, Span, collect_row};
use super::superpixels::lab::lab;

/// How far two colours of a surface lie apart in L*a*b*, for a pixel that chooses among nodes.
const COLOR_SPREAD: f32 = 6.0;

/// A part of an image as a grid of mean colours.
#[derive(Debug)]
pub(super) struct Coarse {
    /// The part of the image.
    pub(super) part: Rect,
    /// Rows and columns of nodes; no more than there are pixels.
    pub(super) nodes: [usize; 2],
    /// The mean colour of each node, 0 to 255, row after row.
    pub(super) colors: Vec<[f32; 3]>,
}

impl Coarse {
    /// `part` of the image, clipped to it, in at most `most` nodes.
    pub(super) fn new(pixels: Pixels<'_>, part: Rect, most: usize) -> Self {
        let part = part.intersection(pixels.bounds());
        let shrink = (part.area() as f64 / most.max(1) as f64).sqrt().max(1.0);
        let count = |length: u32| ((f64::from(length) / shrink) as usize).clamp(1, length as usize);
        if part.is_empty() {
            return Self {
                part,
                nodes: [0; 2],
                colors: Vec::new(),
            };
        }
        let nodes = [count(part.height), count(part.width)];
        let rows = (0..nodes[0]).into_par_iter();
        let colors = rows.flat_map_iter(|row| means(pixels, part, nodes, row));
        Self {
            part,
            nodes,
            colors: colors.collect(),
        }
    }

    /// The nodes' colours in L*a*b*.
    pub(super) fn lab(&self) -> Vec<[f32; 3]> {
        let rounded = |color: &[f32; 3]| lab(color.map(|value| (value + 0.5) as u8));
        self.colors.iter().map(rounded).collect()
    }

    /// Where a point of the image lies on the grid, in nodes from its top left corner.
    pub(super) fn place(&self, [x, y]: Point) -> [f32; 2] {
        let along = |value: f32, start: u32, length: u32, nodes: usize| {
            (value - start as f32) * nodes as f32 / length.max(1) as f32
        };
        [
            along(y, self.part.y, self.part.height, self.nodes[0]),
            along(x, self.part.x, self.part.width, self.nodes[1]),
        ]
    }

    /// Nodes whose middles are within `radius` pixels of a point, and the one under it, if it lies
    /// on the grid.
    pub(super) fn disc(&self, at: Point, radius: f32) -> Vec<usize> {
        let [row, column] = self.place(at);
        let [rows, columns] = self.nodes;
        let inside = |place: f32, count: usize| place >= 0.0 && place < count as f32;
        if !(inside(row, rows) && inside(column, columns)) {
            return Vec::new();
        }
        let radius = radius * rows as f32 / self.part.height as f32;
        let near = |place: f32, count: usize| {
            (place - radius).max(0.0) as usize..((place + radius) as usize + 1).min(count)
        };
        let mut found = Vec::new();
        for r in near(row, rows) {
            for c in near(column, columns) {
                let away = (r as f32 + 0.5 - row).hypot(c as f32 + 0.5 - column);
                if away <= radius || [r, c] == [row as usize, column as usize] {
                    found.push(r * columns + c);
                }
            }
        }
        found
    }

    /// The nodes where `inside` holds and that hang together with one of `seeds` over their sides.
    pub(super) fn reached(&self, seeds: &[usize], inside: impl Fn(usize) -> bool) -> Vec<bool> {
        let [rows, columns] = self.nodes;
        let mut reached = vec![false; rows * columns];
        let mut open: Vec<usize> = seeds.iter().copied().filter(|seed| inside(*seed)).collect();
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut reached[node], true) {
                continue;
            }
            let (row, column) = (node / columns, node % columns);
            let next = [
                (column > 0).then(|| node - 1),
                (column + 1 < columns).then(|| node + 1),
                (row > 0).then(|| node - columns),
                (row + 1 < rows).then(|| node + columns),
            ];
            let next = next.into_iter().flatten();
            open.extend(next.filter(|node| !reached[*node] && inside(*node)));
        }
        reached
    }

    /// The pixels where `field`, a figure from 0 to 1 for each node, is more than a half, row by row.
    pub(super) fn spans(&self, pixels: Pixels<'_>, field: &[f32]) -> Vec<Span> {
        if field.len() != self.nodes[0] * self.nodes[1] || field.is_empty() {
            return Vec::new();
        }
        let upsampling = Upsampling {
            coarse: self,
            lab: self.lab(),
            field,
        };
        let rows = self.part.rows().into_par_iter();
        rows.flat_map_iter(|y| {
            let mut spans = Vec::new();
            let figures = upsampling.row(pixels, y);
            collect_row(&mut spans, [self.part.x, y], &figures, |figure| {
                *figure > 0.5
            });
            spans
        })
        .collect()
    }
}

/// The mean colours of a row of nodes.
fn means(
    pixels: Pixels<'_>,
    part: Rect,
    nodes: [usize; 2],
    row: usize,
) -> impl Iterator<Item = [f32; 3]> {
    let bound = |index: usize, length: u32, count: usize| index * length as usize / count;
    let rows = bound(row, part.height, nodes[0])..bound(row + 1, part.height, nodes[0]);
    let mut sums = vec![[0_u32; 3]; nodes[1]];
    for y in rows.clone() {
        let colors = &pixels.row(part.y + y as u32)[part.x as usize..part.right() as usize];
        for (column, sum) in sums.iter_mut().enumerate() {
            let piece =
                bound(column, part.width, nodes[1])..bound(column + 1, part.width, nodes[1]);
            for color in &colors[piece] {
                for (sum, value) in sum.iter_mut().zip(color) {
                    *sum += u32::from(*value);
                }
            }
        }
    }
    let height = rows.len();
    sums.into_iter().enumerate().map(move |(column, sum)| {
        let width = bound(column + 1, part.width, nodes[1]) - bound(column, part.width, nodes[1]);
        sum.map(|sum| sum as f32 / (height * width) as f32)
    })
}

/// A field on its way to full size.
struct Upsampling<'a> {
    coarse: &'a Coarse,
    lab: Vec<[f32; 3]>,
    field: &'a [f32],
}

impl Upsampling<'_> {
    /// The figures of a row of pixels.
    fn row(&self, pixels: Pixels<'_>, y: u32) -> Vec<f32> {
        let Coarse { part, nodes, .. } = self.coarse;
        let row = self.coarse.place([part.x as f32, y as f32 + 0.5])[0];
        if *nodes == [part.height as usize, part.width as usize] {
            return self.field[row as usize * nodes[1]..][..nodes[1]].to_vec();
        }
        let colors = &pixels.row(y)[part.x as usize..part.right() as usize];
        let step = nodes[1] as f32 / part.width as f32;
        let rows = around(row, nodes[0]);
        let decided = self.decided(rows.clone());
        let places = (0..).map(|x: u32| (x as f32 + 0.5) * step);
        let pixels = colors.iter().zip(places);
        pixels
            .map(|(color, column)| {
                let columns = around(column, nodes[1]);
                decided[columns.start]
                    .unwrap_or_else(|| self.pixel([row, column], rows.clone(), columns, *color))
            })
            .collect()
    }

    /// For each column, the figure of the pixels whose nodes begin there, where all these nodes agree:
    /// away from the border there is nothing to choose.
    fn decided(&self, rows: Range<usize>) -> Vec<Option<f32>> {
        let columns = self.coarse.nodes[1];
        let inside = |column: usize| {
            let mut nodes = rows
                .clone()
                .map(|row| self.field[row * columns + column] > 0.5);
            let first = nodes.next()?;
            nodes.all(|inside| inside == first).then_some(first)
        };
        let inside: Vec<Option<bool>> = (0..columns).map(inside).collect();
        let agreed = |start: usize| {
            let nodes = &inside[start..(start + MOST_AROUND).min(columns)];
            let same = nodes.iter().all(|inside| *inside == nodes[0]);
            same.then_some(nodes[0]?)
                .map(|inside| f32::from(u8::from(inside)))
        };
        (0..columns).map(agreed).collect()
    }

    /// The figure of a pixel at a place of the grid: of the nodes around, those of its colour count.
    fn pixel(
        &self,
        [row, column]: [f32; 2],
        rows: Range<usize>,
        columns: Range<usize>,
        color: [u8; 3],
    ) -> f32 {
        let color = lab(color);
        let (mut sum, mut weights) = (0.0, 0.0);
        for r in rows {
            for c in columns.clone() {
                let node = r * self.coarse.nodes[1] + c;
                let away = (r as f32 + 0.5 - row).powi(2) + (c as f32 + 0.5 - column).powi(2);
                let differs: f32 = (0..3)
                    .map(|channel| (color[channel] - self.lab[node][channel]).powi(2))
                    .sum();
                let differs = differs / (2.0 * COLOR_SPREAD * COLOR_SPREAD);
                // Never quite nothing: a colour that no node has goes with the nearest.
                let weight = (-away - differs.min(30.0)).exp();
                sum += weight * self.field[node];
                weights += weight;
            }
        }
        sum / weights
    }
}

/// The nodes around a place on an axis of so many: those whose middles are within 1.5, and one more
/// at most.
fn around(place: f32, count: usize) -> Range<usize> {
    let first = (place - 1.5).floor().max(0.0) as usize;
    first..((place + 1.5).ceil() as usize).min(count)
}

/// So many nodes are around a place at most.
const MOST_AROUND: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(size: [u32; 2], value: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let places = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| (x, y)));
        places.flat_map(|(x, y)| [value(x, y); 3]).collect()
    }

    #[test]
    fn nodes_are_the_means_of_their_pixels() {
        let rgb = grey([8, 6], |x, y| (10 * x + y) as u8);
        let pixels = Pixels::new([8, 6], &rgb).unwrap();
        let coarse = Coarse::new(pixels, Rect::new(2, 0, 100, 6), 9);
        assert_eq!((coarse.part, coarse.nodes), (Rect::new(2, 0, 6, 6), [3, 3]));
        assert_eq!(coarse.colors[0], [25.5; 3]);
        assert_eq!(coarse.colors[8], [69.5; 3]);
    }

    #[test]
    fn as_many_nodes_as_pixels_are_the_pixels() {
        let rgb = grey([5, 4], |x, y| (10 * x + y) as u8);
        let pixels = Pixels::new([5, 4], &rgb).unwrap();
        let coarse = Coarse::new(pixels, pixels.bounds(), 1000);
        assert_eq!(coarse.nodes, [4, 5]);
        let field: Vec<f32> = (0..20).map(|node| f32::from(node % 5 == 2)).collect();
        let spans = coarse.spans(pixels, &field);
        assert_eq!(spans.len(), 4);
        assert!(spans.iter().all(|span| (span.start, span.end) == (2, 3)));
    }

    #[test]
    fn the_way_back_finds_the_edge_between_nodes() {
        // An edge at column 37, which is no border of nodes.
        let size = [80, 80];
        let rgb = grey(size, |x, _| if x < 37 { 60 } else { 190 });
        let pixels = Pixels::new(size, &rgb).unwrap();
        let coarse = Coarse::new(pixels, pixels.bounds(), 100);
        assert_eq!(coarse.nodes, [10, 10]);
        let field: Vec<f32> = (0..100)
            .map(|node| match node % 10 {
                0..4 => 1.0,
                4 => 0.6,
                _ => 0.0,
            })
            .collect();
        let spans = coarse.spans(pixels, &field);
        assert_eq!(spans.len(), 80);
        assert!(spans.iter().all(|span| (span.start, span.end) == (0, 37)));
    }

    #[test]
    fn a_disc_holds_the_node_under_it() {
        let rgb = grey([40, 40], |_, _| 9);
        let coarse = Coarse::new(
            Pixels::new([40, 40], &rgb).unwrap(),
            Rect::new(0, 0, 40, 40),
            100,
        );
        assert_eq!(coarse.disc([13.0, 5.0], 0.5), [13]);
        assert_eq!(coarse.disc([14.0, 14.0], 4.5).len(), 5);
        assert!(coarse.disc([-1.0, 5.0], 9.0).is_empty());
        assert!(coarse.disc([5.0, 40.5], 9.0).is_empty());
    }

    #[test]
    fn only_what_hangs_together_is_reached() {
        let rgb = grey([9, 1], |_, _| 9);
        let coarse = Coarse::new(
            Pixels::new([9, 1], &rgb).unwrap(),
            Rect::new(0, 0, 9, 1),
            100,
        );
        let reached = coarse.reached(&[1], |node| node != 4);
        assert_eq!(reached.iter().filter(|reached| **reached).count(), 4);
        assert!(
            coarse
                .reached(&[4], |node| node != 4)
                .iter()
                .all(|reached| !reached)
        );
    }
}
