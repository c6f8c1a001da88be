//! What superpixels are, whatever the image.

use proptest::prelude::*;

use super::*;
use crate::jobs::{Cancel, Silent};
use crate::mask::{Connectivity, LabelMap, fill};

fn options(side: u32) -> SlicOptions {
    SlicOptions {
        side,
        iterations: 4,
        ..SlicOptions::default()
    }
}

fn slic(size: [u32; 2], rgb: &[u8], side: u32) -> Superpixels {
    let pixels = Pixels::new(size, rgb).unwrap();
    Superpixels::slic(pixels, &options(side), &mut Silent).unwrap()
}

fn shrunk(size: [u32; 2], rgb: &[u8], side: u32, shrink: u32) -> Superpixels {
    let pixels = Pixels::new(size, rgb).unwrap();
    Superpixels::slic_shrunk(pixels, &options(side), shrink, &mut Silent).unwrap()
}

/// Two colours, left and right of a slanted edge, with some noise.
fn halves(size: [u32; 2]) -> (Vec<u8>, impl Fn(u32, u32) -> bool) {
    let left = move |x: u32, y: u32| 3 * x < size[0] + y;
    let color = move |x: u32, y: u32| {
        let noise = ((x * 7 + y * 13) % 5) as u8;
        if left(x, y) {
            [200 + noise, 40, 30]
        } else {
            [30, 60 + noise, 190]
        }
    };
    let rows = (0..size[1]).flat_map(move |y| (0..size[0]).map(move |x| (x, y)));
    (rows.flat_map(|(x, y)| color(x, y)).collect(), left)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_pixel_is_in_one_region_and_each_region_hangs_together(
        width in 1..60_u32,
        height in 1..50_u32,
        side in 1..14_u32,
        shrink in 1..4_u32,
        seed in any::<u32>(),
    ) {
        let value = |at: u32| (at.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 25) as u8 * 2;
        let rgb: Vec<u8> = (0..width * height * 3).map(value).collect();
        let found = shrunk([width, height], &rgb, side, shrink);
        let mut seen = vec![false; (width * height) as usize];
        for region in 0..found.len() as u32 {
            let spans = found.spans(region);
            let mut map = LabelMap::filled(width, height, 0);
            let mut area = 0;
            for span in &spans {
                area += u64::from(span.end - span.start);
                map.fill_span(span.y, span.start..span.end, 1);
                for x in span.start..span.end {
                    prop_assert_eq!(found.at(x, span.y), Some(region));
                    prop_assert!(!std::mem::replace(&mut seen[(span.y * width + x) as usize], true));
                }
            }
            let together = fill::component(&map, spans[0].start, spans[0].y, Connectivity::Sides);
            let reached: u64 = together.iter().map(|span| span.rect().area()).sum();
            prop_assert_eq!(reached, area, "region {}", region);
            prop_assert!(shrink > 1 || area >= options(side).smallest() || found.len() == 1);
        }
        prop_assert!(seen.iter().all(|seen| *seen));
    }
}

#[test]
fn regions_are_of_the_wanted_size_and_keep_to_an_edge() {
    let size = [160, 120];
    let (rgb, left) = halves(size);
    let found = slic(size, &rgb, 10);
    let expected = 160 * 120 / 100;
    assert!(
        found.len() > expected / 2 && found.len() < expected * 2,
        "{}",
        found.len()
    );
    // Pixels on the lesser side of the edge in their region.
    let wrong: u32 = (0..found.len() as u32)
        .map(|region| {
            let spans = found.spans(region);
            let pixels = spans
                .iter()
                .flat_map(|s| (s.start..s.end).map(|x| left(x, s.y)));
            let (mut sides, mut all) = (0, 0);
            pixels.for_each(|left| (sides, all) = (sides + u32::from(left), all + 1));
            sides.min(all - sides)
        })
        .sum();
    assert!(wrong < 20, "{wrong} pixels across the edge");
}

#[test]
fn a_shrunk_image_is_cut_at_nearly_the_same_edges() {
    let size = [161, 121];
    let (rgb, left) = halves(size);
    let found = shrunk(size, &rgb, 12, 2);
    let places = (0..size[1]).flat_map(|y| (4..size[0] - 4).map(move |x| (x, y)));
    let edges: Vec<_> = places
        .filter(|(x, y)| left(*x, *y) && !left(x + 1, *y))
        .collect();
    let is_cut = |(x, y): &(u32, u32)| {
        let mut near = x - 3..x + 4;
        near.any(|x| found.at(x, *y) != found.at(x + 1, *y))
    };
    assert_eq!(edges.len(), 121);
    assert!(edges.iter().all(is_cut));
}

#[test]
fn pieces_of_a_row_are_its_pixels() {
    let size = [90, 40];
    let (rgb, _) = halves(size);
    let found = slic(size, &rgb, 8);
    for (y, columns) in [(0, 0..90), (17, 13..57), (39, 88..200), (40, 0..90)] {
        let pieces: Vec<_> = found.pieces(y, columns.clone()).collect();
        let spread = pieces
            .iter()
            .flat_map(|(piece, region)| piece.clone().map(move |x| (x, *region)));
        let expected = columns.filter_map(|x| Some((x, found.at(x, y)?)));
        assert!(spread.eq(expected), "{pieces:?}");
    }
}

#[test]
fn the_work_can_be_stopped_and_nothing_is_fine() {
    let mut stopped = Cancel::default();
    stopped.cancel();
    let rgb = vec![0; 300];
    let pixels = Pixels::new([10, 10], &rgb).unwrap();
    let result = Superpixels::slic(pixels, &options(3), &mut stopped);
    assert!(result.unwrap_err().is_cancelled());
    assert!(slic([0, 5], &[], 3).is_empty());
    assert_eq!(slic([1, 1], &[1, 2, 3], 40).at(0, 0), Some(0));
}
