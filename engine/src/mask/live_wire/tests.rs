//! Outlines along what is known to be there.

use super::*;
use crate::mask::polygon;

/// An image of a grey at each pixel.
struct Picture {
    size: [u32; 2],
    rgb: Vec<u8>,
}

impl Picture {
    fn new(size: [u32; 2], grey: impl Fn(f32, f32) -> f32) -> Self {
        let mut state = 1_u32;
        let mut rgb = Vec::new();
        for y in 0..size[1] {
            for x in 0..size[0] {
                // Noise of 8 each way, the same at each run.
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 28) as f32 - 7.5;
                let value = grey(x as f32 + 0.5, y as f32 + 0.5);
                rgb.extend([(value + noise).clamp(0.0, 255.0) as u8; 3]);
            }
        }
        Self { size, rgb }
    }

    fn pixels(&self) -> Pixels<'_> {
        Pixels::new(self.size, &self.rgb).unwrap()
    }
}

/// How far the farthest point of a line is from a border, along the whole line.
fn farthest(line: &[Point], away: impl Fn(Point) -> f32) -> f32 {
    let on_line = line.windows(2).flat_map(|ends| {
        let [a, b] = [ends[0], ends[1]];
        (0..=20).map(move |step| {
            let share = step as f32 / 20.0;
            [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
        })
    });
    on_line.map(away).fold(0.0, f32::max)
}

/// A bright disc of this radius around a place.
fn disc([x, y]: Point, radius: f32) -> impl Fn(f32, f32) -> f32 {
    move |column, row| {
        if (column - x).hypot(row - y) < radius {
            180.0
        } else {
            90.0
        }
    }
}

#[test]
fn it_follows_the_border_of_a_disc() {
    let picture = Picture::new([200, 200], disc([100.0, 100.0], 60.0));
    let corners = [0.0_f32, 2.0, 4.2].map(|angle| {
        let rough = [100.0 + 63.0 * angle.cos(), 100.0 + 63.0 * angle.sin()];
        snap(picture.pixels(), rough, 7.0)
    });
    let mut ring: Vec<Point> = Vec::new();
    for (place, from) in corners.into_iter().enumerate() {
        let leg = trace(picture.pixels(), from, corners[(place + 1) % 3], 0.7);
        assert!(leg.len() > 4, "a bent leg has vertices: {}", leg.len());
        ring.extend(&leg[1..]);
    }
    let away = farthest(&ring, |[x, y]| ((x - 100.0).hypot(y - 100.0) - 60.0).abs());
    assert!(away < 2.0, "{away} pixels beside the border");
    assert!(ring.len() < 60, "{} vertices can't be edited", ring.len());
    let covered: u64 = polygon::fill(&[ring], picture.pixels().bounds())
        .iter()
        .map(|span| u64::from(span.end - span.start))
        .sum();
    let exact = std::f64::consts::PI * 3600.0;
    assert!(
        (covered as f64 / exact - 1.0).abs() < 0.02,
        "{covered} of {exact} pixels"
    );
}

#[test]
fn it_follows_a_faint_bent_edge_in_noise() {
    let border = |x: f32| 80.0 + 25.0 * (x / 30.0).sin();
    let picture = Picture::new([220, 160], |x, y| if y < border(x) { 100.0 } else { 130.0 });
    let ends = [10.0, 205.0].map(|x| snap(picture.pixels(), [x, border(x) + 2.0], 6.0));
    let line = trace(picture.pixels(), ends[0], ends[1], 0.7);
    // The distance along y, and how steep the border is there.
    let away = farthest(&line, |[x, y]| {
        let slope = 25.0 / 30.0 * (x / 30.0).cos();
        (y - border(x)).abs() / slope.hypot(1.0)
    });
    assert!(away < 2.0, "{away} pixels beside the border");
}

#[test]
fn a_border_between_pixels_is_met_exactly() {
    let picture = Picture::new([120, 90], |x, _| if x < 47.0 { 60.0 } else { 200.0 });
    let [from, to] = [[44.0, 5.2], [50.0, 81.0]].map(|at| snap(picture.pixels(), at, 5.0));
    let line = trace(picture.pixels(), from, to, 0.7);
    assert!(line.iter().all(|point| point[0] == 47.0), "{line:?}");
    assert_eq!(line.len(), 2);
}

#[test]
fn where_there_is_no_edge_it_is_straight() {
    let rgb = vec![120; 300 * 200 * 3];
    let flat = Pixels::new([300, 200], &rgb).unwrap();
    for to in [[250.0, 60.0], [20.0, 190.0], [10.0, 10.0], [299.5, 0.2]] {
        let line = trace(flat, [10.0, 10.0], to, 0.7);
        assert_eq!(line, [[10.0, 10.0], to]);
    }
    assert_eq!(snap(flat, [31.5, 40.25], 8.0), [31.5, 40.25]);
}

#[test]
fn it_never_leaves_the_image() {
    let picture = Picture::new([61, 47], disc([30.0, 0.0], 25.0));
    let ends = [
        [-40.0, -7.0],
        [200.0, 12.0],
        [30.0, 900.0],
        [f32::NAN, 3.0],
        [60.9, 46.9],
    ];
    for from in ends {
        for to in ends {
            for tolerance in [0.0, 0.7, 5.0] {
                let line = trace(picture.pixels(), from, to, tolerance);
                let is_inside =
                    |[x, y]: &Point| (0.0..=61.0).contains(x) && (0.0..=47.0).contains(y);
                assert!(line.len() >= 2 && line.iter().all(is_inside), "{line:?}");
            }
        }
        let [x, y] = snap(picture.pixels(), from, 9.0);
        assert!((0.0..=61.0).contains(&x) && (0.0..=47.0).contains(&y));
    }
    let nothing = Pixels::default();
    assert_eq!(trace(nothing, [3.0, 4.0], [7.0, 8.0], 0.7), [[0.0; 2]; 2]);
    assert_eq!(snap(nothing, [3.0, 4.0], 7.0), [0.0; 2]);
}

#[test]
fn far_ends_are_joined_on_bounded_nodes_and_still_meet_the_border() {
    let size = [3000, 2400];
    let picture = Picture::new(size, disc([1500.0, 1200.0], 1000.0));
    let at = |angle: f32| {
        let rough = [1500.0 + 1010.0 * angle.cos(), 1200.0 + 1010.0 * angle.sin()];
        snap(picture.pixels(), rough, 40.0)
    };
    let ends = [at(0.3), at(2.0)];
    let part = window(picture.pixels(), ends);
    let lattice = Lattice::new(size, part, MOST_NODES);
    assert!(
        lattice.step() > 1 && lattice.count() <= MOST_NODES,
        "{lattice:?}"
    );
    let line = trace(picture.pixels(), ends[0], ends[1], 2.0);
    let away = farthest(&line, |[x, y]| {
        ((x - 1500.0).hypot(y - 1200.0) - 1000.0).abs()
    });
    assert!(away < 4.0, "{away} pixels beside the border");
}

#[test]
fn a_lattice_never_has_more_nodes_than_allowed() {
    for [width, height] in [
        [1, 1],
        [256, 256],
        [70_000, 3],
        [3, 70_000],
        [40_000, 30_000],
    ] {
        let lattice = Lattice::new([width, height], Rect::new(0, 0, width, height), 4096);
        assert!(lattice.count() <= 4096, "{width} x {height}: {lattice:?}");
        let last = lattice.point(lattice.count() - 1);
        assert_eq!(last, [width as f32, height as f32]);
    }
}
