//! Flood fill.

use super::label_map::LabelMap;
use super::span::Span;

/// The pixels of one value that hang together with the pixel (`x`, `y`) over their sides. Each
/// pixel is in one span. Nothing for a pixel outside the map.
pub fn component(map: &LabelMap, x: u32, y: u32) -> Vec<Span> {
    let Some(value) = map.get(x, y) else {
        return Vec::new();
    };
    let mut seen = vec![false; map.bounds().area() as usize];
    let place = |x: u32, y: u32| y as usize * map.width() as usize + x as usize;
    let (mut spans, mut open) = (Vec::new(), vec![(x, y)]);
    while let Some((x, y)) = open.pop() {
        if seen[place(x, y)] {
            continue;
        }
        let (mut start, mut end) = (x, x + 1);
        while start > 0 && map.get(start - 1, y) == Some(value) {
            start -= 1;
        }
        while map.get(end, y) == Some(value) {
            end += 1;
        }
        seen[place(start, y)..place(start, y) + (end - start) as usize].fill(true);
        spans.push(Span { y, start, end });
        for row in [y.checked_sub(1), y.checked_add(1)].into_iter().flatten() {
            // One start for each run of the value in the neighbouring row is enough.
            let mut inside = false;
            for x in start..end {
                let hit = map.get(x, row) == Some(value);
                if hit && !inside && !seen[place(x, row)] {
                    open.push((x, row));
                }
                inside = hit;
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_equals_a_walk_over_neighbours(
            pixels in prop::collection::vec(0..2_u8, 24 * 17),
            x in 0..24_u32,
            y in 0..17_u32,
        ) {
            let map = LabelMap::from_vec(24, 17, &pixels).unwrap();
            let value = map.get(x, y);
            let mut reached = HashSet::from([(x, y)]);
            let mut open = vec![(x, y)];
            while let Some((x, y)) = open.pop() {
                let next = [(x + 1, y), (x.wrapping_sub(1), y), (x, y + 1), (x, y.wrapping_sub(1))];
                for next in next {
                    if map.get(next.0, next.1) == value && reached.insert(next) {
                        open.push(next);
                    }
                }
            }
            let spans = component(&map, x, y);
            let pixels: Vec<_> = spans.iter().flat_map(|s| (s.start..s.end).map(|x| (x, s.y))).collect();
            prop_assert_eq!(pixels.len(), reached.len(), "each pixel once");
            prop_assert_eq!(pixels.into_iter().collect::<HashSet<_>>(), reached);
        }
    }

    #[test]
    fn outside_the_map_there_is_nothing() {
        assert!(component(&LabelMap::filled(3, 3, 0), 3, 0).is_empty());
    }
}
