//! Fill holes, remove specks, keep the largest: what happens to whole components.

use atrous_palettes::VOID;

use super::{Patch, Scope, bounds_of, is_labelled, tell_found, widened};
use crate::error::Result;
use crate::jobs::Watch;
use crate::mask::components::{Components, Run};
use crate::mask::{Connectivity, LabelMap, Rect, Span};

/// See [`Operation::FillHoles`](super::Operation::FillHoles).
pub(super) fn fill_holes(
    map: &LabelMap,
    scope: &Scope,
    largest: u64,
    watch: &dyn Watch,
) -> Result<Vec<Patch>> {
    // What is around hangs together over corners where the class does not, and the other way
    // round: else a diagonal line would both close and leak.
    let around = match scope.connectivity {
        Connectivity::Sides => Connectivity::Corners,
        Connectivity::Corners => Connectivity::Sides,
    };
    let rect = match scope.class {
        Some(class) => widened(bounds_of(map, class, map.bounds()), 1, map.bounds()),
        None => map.bounds(),
    };
    let group = |value: u8| match scope.class {
        Some(class) => (value != class).then_some(0),
        None => (value == VOID).then_some(0),
    };
    let found = Components::find(map, rect, None, around, group, &Found(watch))?;
    let hole = |component: u32| {
        let facts = &found.list[component as usize];
        facts.area <= largest && is_inside(facts.bounds, rect)
    };
    match scope.class {
        Some(value) => {
            let spans = found.spans(hole).into_iter();
            Ok(spans.map(|span| Patch { span, value }).collect())
        }
        None => Ok(give_away(map, &found, hole)),
    }
}

/// Whether `inner` touches no side of `outer`.
fn is_inside(inner: Rect, outer: Rect) -> bool {
    inner.x > outer.x
        && inner.y > outer.y
        && inner.right() < outer.right()
        && inner.bottom() < outer.bottom()
}

/// See [`Operation::RemoveSpecks`](super::Operation::RemoveSpecks).
pub(super) fn remove_specks(
    map: &LabelMap,
    scope: &Scope,
    below: u64,
    watch: &dyn Watch,
) -> Result<Vec<Patch>> {
    let found = components(map, scope, watch)?;
    Ok(give_away(map, &found, |component| {
        found.list[component as usize].area < below
    }))
}

/// See [`Operation::KeepLargest`](super::Operation::KeepLargest).
pub(super) fn keep_largest(map: &LabelMap, scope: &Scope, watch: &dyn Watch) -> Result<Vec<Patch>> {
    let found = components(map, scope, watch)?;
    let mut largest: [Option<usize>; 256] = [None; 256];
    for (place, component) in found.list.iter().enumerate() {
        let best = &mut largest[usize::from(component.group)];
        if best.is_none_or(|best| component.area > found.list[best].area) {
            *best = Some(place);
        }
    }
    Ok(give_away(map, &found, |component| {
        let group = found.list[component as usize].group;
        largest[usize::from(group)] != Some(component as usize)
    }))
}

/// The components of the scope's class, or of every class.
fn components(map: &LabelMap, scope: &Scope, watch: &dyn Watch) -> Result<Components> {
    let group = |value: u8| {
        let wanted = match scope.class {
            Some(class) => value == class,
            None => is_labelled(value),
        };
        wanted.then_some(value)
    };
    let region = scope.region.as_deref();
    let bounds = scope.bounds(map);
    Components::find(
        map,
        bounds,
        region,
        scope.connectivity,
        group,
        &Found(watch),
    )
}

/// Looking for components is the first part of an operation.
struct Found<'a>(&'a dyn Watch);

impl Watch for Found<'_> {
    fn check(&self) -> Result<()> {
        self.0.check()
    }

    fn tell(&self, done: u64, total: u64) {
        tell_found(self.0, done as usize, total as usize);
    }
}

/// Gives components to what borders on them most, over the sides of pixels. Of components that
/// border on each other, those go first that border on something that stays.
fn give_away(map: &LabelMap, found: &Components, removed: impl Fn(u32) -> bool) -> Vec<Patch> {
    let runs: Vec<Run> = found
        .runs
        .iter()
        .copied()
        .filter(|run| removed(run.component))
        .collect();
    let mut borders: Vec<Border> = vec![Border::default(); found.list.len()];
    for run in &runs {
        let Span { y, start, end } = run.span;
        let border = &mut borders[run.component as usize];
        let rows = [y.checked_sub(1), Some(y + 1)].into_iter().flatten();
        let sides = [start.checked_sub(1), Some(end)].into_iter().flatten();
        let above_and_below = rows.map(|y| Span { y, start, end });
        let left_and_right = sides.map(|x| Span {
            y,
            start: x,
            end: x + 1,
        });
        for touched in above_and_below.chain(left_and_right) {
            border.add(map, touched, &runs);
        }
    }
    let values = settle(&borders);
    let patch = |run: &Run| {
        let value = values[run.component as usize]?;
        let span = run.span;
        Some(Patch { span, value })
    };
    runs.iter().filter_map(patch).collect()
}

/// What a component borders on: sides of pixels by value, and by removed component.
#[derive(Clone, Default)]
struct Border {
    kept: Vec<(u8, u64)>,
    removed: Vec<(u32, u64)>,
}

impl Border {
    /// Adds the pixels of a span beside the component; `runs` are those of removed components.
    fn add(&mut self, map: &LabelMap, touched: Span, runs: &[Run]) {
        let Span { y, .. } = touched;
        let mut next = runs.partition_point(|run| (run.span.y, run.span.end) <= (y, touched.start));
        for (columns, value) in map.runs(y, touched.start..touched.end) {
            let mut x = columns.start;
            while x < columns.end {
                let run = runs.get(next).filter(|run| run.span.y == y);
                let (start, end) =
                    run.map_or((u32::MAX, u32::MAX), |run| (run.span.start, run.span.end));
                if x < start {
                    let stop = start.min(columns.end);
                    count(&mut self.kept, value, u64::from(stop - x));
                    x = stop;
                    continue;
                }
                let stop = end.min(columns.end);
                if let Some(run) = run {
                    count(&mut self.removed, run.component, u64::from(stop - x));
                }
                x = stop;
                next += usize::from(x == end);
            }
        }
    }
}

fn count<T: PartialEq>(counts: &mut Vec<(T, u64)>, what: T, many: u64) {
    match counts.iter_mut().find(|(other, _)| *other == what) {
        Some((_, so_far)) => *so_far += many,
        None => counts.push((what, many)),
    }
}

/// What each component becomes, none for those that border on nothing that stays.
fn settle(borders: &[Border]) -> Vec<Option<u8>> {
    let mut values: Vec<Option<u8>> = vec![None; borders.len()];
    let has_border = |border: &Border| !border.kept.is_empty() || !border.removed.is_empty();
    let mut open: Vec<usize> = (0..borders.len())
        .filter(|place| has_border(&borders[*place]))
        .collect();
    loop {
        let choices: Vec<(usize, u8)> = open
            .iter()
            .filter_map(|place| Some((*place, choice(&borders[*place], &values)?)))
            .collect();
        if choices.is_empty() {
            return values;
        }
        for (place, value) in choices {
            values[place] = Some(value);
        }
        open.retain(|place| values[*place].is_none());
    }
}

/// The value that most of the border has by now; the lowest of those that have as much.
fn choice(border: &Border, values: &[Option<u8>]) -> Option<u8> {
    let mut counts = border.kept.clone();
    for (component, many) in &border.removed {
        if let Some(value) = values[*component as usize] {
            count(&mut counts, value, *many);
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|(value, many)| (*many, std::cmp::Reverse(*value)));
    most.map(|(value, _)| value)
}
