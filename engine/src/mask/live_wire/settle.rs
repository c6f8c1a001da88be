//! A rough outline settled on the edges of the pixels themselves.
//!
//! Each of its points may move along the line's normal; where to, all of them decide together, as an
//! active contour does by dynamic programming (Amini and others, *Using Dynamic Programming for
//! Solving Variational Problems in Vision*, 1990): on strong edges, and not far from where its
//! neighbours moved.

use super::lattice;
use crate::mask::{Pixels, Point};

/// So many places are tried on each side of a point at most.
const PLACES: i32 = 16;
/// Points of the rough outline lie no farther apart than so many times the reach.
const SPACING: f32 = 2.0;
/// How much it costs to move by as much as the distance to the neighbour differently from it.
const STIFFNESS: f32 = 0.7;
/// How much it costs to move as far as possible, where no edge makes up for it.
const PULL: f32 = 0.2;

/// Moves a line, but for its ends, by at most `reach` pixels onto the strongest edges.
pub(super) fn settle(pixels: Pixels<'_>, reach: u32, line: &[Point]) -> Vec<Point> {
    let mut points = divided(line, SPACING * reach as f32);
    if points.len() < 3 {
        return points;
    }
    let places = PLACES.min(reach as i32);
    let stride = reach as f32 / places as f32;
    let normals: Vec<Point> = (0..points.len()).map(|at| normal(&points, at)).collect();
    let moved = |at: usize, place: usize| {
        let by = (place as i32 - places) as f32 * stride;
        let [x, y] = points[at];
        let [right, down] = normals[at];
        super::inside(pixels, [(x + by * right).round(), (y + by * down).round()])
    };
    let count = 2 * places as usize + 1;
    let inner = 1..points.len() - 1;
    let profiles: Vec<Vec<f32>> = inner
        .clone()
        .map(|at| {
            (0..count)
                .map(|place| lattice::corner(pixels, moved(at, place)))
                .collect()
        })
        .collect();
    let strongest = profiles
        .iter()
        .map(|profile| profile.iter().copied().fold(0.0, f32::max));
    let usual = strongest.sum::<f32>() / profiles.len() as f32;
    if usual <= 0.0 {
        return points;
    }
    let spacings: Vec<f32> = points
        .windows(2)
        .map(|ends| length(ends[0], ends[1]))
        .collect();
    let chosen = choose(&profiles, usual, &spacings, stride);
    let settled: Vec<Point> = inner
        .clone()
        .zip(chosen)
        .map(|(at, place)| moved(at, place))
        .collect();
    points[inner].copy_from_slice(&settled);
    points
}

/// A line with points on it no farther apart than `spacing`.
fn divided(line: &[Point], spacing: f32) -> Vec<Point> {
    let mut points: Vec<Point> = line.first().copied().into_iter().collect();
    for ends in line.windows(2) {
        let [[x, y], [right, down]] = [ends[0], ends[1]];
        let count = (length(ends[0], ends[1]) / spacing).ceil().max(1.0);
        points.extend((1..=count as usize).map(|part| {
            let share = part as f32 / count;
            [x + share * (right - x), y + share * (down - y)]
        }));
    }
    points
}

/// The place that each profile moves to: those that are best together.
fn choose(profiles: &[Vec<f32>], usual: f32, spacings: &[f32], stride: f32) -> Vec<usize> {
    let count = profiles[0].len();
    let middle = count / 2;
    let missing = |profile: &[f32], place: usize| {
        let away = place.abs_diff(middle) as f32 / middle as f32;
        1.0 - (profile[place] / usual).min(1.5) + PULL * away * away
    };
    let bent = |from: usize, to: usize, spacing: f32| {
        let by = from.abs_diff(to) as f32 * stride / spacing.max(1.0);
        STIFFNESS * by * by
    };
    // The ends stay where they are: in the middle.
    let first =
        (0..count).map(|place| missing(&profiles[0], place) + bent(middle, place, spacings[0]));
    let mut costs: Vec<f32> = first.collect();
    let mut before: Vec<Vec<usize>> = Vec::with_capacity(profiles.len());
    for (profile, spacing) in profiles[1..].iter().zip(&spacings[1..]) {
        let best = |place: usize| {
            let cost = |from: &usize| costs[*from] + bent(*from, place, *spacing);
            let from = (0..count).min_by(|a, b| cost(a).total_cmp(&cost(b)));
            let from = from.unwrap_or(place);
            (from, cost(&from) + missing(profile, place))
        };
        let (from, next): (Vec<usize>, Vec<f32>) = (0..count).map(best).unzip();
        before.push(from);
        costs = next;
    }
    let last = spacings.last().copied().unwrap_or(1.0);
    let end = |place: &usize| costs[*place] + bent(*place, middle, last);
    let mut place = (0..count)
        .min_by(|a, b| end(a).total_cmp(&end(b)))
        .unwrap_or(middle);
    let mut chosen = vec![place];
    for from in before.iter().rev() {
        place = from[place];
        chosen.push(place);
    }
    chosen.reverse();
    chosen
}

/// Across the line at a point of it.
fn normal(points: &[Point], at: usize) -> Point {
    let before = points[at.saturating_sub(1)];
    let after = points[(at + 1).min(points.len() - 1)];
    let [right, down] = [after[0] - before[0], after[1] - before[1]];
    let length = right.hypot(down);
    if length > 0.0 {
        [-down / length, right / length]
    } else {
        [0.0; 2]
    }
}

fn length(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
