//! Fewer vertices for the same line.

use crate::mask::Point;

/// The vertices of a line from which it is nowhere farther than `tolerance` (Douglas and Peucker,
/// *Algorithms for the Reduction of the Number of Points Required to Represent a Digitized Line*,
/// 1973). The first and the last stay.
pub(super) fn simplify(points: &[Point], tolerance: f32) -> Vec<Point> {
    let mut kept: Vec<Point> = points.first().copied().into_iter().collect();
    let mut parts = vec![points];
    while let Some(part) = parts.pop() {
        let [first, middle @ .., last] = part else {
            continue;
        };
        let mut farthest = (tolerance, None);
        for (place, point) in middle.iter().enumerate() {
            let away = distance(*point, *first, *last);
            if away > farthest.0 {
                farthest = (away, Some(place + 1));
            }
        }
        match farthest.1 {
            None => kept.push(*last),
            Some(split) => {
                parts.push(&part[split..]);
                parts.push(&part[..=split]);
            }
        }
    }
    kept
}

/// How far a point is from the line between two others.
pub(super) fn distance(at: Point, from: Point, to: Point) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let away = [at[0] - from[0], at[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = if length > 0.0 {
        ((away[0] * along[0] + away[1] * along[1]) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (away[0] - share * along[0]).hypot(away[1] - share * along[1])
}
