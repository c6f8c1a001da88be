//! Flood fill.

use std::ops::Range;

use super::components::Forest;
use super::label_map::LabelMap;
use super::span::Span;

/// Which pixels touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connectivity {
    /// Those with a side in common: four neighbours.
    #[default]
    Sides,
    /// Those with a side or a corner in common: eight neighbours.
    Corners,
}

impl Connectivity {
    /// The columns of a neighbouring row that touch these, in a map of this width.
    pub(super) fn touching(self, columns: Range<u32>, width: u32) -> Range<u32> {
        match self {
            Self::Sides => columns,
            Self::Corners => columns.start.saturating_sub(1)..(columns.end + 1).min(width),
        }
    }
}

/// A component of more runs than this is found in one go over the whole map.
const MANY_RUNS: usize = 1 << 16;

/// The pixels of one value that hang together with the pixel (`x`, `y`), from top to bottom and
/// from left to right; each is in one span. Nothing for a pixel outside the map.
///
/// It goes from run to run (a run: neighbours of one value in a row), so that the time follows the
/// component and not the map. Only where there are a great many runs, as in noise, all runs of the
/// map are taken in order instead: that is quicker than to jump between them.
pub fn component(map: &LabelMap, x: u32, y: u32, connectivity: Connectivity) -> Vec<Span> {
    let Some(value) = map.get(x, y) else {
        return Vec::new();
    };
    walk(map, [x, y], value, connectivity)
        .unwrap_or_else(|| sweep(map, [x, y], value, connectivity))
}

/// Goes from run to run. None where there are too many.
fn walk(
    map: &LabelMap,
    [x, y]: [u32; 2],
    value: u8,
    connectivity: Connectivity,
) -> Option<Vec<Span>> {
    let mut seen = Seen::new(map);
    let first = map.run_around(x, y);
    seen.insert(first.start, y);
    let mut spans = vec![span(first, y)];
    let mut next = 0;
    while let Some(Span { y, start, end }) = spans.get(next).copied() {
        next += 1;
        let touching = connectivity.touching(start..end, map.width());
        let above = y.checked_sub(1);
        let below = Some(y + 1).filter(|row| *row < map.height());
        for row in [above, below].into_iter().flatten() {
            let mut from = touching.start;
            while let Some(hit) = map.find(row, from..touching.end, value) {
                let run = map.run_around(hit, row);
                from = run.end;
                if seen.insert(run.start, row) {
                    spans.push(span(run, row));
                }
            }
        }
        if spans.len() > MANY_RUNS {
            return None;
        }
    }
    spans.sort_unstable_by_key(|span| (span.y, span.start));
    Some(spans)
}

/// Takes all runs of the value, row after row, and joins those that touch.
fn sweep(map: &LabelMap, [x, y]: [u32; 2], value: u8, connectivity: Connectivity) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut forest = Forest::default();
    let mut above = 0..0;
    for row in 0..map.height() {
        let start = spans.len();
        map.runs_of(row, value, |columns| spans.push(span(columns, row)));
        forest.grow_to(spans.len());
        let mut other = above.start;
        for place in start..spans.len() {
            let Span { start, end, .. } = spans[place];
            let touching = connectivity.touching(start..end, map.width());
            while other < above.end && spans[other].end <= touching.start {
                other += 1;
            }
            // The last one that touches may touch the next run too.
            let touches = |at: &usize| spans[*at].start < touching.end;
            for at in (other..above.end).take_while(touches) {
                forest.join(at, place);
            }
        }
        above = start..spans.len();
    }
    let first = spans.partition_point(|span| (span.y, span.end) <= (y, x));
    let component = forest.root(first);
    let mut place = 0;
    spans.retain(|_| {
        place += 1;
        forest.root(place - 1) == component
    });
    spans
}

fn span(columns: Range<u32>, y: u32) -> Span {
    Span {
        y,
        start: columns.start,
        end: columns.end,
    }
}

/// The runs that were seen, by their first pixel: a bit for each pixel of the map. The system
/// hands such memory out untouched, so that only what is used costs anything.
struct Seen {
    bits: Vec<u64>,
    width: usize,
}

impl Seen {
    fn new(map: &LabelMap) -> Self {
        let pixels = map.bounds().area() as usize;
        Self {
            bits: vec![0; pixels.div_ceil(64)],
            width: map.width() as usize,
        }
    }

    /// False where it was there already.
    fn insert(&mut self, x: u32, y: u32) -> bool {
        let place = y as usize * self.width + x as usize;
        let (word, bit) = (&mut self.bits[place / 64], 1 << (place % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// All pixels that can be reached over neighbours of the same value.
    fn reach(map: &LabelMap, at: (u32, u32), connectivity: Connectivity) -> HashSet<(u32, u32)> {
        let value = map.get(at.0, at.1);
        let mut reached = HashSet::from([at]);
        let mut open = vec![at];
        while let Some((x, y)) = open.pop() {
            for (dx, dy) in (0..9).map(|n| (n % 3, n / 3)) {
                let side = dx == 1 || dy == 1;
                let next = ((x + dx).wrapping_sub(1), (y + dy).wrapping_sub(1));
                let touches = side || connectivity == Connectivity::Corners;
                if touches && map.get(next.0, next.1) == value && reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    }

    proptest! {
        #[test]
        fn it_equals_a_walk_over_neighbours(
            pixels in prop::collection::vec(0..2_u8, 24 * 17),
            x in 0..24_u32,
            y in 0..17_u32,
            corners: bool,
            // Far enough to the right for a tile's border to run through it.
            left in prop_oneof![Just(0_u32), 236..256_u32],
        ) {
            let connectivity = if corners { Connectivity::Corners } else { Connectivity::Sides };
            let mut map = LabelMap::filled(left + 24, 17, 9);
            for (row, pixels) in pixels.chunks(24).enumerate() {
                map.write_row(left, row as u32, pixels);
            }
            let reached = reach(&map, (left + x, y), connectivity);
            let spans = component(&map, left + x, y, connectivity);
            prop_assert!(spans.is_sorted_by_key(|span| (span.y, span.start)));
            let pixels: Vec<_> = spans.iter().flat_map(|s| (s.start..s.end).map(|x| (x, s.y))).collect();
            prop_assert_eq!(pixels.len(), reached.len(), "each pixel once");
            prop_assert_eq!(pixels.into_iter().collect::<HashSet<_>>(), reached);
            let at = [left + x, y];
            let value = map.get(at[0], at[1]).unwrap();
            prop_assert_eq!(sweep(&map, at, value, connectivity), spans);
        }
    }

    #[test]
    fn outside_the_map_there_is_nothing() {
        let map = LabelMap::filled(3, 3, 0);
        assert!(component(&map, 3, 0, Connectivity::Sides).is_empty());
        assert_eq!(component(&map, 0, 0, Connectivity::Corners).len(), 3);
    }
}
