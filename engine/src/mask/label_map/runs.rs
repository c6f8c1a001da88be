//! Rows of a label map as runs of one value.

use std::ops::Range;

use super::{LabelMap, Segment, TILE};
use crate::mask::scan;

impl LabelMap {
    /// The columns around `x` that have the value of the pixel (`x`, `y`), without a gap. The pixel
    /// must be in the map.
    pub(crate) fn run_around(&self, x: u32, y: u32) -> Range<u32> {
        let Some(value) = self.get(x, y) else {
            return x..x;
        };
        let mut start = x;
        while start > 0 {
            let from = (start - 1) / TILE * TILE;
            let segment = Segment::at(from..start, y, self.columns);
            let run = scan::run_back(&self.tiles[segment.tile][segment.pixels()], value);
            start -= run as u32;
            if run < segment.length {
                break;
            }
        }
        start..x + self.run_from(y, x..self.width, value)
    }

    /// The first of these columns of row `y` that has the value.
    pub(crate) fn find(&self, y: u32, columns: Range<u32>, value: u8) -> Option<u32> {
        let mut x = columns.start;
        for piece in self.row(y, columns) {
            let place = scan::find(piece, value);
            if place < piece.len() {
                return Some(x + place as u32);
            }
            x += piece.len() as u32;
        }
        None
    }

    /// The pixels of a row as runs of one value, from left to right, as long as they can be.
    pub(crate) fn runs(
        &self,
        y: u32,
        columns: Range<u32>,
    ) -> impl Iterator<Item = (Range<u32>, u8)> + '_ {
        let (mut x, end) = (columns.start, columns.end.min(self.width));
        std::iter::from_fn(move || {
            let value = self.get(x, y).filter(|_| x < end)?;
            let run = x..x + self.run_from(y, x..end, value);
            x = run.end;
            Some((run, value))
        })
    }

    /// Tells the runs of a value in a row, from left to right, as long as they can be.
    pub(crate) fn runs_of(&self, y: u32, value: u8, mut tell: impl FnMut(Range<u32>)) {
        let (mut x, mut open) = (0, None);
        for piece in self.row(y, 0..self.width) {
            let mut at = 0;
            while at < piece.len() {
                let first = match open {
                    Some(start) => start,
                    None => {
                        at += scan::find(&piece[at..], value);
                        x + at as u32
                    }
                };
                let run = scan::run(&piece[at..], value);
                at += run;
                if at < piece.len() {
                    tell(first..x + at as u32);
                    open = None;
                } else {
                    // It may go on in the next tile.
                    open = (run > 0 || open.is_some()).then_some(first);
                }
            }
            x += piece.len() as u32;
        }
        if let Some(start) = open {
            tell(start..x);
        }
    }

    /// How many of these columns, from the first on, have the value.
    fn run_from(&self, y: u32, columns: Range<u32>, value: u8) -> u32 {
        let mut length = 0;
        for piece in self.row(y, columns) {
            let run = scan::run(piece, value);
            length += run as u32;
            if run < piece.len() {
                break;
            }
        }
        length
    }
}
