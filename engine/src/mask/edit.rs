//! Invertible edits.

mod packed;
mod tiles;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::difference::Difference;
use super::label_map::LabelMap;
use super::rect::Rect;
use super::runs::{read_number, write_number};
use super::tally::{Changes, Tally};
use crate::error::{Error, Result};
use crate::limits::Limits;
use packed::Packed;
pub(super) use tiles::TileSwap;

/// The first byte of a stored edit.
const FORMAT: u8 = 2;
/// The first byte of an edit that was stored without name and time.
const NAMELESS: u8 = 1;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 80;

/// An edit that changes so few pixels is as quick to make and undo from its runs.
const FEW_PIXELS: u64 = 1 << 20;

/// What changed on a label map, and where. It can be applied and reverted.
///
/// A fresh edit holds the tiles before and after, which costs no time; [`to_bytes`](Self::to_bytes)
/// codes it as runs: a rectangle, which of its pixels changed, and their values before and after.
/// [`pack`](Self::pack) keeps those alone.
///
/// For the history it also knows what it is called and when it was made; what made it says so:
/// `edit.named("Fill")`.
#[derive(Debug)]
pub struct Edit {
    name: Cow<'static, str>,
    /// Seconds after 1970, 0 where nobody said.
    made: u64,
    rect: Rect,
    changes: Changes,
    /// What changed: the window and the recorder share an edit.
    content: Mutex<Content>,
}

/// What changed, in one form or both.
#[derive(Debug, Clone)]
enum Content {
    Tiles(Arc<TileSwap>),
    Both(Arc<TileSwap>, Arc<Packed>),
    Packed(Arc<Packed>),
}

impl Edit {
    /// What leads from one map to another of the same size, looked for inside `within`. `None`
    /// where nothing differs. Tiles that the maps share are not looked at.
    pub fn between(before: &LabelMap, after: &LabelMap, within: Rect) -> Option<Self> {
        if before.size() != after.size() {
            return None;
        }
        let within = within.intersection(before.bounds());
        let (swap, tally, rect) = TileSwap::between(before, after, within);
        Self::counted(swap, &tally, rect)
    }

    /// The change that was counted while it was made: all that differs between the tiles, and the
    /// smallest rectangle that holds it. `None` where that is nothing.
    pub(super) fn counted(swap: TileSwap, tally: &Tally, rect: Rect) -> Option<Self> {
        (!rect.is_empty()).then(|| Self {
            name: Cow::Borrowed(""),
            made: 0,
            rect,
            changes: tally.changes(),
            content: Mutex::new(Content::Tiles(Arc::new(swap))),
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
        self.changes.class()
    }

    /// The smallest rectangle that holds every changed pixel.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// How many pixels changed.
    pub fn changed(&self) -> u64 {
        self.changes.pixels()
    }

    /// Changes the numbers of pixels of each value as applying the edit does.
    pub fn count_applied(&self, pixels: &mut [u64; 256]) {
        self.changes.count(pixels, false);
    }

    /// Changes the numbers of pixels of each value as reverting the edit does.
    pub fn count_reverted(&self, pixels: &mut [u64; 256]) {
        self.changes.count(pixels, true);
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let content = match &*self.content() {
            Content::Tiles(swap) => swap.bytes(),
            Content::Both(swap, packed) => swap.bytes() + packed.bytes(),
            Content::Packed(packed) => packed.bytes(),
        };
        size_of::<Self>() + self.name.len() + content
    }

    /// Lets go of the tiles, so that it takes few bytes and more time to apply.
    pub fn pack(&self) {
        let packed = self.packed();
        *self.content() = Content::Packed(packed);
    }

    /// Lets go of the tiles where that costs no time to speak of.
    pub fn pack_if_few(&self) {
        if self.changed() <= FEW_PIXELS {
            self.pack();
        }
    }

    /// Whether it still holds whole tiles.
    pub fn holds_tiles(&self) -> bool {
        !matches!(&*self.content(), Content::Packed(_))
    }

    /// Makes the change. Returns the rectangle to draw again.
    pub fn apply(&self, map: &mut LabelMap) -> Rect {
        self.write(map, false)
    }

    /// Takes the change back. Returns the rectangle to draw again.
    pub fn revert(&self, map: &mut LabelMap) -> Rect {
        self.write(map, true)
    }

    /// The edit as bytes, for the journal; [`Edit::from_bytes`] reads them back.
    pub fn to_bytes(&self) -> Vec<u8> {
        let packed = self.packed();
        let mask = packed.mask.as_deref().unwrap_or_default();
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
        for part in [mask, &packed.old, &packed.new] {
            write_number(&mut bytes, part.len() as u64);
        }
        for part in [mask, &packed.old, &packed.new] {
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
        let parts = [part(lengths[0])?, part(lengths[1])?, part(lengths[2])?];
        let packed = Packed::from_parts(rect, parts);
        if !rest.is_empty() || !packed.is_consistent() {
            return Err(damaged("parts that do not fit together"));
        }
        Ok(Self {
            name,
            made,
            rect,
            changes: packed.changes(),
            content: Mutex::new(Content::Packed(Arc::new(packed))),
        })
    }

    /// The change as runs, which are made the first time.
    fn packed(&self) -> Arc<Packed> {
        let swap = match &*self.content() {
            Content::Both(_, packed) | Content::Packed(packed) => return packed.clone(),
            Content::Tiles(swap) => swap.clone(),
        };
        // Nobody waits for this: whoever wants the edit meanwhile takes its tiles.
        let difference = Difference::between(&swap, self.rect);
        let packed = Arc::new(Packed::new(&difference, self.rect));
        let content = &mut *self.content();
        if matches!(content, Content::Tiles(_)) {
            *content = Content::Both(swap, packed.clone());
        }
        packed
    }

    /// An edit is whole at every moment, so a panic elsewhere does not spoil it.
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, map: &mut LabelMap, back: bool) -> Rect {
        let content = self.content().clone();
        match content {
            Content::Tiles(swap) | Content::Both(swap, _) if swap.size() == map.size() => {
                swap.write(map, back);
            }
            Content::Packed(packed) | Content::Both(_, packed) => packed.write(map, back),
            Content::Tiles(_) => self.packed().write(map, back),
        }
        self.rect.intersection(map.bounds())
    }
}

impl Clone for Edit {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            made: self.made,
            rect: self.rect,
            changes: self.changes.clone(),
            content: Mutex::new(self.content().clone()),
        }
    }
}

/// Equal edits have equal names and times and change the same pixels from and to the same values.
impl PartialEq for Edit {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.made == other.made && self.packed() == other.packed()
    }
}

impl Eq for Edit {}

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

#[cfg(test)]
mod tests;
