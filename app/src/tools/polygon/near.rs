//! What of a polygon lies under the pointer.

use atrous_engine::mask::Point;

use super::Polygon;

impl Polygon {
    /// The ring and the vertex that a press at `at` would grab: the nearest, since those of a magnetic
    /// outline may lie close together. `reach` is in image pixels.
    pub(super) fn vertex_near(&self, at: Point, reach: f32) -> Option<[usize; 2]> {
        let vertices = self.rings.iter().enumerate().flat_map(|(place, ring)| {
            let vertices = ring.iter().enumerate();
            vertices.map(move |(vertex, point)| (distance(*point, at), [place, vertex]))
        });
        let near = vertices.filter(|(away, _)| *away <= reach);
        near.min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, found)| found)
    }

    /// The ring, and the index in it, at which a vertex on the edge under `at` belongs.
    pub(super) fn edge_near(&self, at: Point, reach: f32) -> Option<[usize; 2]> {
        self.rings.iter().enumerate().find_map(|(place, ring)| {
            let closed = self.closed || place + 1 < self.rings.len();
            let last = if closed {
                ring.len()
            } else {
                ring.len().saturating_sub(1)
            };
            let near = |edge: &usize| {
                let (from, to) = (ring[*edge], ring[(edge + 1) % ring.len()]);
                distance_to_edge(at, from, to) <= reach * 0.5
            };
            let edge = (0..last).find(near)?;
            Some([place, edge + 1])
        })
    }
}

/// How far two points are from each other, in image pixels.
pub(super) fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn distance_to_edge(at: Point, from: Point, to: Point) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = if length > 0.0 {
        ((at[0] - from[0]) * along[0] + (at[1] - from[1]) * along[1]) / length
    } else {
        0.0
    };
    let share = share.clamp(0.0, 1.0);
    distance(at, [from[0] + share * along[0], from[1] + share * along[1]])
}
