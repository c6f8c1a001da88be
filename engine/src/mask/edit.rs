//! Invertible edits.

use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::difference::Difference;
use super::label_map::LabelMap;
use super::rect::Rect;
use super::runs::{RunWriter, Runs, read_number, write_number};
use crate::error::{Error, Result};
use crate::limits::Limits;

/// The first byte of a stored edit.
const FORMAT: u8 = 2;
/// The first byte of an edit that was stored without name and time.
const NAMELESS: u8 = 1;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 80;

/// What changed on a label map: a rectangle, which of its pixels changed, and their values before
/// and after, all run-length coded. It can be applied and reverted.
///
/// For the history it also knows what it is called and when it was made; what made it says so:
/// `edit.named("Fill")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    name: Cow<'static, str>,
    /// Seconds after 1970, 0 where nobody said.
    made: u64,
    /// How many pixels changed.
    changed: u64,
    /// The value that most of them have now.
    class: u8,
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
        let difference = Difference::between(before, after, within);
        let rect = difference.rect;
        if rect.is_empty() {
            return None;
        }
        let mut writers = Writers::default();
        difference.tell(|same, piece| {
            writers.mask.push(0, same);
            if let Some(piece) = piece {
                let length = u64::from(piece.length);
                writers.mask.push(1, length);
                writers.old.push(piece.old, length);
                writers.new.push(piece.new, length);
            }
        });
        let mask = writers.mask.finish();
        let full = Runs::new(&mask).eq([(1, rect.area())]);
        let new = writers.new.finish();
        let (changed, class) = summary(&new);
        Some(Self {
            name: Cow::Borrowed(""),
            made: 0,
            changed,
            class,
            rect,
            mask: (!full).then_some(mask),
            old: writers.old.finish(),
            new,
        })
    }

    /// The edit under a name for the history: "Stroke", "Fill". A name longer than 80 bytes is cut.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        if self.name.len() > LONGEST_NAME {
            let end = self.name.floor_char_boundary(LONGEST_NAME);
            self.name.to_mut().truncate(end);
        }
        self
    }

    /// The edit with the time at which it was made, to the second.
    #[must_use]
    pub fn made_at(mut self, time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.made = since.as_secs();
        self
    }

    /// What it is called, empty where nobody said.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it was made, to the second; none where nobody said.
    pub fn made(&self) -> Option<SystemTime> {
        let since = Duration::from_secs(self.made);
        (self.made > 0)
            .then(|| UNIX_EPOCH.checked_add(since))
            .flatten()
    }

    /// The value that most of the changed pixels have now: a class index, or void.
    pub fn class(&self) -> u8 {
        self.class
    }

    /// The smallest rectangle that holds every changed pixel.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// How many pixels changed.
    pub fn changed(&self) -> u64 {
        self.changed
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let mask = self.mask.as_ref().map_or(0, |mask| mask.len());
        size_of::<Self>() + self.name.len() + mask + self.old.len() + self.new.len()
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
        write_number(&mut bytes, self.made);
        write_number(&mut bytes, self.name.len() as u64);
        bytes.extend_from_slice(self.name.as_bytes());
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
        let (made, name) = match *format {
            FORMAT => read_origin(&mut rest).ok_or_else(|| damaged("an impossible name"))?,
            NAMELESS => (0, Cow::Borrowed("")),
            other => return Err(damaged(&format!("format {other}"))),
        };
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
        let (changed, class) = summary(&new);
        let edit = Self {
            name,
            made,
            changed,
            class,
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
        let mut values = Values::new(values);
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

/// Takes the time and the name of a stored edit off the front of `bytes`.
fn read_origin(bytes: &mut &[u8]) -> Option<(u64, Cow<'static, str>)> {
    let made = read_number(bytes)?;
    let length = usize::try_from(read_number(bytes)?).ok()?;
    if length > LONGEST_NAME {
        return None;
    }
    let (name, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    let name = std::str::from_utf8(name).ok()?;
    Some((made, Cow::Owned(name.to_owned())))
}

/// How many pixels the runs hold, and which value most of them have.
fn summary(runs: &[u8]) -> (u64, u8) {
    let mut counts = [0_u64; 256];
    for (value, length) in Runs::new(runs) {
        let count = &mut counts[usize::from(value)];
        *count = count.saturating_add(length);
    }
    let total = counts.iter().fold(0, |sum: u64, n| sum.saturating_add(*n));
    let most = (0..=u8::MAX)
        .rev()
        .max_by_key(|value| counts[usize::from(*value)]);
    (total, most.unwrap_or_default())
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

/// The three run lists of an edit while it is made.
#[derive(Default)]
struct Writers {
    mask: RunWriter,
    old: RunWriter,
    new: RunWriter,
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
            prop_assert_eq!(&back, &edit);
            let signed = edit.clone().named("Stroke").made_at(UNIX_EPOCH + Duration::from_secs(99));
            let back = Edit::from_bytes(&signed.to_bytes(), &Limits::default()).unwrap();
            prop_assert_eq!(back, signed);
        }

        #[test]
        fn damaged_bytes_are_refused_or_harmless(
            (before, after) in maps(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let Some(edit) = Edit::between(&before, &after, before.bounds()) else {
                return Ok(());
            };
            let edit = edit.named("Polygon");
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
    fn an_edit_knows_its_name_its_time_and_what_it_painted() {
        let before = LabelMap::filled(40, 40, 0);
        let mut after = before.clone();
        after.fill_span(3, 0..30, 7);
        after.fill_span(4, 0..10, 2);
        let edit = Edit::between(&before, &after, before.bounds()).unwrap();
        assert_eq!((edit.name(), edit.made()), ("", None));
        assert_eq!((edit.changed(), edit.class()), (40, 7));
        let time = UNIX_EPOCH + Duration::from_millis(1_700_000_000_900);
        let edit = edit.named("Fill").made_at(time);
        assert_eq!(edit.name(), "Fill");
        assert_eq!(
            edit.made(),
            Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        );
        let long = "\u{e4}".repeat(60);
        assert_eq!(edit.named(long).name(), "\u{e4}".repeat(40));
    }

    #[test]
    fn an_edit_of_a_journal_without_names_is_read() {
        // Columns 2 and 3 of row 1 from 0 to 5, as the first format wrote it.
        let bytes = [1, 2, 1, 2, 1, 0, 2, 2, 0, 2, 5, 2];
        let edit = Edit::from_bytes(&bytes, &Limits::default()).unwrap();
        assert_eq!((edit.name(), edit.made()), ("", None));
        assert_eq!((edit.changed(), edit.class()), (2, 5));
        let mut map = LabelMap::filled(6, 3, 0);
        assert_eq!(edit.apply(&mut map), Rect::new(2, 1, 2, 1));
        assert_eq!((map.get(2, 1), map.get(3, 1)), (Some(5), Some(5)));
        assert_eq!(
            Edit::from_bytes(&edit.to_bytes(), &Limits::default()).unwrap(),
            edit
        );
    }

    #[test]
    fn maps_of_two_sizes_have_no_edit_between_them() {
        let (a, b) = (LabelMap::filled(4, 4, 0), LabelMap::filled(4, 5, 1));
        assert!(Edit::between(&a, &b, a.bounds()).is_none());
    }
}
