//! The magic wand: what has nearly the same colour as a pixel.
//!
//! Two colours differ by their largest difference in red, green or blue, 0 to 255: a tolerance is
//! then a number that people can read off the channels.

use rayon::prelude::*;

use super::pixels::Pixels;
use super::rect::Rect;
use super::span::{Span, collect_row};
use crate::error::Result;
use crate::jobs::Cancel;

/// The largest tolerance: one less than the largest difference there is.
pub const MAX_TOLERANCE: u8 = 254;

/// So many pixels are looked at between two looks at the wish to stop.
const STEPS: usize = 1 << 16;

/// The pixels that hang together with a seed over their sides, tolerance by tolerance.
///
/// A pixel's level is the least tolerance that reaches it: the largest difference from the seed's
/// colour on the best way there. The wand walks in the order of levels and stops at the tolerance
/// asked for, so that its cost follows the region, and a larger tolerance goes on from there.
#[derive(Debug)]
pub struct Wand {
    size: [u32; 2],
    seed: [u8; 3],
    /// One more than the level of each pixel that has been seen, row after row; 0 elsewhere, so that
    /// the system hands out the memory page by page as the wand gets there.
    levels: Vec<u8>,
    /// Pixels that were seen and whose neighbours were not yet looked at, by level.
    fronts: Vec<Vec<u32>>,
    /// What was walked over lies in here.
    seen: Rect,
}

impl Wand {
    /// A wand that touches a pixel; `None` outside the image.
    pub fn new(pixels: Pixels<'_>, [x, y]: [u32; 2]) -> Option<Self> {
        let seed = pixels.get(x, y)?;
        let at = y as usize * pixels.width() as usize + x as usize;
        let mut levels = vec![0; pixels.colors().len()];
        levels[at] = 1;
        let mut fronts = vec![Vec::new(); usize::from(MAX_TOLERANCE) + 1];
        fronts[0].push(u32::try_from(at).ok()?);
        Some(Self {
            size: pixels.size(),
            seed,
            levels,
            fronts,
            seen: Rect::new(x, y, 1, 1),
        })
    }

    /// The pixels within a tolerance, row by row from the top. `pixels` is the image that the wand
    /// was made with.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) when somebody asked to stop; the wand can be
    /// asked again.
    pub fn spans(
        &mut self,
        pixels: Pixels<'_>,
        tolerance: u8,
        cancel: &Cancel,
    ) -> Result<Vec<Span>> {
        let tolerance = tolerance.min(MAX_TOLERANCE);
        if pixels.size() == self.size {
            self.walk(pixels.colors(), tolerance, cancel)?;
        }
        let width = self.size[0] as usize;
        let columns = self.seen.x as usize..self.seen.right() as usize;
        let mut spans = Vec::new();
        for y in self.seen.rows() {
            let row = &self.levels[y as usize * width..][columns.clone()];
            collect_row(&mut spans, [self.seen.x, y], row, |level| {
                (1..=tolerance + 1).contains(level)
            });
        }
        Ok(spans)
    }

    fn walk(&mut self, colors: &[[u8; 3]], tolerance: u8, cancel: &Cancel) -> Result<()> {
        for level in 0..=tolerance {
            let mut front = std::mem::take(&mut self.fronts[usize::from(level)]);
            let walked = self.walk_level(level, &mut front, colors, cancel);
            self.fronts[usize::from(level)] = front;
            walked?;
        }
        Ok(())
    }

    /// Looks at the neighbours of the front until it is empty.
    fn walk_level(
        &mut self,
        level: u8,
        front: &mut Vec<u32>,
        colors: &[[u8; 3]],
        cancel: &Cancel,
    ) -> Result<()> {
        let [width, height] = self.size;
        let mut steps = 0;
        while let Some(at) = front.pop() {
            steps += 1;
            if steps % STEPS == 0
                && let Err(stopped) = cancel.check()
            {
                front.push(at);
                return Err(stopped);
            }
            let (x, y) = (at % width, at / width);
            self.see(x, y);
            let neighbours = [
                (x > 0, at.wrapping_sub(1)),
                (x + 1 < width, at.wrapping_add(1)),
                (y > 0, at.wrapping_sub(width)),
                (y + 1 < height, at.wrapping_add(width)),
            ];
            for (_, next) in neighbours.into_iter().filter(|(exists, _)| *exists) {
                let known = &mut self.levels[next as usize];
                if *known != 0 {
                    continue;
                }
                // Levels are walked upwards: whoever sees a pixel first has the best way there.
                let found = difference(colors[next as usize], self.seed).max(level);
                if found == level {
                    *known = found + 1;
                    front.push(next);
                } else if found <= MAX_TOLERANCE {
                    *known = found + 1;
                    self.fronts[usize::from(found)].push(next);
                }
            }
        }
        Ok(())
    }

    /// Widens what was walked over by a pixel.
    fn see(&mut self, x: u32, y: u32) {
        let [left, top] = [self.seen.x.min(x), self.seen.y.min(y)];
        let [right, bottom] = [self.seen.right().max(x + 1), self.seen.bottom().max(y + 1)];
        self.seen = Rect::from_ranges(left..right, top..bottom);
    }
}

/// All pixels of the image whose colour is within a tolerance of `seed`, wherever they are, row by
/// row from the top.
pub fn similar(pixels: Pixels<'_>, seed: [u8; 3], tolerance: u8) -> Vec<Span> {
    let rows = 0..pixels.height();
    let of_row = |y: u32| {
        let mut spans = Vec::new();
        let inside = |color: &[u8; 3]| difference(*color, seed) <= tolerance;
        collect_row(&mut spans, [0, y], pixels.row(y), inside);
        spans
    };
    rows.into_par_iter().flat_map_iter(of_row).collect()
}

/// The largest difference in a channel.
fn difference(a: [u8; 3], b: [u8; 3]) -> u8 {
    let [red, green, blue] = [0, 1, 2].map(|channel| a[channel].abs_diff(b[channel]));
    red.max(green).max(blue)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const SIZE: [u32; 2] = [19, 13];

    /// The pixels that a plain search reaches.
    fn reached(pixels: Pixels<'_>, seed: [u32; 2], tolerance: u8) -> HashSet<(u32, u32)> {
        let color = pixels.get(seed[0], seed[1]).unwrap();
        let mut reached = HashSet::from([(seed[0], seed[1])]);
        let mut open = vec![(seed[0], seed[1])];
        while let Some((x, y)) = open.pop() {
            let next = [
                (x + 1, y),
                (x.wrapping_sub(1), y),
                (x, y + 1),
                (x, y.wrapping_sub(1)),
            ];
            for (x, y) in next {
                let close = pixels
                    .get(x, y)
                    .is_some_and(|c| difference(c, color) <= tolerance);
                if close && reached.insert((x, y)) {
                    open.push((x, y));
                }
            }
        }
        reached
    }

    fn set(spans: &[Span]) -> HashSet<(u32, u32)> {
        let row = |span: &Span| {
            (span.start..span.end)
                .map(|x| (x, span.y))
                .collect::<Vec<_>>()
        };
        let pixels: Vec<_> = spans.iter().flat_map(row).collect();
        let set: HashSet<_> = pixels.iter().copied().collect();
        assert_eq!(set.len(), pixels.len(), "each pixel once");
        set
    }

    fn image() -> impl Strategy<Value = Vec<u8>> {
        // Few values, so that regions are large and ties are common.
        let value = (0..6_u8).prop_map(|step| step * 11);
        prop::collection::vec(value, (SIZE[0] * SIZE[1] * 3) as usize)
    }

    proptest! {
        #[test]
        fn it_equals_a_search_at_every_tolerance_in_any_order(
            rgb in image(),
            x in 0..SIZE[0],
            y in 0..SIZE[1],
            tolerances in prop::collection::vec(0..=u8::MAX, 1..6),
        ) {
            let pixels = Pixels::new(SIZE, &rgb).unwrap();
            let mut wand = Wand::new(pixels, [x, y]).unwrap();
            for tolerance in tolerances {
                let spans = wand.spans(pixels, tolerance, &Cancel::default()).unwrap();
                let expected = reached(pixels, [x, y], tolerance.min(MAX_TOLERANCE));
                prop_assert_eq!(set(&spans), expected);
            }
        }

        #[test]
        fn everywhere_is_every_pixel_of_a_similar_colour(
            rgb in image(),
            seed in prop::array::uniform3(any::<u8>()),
            tolerance in any::<u8>(),
        ) {
            let pixels = Pixels::new(SIZE, &rgb).unwrap();
            let found = set(&similar(pixels, seed, tolerance));
            for y in 0..SIZE[1] {
                for x in 0..SIZE[0] {
                    let close = difference(pixels.get(x, y).unwrap(), seed) <= tolerance;
                    prop_assert_eq!(found.contains(&(x, y)), close);
                }
            }
        }
    }

    #[test]
    fn a_stopped_wand_can_be_asked_again() {
        let rgb = vec![7; 400 * 400 * 3];
        let pixels = Pixels::new([400, 400], &rgb).unwrap();
        let mut wand = Wand::new(pixels, [200, 200]).unwrap();
        let stopped = Cancel::default();
        stopped.cancel();
        assert!(wand.spans(pixels, 3, &stopped).unwrap_err().is_cancelled());
        let spans = wand.spans(pixels, 3, &Cancel::default()).unwrap();
        assert_eq!(set(&spans).len(), 400 * 400);
    }

    #[test]
    fn beside_the_image_there_is_nothing() {
        let rgb = vec![7; 12];
        assert!(Wand::new(Pixels::new([2, 2], &rgb).unwrap(), [2, 0]).is_none());
    }
}
