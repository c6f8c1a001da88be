//! Connected components.

use std::ops::Range;

use super::fill::Connectivity;
use super::label_map::LabelMap;
use super::rect::Rect;
use super::region::Region;
use super::span::Span;
use crate::error::Result;
use crate::jobs::Watch;

/// So many rows are looked at between two looks at the wish to stop.
const ROWS: u32 = 64;

/// Neighbouring pixels of a row that belong to one component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Where.
    pub span: Span,
    /// The component's place in the list.
    pub component: u32,
}

/// What is known of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// What its pixels have in common: what they were grouped by.
    pub group: u8,
    /// Its pixels.
    pub area: u64,
    /// The smallest rectangle that holds it.
    pub bounds: Rect,
}

/// The connected components of a part of a label map.
#[derive(Debug, Default)]
pub struct Components {
    /// All runs, from top to bottom and left to right.
    pub runs: Vec<Run>,
    /// The components, in the order of their first pixels.
    pub list: Vec<Component>,
}

impl Components {
    /// Finds the components of `map` inside `bounds` and, where there is one, `region`.
    ///
    /// `group` says what a value counts as, none for what is left out; pixels of one group that
    /// touch make a component. The time and memory follow the runs of the map.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) once `watch` says that somebody asked to stop.
    pub fn find(
        map: &LabelMap,
        bounds: Rect,
        region: Option<&Region>,
        connectivity: Connectivity,
        group: impl Fn(u8) -> Option<u8>,
        watch: &dyn Watch,
    ) -> Result<Self> {
        let bounds = bounds.intersection(map.bounds());
        let mut forest = Forest::default();
        let mut runs: Vec<(Span, u8)> = Vec::new();
        let mut above = 0..0;
        for y in bounds.rows() {
            if y % ROWS == 0 {
                watch.check()?;
                watch.tell(u64::from(y - bounds.y), u64::from(bounds.height));
            }
            let start = runs.len();
            grouped_row(map, y, bounds.columns(), region, &group, &mut runs);
            forest.grow_to(runs.len());
            let row = start..runs.len();
            join_rows(
                &runs,
                above,
                row.clone(),
                connectivity,
                map.width(),
                &mut forest,
            );
            above = row;
        }
        Ok(gather(&runs, &mut forest))
    }

    /// The spans of the components that `wanted` says yes to.
    pub fn spans(&self, wanted: impl Fn(u32) -> bool) -> Vec<Span> {
        let runs = self.runs.iter().filter(|run| wanted(run.component));
        runs.map(|run| run.span).collect()
    }
}

/// Appends a row's runs of one group each.
fn grouped_row(
    map: &LabelMap,
    y: u32,
    columns: Range<u32>,
    region: Option<&Region>,
    group: &impl Fn(u8) -> Option<u8>,
    runs: &mut Vec<(Span, u8)>,
) {
    let first = runs.len();
    let mut add = |span: Span, group: u8| match runs[first..].last_mut() {
        Some((last, other)) if *other == group && last.end == span.start => last.end = span.end,
        _ => runs.push((span, group)),
    };
    for (columns, value) in map.runs(y, columns) {
        let Some(group) = group(value) else { continue };
        let (start, end) = (columns.start, columns.end);
        let span = Span { y, start, end };
        match region {
            None => add(span, group),
            Some(region) => region.clip(span).for_each(|part| add(part, group)),
        }
    }
}

/// Joins the runs of two neighbouring rows that touch and are of one group.
fn join_rows(
    runs: &[(Span, u8)],
    above: Range<usize>,
    row: Range<usize>,
    connectivity: Connectivity,
    width: u32,
    forest: &mut Forest,
) {
    let mut other = above.start;
    for place in row {
        let (span, group) = runs[place];
        let touching = connectivity.touching(span.start..span.end, width);
        while other < above.end && runs[other].0.end <= touching.start {
            other += 1;
        }
        // The last one that touches may touch the next run too.
        let mut at = other;
        while at < above.end && runs[at].0.start < touching.end {
            if runs[at].1 == group {
                forest.join(at, place);
            }
            at += 1;
        }
    }
}

fn gather(runs: &[(Span, u8)], forest: &mut Forest) -> Components {
    const NEW: u32 = u32::MAX;
    let mut numbers = vec![NEW; runs.len()];
    let mut found = Components {
        runs: Vec::with_capacity(runs.len()),
        list: Vec::new(),
    };
    for (place, (span, group)) in runs.iter().enumerate() {
        let root = forest.root(place);
        if numbers[root] == NEW {
            numbers[root] = found.list.len() as u32;
            found.list.push(Component {
                group: *group,
                area: 0,
                bounds: Rect::EMPTY,
            });
        }
        let component = numbers[root];
        let facts = &mut found.list[component as usize];
        facts.area += u64::from(span.end - span.start);
        facts.bounds = facts.bounds.union(span.rect());
        found.runs.push(Run {
            span: *span,
            component,
        });
    }
    found
}

/// Disjoint sets (Galler and Fischer), with paths halved on the way.
#[derive(Default)]
pub(super) struct Forest {
    parents: Vec<u32>,
}

impl Forest {
    /// Adds sets of one element until there are so many elements.
    pub fn grow_to(&mut self, elements: usize) {
        self.parents
            .extend(self.parents.len() as u32..elements as u32);
    }

    /// The first element of the set.
    pub fn root(&mut self, mut place: usize) -> usize {
        while self.parents[place] as usize != place {
            let grandparent = self.parents[self.parents[place] as usize];
            self.parents[place] = grandparent;
            place = grandparent as usize;
        }
        place
    }

    /// The earlier root stays.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b) as u32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jobs::Cancel;
    use crate::mask::fill;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn they_equal_flood_fills_from_each_pixel(
            pixels in prop::collection::vec(0..3_u8, 20 * 14),
            corners: bool,
        ) {
            let connectivity = if corners { Connectivity::Corners } else { Connectivity::Sides };
            let map = LabelMap::from_vec(20, 14, &pixels).unwrap();
            let found = Components::find(&map, map.bounds(), None, connectivity, Some, &Cancel::default());
            let found = found.unwrap();
            let mut pixels = 0;
            for run in &found.runs {
                let number = run.component;
                let Span { y, start, .. } = run.span;
                let flood = fill::component(&map, start, y, connectivity);
                prop_assert_eq!(&found.spans(|other| other == number), &flood);
                let facts = found.list[number as usize];
                let region = Region::new(flood);
                prop_assert_eq!((facts.area, facts.bounds), (region.area(), region.bounds()));
                prop_assert_eq!(Some(facts.group), map.get(start, y));
                pixels += run.span.end - run.span.start;
            }
            prop_assert_eq!(pixels, 20 * 14);
        }

        #[test]
        fn those_of_a_region_are_those_of_a_map_without_the_rest(
            pixels in prop::collection::vec(0..2_u8, 20 * 14),
            inside in prop::collection::vec(any::<bool>(), 20 * 14),
        ) {
            let map = LabelMap::from_vec(20, 14, &pixels).unwrap();
            let region = Region::new((0..280_u32).filter(|at| inside[*at as usize]).map(|at| {
                let (y, start) = (at / 20, at % 20);
                Span { y, start, end: start + 1 }
            }).collect());
            let cut: Vec<u8> = pixels.iter().zip(&inside).map(|(p, i)| if *i { *p } else { 9 }).collect();
            let cut = LabelMap::from_vec(20, 14, &cut).unwrap();
            let sides = Connectivity::Sides;
            let (go, rest) = (Cancel::default(), |value| (value != 9).then_some(value));
            let a = Components::find(&map, map.bounds(), Some(&region), sides, Some, &go).unwrap();
            let b = Components::find(&cut, cut.bounds(), None, sides, rest, &go).unwrap();
            prop_assert_eq!(a.runs, b.runs);
            prop_assert_eq!(a.list, b.list);
        }
    }
}
