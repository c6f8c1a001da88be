//! Brush strokes.

use super::rect::Rect;
use super::span::{Point, Span, clipped};

/// The form of a brush.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BrushShape {
    /// A disc.
    #[default]
    Round,
    /// A square along the axes.
    Square,
}

/// A brush. It covers a pixel whose centre is within its outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Its form.
    pub shape: BrushShape,
    /// Half its width, in pixels of the image. Brushes less than 1.5 pixels wide snap to pixel
    /// centres, so that each touch hits one pixel.
    pub radius: f32,
}

/// Below this radius a brush that is not on a pixel's centre may miss every pixel.
const SNAP_RADIUS: f32 = 0.75;

/// How far, in pixels, the ends of a span computed in one go may be off before they are checked.
const SLACK: f64 = 1e-3;

impl Brush {
    /// The pixels that the brush covers on its way along a straight line, one span a row, clipped
    /// to `bounds`. Consecutive segments that share their ends leave no gap. Nothing for
    /// coordinates that are not finite.
    pub fn segment(&self, from: Point, to: Point, bounds: Rect) -> Vec<Span> {
        let Some(sweep) = Sweep::new(*self, from, to) else {
            return Vec::new();
        };
        let [low, high] = sweep.rows();
        clipped(
            low - 0.5 - SLACK,
            high - 0.5 + SLACK,
            bounds.y,
            bounds.bottom(),
        )
        .filter_map(|y| sweep.span(y, bounds))
        .collect()
    }

    /// The pixels of a stroke through all `points`. Spans of neighbouring segments overlap.
    pub fn stroke(&self, points: &[Point], bounds: Rect) -> Vec<Span> {
        match points {
            [] => Vec::new(),
            [only] => self.segment(*only, *only, bounds),
            _ => points
                .windows(2)
                .flat_map(|ends| self.segment(ends[0], ends[1], bounds))
                .collect(),
        }
    }
}

/// A brush swept along a segment: a convex region.
struct Sweep {
    shape: BrushShape,
    from: [f64; 2],
    to: [f64; 2],
    radius: f64,
}

impl Sweep {
    fn new(brush: Brush, from: Point, to: Point) -> Option<Self> {
        let finite = from.iter().chain(&to).all(|value| value.is_finite());
        if !finite || !brush.radius.is_finite() {
            return None;
        }
        let snaps = brush.radius < SNAP_RADIUS;
        let place = |point: Point| {
            point.map(|value| {
                if snaps {
                    f64::from(value.floor()) + 0.5
                } else {
                    f64::from(value)
                }
            })
        };
        Some(Self {
            shape: brush.shape,
            from: place(from),
            to: place(to),
            radius: f64::from(brush.radius.max(0.5)),
        })
    }

    /// The lowest and highest y.
    fn rows(&self) -> [f64; 2] {
        let ([_, from], [_, to]) = (self.from, self.to);
        [from.min(to) - self.radius, from.max(to) + self.radius]
    }

    /// The covered pixels of a row: an interval computed in one go, its ends then checked.
    fn span(&self, y: u32, bounds: Rect) -> Option<Span> {
        let row = f64::from(y) + 0.5;
        let [low, high] = match self.shape {
            BrushShape::Round => self.capsule_interval(row),
            BrushShape::Square => self.square_interval(row),
        }?;
        let (low, high) = (low - 0.5 - SLACK, high - 0.5 + SLACK);
        let mut columns = clipped(low, high, bounds.x, bounds.right());
        let covered = |x: u32| self.covers(f64::from(x) + 0.5, row);
        while !columns.is_empty() && !covered(columns.start) {
            columns.start += 1;
        }
        while !columns.is_empty() && !covered(columns.end - 1) {
            columns.end -= 1;
        }
        (!columns.is_empty()).then_some(Span {
            y,
            start: columns.start,
            end: columns.end,
        })
    }

    /// Whether a point is covered. This is what a stroke is; the intervals only make it quick.
    fn covers(&self, x: f64, y: f64) -> bool {
        match self.shape {
            BrushShape::Round => {
                let [dx, dy] = self.direction();
                let length = dx * dx + dy * dy;
                let along = (x - self.from[0]) * dx + (y - self.from[1]) * dy;
                let along = if length > 0.0 {
                    (along / length).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let (dx, dy) = (x - self.from[0] - along * dx, y - self.from[1] - along * dy);
                dx * dx + dy * dy <= self.radius * self.radius
            }
            BrushShape::Square => {
                let [a, b] = [self.times(0, x), self.times(1, y)];
                matches!((a, b), (Some(a), Some(b)) if a[0].max(b[0]) <= a[1].min(b[1]))
            }
        }
    }

    fn direction(&self) -> [f64; 2] {
        [self.to[0] - self.from[0], self.to[1] - self.from[1]]
    }

    /// When, between 0 and 1 on the way, the brush's centre is within its radius of `value` along
    /// one axis.
    fn times(&self, axis: usize, value: f64) -> Option<[f64; 2]> {
        let (step, offset) = (self.direction()[axis], value - self.from[axis]);
        if step == 0.0 {
            return (offset.abs() <= self.radius).then_some([0.0, 1.0]);
        }
        let ends = [(offset - self.radius) / step, (offset + self.radius) / step];
        let (first, last) = (ends[0].min(ends[1]).max(0.0), ends[0].max(ends[1]).min(1.0));
        (first <= last).then_some([first, last])
    }

    /// Where a row cuts the swept square.
    fn square_interval(&self, row: f64) -> Option<[f64; 2]> {
        let [first, last] = self.times(1, row)?.map(|time| {
            let [step, _] = self.direction();
            self.from[0] + time * step
        });
        Some([first.min(last) - self.radius, first.max(last) + self.radius])
    }

    /// Where a row cuts the capsule: the hull of its cuts with both discs and the band between.
    fn capsule_interval(&self, row: f64) -> Option<[f64; 2]> {
        let mut hull: Option<[f64; 2]> = None;
        let mut add = |low: f64, high: f64| {
            let [a, b] = hull.unwrap_or([low, high]);
            hull = Some([a.min(low), b.max(high)]);
        };
        for [x, y] in [self.from, self.to] {
            let half = self.radius * self.radius - (row - y) * (row - y);
            if half >= 0.0 {
                add(x - half.sqrt(), x + half.sqrt());
            }
        }
        let [dx, dy] = self.direction();
        let length = dx.hypot(dy);
        if length > 0.0 {
            let [nx, ny] = [-dy / length * self.radius, dx / length * self.radius];
            let ([ax, ay], [bx, by]) = (self.from, self.to);
            let corners = [
                [ax + nx, ay + ny],
                [bx + nx, by + ny],
                [bx - nx, by - ny],
                [ax - nx, ay - ny],
            ];
            for (corner, next) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                let (below, above) = (corner[1] <= row, next[1] <= row);
                if below != above {
                    let part = (row - corner[1]) / (next[1] - corner[1]);
                    let x = corner[0] + part * (next[0] - corner[0]);
                    add(x, x);
                }
            }
        }
        hull
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Rect = Rect {
        x: 0,
        y: 0,
        width: 80,
        height: 60,
    };

    fn pixels(spans: &[Span]) -> HashSet<(u32, u32)> {
        let row = |span: &Span| {
            (span.start..span.end)
                .map(|x| (x, span.y))
                .collect::<Vec<_>>()
        };
        spans.iter().flat_map(row).collect()
    }

    /// How far a point is from the nearest of many brush positions along the segment.
    fn distance(shape: BrushShape, point: [f64; 2], from: Point, to: Point) -> f64 {
        let distance_at = |time: f64| {
            let offset = |axis: usize| {
                let (a, b) = (f64::from(from[axis]), f64::from(to[axis]));
                (point[axis] - a - time * (b - a)).abs()
            };
            match shape {
                BrushShape::Round => offset(0).hypot(offset(1)),
                BrushShape::Square => offset(0).max(offset(1)),
            }
        };
        // The distance is convex along the way: a ternary search finds its least value.
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..80 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if distance_at(a) <= distance_at(b) {
                high = b;
            } else {
                low = a;
            }
        }
        distance_at(low)
    }

    fn shape() -> impl Strategy<Value = BrushShape> {
        prop_oneof![Just(BrushShape::Round), Just(BrushShape::Square)]
    }

    fn point() -> impl Strategy<Value = Point> {
        // Half of them on pixel corners and centres, where ties are.
        let free = (-20.0..100.0_f32, -20.0..80.0_f32).prop_map(|(x, y)| [x, y]);
        let grid = (-40..200_i16, -40..160_i16)
            .prop_map(|(x, y)| [f32::from(x) / 2.0, f32::from(y) / 2.0]);
        prop_oneof![free, grid]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_stroke_is_the_union_of_its_brush_positions(
            shape in shape(),
            radius in prop_oneof![0.75..40.0_f32, (2..40_u8).prop_map(|half| f32::from(half) / 2.0)],
            from in point(),
            to in point(),
        ) {
            let spans = Brush { shape, radius }.segment(from, to, BOUNDS);
            let covered = pixels(&spans);
            prop_assert_eq!(covered.len(), spans.iter().map(|span| (span.end - span.start) as usize).sum::<usize>());
            for y in 0..BOUNDS.height {
                for x in 0..BOUNDS.width {
                    let centre = [f64::from(x) + 0.5, f64::from(y) + 0.5];
                    let over = distance(shape, centre, from, to) - f64::from(radius);
                    // Within the rounding of the search either answer is right.
                    if over.abs() > 1e-6 {
                        prop_assert_eq!(covered.contains(&(x, y)), over < 0.0, "{},{}: {}", x, y, over);
                    }
                }
            }
        }

        #[test]
        fn thin_strokes_have_no_gaps(
            shape in shape(),
            radius in 0.0..0.75_f32,
            points in prop::collection::vec((0.0..80.0_f32, 0.0..60.0_f32), 2..6),
        ) {
            let points: Vec<Point> = points.iter().map(|(x, y)| [*x, *y]).collect();
            let covered = pixels(&Brush { shape, radius }.stroke(&points, BOUNDS));
            for [x, y] in &points {
                prop_assert!(covered.contains(&(*x as u32, *y as u32)), "the touched pixel");
            }
            // From the first pixel every other one can be reached over neighbours.
            let mut reached = HashSet::from([(points[0][0] as u32, points[0][1] as u32)]);
            let mut open: Vec<_> = reached.iter().copied().collect();
            while let Some((x, y)) = open.pop() {
                for (nx, ny) in (0..9).map(|n| (x + n % 3, y + n / 3)) {
                    let next = (nx.wrapping_sub(1), ny.wrapping_sub(1));
                    if covered.contains(&next) && reached.insert(next) {
                        open.push(next);
                    }
                }
            }
            prop_assert_eq!(reached, covered);
        }
    }

    #[test]
    fn a_touch_of_a_one_pixel_brush_is_one_pixel_wherever_it_lands() {
        for shape in [BrushShape::Round, BrushShape::Square] {
            for radius in [-3.0, 0.0, 0.5, 0.74] {
                let spans = Brush { shape, radius }.stroke(&[[10.0, 20.0]], BOUNDS);
                let one = Span {
                    y: 20,
                    start: 10,
                    end: 11,
                };
                assert_eq!(spans, [one], "{shape:?} of {radius}");
            }
        }
    }

    #[test]
    fn coordinates_that_are_no_numbers_paint_nothing() {
        let brush = Brush {
            shape: BrushShape::Round,
            radius: 5.0,
        };
        assert!(
            brush
                .segment([f32::NAN, 1.0], [2.0, 2.0], BOUNDS)
                .is_empty()
        );
        assert!(
            brush
                .segment([1.0, 1.0], [f32::INFINITY, 2.0], BOUNDS)
                .is_empty()
        );
        assert!(brush.segment([1e9, 1e9], [2e9, 1e9], BOUNDS).is_empty());
        assert!(brush.stroke(&[], BOUNDS).is_empty());
    }
}
