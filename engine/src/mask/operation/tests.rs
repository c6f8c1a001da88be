//! Each operation against its definition, pixel by pixel, and the promises of all of them.

use proptest::prelude::*;

use super::*;
use crate::jobs::Cancel;
use crate::mask::components::{self, Components};
use crate::mask::fill;

const WIDTH: u32 = 33;
const HEIGHT: u32 = 150;

/// All components of those that `group` tells apart.
fn components_of(map: &LabelMap, group: impl Fn(u8) -> Option<u8>) -> Components {
    let sides = Connectivity::Sides;
    Components::find(map, map.bounds(), None, sides, group, &cancel()).unwrap()
}

fn cancel() -> Cancel {
    Cancel::default()
}

/// A map of a few blotches that is higher than one band.
fn blotches() -> impl Strategy<Value = LabelMap> {
    let blotch = (0..WIDTH, 0..HEIGHT, 1..14_u32, 1..14_u32, 0..5_u8);
    let speckle = (0..WIDTH, 0..HEIGHT, Just(1), Just(1), 0..5_u8);
    let rects = prop::collection::vec(prop_oneof![2 => blotch, 1 => speckle], 0..40);
    (rects, 0..5_u8).prop_map(|(rects, ground)| {
        let value = |value: u8| if value == 4 { VOID } else { value };
        let mut map = LabelMap::filled(WIDTH, HEIGHT, value(ground));
        for (x, y, width, height, class) in rects {
            for row in y..y + height {
                map.fill_span(row, x..x + width, value(class));
            }
        }
        map
    })
}

fn region() -> impl Strategy<Value = Option<Arc<Region>>> {
    let rect = (0..WIDTH, 0..HEIGHT, 1..30_u32, 1..90_u32)
        .prop_map(|(x, y, width, height)| Rect::new(x, y, width, height));
    prop::option::of(rect.prop_map(|rect| Arc::new(Region::from(rect))))
}

fn scope() -> impl Strategy<Value = Scope> {
    (prop::option::of(0..4_u8), region(), any::<bool>()).prop_map(|(class, region, corners)| {
        Scope {
            class,
            region,
            connectivity: if corners {
                Connectivity::Corners
            } else {
                Connectivity::Sides
            },
        }
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        (0..9_u32).prop_map(|radius| Operation::Grow { radius }),
        (0..9_u32).prop_map(|radius| Operation::Shrink { radius }),
        (0..4_u32).prop_map(|radius| Operation::Smooth { radius }),
        (0..60_u64).prop_map(|largest| Operation::FillHoles { largest }),
        (0..60_u64).prop_map(|below| Operation::RemoveSpecks { below }),
        Just(Operation::KeepLargest),
        (0..4_u8).prop_map(|with| Operation::Swap { with }),
        (0..4_u8).prop_map(|to| Operation::Relabel { to }),
    ]
}

/// The map after the operation.
fn after(map: &LabelMap, operation: Operation, scope: &Scope) -> LabelMap {
    let edit = operation.edit(map, scope, &Protection::NONE, &cancel());
    let mut after = map.clone();
    if let Some(edit) = edit.unwrap() {
        edit.apply(&mut after);
    }
    after
}

fn pixels() -> impl Iterator<Item = (u32, u32)> {
    (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)))
}

/// The values of the nearest pixels that `source` says yes to, and their distance squared.
fn nearest(
    map: &LabelMap,
    (x, y): (u32, u32),
    reach: u32,
    source: impl Fn(u32, u32) -> bool,
) -> (u32, Vec<u8>) {
    let mut best = (u32::MAX, Vec::new());
    for row in y.saturating_sub(reach)..(y + reach + 1).min(HEIGHT) {
        for column in x.saturating_sub(reach)..(x + reach + 1).min(WIDTH) {
            let distance = row.abs_diff(y).pow(2) + column.abs_diff(x).pow(2);
            if distance > reach * reach || !source(column, row) {
                continue;
            }
            if distance < best.0 {
                best = (distance, Vec::new());
            }
            if distance == best.0 {
                best.1.extend(map.get(column, row));
            }
        }
    }
    best
}

fn is_border(map: &LabelMap, x: u32, y: u32) -> bool {
    let next = [(1, 0), (-1, 0), (0, 1), (0, -1)];
    next.iter().any(|(dx, dy)| {
        let other = map.get(x.wrapping_add_signed(*dx), y.wrapping_add_signed(*dy));
        other.is_some_and(|other| Some(other) != map.get(x, y))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_operation_keeps_its_promises(
        map in blotches(),
        operation in operation(),
        scope in scope(),
        locked in prop::array::uniform4(any::<bool>()),
        over in prop::option::of(prop::array::uniform4(any::<bool>())),
    ) {
        let set = |four: [bool; 4]| {
            let mut set = [false; 256];
            set[..4].copy_from_slice(&four);
            set
        };
        let protection = Protection { locked: set(locked), only_over: over.map(set) };
        let free = after(&map, operation, &scope);
        let Some(edit) = operation.edit(&map, &scope, &protection, &cancel()).unwrap() else {
            return Ok(());
        };
        let mut changed = map.clone();
        edit.apply(&mut changed);
        for (x, y) in pixels() {
            let [old, new, free] = [&map, &changed, &free].map(|map| map.get(x, y).unwrap());
            // Exactly what it does without protection, where the protection allows it.
            let expected = if protection.allows(old, free) { free } else { old };
            prop_assert_eq!(new, expected);
            let outside = scope.region.as_ref().is_some_and(|region| !region.contains(x, y));
            prop_assert!(!outside || new == old, "outside the region");
        }
        edit.revert(&mut changed);
        prop_assert_eq!(changed, map);
    }

    #[test]
    fn grow_and_shrink_equal_a_search_for_the_nearest(
        map in blotches(),
        radius in 0..9_u32,
        class in prop::option::of(0..4_u8),
    ) {
        let scope = Scope { class, ..Scope::default() };
        let grown = after(&map, Operation::Grow { radius }, &scope);
        let shrunk = after(&map, Operation::Shrink { radius }, &scope);
        for at in pixels() {
            let value = |map: &LabelMap| map.get(at.0, at.1).unwrap();
            let (old, grown, shrunk) = (value(&map), value(&grown), value(&shrunk));
            let near = |reach: u32, source: &dyn Fn(u8) -> bool| {
                nearest(&map, at, reach, |x, y| source(map.get(x, y).unwrap())).1
            };
            match class {
                Some(class) => {
                    let hit = !near(radius, &|value| value == class).is_empty();
                    prop_assert_eq!(grown, if hit { class } else { old });
                    let others = near(radius, &|value| value != class);
                    if old == class && !others.is_empty() {
                        prop_assert!(others.contains(&shrunk), "{} not in {:?}", shrunk, others);
                    } else {
                        prop_assert_eq!(shrunk, old);
                    }
                }
                None => {
                    let labels = near(radius, &is_labelled);
                    if old == VOID && !labels.is_empty() {
                        prop_assert!(labels.contains(&grown));
                    } else {
                        prop_assert_eq!(grown, old);
                    }
                    let border = radius > 0
                        && !nearest(&map, at, radius - 1, |x, y| is_border(&map, x, y)).1.is_empty();
                    prop_assert_eq!(shrunk, if border { VOID } else { old });
                }
            }
        }
    }

    #[test]
    fn smooth_equals_a_count_of_each_window(map in blotches(), radius in 0..4_u32) {
        let smoothed = after(&map, Operation::Smooth { radius }, &Scope::default());
        for (x, y) in pixels() {
            let mut counts = [0_u32; 256];
            for row in y.saturating_sub(radius)..(y + radius + 1).min(HEIGHT) {
                for column in x.saturating_sub(radius)..(x + radius + 1).min(WIDTH) {
                    counts[usize::from(map.get(column, row).unwrap())] += 1;
                }
            }
            let (old, new) = (map.get(x, y).unwrap(), smoothed.get(x, y).unwrap());
            let most = counts.iter().copied().max().unwrap();
            prop_assert_eq!(counts[usize::from(new)], most);
            prop_assert!(new == old || counts[usize::from(old)] < most);
        }
    }

    #[test]
    fn no_speck_is_left_and_nothing_else_changes(map in blotches(), below in 0..40_u64) {
        let scope = Scope::default();
        let cleaned = after(&map, Operation::RemoveSpecks { below }, &scope);
        let before = components_of(&map, Some);
        let is_speck = |component: &components::Component| {
            component.area < below && is_labelled(component.group)
        };
        for run in &before.runs {
            let Span { y, start, end } = run.span;
            let stays = !is_speck(&before.list[run.component as usize]);
            for x in start..end {
                prop_assert!(!stays || cleaned.get(x, y) == map.get(x, y));
            }
        }
        let left = components_of(&cleaned, Some);
        // Where there is nothing but specks, they have nowhere to go.
        let nothing_else = before.list.iter().all(is_speck);
        prop_assert!(nothing_else || !left.list.iter().any(is_speck));
    }

    #[test]
    fn of_each_class_the_largest_component_is_left(map in blotches(), class in 0..4_u8) {
        let scope = Scope { class: Some(class), ..Scope::default() };
        let kept = after(&map, Operation::KeepLargest, &scope);
        let only = |value: u8| (value == class).then_some(value);
        let found = |map: &LabelMap| components_of(map, only).list;
        let largest = found(&map).iter().map(|component| component.area).max();
        let left: Vec<u64> = found(&kept).iter().map(|component| component.area).collect();
        prop_assert_eq!(left, Vec::from_iter(largest));
    }

    #[test]
    fn holes_are_what_the_edge_of_the_image_does_not_reach(map in blotches(), class in 0..4_u8) {
        let scope = Scope { class: Some(class), ..Scope::default() };
        let filled = after(&map, Operation::FillHoles { largest: u64::MAX }, &scope);
        // Everything outside reached from the edges over sides and corners.
        let other = map.to_vec().iter().map(|value| u8::from(*value != class)).collect::<Vec<_>>();
        let mut outside = LabelMap::from_vec(WIDTH, HEIGHT, &other).unwrap();
        for (x, y) in pixels().filter(|(x, y)| *x == 0 || *y == 0 || *x + 1 == WIDTH || *y + 1 == HEIGHT) {
            if outside.get(x, y) == Some(1) {
                for span in fill::component(&outside, x, y, Connectivity::Corners) {
                    outside.fill_span(span.y, span.start..span.end, 2);
                }
            }
        }
        for (x, y) in pixels() {
            let expected = if outside.get(x, y) == Some(1) { Some(class) } else { map.get(x, y) };
            prop_assert_eq!(filled.get(x, y), expected);
        }
    }

    #[test]
    fn swapping_and_relabelling_conserve_areas(map in blotches(), a in 0..4_u8, b in 0..4_u8) {
        let scope = Scope { class: Some(a), ..Scope::default() };
        let [a, b] = [usize::from(a), usize::from(b)];
        let before = map.histogram();
        let swapped = after(&map, Operation::Swap { with: b as u8 }, &scope);
        let counts = swapped.histogram();
        prop_assert_eq!((counts[a], counts[b]), (before[b], before[a]));
        let back = after(&swapped, Operation::Swap { with: b as u8 }, &scope);
        prop_assert_eq!(&back, &map);
        let counts = after(&map, Operation::Relabel { to: b as u8 }, &scope).histogram();
        prop_assert_eq!(counts.iter().sum::<u64>(), before.iter().sum::<u64>());
        if a != b {
            prop_assert_eq!((counts[a], counts[b]), (0, before[a] + before[b]));
        }
    }
}

#[test]
fn two_specks_side_by_side_become_what_is_around_them() {
    let mut map = LabelMap::filled(20, 20, 0);
    map.fill_span(10, 8..10, 1);
    map.fill_span(10, 10..12, 2);
    let cleaned = after(
        &map,
        Operation::RemoveSpecks { below: 3 },
        &Scope::default(),
    );
    assert_eq!(cleaned, LabelMap::filled(20, 20, 0));
}

#[test]
fn void_that_is_enclosed_goes_to_what_borders_on_it_most() {
    let mut map = LabelMap::filled(20, 20, 3);
    for y in 0..20 {
        map.fill_span(y, 12..20, 4);
    }
    map.fill_span(5, 6..14, VOID);
    map.fill_span(0, 0..20, VOID);
    let filled = after(
        &map,
        Operation::FillHoles { largest: 100 },
        &Scope::default(),
    );
    assert_eq!(filled.get(13, 5), Some(3));
    assert_eq!(filled.get(3, 0), Some(VOID), "it is open to the edge");
}

#[test]
fn what_is_cancelled_changes_nothing() {
    let map = LabelMap::filled(30, 30, 1);
    let cancelled = cancel();
    cancelled.cancel();
    let result =
        Operation::Relabel { to: 2 }.edit(&map, &Scope::default(), &Protection::NONE, &cancelled);
    assert!(result.is_err());
}

#[test]
fn it_tells_how_far_it_is_and_never_goes_back_far() {
    #[derive(Default)]
    struct Told(std::sync::Mutex<Vec<u64>>);
    impl Watch for Told {
        fn check(&self) -> Result<()> {
            Ok(())
        }
        fn tell(&self, done: u64, total: u64) {
            assert!(done <= total, "{done} of {total}");
            self.0.lock().unwrap().push(done);
        }
    }
    let mut map = LabelMap::filled(60, 900, 1);
    for y in 0..900 {
        map.fill_span(y, 0..y % 50, 2);
    }
    let operations = [
        Operation::Grow { radius: 3 },
        Operation::Smooth { radius: 3 },
        Operation::RemoveSpecks { below: 90_000 },
    ];
    for operation in operations {
        let told = Told::default();
        let scope = Scope {
            class: Some(2),
            ..Scope::default()
        };
        let edit = operation.edit(&map, &scope, &Protection::NONE, &told);
        assert!(edit.unwrap().is_some(), "{operation:?}");
        let told = told.0.into_inner().unwrap();
        assert!(
            told.len() > 5 && told.is_sorted(),
            "{operation:?}: {told:?}"
        );
        assert_eq!(told.last(), Some(&STEPS), "{operation:?}");
    }
}

proptest! {
    #[test]
    fn what_is_let_through_of_a_change_is_in_scope(
        before in blotches(),
        after in blotches(),
        scope in scope(),
        locked in 0..4_u8,
    ) {
        let mut protection = Protection::NONE;
        protection.locked[usize::from(locked)] = true;
        let edit = scope.edit_between([&before, &after], &protection, &cancel()).unwrap();
        let mut changed = before.clone();
        if let Some(edit) = edit {
            edit.apply(&mut changed);
        }
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let value = |map: &LabelMap| map.get(x, y).unwrap();
                let (old, new) = (value(&before), value(&after));
                let meant = scope.class.is_none_or(|class| class == old || class == new)
                    && scope.region.as_ref().is_none_or(|region| region.contains(x, y))
                    && protection.allows(old, new);
                prop_assert_eq!(value(&changed), if meant { new } else { old });
            }
        }
    }
}
