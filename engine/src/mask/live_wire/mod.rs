//! The live wire: an outline between two points that follows the edges of the image.
//!
//! The idea is that of Mortensen and Barrett (*Intelligent Scissors for Image Composition*, 1995):
//! the image is a graph in which a step along a strong edge costs little, and the outline is the
//! cheapest path. Its nodes are the corners of pixels, where the border between two pixels lies, so
//! that a polygon along it holds exactly the pixels on its side.
//!
//! The cost is bounded whatever the size of the image: the path is looked for in a window around both
//! ends, on at most [`MOST_NODES`] nodes. Where that window has more pixels a node stands for several
//! of them, and the path that is found is settled on the pixels' own edges afterwards.

mod lattice;
mod path;
mod settle;
mod simplify;

#[cfg(test)]
mod tests;

use super::pixels::Pixels;
use super::rect::Rect;
use super::span::Point;
use lattice::Lattice;

/// So many nodes are looked at for one path at most.
pub const MOST_NODES: usize = 1 << 15;

/// The window reaches farther than the ends by this part of their distance,
const MARGIN: f32 = 0.3;
/// and by at least so many pixels.
const LEAST_MARGIN: f32 = 12.0;

/// An edge of this contrast, 0 to 255, is one to be followed, however weak the image's edges are.
const FAINT: f32 = 24.0;
/// What is fainter than this is no edge to snap a vertex to.
const NOTHING: f32 = 12.0;
/// A path need not be on an edge quite as strong as those at its ends.
const AS_STRONG: f32 = 0.8;
/// What lies so many nodes around an end counts for it.
const AROUND_END: i64 = 2;

/// So many nodes are looked at on each side of a point that is snapped.
const SNAP_NODES: f32 = 16.0;

/// The outline from one point to another along the strongest edges, both included, as few vertices
/// from which it is nowhere farther than `tolerance` pixels. Where there is no edge it is straight.
///
/// Both ends are taken into the image first; no vertex lies outside of it.
pub fn trace(pixels: Pixels<'_>, from: Point, to: Point, tolerance: f32) -> Vec<Point> {
    let [from, to] = [from, to].map(|end| inside(pixels, end));
    let lattice = Lattice::new(pixels.size(), window(pixels, [from, to]), MOST_NODES);
    let ends = [from, to].map(|end| lattice.nearest(end));
    if ends[0] == ends[1] {
        return vec![from, to];
    }
    let strengths = lattice.strengths(pixels);
    let around = ends.map(|end| lattice.strongest_around(&strengths, end, AROUND_END));
    let reference = (AS_STRONG * 0.5 * (around[0] + around[1])).max(FAINT);
    let mut points = path::cheapest(&lattice, &strengths, reference, ends);
    if let [first, .., last] = &mut points[..] {
        (*first, *last) = (from, to);
    }
    if lattice.step() > 1 {
        points = settle::settle(pixels, lattice.step(), &points);
    }
    simplify::simplify(&points, tolerance)
}

/// The strongest edge within `reach` pixels of a point, the nearer ones before those as strong; the
/// point itself, taken into the image, where there is none.
pub fn snap(pixels: Pixels<'_>, at: Point, reach: f32) -> Point {
    let at = inside(pixels, at);
    let mut snapped = at;
    let mut reach = if reach.is_finite() {
        reach.max(1.0)
    } else {
        1.0
    };
    // First on the scale of the reach, then on that of pixels.
    loop {
        let step = (reach / SNAP_NODES).ceil();
        let Some(found) = strongest_near(pixels, snapped, reach, step as u32) else {
            return snapped;
        };
        snapped = found;
        if step <= 1.0 {
            return snapped;
        }
        reach = step;
    }
}

/// The strongest edge on a lattice of this step around a point.
fn strongest_near(pixels: Pixels<'_>, at: Point, reach: f32, step: u32) -> Option<Point> {
    let part = around(pixels, [at, at], reach);
    let lattice = Lattice::with_step(pixels.size(), part, step);
    let strengths = lattice.strengths(pixels);
    let mut best = (NOTHING, None);
    for (node, strength) in strengths.into_iter().enumerate() {
        let point = lattice.point(node);
        let away = (point[0] - at[0]).hypot(point[1] - at[1]) / reach;
        let worth = strength * (1.0 - 0.5 * away);
        if away <= 1.0 && strength >= NOTHING && worth > best.0 {
            best = (worth, Some(point));
        }
    }
    best.1
}

/// The part of the image in which a path between two points is looked for.
fn window(pixels: Pixels<'_>, ends: [Point; 2]) -> Rect {
    let distance = (ends[0][0] - ends[1][0]).hypot(ends[0][1] - ends[1][1]);
    around(pixels, ends, (MARGIN * distance).max(LEAST_MARGIN))
}

/// The pixels within a margin of the box of two points.
fn around(pixels: Pixels<'_>, [a, b]: [Point; 2], margin: f32) -> Rect {
    let range = |axis: usize, end: u32| {
        let low = (a[axis].min(b[axis]) - margin).floor().max(0.0) as u32;
        let high = (a[axis].max(b[axis]) + margin).ceil() as u32;
        low.min(end)..high.min(end)
    };
    Rect::from_ranges(range(0, pixels.width()), range(1, pixels.height()))
}

/// The nearest point of the image.
fn inside(pixels: Pixels<'_>, at: Point) -> Point {
    let along = |value: f32, end: u32| {
        let value = if value.is_finite() { value } else { 0.0 };
        value.clamp(0.0, end as f32)
    };
    [along(at[0], pixels.width()), along(at[1], pixels.height())]
}
