//! What makes the polygon magnetic: its legs follow the edges of the image.

use atrous_engine::mask::{Point, live_wire};

use crate::tools::Bench;

/// The outline stays as near to the edge it follows as this part of the reach, which is about a point
/// of the screen,
const TOLERANCE: f32 = 0.15;
/// but need not stay nearer than so many pixels of the image.
const LEAST_TOLERANCE: f32 = 0.7;

/// The point that a click at `at` means: the strongest edge within the reach.
pub(super) fn snap(at: Point, bench: &Bench<'_>) -> Point {
    live_wire::snap(bench.scene.pixels(), at, bench.reach)
}

/// The vertices from `from`, which is not among them, to `to`.
pub(super) fn leg(from: Point, to: Point, bench: &Bench<'_>) -> Vec<Point> {
    let tolerance = (TOLERANCE * bench.reach).max(LEAST_TOLERANCE);
    let mut leg = live_wire::trace(bench.scene.pixels(), from, to, tolerance);
    leg.remove(0);
    leg
}

/// How many vertices the open ring had after each click: a click takes back what it added.
#[derive(Debug, Default)]
pub(super) struct Clicks(Vec<usize>);

impl Clicks {
    /// A click made it so many vertices.
    pub(super) fn add(&mut self, vertices: usize) {
        self.0.push(vertices);
    }

    /// A vertex came in before the one at `place`; that counts as a click of its own.
    pub(super) fn insert(&mut self, place: usize) {
        for vertices in self.0.iter_mut().filter(|vertices| **vertices > place) {
            *vertices += 1;
        }
        let before = self.0.partition_point(|vertices| *vertices <= place);
        self.0.insert(before, place + 1);
    }

    /// The vertex at `place` was taken out.
    pub(super) fn remove(&mut self, place: usize) {
        for vertices in self.0.iter_mut().filter(|vertices| **vertices > place) {
            *vertices -= 1;
        }
        self.0.dedup();
        self.0.retain(|vertices| *vertices > 0);
    }

    /// Takes the last click back; how many vertices there were before it.
    pub(super) fn take_back(&mut self) -> usize {
        self.0.pop();
        self.0.last().copied().unwrap_or_default()
    }
}
