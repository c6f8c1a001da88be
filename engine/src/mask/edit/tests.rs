//! Edits: undone, written and read, damaged.

use proptest::prelude::*;

use super::*;

/// Two maps of a size that differ in a few rectangles.
fn maps() -> impl Strategy<Value = (LabelMap, LabelMap)> {
    let rects = prop::collection::vec(
        (0..600_u32, 0..600_u32, 1..200_u32, 1..60_u32, any::<u8>()),
        0..6,
    );
    (1..600_u32, 1..400_u32, rects.clone(), rects).prop_map(|(width, height, base, changes)| {
        let mut before = LabelMap::filled(width, height, 255);
        let draw = |map: &mut LabelMap, rects: &[(u32, u32, u32, u32, u8)]| {
            for (x, y, w, h, value) in rects {
                for row in *y..y + h {
                    map.fill_span(row, *x..x + w, *value);
                }
            }
        };
        draw(&mut before, &base);
        let mut after = before.clone();
        draw(&mut after, &changes);
        (before, after)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn undo_of_do_is_the_map_as_it_was((before, after) in maps()) {
        let Some(edit) = Edit::between(&before, &after, before.bounds()) else {
            prop_assert_eq!(before, after);
            return Ok(());
        };
        let mut map = before.clone();
        prop_assert_eq!(edit.apply(&mut map), edit.rect());
        prop_assert_eq!(&map, &after);
        prop_assert_eq!(edit.revert(&mut map), edit.rect());
        prop_assert_eq!(&map, &before);
        let (counts, mut counted) = (after.histogram(), before.histogram());
        edit.count_applied(&mut counted);
        prop_assert_eq!(counted, counts);
        edit.count_reverted(&mut counted);
        prop_assert_eq!(counted, before.histogram());
        // From its runs alone it does the same.
        prop_assert!(edit.holds_tiles());
        edit.pack();
        prop_assert!(!edit.holds_tiles());
        prop_assert_eq!(edit.apply(&mut map), edit.rect());
        prop_assert_eq!(&map, &after);
        edit.revert(&mut map);
        prop_assert_eq!(&map, &before);
        let differing = before.to_vec().iter().zip(after.to_vec()).filter(|(a, b)| **a != *b).count();
        prop_assert_eq!(edit.changed(), differing as u64);
        let back = Edit::from_bytes(&edit.to_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(&back, &edit);
        let signed = edit.clone().named("Stroke").made_at(UNIX_EPOCH + Duration::from_secs(99));
        let back = Edit::from_bytes(&signed.to_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(back, signed);
    }

    #[test]
    fn damaged_bytes_are_refused_or_harmless(
        (before, after) in maps(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let Some(edit) = Edit::between(&before, &after, before.bounds()) else {
            return Ok(());
        };
        let edit = edit.named("Polygon");
        let mut bytes = edit.to_bytes();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let limits = Limits { image_pixels: 1 << 20, ..Limits::default() };
        if let Ok(edit) = Edit::from_bytes(&bytes, &limits) {
            let mut map = before.clone();
            edit.apply(&mut map);
            prop_assert_eq!(map.size(), before.size());
        }
        for length in 0..bytes.len().min(40) {
            prop_assert!(Edit::from_bytes(&bytes[..length], &limits).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn only_what_differs_within_the_rectangle_is_taken(
        (before, after) in maps(),
        [x, y, width, height] in [0..500_u32, 0..300_u32, 1..400_u32, 1..300_u32],
    ) {
        let within = Rect::new(x, y, width, height);
        let mut expected = before.clone();
        let part = within.intersection(before.bounds());
        for y in part.rows() {
            let row = after.read_rect(Rect::from_ranges(part.columns(), y..y + 1));
            expected.write_row(part.x, y, &row);
        }
        let mut map = before.clone();
        if let Some(edit) = Edit::between(&before, &after, within) {
            edit.apply(&mut map);
            prop_assert!(within.contains_rect(edit.rect()));
        }
        prop_assert_eq!(map, expected);
    }

    #[test]
    fn on_other_labels_it_changes_what_it_would_from_its_runs(
        (before, after) in maps(),
        (x, y, value) in (0..600_u32, 0..400_u32, any::<u8>()),
    ) {
        let Some(edit) = Edit::between(&before, &after, before.bounds()) else {
            return Ok(());
        };
        let mut other = before.clone();
        other.fill_span(y % before.height(), x..x + 50, value);
        let mut packed = other.clone();
        edit.apply(&mut other);
        edit.pack();
        edit.apply(&mut packed);
        prop_assert_eq!(other, packed);
    }
}

#[test]
fn the_mask_is_dropped_where_the_whole_rectangle_changed() {
    let before = LabelMap::filled(800, 800, 0);
    let mut after = before.clone();
    for y in 200..600 {
        after.fill_span(y, 100..700, 4);
    }
    let edit = Edit::between(&before, &after, before.bounds()).unwrap();
    assert!(edit.packed().mask.is_none());
    assert!(
        edit.to_bytes().len() < 32,
        "{} bytes",
        edit.to_bytes().len()
    );
    after.set(300, 300, 0);
    let holed = Edit::between(&before, &after, before.bounds()).unwrap();
    assert!(holed.packed().mask.is_some());
    assert_eq!(holed.changed(), 400 * 600 - 1);
}

#[test]
fn an_edit_knows_its_name_its_time_and_what_it_painted() {
    let before = LabelMap::filled(40, 40, 0);
    let mut after = before.clone();
    after.fill_span(3, 0..30, 7);
    after.fill_span(4, 0..10, 2);
    let edit = Edit::between(&before, &after, before.bounds()).unwrap();
    assert_eq!((edit.name(), edit.made()), ("", None));
    assert_eq!((edit.changed(), edit.class()), (40, 7));
    let time = UNIX_EPOCH + Duration::from_millis(1_700_000_000_900);
    let edit = edit.named("Fill").made_at(time);
    assert_eq!(edit.name(), "Fill");
    assert_eq!(
        edit.made(),
        Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000))
    );
    let long = "\u{e4}".repeat(60);
    assert_eq!(edit.named(long).name(), "\u{e4}".repeat(40));
}

#[test]
fn an_edit_of_a_journal_without_names_is_read() {
    // Columns 2 and 3 of row 1 from 0 to 5, as the first format wrote it.
    let bytes = [1, 2, 1, 2, 1, 0, 2, 2, 0, 2, 5, 2];
    let edit = Edit::from_bytes(&bytes, &Limits::default()).unwrap();
    assert_eq!((edit.name(), edit.made()), ("", None));
    assert_eq!((edit.changed(), edit.class()), (2, 5));
    let mut map = LabelMap::filled(6, 3, 0);
    assert_eq!(edit.apply(&mut map), Rect::new(2, 1, 2, 1));
    assert_eq!((map.get(2, 1), map.get(3, 1)), (Some(5), Some(5)));
    assert_eq!(
        Edit::from_bytes(&edit.to_bytes(), &Limits::default()).unwrap(),
        edit
    );
}

#[test]
fn maps_of_two_sizes_have_no_edit_between_them() {
    let (a, b) = (LabelMap::filled(4, 4, 0), LabelMap::filled(4, 5, 1));
    assert!(Edit::between(&a, &b, a.bounds()).is_none());
}
