//! Tiles against a flat array, sharing, scaling.

use proptest::prelude::*;

use super::*;
use crate::mask::span::Span;
use crate::mask::tally::Tally;

/// A step of the property test.
#[derive(Debug, Clone)]
enum Step {
    Fill(u32, Range<u32>, u8),
    Row(u32, u32, Vec<u8>),
    Remap(u32, Range<u32>, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let columns = || (0..600_u32, 0..600_u32).prop_map(|(a, b)| a..b);
    prop_oneof![
        (0..600_u32, columns(), any::<u8>()).prop_map(|(y, x, v)| Step::Fill(y, x, v)),
        (
            0..600_u32,
            0..600_u32,
            prop::collection::vec(any::<u8>(), 0..300)
        )
            .prop_map(|(x, y, v)| Step::Row(x, y, v)),
        (0..600_u32, columns(), any::<u8>()).prop_map(|(y, x, v)| Step::Remap(y, x, v)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tiles_equal_a_flat_map(
        width in 1..520_u32,
        height in 1..520_u32,
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let mut map = LabelMap::filled(width, height, 255);
        let mut flat = vec![255_u8; (width * height) as usize];
        let inside = |x: u32, y: u32| (x < width && y < height).then(|| (y * width + x) as usize);
        for step in &steps {
            let before = map.clone();
            let flat_before = flat.clone();
            match step {
                Step::Fill(y, columns, value) => {
                    map.fill_span(*y, columns.clone(), *value);
                    for at in columns.clone().filter_map(|x| inside(x, *y)) {
                        flat[at] = *value;
                    }
                }
                Step::Row(x, y, values) => {
                    map.write_row(*x, *y, values);
                    for (column, value) in (*x..).zip(values) {
                        if let Some(at) = inside(column, *y) {
                            flat[at] = *value;
                        }
                    }
                }
                Step::Remap(y, columns, new) => {
                    let table = std::array::from_fn(|old| if old % 3 == 0 { *new } else { old as u8 });
                    let span = Span { y: *y, start: columns.start, end: columns.end };
                    let dirty = map.paint(&[span], *new, Some(&table), &mut Tally::default());
                    for (x, at) in columns.clone().filter_map(|x| Some((x, inside(x, *y)?))) {
                        let old = flat[at];
                        flat[at] = table[usize::from(old)];
                        prop_assert!(old == flat[at] || dirty.contains(x, *y));
                    }
                }
            }
            prop_assert_eq!(before.to_vec(), flat_before, "a clone is a snapshot");
        }
        prop_assert_eq!(map.to_vec(), flat.clone());
        let again = LabelMap::from_vec(width, height, &flat).unwrap();
        prop_assert_eq!(&again, &map);
        prop_assert_eq!(again.digest(), map.digest());
        let mut counts = [0_u64; 256];
        for value in &flat {
            counts[usize::from(*value)] += 1;
        }
        prop_assert_eq!(map.histogram(), counts);
        let rect = Rect::new(width / 3, height / 3, width / 2, height / 2);
        let cut: Vec<u8> = rect.rows()
            .flat_map(|y| rect.columns().map(move |x| (x, y)))
            .filter_map(|(x, y)| Some(flat[inside(x, y)?]))
            .collect();
        prop_assert_eq!(map.read_rect(rect), cut);
        let mut row = vec![7; 300];
        map.read_row(width / 3, height / 2, &mut row);
        for (x, value) in (width / 3..).zip(&row) {
            prop_assert_eq!(*value, inside(x, height / 2).map_or(7, |at| flat[at]));
        }
    }
}

#[test]
fn equal_tiles_are_kept_once_and_still_copied_on_write() {
    let pixels: Vec<u8> = (0..600_u32 * 300).map(|at| (at % 251) as u8).collect();
    let labels = LabelMap::from_vec(600, 300, &pixels).unwrap();
    let mut prediction = LabelMap::from_vec(600, 300, &pixels).unwrap();
    prediction.set(550, 290, 255);
    prediction.share_tiles(&labels);
    let tiles = || labels.tiles.iter().zip(&prediction.tiles);
    assert_eq!(tiles().filter(|(a, b)| Arc::ptr_eq(a, b)).count(), 5);
    prediction.set(0, 0, 9);
    assert_eq!(labels.to_vec(), pixels);
    assert_eq!(prediction.get(550, 290), Some(255));
    prediction.share_tiles(&LabelMap::filled(9, 9, 0));
    assert_eq!(prediction.get(0, 0), Some(9));
}

#[test]
fn scaling_takes_the_nearest_pixel() {
    let map = LabelMap::from_vec(2, 2, &[1, 2, 3, 4]).unwrap();
    let larger = map.scaled([4, 2]);
    assert_eq!(larger.to_vec(), [1, 1, 2, 2, 3, 3, 4, 4]);
    assert_eq!(larger.scaled([2, 2]), map);
    assert_eq!(map.scaled([3, 1]).to_vec(), [3, 4, 4]);
    assert!(map.scaled([2, 2]).shares_all_with(&map));
    assert!(!map.scaled([4, 2]).shares_all_with(&map));
}

#[test]
fn writing_copies_the_touched_tile_only() {
    let before = LabelMap::filled(1000, 1000, 7);
    let mut after = before.clone();
    after.set(300, 300, 8);
    let unshared = before.tiles.iter().zip(&after.tiles);
    assert_eq!(unshared.filter(|(a, b)| !Arc::ptr_eq(a, b)).count(), 1);
    assert_eq!(
        (before.get(300, 300), after.get(300, 300)),
        (Some(7), Some(8))
    );
}

#[test]
fn the_wrong_number_of_pixels_is_refused_and_no_pixels_are_fine() {
    let error = LabelMap::from_vec(3, 2, &[0; 5]).unwrap_err();
    assert!(error.to_string().contains("3 x 2"), "{error}");
    assert!(LabelMap::from_vec(0, 7, &[]).unwrap().to_vec().is_empty());
    assert_eq!(LabelMap::filled(3, 3, 1).get(3, 0), None);
}

/// Paints spans together and one by one, which must come to the same, with the same account.
fn check_painting(before: &LabelMap, spans: &[Span], value: u8, table: Option<&[u8; 256]>) {
    let (mut map, mut expected) = (before.clone(), before.clone());
    let mut tally = Tally::default();
    let dirty = map.paint(spans, value, table, &mut tally);
    for span in spans {
        let mut row = expected.read_rect(span.rect());
        for pixel in &mut row {
            *pixel = table.map_or(value, |table| table[usize::from(*pixel)]);
        }
        expected.write_row(span.start, span.y, &row);
    }
    assert_eq!(map, expected);
    let mut counts = before.histogram();
    tally.changes().count(&mut counts, false);
    assert_eq!(counts, map.histogram());
    let differs = |x: u32, y: u32| before.get(x, y) != map.get(x, y);
    let rows = before.bounds().rows();
    let changed = rows.flat_map(|y| {
        let row = before.bounds().columns();
        let ends = [
            row.clone().find(|x| differs(*x, y)),
            row.rev().find(|x| differs(*x, y)),
        ];
        ends.into_iter()
            .flatten()
            .map(move |x| Rect::new(x, y, 1, 1))
    });
    assert_eq!(
        dirty,
        changed.fold(Rect::EMPTY, |all, pixel| all.union(pixel))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn painting_equals_filling_span_by_span_in_any_order(
        width in 1..600_u32,
        height in 1..600_u32,
        spans in prop::collection::vec((0..620_u32, 0..620_u32, 0..620_u32), 0..40),
        below in 0..620_u32,
        sorted: bool,
    ) {
        let mut before = LabelMap::filled(width, height, 3);
        (0..height).for_each(|y| before.fill_span(y, y / 3..y / 2, 4));
        let span = |(y, start, length): (u32, u32, u32)| Span { y, start, end: start + length };
        let mut spans: Vec<Span> = spans.into_iter().map(span).collect();
        // Rows without a gap, so that tiles are covered whole.
        spans.extend((0..below).map(|y| span((y, 0, 300 + y % 7))));
        if sorted {
            spans.sort_by_key(|span| (span.y, span.start));
        }
        check_painting(&before, &spans, 4, None);
        check_painting(&before, &spans, 5, Some(&table_of(4, 5)));
    }
}

/// What becomes of each value where `value` is painted and one class is locked.
fn table_of(locked: u8, value: u8) -> [u8; 256] {
    let new = |old| if old == locked { old } else { value };
    std::array::from_fn(|old| new(old as u8))
}

#[test]
fn several_threads_paint_what_one_does() {
    let mut before = LabelMap::filled(3000, 2200, 0);
    for y in 0..2200 {
        before.fill_span(y, 500 + y % 91..900 + y / 2, 6);
    }
    let spans: Vec<Span> = (3..2190)
        .map(|y| Span {
            y,
            start: y % 300,
            end: 2700 + y % 77,
        })
        .collect();
    check_painting(&before, &spans, 6, None);
    check_painting(&LabelMap::filled(3000, 2200, 6), &spans, 6, None);
    check_painting(&before, &spans, 7, Some(&table_of(6, 7)));
}
