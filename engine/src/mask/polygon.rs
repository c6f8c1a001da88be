//! Polygons.

use super::rect::Rect;
use super::span::{Point, Span, clipped};

/// The pixels inside closed rings by the even-odd rule, so that a ring within a ring is a hole.
///
/// A pixel is inside when its centre is; of centres exactly on an outline, those on its left and
/// top sides are inside, so that polygons side by side neither overlap nor leave a gap. Rings of
/// fewer than three points hold nothing; points that are not finite are left out.
pub fn fill(rings: &[Vec<Point>], bounds: Rect) -> Vec<Span> {
    let edges: Vec<Edge> = rings.iter().flat_map(|ring| edges(ring)).collect();
    let low = edges
        .iter()
        .map(|edge| edge.top[1])
        .fold(f64::INFINITY, f64::min);
    let high = edges
        .iter()
        .map(|edge| edge.bottom[1])
        .fold(f64::NEG_INFINITY, f64::max);
    let rows = clipped(low - 0.5, high - 0.5, bounds.y, bounds.bottom());
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    for edge in &edges {
        // A row crosses an edge where its centre is at or below the top end and above the bottom.
        let first = (edge.top[1] - 0.5).ceil().max(f64::from(rows.start));
        let end = (edge.bottom[1] - 0.5)
            .ceil()
            .min(f64::from(rows.end))
            .max(0.0);
        for y in first as u32..end as u32 {
            crossings[(y - rows.start) as usize].push(edge.x_at(f64::from(y) + 0.5));
        }
    }
    let mut spans = Vec::new();
    for (y, crossings) in rows.zip(&mut crossings) {
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // The last pixel lies left of the right crossing: a whole index, so one less than up.
            let columns = clipped(
                pair[0] - 0.5,
                (pair[1] - 0.5).ceil() - 1.0,
                bounds.x,
                bounds.right(),
            );
            if !columns.is_empty() {
                spans.push(Span {
                    y,
                    start: columns.start,
                    end: columns.end,
                });
            }
        }
    }
    spans
}

/// A side of a ring that is not level, from top to bottom.
struct Edge {
    top: [f64; 2],
    bottom: [f64; 2],
}

impl Edge {
    /// Computed from top to bottom whichever way the ring runs: neighbours get the same answer.
    fn x_at(&self, y: f64) -> f64 {
        let ([x0, y0], [x1, y1]) = (self.top, self.bottom);
        x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    }
}

fn edges(ring: &[Point]) -> Vec<Edge> {
    let points: Vec<[f64; 2]> = ring
        .iter()
        .filter(|point| point.iter().all(|value| value.is_finite()))
        .map(|point| point.map(f64::from))
        .collect();
    if points.len() < 3 {
        return Vec::new();
    }
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .filter(|(a, b)| a[1] != b[1])
        .map(|(a, b)| {
            let (top, bottom) = if a[1] < b[1] { (*a, *b) } else { (*b, *a) };
            Edge { top, bottom }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Rect = Rect {
        x: 0,
        y: 0,
        width: 50,
        height: 40,
    };

    /// Whether a ray from the point to the left crosses the outline an odd number of times.
    fn inside(rings: &[Vec<Point>], x: f64, y: f64) -> bool {
        let mut inside = false;
        for ring in rings.iter().filter(|ring| ring.len() >= 3) {
            for (i, a) in ring.iter().enumerate() {
                let b = ring[(i + 1) % ring.len()];
                let (upper, lower) = if a[1] <= b[1] { (*a, b) } else { (b, *a) };
                let (upper, lower) = (upper.map(f64::from), lower.map(f64::from));
                if upper[1] <= y && y < lower[1] {
                    // Left of or on the point: the sign of the cross product, no division.
                    let side = (lower[0] - upper[0]) * (y - upper[1])
                        - (x - upper[0]) * (lower[1] - upper[1]);
                    inside ^= side <= 0.0;
                }
            }
        }
        inside
    }

    fn map(rings: &[Vec<Point>]) -> Vec<u8> {
        let mut counts = vec![0; BOUNDS.area() as usize];
        for span in fill(rings, BOUNDS) {
            for x in span.start..span.end {
                counts[(span.y * BOUNDS.width + x) as usize] += 1;
            }
        }
        counts
    }

    fn rings() -> impl Strategy<Value = Vec<Vec<Point>>> {
        // Vertices on halves: many lie on centres, and all arithmetic on them is exact enough.
        let grid = (-20..140_i16, -20..100_i16)
            .prop_map(|(x, y)| [f32::from(x) / 2.0, f32::from(y) / 2.0]);
        let free = (-10.0..60.0_f32, -10.0..50.0_f32).prop_map(|(x, y)| [x, y]);
        prop_oneof![
            prop::collection::vec(prop::collection::vec(grid, 0..9), 1..4),
            prop::collection::vec(prop::collection::vec(free, 0..9), 1..4),
        ]
    }

    proptest! {
        #[test]
        fn it_equals_an_even_odd_test_of_every_pixel_centre(rings in rings()) {
            let filled = map(&rings);
            for y in 0..BOUNDS.height {
                for x in 0..BOUNDS.width {
                    let centre = (f64::from(x) + 0.5, f64::from(y) + 0.5);
                    let expected = inside(&rings, centre.0, centre.1);
                    let found = filled[(y * BOUNDS.width + x) as usize];
                    if found != u8::from(expected) {
                        // Division may round a crossing past a centre that lies on the outline.
                        let shifted = [-1e-9, 1e-9].map(|by| inside(&rings, centre.0 + by, centre.1));
                        prop_assert!(shifted[0] != shifted[1], "{:?}: {}", centre, found);
                    }
                }
            }
        }

        #[test]
        fn two_halves_of_a_polygon_tile_it(
            ring in prop::collection::vec((0.0..50.0_f32, 0.0..40.0_f32), 4..9),
            cut in 2..7_usize,
        ) {
            let ring: Vec<Point> = ring.iter().map(|(x, y)| [*x, *y]).collect();
            let cut = cut.min(ring.len() - 2);
            let first = ring[..=cut].to_vec();
            let second: Vec<Point> = ring[cut..].iter().chain(&ring[..1]).copied().collect();
            let (whole, a, b) = (map(&[ring]), map(&[first]), map(&[second]));
            for ((whole, a), b) in whole.iter().zip(a).zip(b) {
                prop_assert_eq!(*whole, (a + b) % 2);
            }
        }
    }

    #[test]
    fn a_rectangle_with_a_hole() {
        let rect =
            |x0: f32, y0: f32, x1: f32, y1: f32| vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
        let filled = map(&[rect(0.0, 0.0, 10.0, 10.0), rect(2.0, 3.0, 5.0, 6.0)]);
        assert_eq!(
            filled.iter().map(|count| u32::from(*count)).sum::<u32>(),
            100 - 9
        );
        assert_eq!(filled[(3 * BOUNDS.width + 2) as usize], 0);
        assert_eq!(filled[(2 * BOUNDS.width + 2) as usize], 1);
    }

    #[test]
    fn lines_points_and_nonsense_hold_nothing() {
        assert!(fill(&[], BOUNDS).is_empty());
        assert!(fill(&[vec![[1.0, 1.0], [30.0, 30.0]]], BOUNDS).is_empty());
        assert!(fill(&[vec![[f32::NAN, 1.0], [30.0, 30.0], [3.0, 1.0]]], BOUNDS).is_empty());
        let huge = [[-1e30, -1e30], [1e30, -1e30], [1e30, 1e30], [-1e30, 1e30]];
        assert_eq!(fill(&[huge.to_vec()], BOUNDS).len(), 40);
    }
}
