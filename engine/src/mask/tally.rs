//! How many pixels a change takes from each class, and how many it gives to each.

use super::difference::pieces;
use super::scan;

/// Counts pixels while they change.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    lost: Box<[u64; 256]>,
    gained: Box<[u64; 256]>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            lost: Box::new([0; 256]),
            gained: Box::new([0; 256]),
        }
    }
}

impl Tally {
    /// Counts pixels that had one value and have another now; equal ones did not change.
    pub fn turn(&mut self, old: u8, new: u8, pixels: u64) {
        if old != new {
            self.lose(old, pixels);
            self.gain(new, pixels);
        }
    }

    /// Counts pixels that no longer have a value.
    pub fn lose(&mut self, old: u8, pixels: u64) {
        let lost = &mut self.lost[usize::from(old)];
        *lost = lost.saturating_add(pixels);
    }

    /// Counts pixels that have a value now.
    pub fn gain(&mut self, new: u8, pixels: u64) {
        let gained = &mut self.gained[usize::from(new)];
        *gained = gained.saturating_add(pixels);
    }

    /// Counts neighbouring pixels that are about to become `value`, eight at a time where they
    /// are alike.
    pub fn paint(&mut self, old: &[u8], value: u8) {
        let same = self.lost[usize::from(value)];
        let mut count = |pixel: u8, pixels: u64| self.lost[usize::from(pixel)] += pixels;
        let (words, rest) = old.as_chunks::<8>();
        let (mut like, mut pixel, mut alike) = ([0; 8], 0, 0);
        for word in words {
            if *word == like {
                alike += 8;
                continue;
            }
            count(pixel, alike);
            (pixel, alike) = (word[7], 0);
            like = [pixel; 8];
            if *word == like {
                alike = 8;
            } else {
                word.iter().for_each(|pixel| count(*pixel, 1));
            }
        }
        count(pixel, alike);
        rest.iter().for_each(|pixel| count(*pixel, 1));
        // Those that have the value already don't change.
        let lost = &mut self.lost[usize::from(value)];
        let kept = std::mem::replace(lost, same) - same;
        self.gained[usize::from(value)] += old.len() as u64 - kept;
    }

    /// Counts the difference between the same pixels of a row before and after. Returns the places
    /// from the first that differs to the last, none where none does.
    pub fn between(&mut self, old: &[u8], new: &[u8]) -> std::ops::Range<usize> {
        let mut at = scan::same(old, new);
        let mut differs = at..at;
        pieces(&old[at..], &new[at..], |piece| {
            at += usize::from(piece.length);
            if piece.differs() {
                self.turn(piece.old, piece.new, u64::from(piece.length));
                differs.end = at;
            }
        });
        differs
    }

    /// Counts what another has counted too.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.lost, &other.lost),
            (&mut self.gained, &other.gained),
        ] {
            for (mine, theirs) in mine.iter_mut().zip(theirs.iter()) {
                *mine = mine.saturating_add(*theirs);
            }
        }
    }

    /// What was counted.
    pub fn changes(&self) -> Changes {
        let both = self.lost.iter().zip(self.gained.iter());
        let changed = (0..=u8::MAX).zip(both).filter(|(_, (lost, gained))| {
            // Classes that nothing happened to are most of them.
            **lost > 0 || **gained > 0
        });
        Changes(
            changed
                .map(|(class, (lost, gained))| Change {
                    class,
                    lost: *lost,
                    gained: *gained,
                })
                .collect(),
        )
    }
}

/// What a change did to the classes that it touched, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changes(Box<[Change]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    class: u8,
    lost: u64,
    gained: u64,
}

impl Changes {
    /// How many pixels changed.
    pub fn pixels(&self) -> u64 {
        let gained = self.0.iter().map(|change| change.gained);
        gained.fold(0, u64::saturating_add)
    }

    /// The value that most of the changed pixels have now, the first of several.
    pub fn class(&self) -> u8 {
        let most = self.0.iter().rev().max_by_key(|change| change.gained);
        most.map_or(0, |change| change.class)
    }

    /// Changes the numbers of pixels of the classes as the change did, or as its undoing does.
    pub fn count(&self, pixels: &mut [u64; 256], undone: bool) {
        for change in &self.0 {
            let count = &mut pixels[usize::from(change.class)];
            let (less, more) = match undone {
                false => (change.lost, change.gained),
                true => (change.gained, change.lost),
            };
            *count = count.wrapping_add(more).wrapping_sub(less);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_equals_a_count_pixel_by_pixel(
            runs in prop::collection::vec((0..4_u8, 1..30_usize), 0..20),
            others in prop::collection::vec((0..4_u8, 1..30_usize), 0..20),
            value in 0..4_u8,
        ) {
            let pixels = |runs: &[(u8, usize)]| -> Vec<u8> {
                runs.iter().flat_map(|(value, length)| vec![*value; *length]).collect()
            };
            let (old, new) = (pixels(&runs), pixels(&others));
            let both = old.len().min(new.len());
            let (old, new) = (&old[..both], &new[..both]);

            let mut expected = Tally::default();
            old.iter().for_each(|pixel| expected.turn(*pixel, value, 1));
            let mut painted = Tally::default();
            painted.paint(old, value);
            prop_assert_eq!(painted.changes(), expected.changes());

            let mut expected = Tally::default();
            let pairs = || old.iter().zip(new);
            pairs().for_each(|(old, new)| expected.turn(*old, *new, 1));
            let mut found = Tally::default();
            let range = found.between(old, new);
            prop_assert_eq!(found.changes(), expected.changes());
            prop_assert_eq!(range.is_empty(), old == new);
            if !range.is_empty() {
                let first = pairs().position(|(old, new)| old != new);
                let last = pairs().rposition(|(old, new)| old != new);
                prop_assert_eq!(first.zip(last), Some((range.start, range.end - 1)));
            }

            let mut counts = [0; 256];
            old.iter().for_each(|pixel| counts[usize::from(*pixel)] += 1);
            let before = counts;
            found.changes().count(&mut counts, false);
            for value in 0..4 {
                let now = new.iter().filter(|pixel| **pixel == value).count() as u64;
                prop_assert_eq!(counts[usize::from(value)], now);
            }
            found.changes().count(&mut counts, true);
            prop_assert_eq!(counts, before);
        }
    }
}
