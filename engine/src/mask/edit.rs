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
mod tests;
