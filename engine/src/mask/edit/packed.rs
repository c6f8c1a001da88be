//! A change as runs of pixels: few bytes, for the journal and for long histories.

use std::ops::Range;

use super::super::difference::Difference;
use super::super::label_map::LabelMap;
use super::super::rect::Rect;
use super::super::runs::{RunWriter, Runs};
use super::super::tally::{Changes, Tally};

/// Which pixels of a rectangle changed, and their values before and after, run-length coded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packed {
    rect: Rect,
    /// Runs of 0 (as it was) and 1 (changed) over the rectangle; `None` where all of it changed.
    pub mask: Option<Box<[u8]>>,
    /// Values before, of the changed pixels in reading order.
    pub old: Box<[u8]>,
    /// Values after.
    pub new: Box<[u8]>,
}

impl Packed {
    /// Codes what differs, all of which lies in `rect`.
    pub fn new(difference: &Difference, rect: Rect) -> Self {
        let [mut mask, mut old, mut new] = std::array::from_fn(|_| RunWriter::default());
        difference.tell(|same, piece| {
            mask.push(0, same);
            if let Some(piece) = piece {
                let length = u64::from(piece.length);
                mask.push(1, length);
                old.push(piece.old, length);
                new.push(piece.new, length);
            }
        });
        Self::from_parts(rect, [mask.finish(), old.finish(), new.finish()])
    }

    /// From its coded parts; an empty mask stands for the whole rectangle.
    pub fn from_parts(rect: Rect, [mask, old, new]: [Box<[u8]>; 3]) -> Self {
        let full = mask.is_empty() || Runs::new(&mask).eq([(1, rect.area())]);
        Self {
            rect,
            mask: (!full).then_some(mask),
            old,
            new,
        }
    }

    /// How many bytes of memory the runs take.
    pub fn bytes(&self) -> usize {
        let mask = self.mask.as_ref().map_or(0, |mask| mask.len());
        mask + self.old.len() + self.new.len()
    }

    /// Whether mask and values speak of the same number of pixels.
    pub fn is_consistent(&self) -> bool {
        let changed = match self.mask.as_deref() {
            None => Some(self.rect.area()),
            Some(mask) => Some(Runs::new(mask))
                .filter(|runs| runs.clone().total() == Some(self.rect.area()))
                .map(|runs| runs.filter(|run| run.0 == 1).map(|run| run.1).sum()),
        };
        changed.is_some()
            && Runs::new(&self.old).total() == changed
            && Runs::new(&self.new).total() == changed
    }

    /// What the change did to the classes.
    pub fn changes(&self) -> Changes {
        let mut tally = Tally::default();
        Runs::new(&self.old).for_each(|(value, length)| tally.lose(value, length));
        Runs::new(&self.new).for_each(|(value, length)| tally.gain(value, length));
        tally.changes()
    }

    /// Makes the change on a map, as far as it reaches, or takes it back.
    pub fn write(&self, map: &mut LabelMap, back: bool) {
        let whole = (1, self.rect.area());
        let mut mask = self.mask.as_deref().map(Runs::new);
        let mask = std::iter::from_fn(|| mask.as_mut()?.next());
        let whole = self.mask.is_none().then_some(whole);
        let mut values = Values::new(if back { &self.old } else { &self.new });
        let mut row = Vec::new();
        let mut at = 0;
        for (changed, length) in whole.into_iter().chain(mask) {
            let end = at + length;
            while changed == 1 && at < end {
                let (y, columns) = self.row_piece(at, end - at);
                at += columns.len() as u64;
                match values.uniform(columns.len()) {
                    Some(value) => map.fill_span(y, columns, value),
                    None => {
                        values.take(&mut row, columns.len());
                        map.write_row(columns.start, y, &row);
                    }
                }
            }
            at = end;
        }
    }

    /// Up to `length` pixels from the `at`-th pixel of the rectangle on, as far as the row goes.
    fn row_piece(&self, at: u64, length: u64) -> (u32, Range<u32>) {
        let width = u64::from(self.rect.width);
        let (row, column) = ((at / width) as u32, at % width);
        let length = length.min(width - column) as u32;
        let x = self.rect.x + column as u32;
        (self.rect.y + row, x..x + length)
    }
}

/// Values of changed pixels, taken a piece of a row at a time.
struct Values<'a> {
    runs: Runs<'a>,
    value: u8,
    left: usize,
}

impl<'a> Values<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            runs: Runs::new(bytes),
            value: 0,
            left: 0,
        }
    }

    /// The value of the next `length` pixels, if it is one; then they are taken.
    fn uniform(&mut self, length: usize) -> Option<u8> {
        self.refill();
        let uniform = self.left >= length;
        if uniform {
            self.left -= length;
        }
        uniform.then_some(self.value)
    }

    /// Takes the next `length` pixels into `row`. It is shorter where there are fewer.
    fn take(&mut self, row: &mut Vec<u8>, length: usize) {
        row.clear();
        while row.len() < length {
            self.refill();
            let run = self.left.min(length - row.len());
            if run == 0 {
                break;
            }
            row.resize(row.len() + run, self.value);
            self.left -= run;
        }
    }

    /// Goes on to the next run where this one is used up.
    fn refill(&mut self) {
        if self.left == 0
            && let Some((value, length)) = self.runs.next()
        {
            self.value = value;
            self.left = usize::try_from(length).unwrap_or(usize::MAX);
        }
    }
}
