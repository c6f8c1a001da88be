//! Windows that a large image is refined in, so that memory is bounded whatever its size.

use std::ops::Range;

/// Up to so many pixels an image is one window.
const WHOLE: usize = 1500 * 1500;

/// The side of what a window settles, in pixels.
const CORE: usize = 1024;

/// The margin around that, in standard deviations of the kernel that reaches farthest.
const REACH: f64 = 2.0;

/// No margin is wider, in pixels.
const WIDEST: usize = 512;

/// A part of an image: rows and columns that are looked at, and, inside these, the ones that are
/// settled by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) seen: [Range<usize>; 2],
    pub(super) core: [Range<usize>; 2],
}

impl Window {
    /// Height and width of what is seen.
    pub(super) fn size(&self) -> [usize; 2] {
        [self.seen[0].len(), self.seen[1].len()]
    }

    /// The core's rows and columns, counted from the beginning of what is seen.
    pub(super) fn core_within(&self) -> [Range<usize>; 2] {
        [0, 1].map(|axis| {
            let from = self.seen[axis].start;
            self.core[axis].start - from..self.core[axis].end - from
        })
    }
}

/// The windows of an image of `[height, width]`; their cores cover each pixel once. `deviation` is
/// how far pixels hear of each other.
pub(super) fn windows(size: [usize; 2], deviation: f64) -> Vec<Window> {
    if size.contains(&0) {
        return Vec::new();
    }
    let whole = size.map(|side| 0..side);
    if size[0].saturating_mul(size[1]) <= WHOLE {
        return vec![Window {
            seen: whole.clone(),
            core: whole,
        }];
    }
    let margin = ((deviation * REACH).ceil() as usize).min(WIDEST);
    let cores = size.map(|side| {
        let count = side.div_ceil(CORE);
        let edge = move |index: usize| side * index / count;
        (0..count).map(move |index| edge(index)..edge(index + 1))
    });
    let [rows, columns] = cores;
    let seen = |core: &Range<usize>, side: usize| {
        core.start.saturating_sub(margin)..(core.end + margin).min(side)
    };
    rows.flat_map(|rows| {
        columns.clone().map(move |columns| Window {
            seen: [seen(&rows, size[0]), seen(&columns, size[1])],
            core: [rows.clone(), columns],
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_image_is_one_window() {
        let windows = windows([1500, 1500], 49.0);
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].core, [0..1500, 0..1500]);
        assert_eq!(windows[0].core_within(), windows[0].core);
    }

    #[test]
    fn cores_cover_a_large_image_once_and_see_around_themselves() {
        for size in [[3000, 4000], [1, 3_000_000], [1600, 1501], [0, 7]] {
            let windows = windows(size, 49.0);
            let area = |[rows, columns]: &[Range<usize>; 2]| rows.len() * columns.len();
            let covered: usize = windows.iter().map(|window| area(&window.core)).sum();
            assert_eq!(covered, size[0] * size[1]);
            for window in &windows {
                assert!(area(&window.seen) <= (CORE + 2 * 98).pow(2));
                let [rows, columns] = window.core_within();
                assert!(rows.end <= window.size()[0] && columns.end <= window.size()[1]);
            }
        }
        let middle = &windows([4000, 4000], 49.0)[5];
        assert_eq!(middle.core, [1000..2000, 1000..2000]);
        assert_eq!(middle.seen, [902..2098, 902..2098]);
    }
}
