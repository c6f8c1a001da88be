//! Invertible edits.

use std::ops::Range;

use super::label_map::LabelMap;
use super::rect::Rect;
use super::runs::{RunWriter, Runs, read_number, write_number};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// The first byte of a stored edit.
const FORMAT: u8 = 1;

/// What changed on a label map: a rectangle, which of its pixels changed, and their values before
/// and after, all run-length coded. It can be applied and reverted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    rect: Rect,
    /// Runs of 0 (as it was) and 1 (changed) over the rectangle; `None` where all of it changed.
    mask: Option<Box<[u8]>>,
    /// Values before, of the changed pixels in reading order.
    old: Box<[u8]>,
    /// Values after.
    new: Box<[u8]>,
}

impl Edit {
    /// What leads from one map to another of the same size, looked for inside `within`. `None`
    /// where nothing differs. Tiles that the maps share are not looked at.
    pub fn between(before: &LabelMap, after: &LabelMap, within: Rect) -> Option<Self> {
        let within = within
            .intersection(before.bounds())
            .intersection(after.bounds());
        if before.size() != after.size() {
            return None;
        }
        let rect = difference(before, after, within);
        if rect.is_empty() {
            return None;
        }
        let mut writers = Writers::default();
        for y in rect.rows() {
            let mut x = rect.x;
            for (start, old, new) in before.unshared_row(after, y, rect.columns()) {
                writers.same(u64::from(start - x));
                writers.piece(old, new);
                x = start + old.len() as u32;
            }
            writers.same(u64::from(rect.right() - x));
        }
        let mask = writers.mask.finish();
        let full = Runs::new(&mask).eq([(1, rect.area())]);
        Some(Self {
            rect,
            mask: (!full).then_some(mask),
            old: writers.old.finish(),
            new: writers.new.finish(),
        })
    }

    /// The smallest rectangle that holds every changed pixel.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// How many pixels changed.
    pub fn changed(&self) -> u64 {
        Runs::new(&self.new).map(|(_, length)| length).sum()
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let mask = self.mask.as_ref().map_or(0, |mask| mask.len());
        size_of::<Self>() + mask + self.old.len() + self.new.len()
    }

    /// Makes the change. Returns the rectangle to draw again.
    pub fn apply(&self, map: &mut LabelMap) -> Rect {
        self.write(map, &self.new)
    }

    /// Takes the change back. Returns the rectangle to draw again.
    pub fn revert(&self, map: &mut LabelMap) -> Rect {
        self.write(map, &self.old)
    }

    /// The edit as bytes, for the journal; [`Edit::from_bytes`] reads them back.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mask = self.mask.as_deref().unwrap_or_default();
        let mut bytes = vec![FORMAT];
        let Rect {
            x,
            y,
            width,
            height,
        } = self.rect;
        for number in [x, y, width, height] {
            write_number(&mut bytes, u64::from(number));
        }
        for part in [mask, &self.old, &self.new] {
            write_number(&mut bytes, part.len() as u64);
        }
        for part in [mask, &self.old, &self.new] {
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Reads what [`Edit::to_bytes`] wrote. The bytes are checked: an edit that comes out of here
    /// can be applied and reverted.
    ///
    /// # Errors
    /// [`Error::Argument`] when the bytes are damaged or ask for more than the limits allow.
    pub fn from_bytes(bytes: &[u8], limits: &Limits) -> Result<Self> {
        let damaged = |what: &str| Error::argument("stored edit", "whole bytes", what);
        let (format, mut rest) = bytes.split_first().ok_or_else(|| damaged("no bytes"))?;
        if *format != FORMAT {
            return Err(damaged(&format!("format {format}")));
        }
        let mut number = || read_number(&mut rest).ok_or_else(|| damaged("a cut-off header"));
        let mut side = || {
            number().and_then(|side| u32::try_from(side).map_err(|_| damaged("a huge rectangle")))
        };
        let rect = Rect::new(side()?, side()?, side()?, side()?);
        let lengths = [number()?, number()?, number()?];
        let overflows =
            rect.x.checked_add(rect.width).is_none() || rect.y.checked_add(rect.height).is_none();
        if rect.is_empty() || overflows || rect.area() > limits.image_pixels {
            return Err(damaged("an impossible rectangle"));
        }
        let mut part = |length: u64| {
            let (part, tail) = usize::try_from(length)
                .ok()
                .and_then(|length| rest.split_at_checked(length))
                .ok_or_else(|| damaged("a cut-off end"))?;
            rest = tail;
            Ok::<_, Error>(Box::<[u8]>::from(part))
        };
        let [mask, old, new] = [part(lengths[0])?, part(lengths[1])?, part(lengths[2])?];
        let edit = Self {
            rect,
            mask: (!mask.is_empty()).then_some(mask),
            old,
            new,
        };
        if !rest.is_empty() || !edit.is_consistent() {
            return Err(damaged("parts that do not fit together"));
        }
        Ok(edit)
    }

    /// Whether mask and values speak of the same number of pixels.
    fn is_consistent(&self) -> bool {
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

    fn write(&self, map: &mut LabelMap, values: &[u8]) -> Rect {
        let whole = (1, self.rect.area());
        let mut mask = self.mask.as_deref().map(Runs::new);
        let mask = std::iter::from_fn(|| mask.as_mut()?.next());
        let whole = self.mask.is_none().then_some(whole);
        let mut values = Runs::new(values);
        let mut value = (0, 0);
        let mut at = 0;
        for (changed, length) in whole.into_iter().chain(mask) {
            let end = at + length;
            while changed == 1 && at < end {
                if value.1 == 0 {
                    let Some(next) = values.next() else { break };
                    value = next;
                }
                let (y, columns) = self.row_piece(at, value.1.min(end - at));
                let written = columns.len() as u64;
                map.fill_span(y, columns, value.0);
                value.1 -= written;
                at += written;
            }
            at = end;
        }
        self.rect.intersection(map.bounds())
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

/// The three run lists of an edit while it is made.
#[derive(Default)]
struct Writers {
    mask: RunWriter,
    old: RunWriter,
    new: RunWriter,
}

impl Writers {
    /// Pixels that did not change.
    fn same(&mut self, length: u64) {
        self.mask.push(0, length);
    }

    /// Pixels that may have changed.
    fn piece(&mut self, old: &[u8], new: &[u8]) {
        for (old, new) in old.iter().zip(new) {
            self.mask.push(u8::from(old != new), 1);
            if old != new {
                self.old.push(*old, 1);
                self.new.push(*new, 1);
            }
        }
    }
}

/// The smallest rectangle that holds every pixel of `within` that differs.
fn difference(before: &LabelMap, after: &LabelMap, within: Rect) -> Rect {
    let mut found = Rect::EMPTY;
    for y in within.rows() {
        for (x, old, new) in before.unshared_row(after, y, within.columns()) {
            if old == new {
                continue;
            }
            let mut differs = old.iter().zip(new).map(|(old, new)| old != new);
            let first = differs.position(|differs| differs).unwrap_or(0) as u32;
            let mut differs = old.iter().zip(new).map(|(old, new)| old != new);
            let last = differs.rposition(|differs| differs).unwrap_or(0) as u32;
            found = found.union(Rect::from_ranges(x + first..x + last + 1, y..y + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two maps of a size that differ in a few rectangles.
    fn maps() -> impl Strategy<Value = (LabelMap, LabelMap)> {
        let rects = prop::collection::vec(
            (0..600_u32, 0..600_u32, 1..200_u32, 1..60_u32, any::<u8>()),
            0..6,
        );
        (1..600_u32, 1..400_u32, rects.clone(), rects).prop_map(|(width, height, base, changes)| {
            let mut before = LabelMap::filled(width, height, 255);
            let draw = |map: &mut LabelMap, rects: &[(u32, u32, u32, u32, u8)]| {
                for (x, y, w, h, value) in rects {
                    for row in *y..y + h {
                        map.fill_span(row, *x..x + w, *value);
                    }
                }
            };
            draw(&mut before, &base);
            let mut after = before.clone();
            draw(&mut after, &changes);
            (before, after)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn undo_of_do_is_the_map_as_it_was((before, after) in maps()) {
            let Some(edit) = Edit::between(&before, &after, before.bounds()) else {
                prop_assert_eq!(before, after);
                return Ok(());
            };
            let mut map = before.clone();
            prop_assert_eq!(edit.apply(&mut map), edit.rect());
            prop_assert_eq!(&map, &after);
            prop_assert_eq!(edit.revert(&mut map), edit.rect());
            prop_assert_eq!(&map, &before);
            let differing = before.to_vec().iter().zip(after.to_vec()).filter(|(a, b)| **a != *b).count();
            prop_assert_eq!(edit.changed(), differing as u64);
            let back = Edit::from_bytes(&edit.to_bytes(), &Limits::default()).unwrap();
            prop_assert_eq!(back, edit);
        }

        #[test]
        fn damaged_bytes_are_refused_or_harmless(
            (before, after) in maps(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let Some(edit) = Edit::between(&before, &after, before.bounds()) else {
                return Ok(());
            };
            let mut bytes = edit.to_bytes();
            for (at, value) in damage {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let limits = Limits { image_pixels: 1 << 20, ..Limits::default() };
            if let Ok(edit) = Edit::from_bytes(&bytes, &limits) {
                let mut map = before.clone();
                edit.apply(&mut map);
                prop_assert_eq!(map.size(), before.size());
            }
            for length in 0..bytes.len().min(40) {
                prop_assert!(Edit::from_bytes(&bytes[..length], &limits).is_err());
            }
        }
    }

    #[test]
    fn the_mask_is_dropped_where_the_whole_rectangle_changed() {
        let before = LabelMap::filled(800, 800, 0);
        let mut after = before.clone();
        for y in 200..600 {
            after.fill_span(y, 100..700, 4);
        }
        let edit = Edit::between(&before, &after, before.bounds()).unwrap();
        assert!(edit.mask.is_none());
        assert!(
            edit.to_bytes().len() < 32,
            "{} bytes",
            edit.to_bytes().len()
        );
        after.set(300, 300, 0);
        let holed = Edit::between(&before, &after, before.bounds()).unwrap();
        assert!(holed.mask.is_some());
        assert_eq!(holed.changed(), 400 * 600 - 1);
    }

    #[test]
    fn maps_of_two_sizes_have_no_edit_between_them() {
        let (a, b) = (LabelMap::filled(4, 4, 0), LabelMap::filled(4, 5, 1));
        assert!(Edit::between(&a, &b, a.bounds()).is_none());
    }
}
