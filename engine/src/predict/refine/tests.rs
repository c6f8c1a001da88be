//! The dense CRF on small pictures of which one can say what should come out.

use std::sync::Arc;

use image::Rgb;

use super::*;
use crate::jobs::{Cancel, Silent};
use crate::mask::{LabelMap, Pixels, Protection, Rect, Region, Scope};

/// A dark half and a bright one, with the edge at column `edge`.
fn halves(width: u32, height: u32, edge: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = ((x * 7 + y * 13) % 5) as u8;
        if x < edge {
            Rgb([40 + noise; 3])
        } else {
            Rgb([200 + noise; 3])
        }
    })
}

/// Two classes, with their border at column `border`.
fn two_classes(size: [u32; 2], border: u32) -> LabelMap {
    let mut labels = LabelMap::filled(size[0], size[1], 3);
    for y in 0..size[1] {
        labels.fill_span(y, border..size[0], 7);
    }
    labels
}

fn snapped(image: &RgbImage, labels: &LabelMap, protection: &Protection) -> LabelMap {
    let options = SnapOptions::default();
    snap_to_edges(image, labels, protection, &options, &mut Silent).unwrap()
}

#[test]
fn a_border_moves_to_the_edge() {
    let image = halves(80, 60, 40);
    let exact = two_classes([80, 60], 40);
    for border in [34, 40, 47] {
        let rough = two_classes([80, 60], border);
        assert_eq!(
            snapped(&image, &rough, &Protection::NONE),
            exact,
            "{border}"
        );
    }
}

#[test]
fn what_is_protected_stays() {
    let image = halves(80, 60, 40);
    let rough = two_classes([80, 60], 34);
    let mut locked = [false; 256];
    locked[7] = true;
    let protection = Protection {
        locked,
        only_over: None,
    };
    assert_eq!(snapped(&image, &rough, &protection), rough);
    let mut over = [false; 256];
    over[3] = true;
    let only_over = Protection {
        locked: [false; 256],
        only_over: Some(over),
    };
    // Pixels of class 7 may not become 3, so that the border cannot go right.
    assert_eq!(snapped(&image, &rough, &only_over), rough);
    let beyond = two_classes([80, 60], 47);
    let found = snapped(&image, &beyond, &only_over);
    assert_eq!(found, two_classes([80, 60], 40));
}

#[test]
fn one_class_and_no_pixels_are_fine() {
    let image = halves(30, 20, 10);
    let even = LabelMap::filled(30, 20, 255);
    assert_eq!(snapped(&image, &even, &Protection::NONE), even);
    let none = LabelMap::filled(0, 0, 0);
    assert_eq!(
        snapped(&RgbImage::new(0, 0), &none, &Protection::NONE),
        none
    );
}

#[test]
fn windows_show_no_seam() {
    // Wide enough for several windows, with an edge that crosses where they meet.
    let (width, height) = (3000, 900);
    let image = RgbImage::from_fn(width, height, |x, y| {
        let above = y < 300 + x / 10;
        Rgb([if above { 60 } else { 190 } + ((x * 3 + y * 5) % 7) as u8; 3])
    });
    let rough: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| u8::from(y >= 308 + x / 10)))
        .collect();
    let labels = LabelMap::from_vec(width, height, &rough).unwrap();
    let found = snapped(&image, &labels, &Protection::NONE);
    let wrong = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .filter(|(x, y)| found.get(*x, *y) != Some(u8::from(*y >= 300 + x / 10)))
        .count();
    assert!(wrong < 600, "{wrong} of {} pixels", width * height);
}

#[test]
fn sizes_that_differ_and_senseless_options_are_refused() {
    let image = halves(30, 20, 10);
    let labels = LabelMap::filled(30, 21, 0);
    let options = SnapOptions::default();
    let protection = Protection::NONE;
    let error = snap_to_edges(&image, &labels, &protection, &options, &mut Silent).unwrap_err();
    assert!(error.to_string().contains("30 x 21"), "{error}");
    let options = SnapOptions {
        certainty: 1.0,
        ..options
    };
    let labels = LabelMap::filled(30, 20, 0);
    assert!(snap_to_edges(&image, &labels, &protection, &options, &mut Silent).is_err());
}

#[test]
fn an_edit_snaps_what_is_in_its_scope() {
    let image = halves(30, 20, 10);
    let labels = two_classes([30, 20], 12);
    let pixels = Pixels::new([30, 20], image.as_raw()).unwrap();
    let options = SnapOptions::default();
    let go = Cancel::default();
    let edit = |scope: &Scope| snap_edit(pixels, &labels, scope, &Protection::NONE, &options, &go);
    let all = edit(&Scope::default()).unwrap().expect("the border moves");
    let mut after = labels.clone();
    all.apply(&mut after);
    let snapped = snap_to_edges(&image, &labels, &Protection::NONE, &options, &mut Silent);
    assert_eq!(after, snapped.unwrap());
    let above = Scope {
        region: Some(Arc::new(Region::from(Rect::new(0, 0, 30, 10)))),
        ..Scope::default()
    };
    let part = edit(&above).unwrap().expect("the border moves above");
    assert!(part.rect().bottom() <= 10 && part.changed() < all.changed());
    let other = Scope {
        class: Some(9),
        ..Scope::default()
    };
    assert!(edit(&other).unwrap().is_none());
    go.cancel();
    assert!(edit(&above).unwrap_err().is_cancelled());
}

#[test]
fn a_wish_to_stop_is_heard() {
    let image = halves(30, 20, 10);
    let labels = two_classes([30, 20], 12);
    let mut stop = Cancel::default();
    stop.cancel();
    let options = SnapOptions::default();
    let stopped = snap_to_edges(&image, &labels, &Protection::NONE, &options, &mut stop);
    assert!(stopped.unwrap_err().is_cancelled());
}

#[test]
fn many_classes_are_as_few() {
    // With 10 classes there are two groups; those beyond the first two are never probable.
    let image = halves(40, 30, 20);
    let of = |classes: usize| {
        let values = (0..40 * 30).flat_map(|place| {
            let left = place % 40 < 23;
            (0..classes).map(move |class| match class {
                0 => 0.1 + 0.7 * f32::from(u8::from(left)),
                9 => 0.8 - 0.7 * f32::from(u8::from(left)),
                _ => 0.1 / (classes - 2).max(1) as f32,
            })
        });
        let values: Vec<f32> = values.collect();
        dense_crf(
            &image,
            classes,
            &values,
            &CrfOptions::default(),
            &mut Silent,
        )
        .unwrap()
    };
    let refined = of(10);
    for (place, pixel) in refined.chunks_exact(10).enumerate() {
        let sum: f32 = pixel.iter().sum();
        assert!((sum - 1.0).abs() < 1e-4);
        let expected = if place % 40 < 20 { 0 } else { 9 };
        assert!(pixel[expected] > 0.5, "{place}: {pixel:?}");
    }
}

#[test]
fn what_was_painted_meanwhile_stays() {
    let of = |pixels: [u8; 5]| LabelMap::from_vec(5, 1, &pixels).unwrap();
    let (before, after) = (of([1, 1, 2, 2, 3]), of([1, 2, 2, 1, 4]));
    let now = of([5, 1, 5, 5, 3]);
    let carried = carry_over([&before, &after], &now, &Protection::NONE);
    assert_eq!(carried, of([5, 2, 5, 5, 4]));
    let mut locked = [false; 256];
    locked[4] = true;
    let protection = Protection {
        locked,
        only_over: None,
    };
    let carried = carry_over([&before, &after], &now, &protection);
    assert_eq!(carried, of([5, 2, 5, 5, 3]));
}
