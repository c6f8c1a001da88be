//! Zip archives, as far as PyTorch writes them: members that are stored or deflated, in one file,
//! also with the 64-bit fields of zip64.
//!
//! Format: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5. Members are found through the directory at
//! the end; checksums are not looked at, for `torch.save` can be told to leave them out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::DeflateDecoder;

use super::bytes::Bytes;
use super::fault::{Fault, Result, check};

/// What a member begins with.
pub(super) const MEMBER: [u8; 4] = *b"PK\x03\x04";
/// What an entry of the directory begins with.
const ENTRY: [u8; 4] = *b"PK\x01\x02";
/// What the end of the directory begins with, and how long it is without its comment.
const END: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: usize = 22;
/// What stands before it where a field of it is too short, and how long that is.
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_LENGTH: usize = 20;
/// What the locator leads to.
const END_64: [u8; 4] = *b"PK\x06\x06";

/// A field of this value is found in the entry's extra fields.
const ELSEWHERE: u32 = u32::MAX;
/// The extra field with the 64-bit values.
const EXTRA_64: u16 = 1;

/// An archive's members by name.
#[derive(Debug)]
pub(super) struct Zip<'a> {
    bytes: &'a [u8],
    members: BTreeMap<&'a str, Member>,
}

/// Where a member lies.
#[derive(Debug, Clone, Copy)]
struct Member {
    deflated: bool,
    /// Bytes in the file.
    packed: u64,
    /// Bytes when unpacked, by its own account.
    size: u64,
    /// Where its header begins.
    start: u64,
}

impl<'a> Zip<'a> {
    /// Reads the directory, of at most `limit` members.
    pub(super) fn open(bytes: &'a [u8], limit: u64) -> Result<Self> {
        let (count, start) = directory(bytes)?;
        check("the number of its members", count, limit)?;
        let mut entries = from(bytes, start)?;
        let mut members = BTreeMap::new();
        for _ in 0..count {
            if let Some((name, member)) = entry(&mut entries)? {
                members.insert(name, member);
            }
        }
        Ok(Self { bytes, members })
    }

    /// The members' names, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().copied()
    }

    /// The unpacked bytes of a member, of which there may be `limit`; `None` if there is none.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<Cow<'a, [u8]>>> {
        let Some(member) = self.members.get(name) else {
            return Ok(None);
        };
        check("bytes of one of its members", member.size, limit)?;
        let mut header = from(self.bytes, member.start)?;
        if header.array()? != MEMBER {
            return Err(Fault::Damaged("a member that is not where it should be"));
        }
        header.take(22)?;
        let (name, extra) = (header.u16()?, header.u16()?);
        header.take(u64::from(name) + u64::from(extra))?;
        let packed = header.take(member.packed)?;
        if !member.deflated {
            return Ok(Some(Cow::Borrowed(packed)));
        }
        let mut unpacked = Vec::new();
        // What it says of its size may be a lie, so no more than that is unpacked.
        let decoder = DeflateDecoder::new(packed).take(member.size);
        decoder
            .take(limit)
            .read_to_end(&mut unpacked)
            .map_err(|_| Fault::Damaged("a member that can't be unpacked"))?;
        Ok(Some(Cow::Owned(unpacked)))
    }
}

fn from(bytes: &[u8], start: u64) -> Result<Bytes<'_>> {
    let start = usize::try_from(start).ok();
    let rest = start.and_then(|start| bytes.get(start..));
    rest.map(Bytes::new)
        .ok_or(Fault::Damaged("a place beyond its end"))
}

/// The number of entries and where they begin.
fn directory(bytes: &[u8]) -> Result<(u64, u64)> {
    const NONE: Fault = Fault::Damaged("its list of members is missing");
    // A comment of up to 65535 bytes may follow.
    let last = bytes.len().checked_sub(END_LENGTH).ok_or(NONE)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let mut places = (first..=last).rev();
    let end = places
        .find(|place| bytes[*place..].starts_with(&END))
        .ok_or(NONE)?;
    if let Some(locator) = end.checked_sub(LOCATOR_LENGTH)
        && bytes[locator..].starts_with(&LOCATOR)
    {
        let mut locator = Bytes::new(&bytes[locator + 8..]);
        let mut end = from(bytes, locator.u64()?)?;
        if end.array()? != END_64 {
            return Err(NONE);
        }
        end.take(28)?;
        let count = end.u64()?;
        end.take(8)?;
        return Ok((count, end.u64()?));
    }
    let mut end = Bytes::new(&bytes[end + 10..]);
    let count = end.u16()?.into();
    end.take(4)?;
    Ok((count, end.u32()?.into()))
}

/// The next entry of the directory; `None` for a name that is no text.
fn entry<'a>(bytes: &mut Bytes<'a>) -> Result<Option<(&'a str, Member)>> {
    if bytes.array()? != ENTRY {
        return Err(Fault::Damaged("its list of members is damaged"));
    }
    bytes.take(4)?;
    let flags = bytes.u16()?;
    let method = bytes.u16()?;
    bytes.take(8)?;
    let (packed, size) = (bytes.u32()?, bytes.u32()?);
    let lengths = [bytes.u16()?, bytes.u16()?, bytes.u16()?];
    bytes.take(8)?;
    let start = bytes.u32()?;
    let [name, extra, comment] = lengths.map(u64::from);
    let name = bytes.take(name)?;
    let mut long = Long::of(bytes.take(extra)?)?;
    bytes.take(comment)?;
    // In this order, and only those that did not fit.
    let (size, packed, start) = (long.or(size)?, long.or(packed)?, long.or(start)?);
    let deflated = match (method, flags & 1) {
        (0, 0) => false,
        (8, 0) => true,
        _ => return Err(Fault::Damaged("a member that is packed in an unknown way")),
    };
    let member = Member {
        deflated,
        packed,
        size,
        start,
    };
    Ok(std::str::from_utf8(name).ok().map(|name| (name, member)))
}

/// The 64-bit values among an entry's extra fields.
struct Long<'a>(Bytes<'a>);

impl<'a> Long<'a> {
    fn of(extra: &'a [u8]) -> Result<Self> {
        let mut fields = Bytes::new(extra);
        while fields.rest() >= 4 {
            let (kind, length) = (fields.u16()?, fields.u16()?);
            let field = fields.take(length.into())?;
            if kind == EXTRA_64 {
                return Ok(Self(Bytes::new(field)));
            }
        }
        Ok(Self(Bytes::new(&[])))
    }

    /// `short`, or where it did not fit, the next of the 64-bit values.
    fn or(&mut self, short: u32) -> Result<u64> {
        if short == ELSEWHERE {
            self.0.u64()
        } else {
            Ok(short.into())
        }
    }
}
